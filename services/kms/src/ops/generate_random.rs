//! GenerateRandom: up to 1024 random bytes, under no key.
//! Source: KMS API reference, `GenerateRandom`.

use alcazar_core::{NoKeys, SecretBytes};
use alcazar_corridor::{
    Call, Committed, Example, Failure, Guard, Input, Located, Operation, Output, Refusal, View,
};
use wire_kms as wire;

use crate::model::{key_store, keyless, no_recipient};

pub(crate) struct GenerateRandom;

impl Operation for GenerateRandom {
    type Shape = wire::GenerateRandom;
    type Target = ();

    async fn locate(_: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        Ok(keyless(()).need(wire::actions::GENERATE_RANDOM, Guard::any(view.account()), NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let input = call.input();
        no_recipient(input.recipient.as_ref())?;
        if let Some(store) = &input.custom_key_store_id {
            // Random bytes come from CloudHSM key stores alone, and there are none here.
            let store = key_store(store, call.view()).await?;
            let message = format!(
                "Custom key store {} is an external key store, which makes no random bytes.",
                store.id
            );
            return Err(wire::UnsupportedOperationException::new(message).into());
        }
        let length = input.number_of_bytes.and_then(|bytes| usize::try_from(bytes).ok());
        let length = length.ok_or_else(|| Failure::validation("NumberOfBytes is required."))?;
        let mut bytes = vec![0; length];
        call.fill(&mut bytes);
        let plaintext = Some(SecretBytes::new(bytes));
        call.answer(wire::GenerateRandomResponse { plaintext, ciphertext_for_recipient: None }).await
    }

    fn example() -> Example {
        Example { world: &[], input: r#"{"NumberOfBytes": 32}"# }
    }
}

#[cfg(test)]
mod tests {
    use alcazar_testkit::World;

    use crate::test::refusal;

    #[tokio::test]
    async fn bytes_are_told_and_not_recorded() {
        let world = World::of(&[crate::SERVICE]).await;
        let answer = world.call("kms:GenerateRandom", r#"{"NumberOfBytes": 12}"#).await;
        insta::assert_snapshot!(world.told(&answer).await, @r#"
        200
        {
          "Plaintext": "jHZU7P17C2I7gD4v"
        }
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-7ed2-b061-1e97da9cfe87",
          "eventName": "GenerateRandom",
          "eventSource": "kms.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": true,
          "recipientAccountId": "111122223333",
          "requestID": "532deabf-8872-4cb4-b995-ab5a9cd49bf9",
          "requestParameters": {
            "numberOfBytes": 12
          },
          "responseElements": null,
          "sourceIPAddress": "203.0.113.7",
          "userAgent": "test",
          "userIdentity": {
            "accessKeyId": "AKIAROOTROOTROOTROOT",
            "accountId": "111122223333",
            "arn": "arn:aws:iam::111122223333:root",
            "principalId": "111122223333",
            "type": "Root"
          }
        }
        "#);
    }

    #[tokio::test]
    async fn their_number_is_required_and_a_custom_key_store_is_not_there() {
        let world = World::of(&[crate::SERVICE]).await;
        assert_eq!(
            refusal(&world, "kms:GenerateRandom", "{}").await,
            "400 ValidationException: NumberOfBytes is required."
        );
        let store = r#"{"NumberOfBytes": 1, "CustomKeyStoreId": "cks-1"}"#;
        assert_eq!(
            refusal(&world, "kms:GenerateRandom", store).await,
            "400 CustomKeyStoreNotFoundException: Custom key store cks-1 was not found."
        );
    }
}
