//! ListSecrets: the account's secrets in this Region, filtered and sorted; those that are deleted and wait only if the request includes them.
//! Source: Secrets Manager API reference, `ListSecrets` and `Filter`.

use std::sync::Arc;

use alcazar_core::{Declares, NoKeys};
use alcazar_corridor::{
    Call, Committed, Example, Failure, Guard, Input, Located, Operation, Output, Refusal, View,
};
use wire_secretsmanager::{
    self as wire, Filter, FilterNameStringType, InvalidParameterException, SortByType, SortOrderType,
};

use super::describe_secret::labelled;
use crate::model::{Rules, SECRETS, Secret, list, tag_list};

/// How many rows are read at a time.
const BATCH: usize = 1000;

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
        checked(filters)?;
        let region = call.region().name();
        let mut secrets = all(call.view()).await?;
        secrets.retain(|secret| deleted || secret.deletion.is_none());
        secrets.retain(|secret| filters.iter().all(|filter| passes(secret, filter, region)));
        sort(&mut secrets, input.sort_by, input.sort_order);
        let binding = format!("{deleted}/{filters:?}/{:?}/{:?}", input.sort_by, input.sort_order);
        let token = input.next_token.as_deref();
        let page = list(&call, secrets, &binding, token, input.max_results)?;
        let secret_list = Some(page.items.iter().map(|secret| told(secret)).collect());
        call.answer(wire::ListSecretsResponse { secret_list, next_token: page.next }).await
    }

    fn example() -> Example {
        Example {
            world: &[("secretsmanager:CreateSecret", r#"{"Name": "app/db", "SecretString": "one"}"#, &[])],
            input: r#"{"MaxResults": 10}"#,
        }
    }
}

pub(super) async fn all(view: &View) -> Result<Vec<Arc<Secret>>, Failure> {
    let mut secrets = Vec::new();
    let mut after = None;
    loop {
        let page = view.page(&SECRETS, SECRETS.range(view.here()), after.as_ref(), BATCH).await?;
        let Some((last, _)) = page.last() else { return Ok(secrets) };
        after = Some(last.clone());
        secrets.extend(page.into_iter().map(|(_, secret)| secret));
    }
}

pub(super) fn checked<S: Declares<InvalidParameterException>>(filters: &[Filter]) -> Result<(), Refusal<S>> {
    match filters.iter().all(|filter| filter.key.is_some() && filter.values.is_some()) {
        true => Ok(()),
        false => Err(InvalidParameterException::new("Each filter needs a key and values.").into()),
    }
}

/// Whether one of the filter's values matches, and none of those that begin with `!`.
pub(super) fn passes(secret: &Secret, filter: &Filter, region: &str) -> bool {
    let Some(key) = filter.key else { return false };
    let values = filter.values.as_deref().unwrap_or_default();
    let mut wanted = values.iter().filter(|value| !value.starts_with('!')).peekable();
    let mut unwanted = values.iter().filter_map(|value| value.strip_prefix('!'));
    (wanted.peek().is_none() || wanted.any(|value| matches(secret, key, value, region)))
        && !unwanted.any(|value| matches(secret, key, value, region))
}

/// By their beginning; descriptions without regard to case, and `all` by any word anywhere.
fn matches(secret: &Secret, key: FilterNameStringType, value: &str, region: &str) -> bool {
    let description = secret.description.as_deref().unwrap_or_default().to_lowercase();
    match key {
        FilterNameStringType::Name => secret.name.starts_with(value),
        FilterNameStringType::Description => description.starts_with(&value.to_lowercase()),
        FilterNameStringType::TagKey => secret.tags.iter().any(|(key, _)| key.starts_with(value)),
        FilterNameStringType::TagValue => secret.tags.iter().any(|(_, held)| held.starts_with(value)),
        FilterNameStringType::PrimaryRegion => {
            secret.primary.map_or(region, |primary| primary.name()).starts_with(value)
        }
        // No service makes secrets here yet.
        FilterNameStringType::OwningService => false,
        FilterNameStringType::All => {
            let tags = secret.tags.iter().flat_map(|(key, value)| [key.to_lowercase(), value.to_lowercase()]);
            let texts: Vec<String> = tags.chain([secret.name.to_lowercase(), description]).collect();
            let value = value.to_lowercase();
            value.split_whitespace().any(|word| texts.iter().any(|text| text.contains(word)))
        }
    }
}

fn sort(secrets: &mut [Arc<Secret>], by: Option<SortByType>, order: Option<SortOrderType>) {
    match by.unwrap_or(SortByType::CreatedDate) {
        SortByType::CreatedDate => secrets.sort_by_key(|secret| secret.created_at),
        SortByType::LastAccessedDate => secrets.sort_by_key(|secret| secret.accessed_on),
        SortByType::LastChangedDate => secrets.sort_by_key(|secret| secret.changed_at),
        SortByType::Name => secrets.sort_by(|one, other| one.name.cmp(&other.name)),
    }
    if order == Some(SortOrderType::Desc) {
        secrets.reverse();
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

    use crate::test::{call, outcome, secret, world};

    async fn listed(world: &World, input: Value) -> String {
        let answer = call(world, "ListSecrets", input).await.ok().json();
        let names =
            answer["SecretList"].as_array().unwrap().iter().map(|entry| entry["Name"].as_str().unwrap());
        names.collect::<Vec<_>>().join(" ")
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
}
