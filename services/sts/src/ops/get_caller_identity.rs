//! GetCallerIdentity: the account, unique id and ARN of whoever signed the call.
//!
//! Nobody needs a permission for it, and no policy can deny it: the same is told anyway in every denial.
//! Source: STS API reference, `GetCallerIdentity`.

use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use wire_sts as wire;

pub(crate) struct GetCallerIdentity;

impl Operation for GetCallerIdentity {
    type Shape = wire::GetCallerIdentity;
    type Target = ();

    async fn locate(_: &Input<Self>, _: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        Ok(Located::open("the same information is told when access is denied", ()))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let caller = call.caller();
        let identity = wire::GetCallerIdentityResponse {
            user_id: Some(caller.user_id().into_owned()),
            account: Some(caller.account().to_string()),
            arn: Some(caller.arn().to_string()),
        };
        call.answer(identity).await
    }

    fn example() -> Example {
        Example { world: &[], input: "{}" }
    }
}

#[cfg(test)]
mod tests {
    use alcazar_testkit::World;

    #[tokio::test]
    async fn the_root_user_is_told_who_it_is_and_the_call_is_recorded() {
        let world = World::of(&[crate::SERVICE]).await;
        let answer = world.call("sts:GetCallerIdentity", "{}").await;
        insta::assert_snapshot!(world.told(&answer).await, @r#"
        200
        <GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
        <GetCallerIdentityResult>
        <UserId>111122223333</UserId>
        <Account>111122223333</Account>
        <Arn>arn:aws:iam::111122223333:root</Arn>
        </GetCallerIdentityResult>
        <ResponseMetadata>
        <RequestId>532deabf-8872-4cb4-b995-ab5a9cd49bf9</RequestId>
        </ResponseMetadata>
        </GetCallerIdentityResponse>
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-7c76-94ec-fd7b0b623b80",
          "eventName": "GetCallerIdentity",
          "eventSource": "sts.amazonaws.com",
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
    }
}
