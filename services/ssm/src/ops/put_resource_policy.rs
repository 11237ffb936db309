//! PutResourcePolicy: shares an advanced parameter with the accounts that the policy names. A parameter has one policy; with its id and hash it
//! is replaced.
//!
//! The other resources of Systems Manager that have such policies are not built.
//! Source: Systems Manager API reference, `PutResourcePolicy`; User Guide, "Working with shared parameters".

use std::sync::Arc;

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use wire_ssm::{
    self as wire, ParameterTier, ResourceNotFoundException, ResourcePolicyConflictException,
    ResourcePolicyInvalidParameterException, ResourcePolicyLimitExceededException,
    ResourcePolicyNotFoundException,
};

use crate::model::{Found, Parameter, Sharing, accounts_in, checked_sharing, hash_of};

pub(crate) struct PutResourcePolicy;

impl Operation for PutResourcePolicy {
    type Shape = wire::PutResourcePolicy;
    type Target = Found;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Found::of(&input.resource_arn, view).await?;
        let guard = found.guard();
        Ok(Located::new(found).need(wire::actions::PUT_RESOURCE_POLICY, guard, NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let held = owned(&call, call.target())?.clone();
        if held.newest.tier != ParameterTier::Advanced {
            let message = "Only parameters in the advanced-parameter tier can be shared.";
            return Err(ResourcePolicyInvalidParameterException::new(message).into());
        }
        let policy = checked_sharing(&call.input().policy)?;
        let id = replaced(&call, &held)?.unwrap_or_else(|| call.uuid());
        let sharing = Sharing {
            id,
            hash: hash_of(policy.text()),
            accounts: accounts_in(policy.text(), held.account),
            policy,
        };
        let answer = wire::PutResourcePolicyResponse {
            policy_id: Some(sharing.id.clone()),
            policy_hash: Some(sharing.hash.clone()),
        };
        let parameter = Parameter { sharing: Some(sharing), ..(*held).clone() };
        call.commit(|tx, _| {
            held.unshare(tx)?;
            parameter.share(tx)?;
            parameter.put_alone(tx)?;
            Ok(answer.clone())
        })
        .await
    }

    fn example() -> Example {
        Example {
            world: &[(
                "ssm:PutParameter",
                r#"{"Name": "/app/db", "Value": "one", "Type": "String", "Tier": "Advanced"}"#,
                &[],
            )],
            input: r#"{"ResourceArn": "arn:aws:ssm:us-east-1:111122223333:parameter/app/db", "Policy": "{\"Version\": \"2012-10-17\", \"Statement\": [{\"Effect\": \"Allow\", \"Principal\": {\"AWS\": \"444455556666\"}, \"Action\": \"ssm:GetParameter\", \"Resource\": \"arn:aws:ssm:us-east-1:111122223333:parameter/app/db\"}]}"}"#,
        }
    }
}

/// The id of the policy that the request replaces; none when there is none yet.
fn replaced(
    call: &Call<PutResourcePolicy>,
    held: &Parameter,
) -> Result<Option<String>, Refusal<wire::PutResourcePolicy>> {
    let input = call.input();
    match (&input.policy_id, &held.sharing) {
        (None, None) => Ok(None),
        (None, Some(_)) => Err(ResourcePolicyLimitExceededException {
            limit: Some(1),
            limit_type: Some("PoliciesPerResource".to_owned()),
            ..ResourcePolicyLimitExceededException::new("A parameter can have one resource policy.")
        }
        .into()),
        (Some(id), Some(sharing)) if *id == sharing.id => {
            same_hash(input.policy_hash.as_deref(), sharing)?;
            Ok(Some(id.clone()))
        }
        (Some(_), _) => Err(no_policy().into()),
    }
}

/// The parameter of the caller's own account: what is shared with somebody is not theirs to share.
pub(super) fn owned<'f, O: Operation>(
    call: &Call<O>,
    found: &'f Found,
) -> Result<&'f Arc<Parameter>, ResourceNotFoundException> {
    let owned = found.found().filter(|parameter| parameter.account == call.account());
    owned.ok_or_else(no_resource)
}

/// A change of a policy that somebody else has changed meanwhile is refused.
pub(super) fn same_hash(
    hash: Option<&str>,
    sharing: &Sharing,
) -> Result<(), ResourcePolicyConflictException> {
    match hash == Some(sharing.hash.as_str()) {
        true => Ok(()),
        false => Err(ResourcePolicyConflictException::new(
            "The hash provided in the call doesn't match the stored hash.",
        )),
    }
}

pub(super) fn no_policy() -> ResourcePolicyNotFoundException {
    ResourcePolicyNotFoundException::new("No policies with the specified policy ID and hash could be found.")
}

pub(super) fn no_resource() -> ResourceNotFoundException {
    ResourceNotFoundException::new("The specified parameter to be shared could not be found.")
}

#[cfg(test)]
mod tests {
    use alcazar_testkit::{Credentials, World};
    use serde_json::{Value, json};

    use crate::test::{call, each, outcome, put, put_advanced, told, world};

    const ARN: &str = "arn:aws:ssm:us-east-1:111122223333:parameter/app/db";

    fn policy(account: &str) -> String {
        let actions =
            ["ssm:GetParameter", "ssm:GetParameters", "ssm:GetParameterHistory", "ssm:DescribeParameters"];
        let statement =
            json!({"Effect": "Allow", "Principal": {"AWS": account}, "Action": actions, "Resource": ARN});
        json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
    }

    async fn shared(world: &World, account: &str) -> Value {
        let input = json!({"ResourceArn": ARN, "Policy": policy(account)});
        call(world, "PutResourcePolicy", input).await.ok().json()
    }

    async fn describes(world: &World, who: &Credentials) -> Vec<String> {
        let answer = world.call_as(who, "ssm:DescribeParameters", r#"{"Shared": true}"#).await.ok().json();
        each(&answer["Parameters"], "ARN").into_iter().map(str::to_owned).collect()
    }

    #[tokio::test]
    async fn a_parameter_is_shared_and_the_policy_recorded() {
        let world = world().await;
        put_advanced(&world, "/app/db").await;
        let answer =
            call(&world, "PutResourcePolicy", json!({"ResourceArn": ARN, "Policy": policy("444455556666")}))
                .await;
        insta::assert_snapshot!(world.told(&answer).await, @r#"
        200
        {
          "PolicyHash": "0604fb7fec2a5e53b79f3d22aa7efccb3e51cfaeb8dd7f94f27e80d351ed0c73",
          "PolicyId": "84acc16a-f38f-49d2-9deb-004751e48c2d"
        }
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-7df2-9c03-41a4dfca3200",
          "eventName": "PutResourcePolicy",
          "eventSource": "ssm.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": false,
          "recipientAccountId": "111122223333",
          "requestID": "3ed2b061-1e97-4a9c-be87-c83e7ed97c2d",
          "requestParameters": {
            "policy": "{\"Statement\":[{\"Action\":[\"ssm:GetParameter\",\"ssm:GetParameters\",\"ssm:GetParameterHistory\",\"ssm:DescribeParameters\"],\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"444455556666\"},\"Resource\":\"arn:aws:ssm:us-east-1:111122223333:parameter/app/db\"}],\"Version\":\"2012-10-17\"}",
            "resourceArn": "arn:aws:ssm:us-east-1:111122223333:parameter/app/db"
          },
          "resources": [
            {
              "ARN": "arn:aws:ssm:us-east-1:111122223333:parameter/app/db",
              "accountId": "111122223333",
              "type": "AWS::SSM::Parameter"
            }
          ],
          "responseElements": {
            "policyHash": "0604fb7fec2a5e53b79f3d22aa7efccb3e51cfaeb8dd7f94f27e80d351ed0c73",
            "policyId": "84acc16a-f38f-49d2-9deb-004751e48c2d"
          },
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
    async fn the_other_account_reads_by_the_arn_what_is_shared_with_it() {
        let world = world().await;
        let (other, third) = (world.account("444455556666").await, world.account("777788889999").await);
        put_advanced(&world, "/app/db").await;
        let read = json!({"Name": ARN}).to_string();
        let denied = told(&world.call_as(&other, "ssm:GetParameter", &read).await);
        assert!(denied.starts_with("400 AccessDeniedException"), "{denied}");
        let made = shared(&world, "444455556666").await;
        let answer = world.call_as(&other, "ssm:GetParameter", &read).await.ok().json();
        assert_eq!((&answer["Parameter"]["ARN"], &answer["Parameter"]["Value"]), (&json!(ARN), &json!("v")));
        assert_eq!(describes(&world, &other).await, [ARN]);
        assert_eq!(describes(&world, &third).await, Vec::<String>::new());
        assert_eq!(
            told(&world.call_as(&third, "ssm:GetParameter", &read).await),
            denied.replace("444455556666", "777788889999")
        );
        let every = json!({"Effect": "Allow", "Principal": {"AWS": "444455556666"}, "Action": "ssm:*", "Resource": ARN});
        let every = json!({"Version": "2012-10-17", "Statement": [every]}).to_string();
        let input = json!({"ResourceArn": ARN, "Policy": every, "PolicyId": made["PolicyId"], "PolicyHash": made["PolicyHash"]});
        let made = call(&world, "PutResourcePolicy", input.clone()).await.ok().json();
        let on = world.call_as(&other, "ssm:PutResourcePolicy", &input.to_string()).await;
        assert_eq!(
            told(&on),
            "400 ResourceNotFoundException: The specified parameter to be shared could not be found."
        );
        let own = json!({"Name": "/app/db"}).to_string();
        assert_eq!(told(&world.call_as(&other, "ssm:GetParameter", &own).await), "400 ParameterNotFound: ");
        // Replaced: the first account reads no more.
        let input = json!({"ResourceArn": ARN, "Policy": policy("777788889999"), "PolicyId": made["PolicyId"], "PolicyHash": made["PolicyHash"]});
        let again = call(&world, "PutResourcePolicy", input).await.ok().json();
        assert_eq!(again["PolicyId"], made["PolicyId"]);
        assert_eq!(told(&world.call_as(&other, "ssm:GetParameter", &read).await), denied);
        assert_eq!(describes(&world, &other).await, Vec::<String>::new());
        assert_eq!(describes(&world, &third).await, [ARN]);
        let _ = call(&world, "DeleteParameter", json!({"Name": "/app/db"})).await.ok();
        assert_eq!(describes(&world, &third).await, Vec::<String>::new());
    }

    #[tokio::test]
    async fn a_shared_secure_string_needs_a_key_that_is_shared_too() {
        let world = world().await;
        let other = world.account("444455556666").await;
        let put = json!({"Name": "/app/db", "Value": "hunter2", "Type": "SecureString", "Tier": "Advanced"});
        let _ = call(&world, "PutParameter", put.clone()).await.ok();
        let _ = shared(&world, "444455556666").await;
        let read = json!({"Name": ARN, "WithDecryption": true}).to_string();
        let denied = told(&world.call_as(&other, "ssm:GetParameter", &read).await);
        assert!(denied.starts_with("400 AccessDeniedException"), "{denied}");
        let statement = |who: &str, action: &str| json!({"Effect": "Allow", "Principal": {"AWS": who}, "Action": action, "Resource": "*"});
        let key_policy = json!({"Version": "2012-10-17", "Statement": [statement("111122223333", "kms:*"), statement("444455556666", "kms:Decrypt")]});
        let key = world
            .call("kms:CreateKey", &json!({"Policy": key_policy.to_string()}).to_string())
            .await
            .ok()
            .text("/KeyMetadata/Arn");
        let mut put = put;
        (put["KeyId"], put["Overwrite"]) = (json!(key), json!(true));
        let _ = call(&world, "PutParameter", put).await.ok();
        let answer = world.call_as(&other, "ssm:GetParameter", &read).await.ok();
        assert_eq!(answer.text("/Parameter/Value"), "hunter2");
    }

    #[tokio::test]
    async fn what_cannot_be_shared_is_refused() {
        let world = world().await;
        put(&world, "/standard", "v").await;
        put_advanced(&world, "/app/db").await;
        let standard = ARN.replace("/app/db", "/standard");
        let none = ARN.replace("/app/db", "/none");
        let mut lines = Vec::new();
        for input in [
            json!({"ResourceArn": standard, "Policy": policy("444455556666")}),
            json!({"ResourceArn": none, "Policy": policy("444455556666")}),
            json!({"ResourceArn": ARN, "Policy": "nothing"}),
            json!({"ResourceArn": ARN, "Policy": policy("*")}),
            json!({"ResourceArn": ARN, "Policy": policy("444455556666").replace(' ', "") + &" ".repeat(20_480)}),
            json!({"ResourceArn": ARN, "Policy": policy("444455556666"), "PolicyId": "x", "PolicyHash": "y"}),
            json!({"ResourceArn": ARN, "Policy": policy("444455556666")}),
            json!({"ResourceArn": ARN, "Policy": policy("777788889999")}),
        ] {
            lines.push(outcome(&world, "PutResourcePolicy", input).await);
        }
        let held = call(&world, "GetResourcePolicies", json!({"ResourceArn": ARN})).await.ok();
        let id = held.text("/Policies/0/PolicyId");
        let stale =
            json!({"ResourceArn": ARN, "Policy": policy("777788889999"), "PolicyId": id, "PolicyHash": "y"});
        lines.push(outcome(&world, "PutResourcePolicy", stale).await);
        insta::assert_snapshot!(lines.join("\n"), @"
        400 ResourcePolicyInvalidParameterException: Only parameters in the advanced-parameter tier can be shared.
        400 ResourceNotFoundException: The specified parameter to be shared could not be found.
        400 MalformedResourcePolicyDocumentException: This policy contains invalid Json
        400 MalformedResourcePolicyDocumentException: The resource policy can't make the parameter public.
        400 MalformedResourcePolicyDocumentException: The resource policy can't be longer than 20480 bytes.
        400 ResourcePolicyNotFoundException: No policies with the specified policy ID and hash could be found.
        200
        400 ResourcePolicyLimitExceededException: A parameter can have one resource policy.
        400 ResourcePolicyConflictException: The hash provided in the call doesn't match the stored hash.
        ");
    }
}
