//! GetRandomPassword: a random password, which is kept nowhere.
//! Source: Secrets Manager API reference, `GetRandomPassword`.

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Guard, Input, Located, Operation, Output, Refusal, View};
use wire_secretsmanager as wire;

use crate::model::password;

pub(crate) struct GetRandomPassword;

impl Operation for GetRandomPassword {
    type Shape = wire::GetRandomPassword;
    type Target = ();

    async fn locate(_: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        Ok(Located::new(()).need(wire::actions::GET_RANDOM_PASSWORD, Guard::any(view.account()), NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let random_password = Some(password(call.input(), |bytes| call.fill(bytes))?);
        call.answer(wire::GetRandomPasswordResponse { random_password }).await
    }

    fn example() -> Example {
        Example { world: &[], input: r#"{"PasswordLength": 20}"# }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::test::{call, outcome, world};

    #[tokio::test]
    async fn it_is_told_and_not_recorded() {
        let world = world().await;
        let answer = call(&world, "GetRandomPassword", json!({})).await;
        insta::assert_snapshot!(world.told(&answer).await, @r#"
        200
        {
          "RandomPassword": "vTP*F%<xKH,g.~E1ZoR$|k(+9i'ge&8Y"
        }
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-708e-85f2-c41029ba75d0",
          "eventName": "GetRandomPassword",
          "eventSource": "secretsmanager.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": true,
          "recipientAccountId": "111122223333",
          "requestID": "532deabf-8872-4cb4-b995-ab5a9cd49bf9",
          "requestParameters": null,
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
        let password = answer.text("/RandomPassword");
        assert_eq!(password.len(), 32);
        assert!(!world.records(1).await.contains(&password));
    }

    async fn drawn(world: &alcazar_testkit::World, input: Value) -> String {
        call(world, "GetRandomPassword", input).await.ok().text("/RandomPassword")
    }

    #[tokio::test]
    async fn what_is_excluded_is_never_there_and_what_is_required_always() {
        let world = world().await;
        for _ in 0..50 {
            let four = drawn(&world, json!({"PasswordLength": 4})).await;
            let has = |is: fn(&char) -> bool| four.chars().filter(is).count() == 1;
            assert!(
                has(char::is_ascii_lowercase) && has(char::is_ascii_uppercase) && has(char::is_ascii_digit),
                "{four}"
            );
            assert!(has(char::is_ascii_punctuation), "{four}");
        }
        let digits = json!({"PasswordLength": 300, "ExcludePunctuation": true, "ExcludeUppercase": true, "ExcludeLowercase": true, "ExcludeCharacters": "01"});
        let digits = drawn(&world, digits).await;
        assert!(
            digits.len() == 300 && digits.bytes().all(|digit| (b'2'..=b'9').contains(&digit)),
            "{digits}"
        );
        let letters = json!({"PasswordLength": 4096, "ExcludePunctuation": true, "ExcludeNumbers": true, "IncludeSpace": true});
        let letters = drawn(&world, letters).await;
        let seen: std::collections::BTreeSet<char> = letters.chars().collect();
        assert_eq!((letters.len(), seen.len()), (4096, 53), "all 52 letters and the space come");
        let loose = json!({"PasswordLength": 1, "RequireEachIncludedType": false});
        assert_eq!(drawn(&world, loose).await.len(), 1);
    }

    #[tokio::test]
    async fn what_cannot_be_is_refused() {
        let world = world().await;
        let none = json!({"ExcludeNumbers": true, "ExcludePunctuation": true, "ExcludeUppercase": true, "ExcludeLowercase": true});
        let mut told = Vec::new();
        for input in [none, json!({"PasswordLength": 3}), json!({"PasswordLength": 4097})] {
            told.push(outcome(&world, "GetRandomPassword", input).await);
        }
        insta::assert_snapshot!(told.join("\n"), @"
        400 InvalidParameterException: The password can't be generated: all characters are excluded.
        400 InvalidParameterException: Password length is too short based on the required types.
        400 ValidationException: 1 validation error detected: Value '4097' at 'passwordLength' failed to satisfy constraint: Member must have value less than or equal to 4096
        ");
    }
}
