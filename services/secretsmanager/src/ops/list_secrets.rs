//! ListSecrets: the account's secrets in this Region, filtered and sorted; those that are deleted and wait only if the request includes them.
//!
//! A page costs what it holds, however many secrets there are; one that filters may hold fewer than it could.
//! Source: Secrets Manager API reference, `ListSecrets` and `Filter`.

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Guard, Input, Located, Operation, Output, Refusal, View};
use wire_secretsmanager as wire;

use super::describe_secret::labelled;
use crate::model::{Order, Rules, Secret, Wanted, limited, listing, tag_list};

/// How many a page holds when the request does not say, and at most.
const MOST: usize = 100;

pub(crate) struct ListSecrets;

impl Operation for ListSecrets {
    type Shape = wire::ListSecrets;
    type Target = ();

    async fn locate(_: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        Ok(Located::new(()).need(wire::actions::LIST_SECRETS, Guard::any(view.account()), NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let input = call.input();
        let deleted = input.include_planned_deletion == Some(true);
        let filters = input.filters.as_deref().unwrap_or_default();
        let order = Order::of(input.sort_by, input.sort_order);
        let limit = limited(input.max_results, MOST);
        let wanted = Wanted { order, filters, deleted, limit };
        let (secrets, next_token) = listing(&call, &wanted, input.next_token.as_deref()).await?;
        let secret_list = Some(secrets.iter().map(|secret| told(secret)).collect());
        call.answer(wire::ListSecretsResponse { secret_list, next_token }).await
    }

    fn example() -> Example {
        Example {
            world: &[("secretsmanager:CreateSecret", r#"{"Name": "app/db", "SecretString": "one"}"#, &[])],
            input: r#"{"MaxResults": 10}"#,
        }
    }
}

fn told(secret: &Secret) -> wire::SecretListEntry {
    let rotation = secret.rotation.as_ref();
    wire::SecretListEntry {
        arn: Some(secret.arn.to_string()),
        name: Some(secret.name.clone()),
        rotation_enabled: rotation.map(|rotation| rotation.enabled),
        rotation_lambda_arn: rotation.map(|rotation| rotation.function.clone()),
        rotation_rules: rotation.and_then(|rotation| rotation.rules.as_ref()).map(Rules::told),
        last_rotated_date: rotation.and_then(|rotation| rotation.last),
        next_rotation_date: rotation.and_then(|rotation| rotation.next).map(|next| next.closes),
        description: secret.description.clone(),
        kms_key_id: secret.kms_key_id.clone(),
        last_changed_date: Some(secret.changed_at),
        last_accessed_date: secret.accessed_on,
        deleted_date: secret.deletion.map(|deletion| deletion.since),
        tags: (!secret.tags.is_empty()).then(|| tag_list(&secret.tags)),
        secret_versions_to_stages: labelled(secret),
        created_date: Some(secret.created_at),
        primary_region: secret.primary_region().map(str::to_owned),
        ..Default::default()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use alcazar_testkit::World;

    use crate::test::{call, names, outcome, secret, world};

    async fn listed(world: &World, input: Value) -> String {
        names(world, input).await.join(" ")
    }

    async fn some(world: &World) {
        for (name, description, tag) in
            [("prod/db", "The Database", "red"), ("test/db", "a toy", "blue"), ("prod/api", "", "blue")]
        {
            let tags = json!([{"Key": "team", "Value": tag}]);
            let _ =
                call(world, "CreateSecret", json!({"Name": name, "Description": description, "Tags": tags}))
                    .await
                    .ok();
            world.clock.advance(std::time::Duration::from_secs(1));
        }
    }

    #[tokio::test]
    async fn secrets_are_listed_without_their_values() {
        let world = world().await;
        secret(&world, "app/db").await;
        let answer = call(&world, "ListSecrets", json!({})).await;
        insta::assert_snapshot!(world.told(&answer).await, @r#"
        200
        {
          "SecretList": [
            {
              "ARN": "arn:aws:secretsmanager:us-east-1:111122223333:secret:app/db-QAIxhI",
              "CreatedDate": 1795348800,
              "LastChangedDate": 1795348800,
              "Name": "app/db",
              "SecretVersionsToStages": {
                "11111111111111111111111111111111": [
                  "AWSCURRENT"
                ]
              }
            }
          ]
        }
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-757b-a73b-655952f71220",
          "eventName": "ListSecrets",
          "eventSource": "secretsmanager.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": true,
          "recipientAccountId": "111122223333",
          "requestID": "f2221fc9-415f-4fab-951d-e723729f7e30",
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

    #[tokio::test]
    async fn filters_are_all_kept_and_values_any() {
        let world = world().await;
        some(&world).await;
        let mut lines = Vec::new();
        for filters in [
            json!([{"Key": "name", "Values": ["prod"]}]),
            json!([{"Key": "name", "Values": ["!prod"]}]),
            json!([{"Key": "name", "Values": ["PROD"]}]),
            json!([{"Key": "description", "Values": ["the data"]}]),
            json!([{"Key": "tag-value", "Values": ["blue", "green"]}, {"Key": "name", "Values": ["prod"]}]),
            json!([{"Key": "tag-key", "Values": ["te"]}]),
            json!([{"Key": "all", "Values": ["nothing TOY"]}]),
            json!([{"Key": "owning-service", "Values": ["rds"]}]),
            json!([{"Key": "primary-region", "Values": ["us-east-1"]}]),
        ] {
            lines.push(format!("{filters}: {}", listed(&world, json!({"Filters": filters})).await));
        }
        lines.push(outcome(&world, "ListSecrets", json!({"Filters": [{"Key": "name"}]})).await);
        insta::assert_snapshot!(lines.join("\n"), @r#"
        [{"Key":"name","Values":["prod"]}]: prod/db prod/api
        [{"Key":"name","Values":["!prod"]}]: test/db
        [{"Key":"name","Values":["PROD"]}]: 
        [{"Key":"description","Values":["the data"]}]: prod/db
        [{"Key":"tag-value","Values":["blue","green"]},{"Key":"name","Values":["prod"]}]: prod/api
        [{"Key":"tag-key","Values":["te"]}]: prod/db test/db prod/api
        [{"Key":"all","Values":["nothing TOY"]}]: test/db
        [{"Key":"owning-service","Values":["rds"]}]: 
        [{"Key":"primary-region","Values":["us-east-1"]}]: prod/db test/db prod/api
        400 InvalidParameterException: Each filter needs a key and values.
        "#);
    }

    #[tokio::test]
    async fn pages_hold_every_secret_once_in_order_and_deleted_ones_on_request() {
        let world = world().await;
        some(&world).await;
        let _ = call(&world, "DeleteSecret", json!({"SecretId": "test/db"})).await.ok();
        assert_eq!(listed(&world, json!({})).await, "prod/db prod/api");
        let input =
            json!({"SortBy": "name", "SortOrder": "desc", "IncludePlannedDeletion": true, "MaxResults": 2});
        let page = call(&world, "ListSecrets", input.clone()).await.ok();
        let mut next = input;
        next["NextToken"] = json!(page.text("/NextToken"));
        assert_eq!(listed(&world, next.clone()).await, "prod/api");
        next["SortOrder"] = json!("asc");
        let refused = outcome(&world, "ListSecrets", next).await;
        assert_eq!(refused, "400 InvalidNextTokenException: The NextToken value is invalid.");
        let other = world.account("444455556666").await;
        let theirs = world.call_as(&other, "secretsmanager:ListSecrets", "{}").await.ok().json();
        assert_eq!(theirs["SecretList"], json!([]));
    }
    #[tokio::test]
    async fn each_order_is_that_of_its_date_both_ways_and_changes_with_it() {
        let world = world().await;
        some(&world).await;
        let day = std::time::Duration::from_secs(86_400);
        world.clock.advance(day);
        let put = json!({"SecretId": "prod/db", "SecretString": "v"});
        let _ = call(&world, "PutSecretValue", put).await.ok();
        let _ = call(&world, "GetSecretValue", json!({"SecretId": "prod/db"})).await.ok();
        let mut lines = Vec::new();
        for by in ["created-date", "last-changed-date", "last-accessed-date", "name"] {
            for order in ["asc", "desc"] {
                let input = json!({"SortBy": by, "SortOrder": order});
                lines.push(format!("{by} {order}: {}", listed(&world, input.clone()).await));
                for filter in [json!([]), json!([{"Key": "name", "Values": ["prod", "test"]}])] {
                    let mut paged = input.clone();
                    paged["MaxResults"] = json!(1);
                    paged["Filters"] = filter;
                    assert_eq!(listed(&world, paged).await, listed(&world, input.clone()).await, "{input}");
                }
            }
        }
        insta::assert_snapshot!(lines.join("\n"), @"
        created-date asc: prod/db test/db prod/api
        created-date desc: prod/api test/db prod/db
        last-changed-date asc: test/db prod/api prod/db
        last-changed-date desc: prod/db prod/api test/db
        last-accessed-date asc: prod/api test/db prod/db
        last-accessed-date desc: prod/db test/db prod/api
        name asc: prod/api prod/db test/db
        name desc: test/db prod/db prod/api
        ");
        let force = json!({"SecretId": "prod/db", "ForceDeleteWithoutRecovery": true});
        let _ = call(&world, "DeleteSecret", force).await.ok();
        assert_eq!(listed(&world, json!({"SortBy": "last-accessed-date"})).await, "prod/api test/db");
    }
}
