//! UpdateServiceSetting: gives a setting of Parameter Store another value.
//! Source: Systems Manager API reference, `UpdateServiceSetting`.

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use wire_ssm as wire;

use crate::model::{Customized, SETTINGS, found, guard};

pub(crate) struct UpdateServiceSetting;

impl Operation for UpdateServiceSetting {
    type Shape = wire::UpdateServiceSetting;
    type Target = ();

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let guard = guard(&input.setting_id, view);
        Ok(Located::new(()).need(wire::actions::UPDATE_SERVICE_SETTING, guard, NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let setting = found(&call.input().setting_id)?;
        setting.checked(&call.input().setting_value)?;
        call.commit(|tx, call| {
            let row = Customized {
                value: call.input().setting_value.clone(),
                modified_at: tx.now(),
                modified_by: call.caller().arn().to_string(),
            };
            tx.put(&SETTINGS, call.here(), setting.id, &row)?;
            Ok(wire::UpdateServiceSettingResult {})
        })
        .await
    }

    fn example() -> Example {
        Example {
            world: &[],
            input: r#"{"SettingId": "/ssm/parameter-store/default-parameter-tier", "SettingValue": "Advanced"}"#,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::test::{call, outcome, world};

    #[tokio::test]
    async fn the_default_tier_counts_for_requests_that_name_none() {
        let world = world().await;
        let id = "/ssm/parameter-store/default-parameter-tier";
        let answer =
            call(&world, "UpdateServiceSetting", json!({"SettingId": id, "SettingValue": "Advanced"})).await;
        insta::assert_snapshot!(world.told(&answer).await, @r#"
        200
        {}
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-7c76-94ec-fd7b0b623b80",
          "eventName": "UpdateServiceSetting",
          "eventSource": "ssm.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": false,
          "recipientAccountId": "111122223333",
          "requestID": "532deabf-8872-4cb4-b995-ab5a9cd49bf9",
          "requestParameters": {
            "settingId": "/ssm/parameter-store/default-parameter-tier",
            "settingValue": "Advanced"
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
        let told = call(&world, "GetServiceSetting", json!({"SettingId": id})).await.ok();
        assert_eq!(
            (told.text("/ServiceSetting/SettingValue"), told.text("/ServiceSetting/Status")),
            ("Advanced".into(), "Customized".into())
        );
        let put =
            call(&world, "PutParameter", json!({"Name": "/p", "Value": "v", "Type": "String"})).await.ok();
        assert_eq!(put.text("/Tier"), "Advanced");
        let wrong =
            outcome(&world, "UpdateServiceSetting", json!({"SettingId": id, "SettingValue": "Best"})).await;
        assert_eq!(
            wrong,
            "400 ValidationException: Invalid setting value: Best. Valid values include: [Standard, Advanced, Intelligent-Tiering]."
        );
    }
}
