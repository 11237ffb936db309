//! ResetServiceSetting: a setting of Parameter Store has its default value again.
//! Source: Systems Manager API reference, `ResetServiceSetting`.

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use wire_ssm as wire;

use crate::model::{SETTINGS, found, guard};

pub(crate) struct ResetServiceSetting;

impl Operation for ResetServiceSetting {
    type Shape = wire::ResetServiceSetting;
    type Target = ();

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let guard = guard(&input.setting_id, view);
        Ok(Located::new(()).need(wire::actions::RESET_SERVICE_SETTING, guard, NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let setting = found(&call.input().setting_id)?;
        call.commit(|tx, call| {
            tx.remove(&SETTINGS, call.here(), setting.id)?;
            let service_setting = Some(setting.told(None, call.view()));
            Ok(wire::ResetServiceSettingResult { service_setting })
        })
        .await
    }

    fn example() -> Example {
        Example { world: &[], input: r#"{"SettingId": "/ssm/parameter-store/default-parameter-tier"}"# }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::test::{call, world};

    #[tokio::test]
    async fn a_setting_has_its_default_again() {
        let world = world().await;
        let id = "/ssm/parameter-store/high-throughput-enabled";
        let _ =
            call(&world, "UpdateServiceSetting", json!({"SettingId": id, "SettingValue": "true"})).await.ok();
        let answer = call(&world, "ResetServiceSetting", json!({"SettingId": id})).await;
        insta::assert_snapshot!(world.told(&answer).await, @r#"
        200
        {
          "ServiceSetting": {
            "ARN": "arn:aws:ssm:us-east-1:111122223333:servicesetting/ssm/parameter-store/high-throughput-enabled",
            "LastModifiedUser": "System",
            "SettingId": "/ssm/parameter-store/high-throughput-enabled",
            "SettingValue": "false",
            "Status": "Default"
          }
        }
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-74ac-816a-f38f59d2ddeb",
          "eventName": "ResetServiceSetting",
          "eventSource": "ssm.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": false,
          "recipientAccountId": "111122223333",
          "requestID": "3ed2b061-1e97-4a9c-be87-c83e7ed97c2d",
          "requestParameters": {
            "settingId": "/ssm/parameter-store/high-throughput-enabled"
          },
          "responseElements": {
            "serviceSetting": {
              "arn": "arn:aws:ssm:us-east-1:111122223333:servicesetting/ssm/parameter-store/high-throughput-enabled",
              "lastModifiedUser": "System",
              "settingId": "/ssm/parameter-store/high-throughput-enabled",
              "settingValue": "false",
              "status": "Default"
            }
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
        let told = call(&world, "GetServiceSetting", json!({"SettingId": id})).await.ok();
        assert_eq!(told.text("/ServiceSetting/SettingValue"), "false");
    }
}
