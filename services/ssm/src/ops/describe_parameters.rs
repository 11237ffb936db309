//! DescribeParameters: what is known of the account's parameters without their values, or of those that other accounts share with it.
//!
//! Filters by name and path read no more than what they name; others look through the list page by page, and a page may hold fewer than it
//! could.
//! Source: Systems Manager API reference, `DescribeParameters`; User Guide, "Working with shared parameters".

use std::sync::Arc;

use alcazar_core::NoKeys;
use alcazar_corridor::{
    Call, Committed, Example, Failure, Guard, Input, Located, Operation, Output, Refusal, View,
};
use alcazar_store::{Key, Scope};
use wire_ssm::{self as wire, InvalidNextToken};

use crate::model::{
    Filter, Of, PARAMETERS, Parameter, SHARED, checked_filters, older_filters, page, pass, ranges,
};

pub(crate) struct DescribeParameters;

impl Operation for DescribeParameters {
    type Shape = wire::DescribeParameters;
    type Target = ();

    async fn locate(_: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        Ok(Located::new(()).need(wire::actions::DESCRIBE_PARAMETERS, Guard::any(view.account()), NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let input = call.input();
        let filters = match (&input.filters, &input.parameter_filters) {
            (Some(_), Some(_)) => {
                let message = "You can use either Filters or ParameterFilters in a single request.";
                return Err(Failure::validation(message).into());
            }
            (Some(older), None) => older_filters(older),
            (None, newer) => checked_filters(newer.as_deref().unwrap_or_default(), Of::Describe)?,
        };
        let shared = input.shared == Some(true);
        let binding = format!("{shared}/{filters:?}");
        let after = match &input.next_token {
            None => None,
            Some(token) => {
                let invalid = || InvalidNextToken::new("The specified token isn't valid.");
                Some(call.page_after(&binding, token).ok_or_else(invalid)?)
            }
        };
        let limit = input.max_results.and_then(|most| usize::try_from(most).ok()).unwrap_or(USUAL);
        let (found, next) = match shared {
            true => of_others(&call, &filters, after.as_ref(), limit).await?,
            false => own(&call, &filters, after.as_ref(), limit).await?,
        };
        let parameters = Some(found.iter().map(|parameter| told(parameter)).collect());
        let next_token = next.map(|key| call.page_token(&binding, &key)).transpose()?;
        call.answer(wire::DescribeParametersResult { parameters, next_token }).await
    }

    fn example() -> Example {
        Example {
            world: &[("ssm:PutParameter", r#"{"Name": "/app/db", "Value": "one", "Type": "String"}"#, &[])],
            input: r#"{"MaxResults": 10}"#,
        }
    }
}

/// How many a page holds when the request does not say.
const USUAL: usize = 10;

type Page = (Vec<Arc<Parameter>>, Option<Key>);

async fn own(
    call: &Call<DescribeParameters>,
    filters: &[Filter],
    after: Option<&Key>,
    limit: usize,
) -> Result<Page, Failure> {
    let ranges = ranges(filters, call.here());
    let filter = |parameter: &Parameter| pass(filters, parameter);
    let filter: Option<&(dyn Fn(&Parameter) -> bool + Sync)> =
        if filters.is_empty() { None } else { Some(&filter) };
    let listed = page(call, &PARAMETERS, &ranges, after, limit, filter).await?;
    Ok((listed.items, listed.next))
}

/// Those of the parameters that name the caller's account in their policy, and are still there.
async fn of_others(
    call: &Call<DescribeParameters>,
    filters: &[Filter],
    after: Option<&Key>,
    limit: usize,
) -> Result<Page, Failure> {
    let range = SHARED.range(call.here());
    let mut rows = call.view().page(&SHARED, range, after, limit + 1).await?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let mut found = Vec::new();
    for (_, shared) in &rows {
        let scope = Scope::Region(shared.owner, call.region());
        let parameter = call.view().get(&PARAMETERS, scope, &shared.name).await?;
        found.extend(parameter.filter(|parameter| pass(filters, parameter)));
    }
    Ok((found, rows.pop().map(|(key, _)| key).filter(|_| more)))
}

fn told(parameter: &Parameter) -> wire::ParameterMetadata {
    let newest = &parameter.newest;
    wire::ParameterMetadata {
        name: Some(parameter.name.clone()),
        arn: Some(parameter.arn.to_string()),
        r#type: Some(newest.r#type),
        key_id: newest.key_id.clone(),
        last_modified_date: Some(newest.modified_at),
        last_modified_user: Some(newest.modified_by.clone()),
        description: newest.description.clone(),
        allowed_pattern: newest.allowed_pattern.clone(),
        version: i64::try_from(newest.number).ok(),
        tier: Some(newest.tier),
        policies: Some(newest.policies.iter().map(|policy| policy.told()).collect()),
        data_type: Some(newest.data_type.clone()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::test::{call, each, outcome, put, told, world};

    #[tokio::test]
    async fn parameters_are_described_without_their_values() {
        let world = world().await;
        let policies =
            r#"[{"Type":"NoChangeNotification","Version":"1.0","Attributes":{"After":"20","Unit":"Days"}}]"#;
        let input = json!({"Name": "/app/db", "Value": "hunter2", "Type": "SecureString", "Tier": "Advanced", "Description": "it", "AllowedPattern": ".+", "Policies": policies});
        let _ = call(&world, "PutParameter", input).await.ok();
        let answer = call(&world, "DescribeParameters", json!({})).await;
        insta::assert_snapshot!(world.told(&answer).await, @r#"
        200
        {
          "Parameters": [
            {
              "ARN": "arn:aws:ssm:us-east-1:111122223333:parameter/app/db",
              "AllowedPattern": ".+",
              "DataType": "text",
              "Description": "it",
              "KeyId": "alias/aws/ssm",
              "LastModifiedDate": 1795348800,
              "LastModifiedUser": "arn:aws:iam::111122223333:root",
              "Name": "/app/db",
              "Policies": [
                {
                  "PolicyStatus": "Pending",
                  "PolicyText": "{\"Type\":\"NoChangeNotification\",\"Version\":\"1.0\",\"Attributes\":{\"After\":\"20\",\"Unit\":\"Days\"}}",
                  "PolicyType": "NoChangeNotification"
                }
              ],
              "Tier": "Advanced",
              "Type": "SecureString",
              "Version": 1
            }
          ]
        }
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-78c9-802b-928abcf37a5a",
          "eventName": "DescribeParameters",
          "eventSource": "ssm.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": true,
          "recipientAccountId": "111122223333",
          "requestID": "d99a8588-26ab-4f78-b3c2-df888d5897c2",
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
    async fn filters_are_all_kept() {
        let world = world().await;
        for name in ["/app/db", "/app/db/user", "/app/dbx", "/web/db", "plain"] {
            put(&world, name, "v").await;
        }
        let tag = json!({"ResourceType": "Parameter", "ResourceId": "/web/db", "Tags": [{"Key": "team", "Value": "red"}]});
        let _ = call(&world, "AddTagsToResource", tag).await.ok();
        let _ = call(
            &world,
            "PutParameter",
            json!({"Name": "/web/pw", "Value": "v", "Type": "SecureString", "Tier": "Advanced"}),
        )
        .await
        .ok();
        let mut lines = Vec::new();
        for filters in [
            json!([{"Key": "Name", "Values": ["/app/db", "plain", "/none"]}]),
            json!([{"Key": "Name", "Option": "BeginsWith", "Values": ["/app/db"]}]),
            json!([{"Key": "Name", "Option": "BeginsWith", "Values": ["/app/", "pl"]}]),
            json!([{"Key": "Name", "Option": "Contains", "Values": ["db"]}]),
            json!([{"Key": "Path", "Values": ["/app"]}]),
            json!([{"Key": "Path", "Option": "Recursive", "Values": ["/app", "/web", "/app/db"]}]),
            json!([{"Key": "Path", "Option": "Recursive", "Values": ["/"]}, {"Key": "Type", "Values": ["SecureString"]}]),
            json!([{"Key": "tag:team", "Values": ["red", "blue"]}]),
            json!([{"Key": "Tier", "Values": ["Advanced"]}]),
            json!([{"Key": "DataType", "Values": ["text"]}, {"Key": "Name", "Values": ["/web/db"]}]),
            json!([{"Key": "KeyId", "Values": ["aws/ssm"]}]),
            json!([{"Key": "Label", "Values": ["live"]}]),
            json!([{"Key": "Path", "Values": ["/aws/service"]}]),
            json!([{"Key": "Path", "Option": "Equals", "Values": ["/app"]}]),
            json!([{"Key": "Name", "Option": "Like", "Values": ["/app"]}]),
        ] {
            let answer = call(&world, "DescribeParameters", json!({"ParameterFilters": filters})).await;
            let line = match answer.status {
                200 => each(&answer.json()["Parameters"], "Name").join(" "),
                _ => told(&answer),
            };
            lines.push(format!("{filters}: {line}"));
        }
        let older =
            json!({"Filters": [{"Key": "Name", "Values": ["/web"]}, {"Key": "Type", "Values": ["String"]}]});
        lines.push(
            each(&call(&world, "DescribeParameters", older).await.ok().json()["Parameters"], "Name")
                .join(" "),
        );
        insta::assert_snapshot!(lines.join("\n"), @r#"
        [{"Key":"Name","Values":["/app/db","plain","/none"]}]: plain /app/db
        [{"Key":"Name","Option":"BeginsWith","Values":["/app/db"]}]: /app/db /app/dbx /app/db/user
        [{"Key":"Name","Option":"BeginsWith","Values":["/app/","pl"]}]: plain /app/db /app/dbx /app/db/user
        [{"Key":"Name","Option":"Contains","Values":["db"]}]: /app/db /app/dbx /app/db/user /web/db
        [{"Key":"Path","Values":["/app"]}]: /app/db /app/dbx
        [{"Key":"Path","Option":"Recursive","Values":["/app","/web","/app/db"]}]: /app/db /app/dbx /app/db/user /web/db /web/pw
        [{"Key":"Path","Option":"Recursive","Values":["/"]},{"Key":"Type","Values":["SecureString"]}]: /web/pw
        [{"Key":"tag:team","Values":["red","blue"]}]: /web/db
        [{"Key":"Tier","Values":["Advanced"]}]: /web/pw
        [{"Key":"DataType","Values":["text"]},{"Key":"Name","Values":["/web/db"]}]: /web/db
        [{"Key":"KeyId","Values":["aws/ssm"]}]: /web/pw
        [{"Key":"Label","Values":["live"]}]: 400 InvalidFilterKey: The following filter key is not valid: Label. Valid filter keys include: [Path, Name, Type, KeyId, Tier].
        [{"Key":"Path","Values":["/aws/service"]}]: 400 ValidationException: Filters for common parameters can't be prefixed with "aws" or "ssm" (case-insensitive). When using global parameters, please specify within a global namespace.
        [{"Key":"Path","Option":"Equals","Values":["/app"]}]: 400 InvalidFilterOption: The following filter option is not valid: Equals. Valid options include: [Recursive, OneLevel].
        [{"Key":"Name","Option":"Like","Values":["/app"]}]: 400 InvalidFilterOption: The following filter option is not valid: Like. Valid options include: [BeginsWith, Equals].
        /web/db
        "#);
    }

    #[tokio::test]
    async fn pages_hold_every_parameter_once() {
        let world = world().await;
        for number in 0..25 {
            put(&world, &format!("/{}/{number}", number % 3), "v").await;
        }
        let mut input = json!({"MaxResults": 7});
        let mut names: Vec<String> = Vec::new();
        loop {
            let page: Value = call(&world, "DescribeParameters", input.clone()).await.ok().json();
            names.extend(each(&page["Parameters"], "Name").into_iter().map(str::to_owned));
            match page.get("NextToken") {
                Some(token) => input["NextToken"] = token.clone(),
                None => break,
            }
        }
        assert_eq!(names.len(), 25);
        names.sort();
        names.dedup();
        assert_eq!(names.len(), 25);
        let both = json!({"Filters": [], "ParameterFilters": []});
        assert!(outcome(&world, "DescribeParameters", both).await.starts_with("400 ValidationException"));
    }
}
