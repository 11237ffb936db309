//! GetAccessKeyLastUsed: whose an access key is, and when, where and for which service it last signed a call.
//!
//! It is read from the audit, which knows of the last call at once; AWS's own answer may lag by hours. A key of another account is told like one
//! that does not exist.
//! Source: IAM API reference, `GetAccessKeyLastUsed`; the refusal as recorded from AWS.

use std::sync::Arc;

use alcazar_core::time::TimestampFormat;
use alcazar_core::{Common, NoKeys, Timestamp};
use alcazar_corridor::{Call, Committed, Example, Failure, Input, Located, Operation, Output, Refusal, View};
use alcazar_directory::{ACCESS_KEYS, AccessKey, KeyOwner, User};
use alcazar_store::{Attribute, RecordClass, RecordQuery, Scope};
use serde_json::Value;
use wire_iam as wire;

use crate::model::access_key::Holder;
use crate::model::new_guard;

pub(crate) struct GetAccessKeyLastUsed;

impl Operation for GetAccessKeyLastUsed {
    type Shape = wire::GetAccessKeyLastUsed;
    type Target = Option<Arc<AccessKey>>;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let key = view.get(&ACCESS_KEYS, Scope::Installation, input.access_key_id.as_str()).await?;
        let key = key.filter(|key| key.account == view.account());
        let guard = match key.as_ref().map(|key| &key.owner) {
            Some(KeyOwner::User { name, .. }) => Holder::User(name.clone()).guard(view).await?,
            Some(KeyOwner::Root) => Holder::Root.guard(view).await?,
            None => new_guard::<User>(view, "/", "*"),
        };
        Ok(Located::new(key).need(wire::actions::GET_ACCESS_KEY_LAST_USED, guard, NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let Some(key) = call.target().clone() else {
            let (caller, id) = (call.caller().arn(), &call.input().access_key_id);
            let action = wire::actions::GET_ACCESS_KEY_LAST_USED;
            let message =
                format!("User: {caller} is not authorized to perform {action} on resource: access key {id}");
            return Err(Failure::common(Common::AccessDenied, message).into());
        };
        let user_name = match &key.owner {
            KeyOwner::User { name, .. } => Some(name.clone()),
            KeyOwner::Root => None,
        };
        let newest = newest_record(call.view(), &key.id).await?;
        let access_key_last_used = Some(newest.as_ref().and_then(told).unwrap_or_else(never));
        call.answer(wire::GetAccessKeyLastUsedResponse { user_name, access_key_last_used }).await
    }

    fn example() -> Example {
        Example {
            world: &[
                ("iam:CreateUser", r#"{"UserName":"bob"}"#, &[]),
                ("iam:CreateAccessKey", r#"{"UserName":"bob"}"#, &[("id", "/AccessKeyId")]),
            ],
            input: r#"{"AccessKeyId":"${id}"}"#,
        }
    }
}

/// The newest record of a call that the key signed: the one that stands last in the log.
async fn newest_record(view: &View, id: &str) -> Result<Option<Value>, Failure> {
    let mut newest = None;
    for class in [RecordClass::Management, RecordClass::Data] {
        let query = RecordQuery {
            class,
            account: view.account(),
            region: None,
            from: None,
            to: None,
            attribute: Some((Attribute::AccessKeyId, id.to_owned().into())),
            after: None,
            limit: 1,
        };
        newest =
            view.records(&query).await?.records.into_iter().chain(newest).max_by_key(|(place, _)| *place);
    }
    newest.map(|(_, body)| serde_json::from_slice(&body).map_err(Failure::internal)).transpose()
}

fn told(record: &Value) -> Option<wire::shapes::AccessKeyLastUsed> {
    let text = |name: &str| record.get(name)?.as_str();
    Some(wire::shapes::AccessKeyLastUsed {
        last_used_date: Some(Timestamp::parse(text("eventTime")?, TimestampFormat::DateTime).ok()?),
        service_name: text("eventSource")?.trim_end_matches(".amazonaws.com").to_owned(),
        region: text("awsRegion")?.to_owned(),
    })
}

fn never() -> wire::shapes::AccessKeyLastUsed {
    let none = || "N/A".to_owned();
    wire::shapes::AccessKeyLastUsed { last_used_date: None, service_name: none(), region: none() }
}

#[cfg(test)]
mod tests {
    use super::GetAccessKeyLastUsed;
    use crate::testing::{example, key_of, refused, world};

    #[tokio::test]
    async fn the_example_is_answered_and_recorded() {
        insta::assert_snapshot!(example::<GetAccessKeyLastUsed>().await, @r#"
        200
        <GetAccessKeyLastUsedResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
        <GetAccessKeyLastUsedResult>
        <UserName>bob</UserName>
        <AccessKeyLastUsed>
        <ServiceName>N/A</ServiceName>
        <Region>N/A</Region>
        </AccessKeyLastUsed>
        </GetAccessKeyLastUsedResult>
        <ResponseMetadata>
        <RequestId>(uuid)</RequestId>
        </ResponseMetadata>
        </GetAccessKeyLastUsedResponse>
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "(uuid)",
          "eventName": "GetAccessKeyLastUsed",
          "eventSource": "iam.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": true,
          "recipientAccountId": "111122223333",
          "requestID": "(uuid)",
          "requestParameters": {
            "accessKeyId": "AKIA(id)"
          },
          "resources": [
            {
              "ARN": "arn:aws:iam::111122223333:user/bob",
              "accountId": "111122223333",
              "type": "AWS::IAM::User"
            }
          ],
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
    async fn the_newest_call_in_any_region_counts() {
        let world = world(&[("CreateUser", r#"{"UserName":"bob"}"#)]).await;
        let bob = key_of(&world, "bob").await;
        world.call_as(&bob, "iam:ListUsers", "{}").await;
        world.clock.advance(std::time::Duration::from_secs(60));
        let input = format!(r#"{{"AccessKeyId":"{}"}}"#, bob.access_key_id);
        let told = world.call("iam:GetAccessKeyLastUsed", &input).await.ok();
        let told = ["LastUsedDate", "ServiceName", "Region", "UserName"].map(|element| told.text(element));
        assert_eq!(told, ["2026-11-22T12:00:00Z", "iam", "us-east-1", "bob"]);
    }

    #[tokio::test]
    async fn a_key_of_another_account_is_told_like_none() {
        let world = world(&[]).await;
        world.account("444455556666").await;
        let told = refused(&world, "GetAccessKeyLastUsed", r#"{"AccessKeyId":"AKIA444455556666ROOT"}"#).await;
        let expected = "403 AccessDenied: User: arn:aws:iam::111122223333:root is not authorized to perform \
                        iam:GetAccessKeyLastUsed on resource: access key AKIA444455556666ROOT";
        assert_eq!(told, expected);
    }
}
