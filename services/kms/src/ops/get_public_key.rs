//! GetPublicKey: the public half of an asymmetric key, for use outside.
//! Source: KMS API reference, `GetPublicKey`.

use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use wire_kms::{self as wire, CustomerMasterKeySpec, UnsupportedOperationException};

use crate::example;
use crate::model::{Found, Reference, algorithms, enabled, guard, material_of, ready, spec_invalid};

pub(crate) struct GetPublicKey;

impl Operation for GetPublicKey {
    type Shape = wire::GetPublicKey;
    type Target = Found;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Reference::read(&input.key_id, view).find(view).await?;
        let guard = guard(&found, "GetPublicKey", None, view).await?;
        let keys = wire::GetPublicKeyKeys { request_alias: found.alias.clone() };
        Ok(Located::new(found).need(wire::actions::GET_PUBLIC_KEY, guard, keys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let key = call.target().key()?;
        call.target().check_tokens(call.input().grant_tokens.as_ref(), call.view()).await?;
        enabled(key)?;
        let ready = ready(&call, key, material_of(key)?)?;
        let public = ready.material.public_key();
        let public = public.ok_or_else(|| UnsupportedOperationException::new(spec_invalid(key)))?;
        let algorithms = algorithms(key.spec, key.usage);
        let answer = wire::GetPublicKeyResponse {
            key_id: Some(key.arn.to_string()),
            public_key: Some(public.as_spki().to_vec()),
            customer_master_key_spec: CustomerMasterKeySpec::from_wire(key.spec.as_str()),
            key_spec: Some(key.spec),
            key_usage: Some(key.usage),
            encryption_algorithms: algorithms.encryption,
            signing_algorithms: algorithms.signing,
            key_agreement_algorithms: algorithms.agreement,
            encapsulation_algorithms: None,
        };
        call.answer(answer).await
    }

    fn example() -> Example {
        Example { world: example::SIGNING, input: r#"{"KeyId": "${key}"}"# }
    }
}

#[cfg(test)]
mod tests {
    use alcazar_testkit::World;

    use crate::test::{key, refusal};

    #[tokio::test]
    async fn the_public_key_is_told_with_what_it_is_for() {
        let world = World::of(&[crate::SERVICE]).await;
        let key = key(&world, r#"{"KeySpec": "ECC_NIST_P384", "KeyUsage": "KEY_AGREEMENT"}"#).await;
        let answer = world.call("kms:GetPublicKey", &key.with("")).await;
        insta::assert_snapshot!(world.told(&answer).await, @"");
    }

    #[tokio::test]
    async fn a_symmetric_key_has_none() {
        let world = World::of(&[crate::SERVICE]).await;
        let key = key(&world, "{}").await;
        let message = "key spec is SYMMETRIC_DEFAULT which is not valid for this operation.";
        assert_eq!(
            refusal(&world, "kms:GetPublicKey", &key.with("")).await,
            format!("400 UnsupportedOperationException: {} {message}", key.arn)
        );
    }
}
