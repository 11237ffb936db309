//! GetServiceSetting: a setting of Parameter Store, as it was changed or by default. Those of other parts of Systems Manager are not built.
//! Source: Systems Manager API reference, `GetServiceSetting`.

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use wire_ssm as wire;

use crate::model::{SETTINGS, found, guard};

pub(crate) struct GetServiceSetting;

impl Operation for GetServiceSetting {
    type Shape = wire::GetServiceSetting;
    type Target = ();

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let guard = guard(&input.setting_id, view);
        Ok(Located::new(()).need(wire::actions::GET_SERVICE_SETTING, guard, NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let setting = found(&call.input().setting_id)?;
        let row = call.view().get(&SETTINGS, call.here(), setting.id).await?;
        let service_setting = Some(setting.told(row.as_deref(), call.view()));
        call.answer(wire::GetServiceSettingResult { service_setting }).await
    }

    fn example() -> Example {
        Example { world: &[], input: r#"{"SettingId": "/ssm/parameter-store/default-parameter-tier"}"# }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::test::{call, outcome, world};

    #[tokio::test]
    async fn a_setting_is_told_by_its_id_and_its_arn() {
        let world = world().await;
        let id = "/ssm/parameter-store/default-parameter-tier";
        let answer = call(&world, "GetServiceSetting", json!({"SettingId": id})).await;
        insta::assert_snapshot!(world.told(&answer).await, @r#"
        200
        {
          "ServiceSetting": {
            "ARN": "arn:aws:ssm:us-east-1:111122223333:servicesetting/ssm/parameter-store/default-parameter-tier",
            "LastModifiedUser": "System",
            "SettingId": "/ssm/parameter-store/default-parameter-tier",
            "SettingValue": "Standard",
            "Status": "Default"
          }
        }
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-7c76-94ec-fd7b0b623b80",
          "eventName": "GetServiceSetting",
          "eventSource": "ssm.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": true,
          "recipientAccountId": "111122223333",
          "requestID": "532deabf-8872-4cb4-b995-ab5a9cd49bf9",
          "requestParameters": {
            "settingId": "/ssm/parameter-store/default-parameter-tier"
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
        let arn = format!("arn:aws:ssm:us-east-1:111122223333:servicesetting{id}");
        let by_arn = call(&world, "GetServiceSetting", json!({"SettingId": arn})).await.ok();
        assert_eq!(by_arn.json(), answer.json());
        let none = outcome(&world, "GetServiceSetting", json!({"SettingId": "/ssm/other"})).await;
        assert_eq!(none, "400 ServiceSettingNotFound: The service setting /ssm/other was not found.");
    }
}
