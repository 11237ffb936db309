//! GetParametersByPath: the parameters of a level of the hierarchy with their values, and of all levels below it if the request wants them.
//!
//! Who may call it on a path sees everything below it, whatever is denied of its single parameters. A page costs what it holds, however many
//! parameters there are; one that filters may hold fewer than it could. The order is that of the directories, which AWS does not promise.
//! Source: Systems Manager API reference, `GetParametersByPath`; User Guide, "Working with parameter hierarchies".

use std::sync::Arc;

use alcazar_corridor::{
    Call, Committed, Example, Failure, Guard, Input, Located, Operation, Output, Refusal, View,
};
use alcazar_store::{Key, Scope};
use wire_ssm::{self as wire, InvalidNextToken};

use crate::model::{
    Filter, Name, Of, PARAMETERS, PUBLIC, Parameter, PublicParameter, ROOT, checked_filters, checked_path,
    label, page, pass, pass_public, range, told, told_public,
};

pub(crate) struct GetParametersByPath;

impl Operation for GetParametersByPath {
    type Shape = wire::GetParametersByPath;
    type Target = ();

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let public = checked_path(&input.path).is_ok_and(|path| path.starts_with(ROOT));
        let account = if public { String::new() } else { view.account().into() };
        let guard = Guard::new(Name::of(&input.path).arn(view, &account), view.account());
        let recursive = input.recursive.unwrap_or(false).to_string();
        let keys = wire::GetParametersByPathKeys { recursive };
        Ok(Located::new(()).need(wire::actions::GET_PARAMETERS_BY_PATH, guard, keys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let input = call.input();
        let path = checked_path(&input.path)?;
        let filters = checked_filters(input.parameter_filters.as_deref().unwrap_or_default(), Of::Path)?;
        let recursive = input.recursive == Some(true);
        let binding = format!("{path}/{recursive}/{filters:?}");
        let after = match &input.next_token {
            None => None,
            Some(token) => Some(call.page_after(&binding, token).ok_or_else(no_token)?),
        };
        let limit =
            input.max_results.and_then(|most| usize::try_from(most).ok()).unwrap_or(MOST).clamp(1, MOST);
        let asked = Asked { path: &path, recursive, filters: &filters, after: after.as_ref(), limit };
        let (parameters, next) = match path.starts_with(ROOT) {
            true => public(&call, &asked).await?,
            false => own(&call, &asked).await?,
        };
        let next_token = next.map(|key| call.page_token(&binding, &key)).transpose()?;
        call.answer(wire::GetParametersByPathResult { parameters: Some(parameters), next_token }).await
    }

    fn example() -> Example {
        Example {
            world: &[("ssm:PutParameter", r#"{"Name": "/app/db", "Value": "one", "Type": "String"}"#, &[])],
            input: r#"{"Path": "/app", "MaxResults": 10}"#,
        }
    }
}

/// How many a page holds when the request does not say, and at most.
const MOST: usize = 10;

struct Asked<'a> {
    /// With a slash at its end.
    path: &'a str,
    recursive: bool,
    filters: &'a [Filter],
    after: Option<&'a Key>,
    limit: usize,
}

type Page = (Vec<wire::Parameter>, Option<Key>);

fn no_token() -> InvalidNextToken {
    InvalidNextToken::new("The specified token isn't valid.")
}

async fn own(
    call: &Call<GetParametersByPath>,
    asked: &Asked<'_>,
) -> Result<Page, Refusal<wire::GetParametersByPath>> {
    let ranges = [range(&PARAMETERS, call.here(), asked.path, asked.recursive)];
    let filter = |parameter: &Parameter| pass(asked.filters, parameter);
    let filter: Option<&(dyn Fn(&Parameter) -> bool + Sync)> =
        if asked.filters.is_empty() { None } else { Some(&filter) };
    let listed = page(call, &PARAMETERS, &ranges, asked.after, asked.limit, filter).await?;
    let decrypt = call.input().with_decryption == Some(true);
    let mut parameters = Vec::with_capacity(listed.items.len());
    for parameter in &listed.items {
        let number = labelled(parameter, label(asked.filters)).unwrap_or(parameter.newest.number);
        // A version that has gone since its row was read is told as nothing.
        if let Some(version) = parameter.version(number, call.view()).await? {
            parameters.push(told(call, parameter, &version, None, decrypt).await?);
        }
    }
    Ok((parameters, listed.next))
}

/// The version with one of these labels.
fn labelled(parameter: &Arc<Parameter>, labels: Option<&[String]>) -> Option<u64> {
    labels?.iter().find_map(|label| parameter.labels.get(label).copied())
}

async fn public(call: &Call<GetParametersByPath>, asked: &Asked<'_>) -> Result<Page, Failure> {
    let ranges = [range(&PUBLIC, Scope::Installation, asked.path, asked.recursive)];
    // What is published elsewhere is not there.
    let filter = |parameter: &PublicParameter| {
        parameter.value(call.region()).is_some() && pass_public(asked.filters, parameter)
    };
    let listed = page(call, &PUBLIC, &ranges, asked.after, asked.limit, Some(&filter)).await?;
    let parameters = listed.items.iter().filter_map(|parameter| told_public(call, parameter, None));
    Ok((parameters.collect(), listed.next))
}

#[cfg(test)]
mod tests {
    use alcazar_testkit::World;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use crate::test::{call, each, outcome, put, told, user, user_with, world};

    /// All pages of a list.
    async fn all(world: &World, mut input: Value) -> Vec<String> {
        let mut names = Vec::new();
        loop {
            let page = call(world, "GetParametersByPath", input.clone()).await.ok().json();
            let held = each(&page["Parameters"], "Name");
            assert!(held.len() as u64 <= input["MaxResults"].as_u64().unwrap_or(10));
            names.extend(held.into_iter().map(str::to_owned));
            match page.get("NextToken") {
                Some(token) => input["NextToken"] = token.clone(),
                None => return names,
            }
        }
    }

    #[tokio::test]
    async fn a_level_is_told_with_its_record() {
        let world = world().await;
        for name in ["/app/a", "/app/b/c", "/apple", "plain"] {
            put(&world, name, "v").await;
        }
        let answer = call(&world, "GetParametersByPath", json!({"Path": "/app"})).await;
        insta::assert_snapshot!(world.told(&answer).await, @r#"
        200
        {
          "Parameters": [
            {
              "ARN": "arn:aws:ssm:us-east-1:111122223333:parameter/app/a",
              "DataType": "text",
              "LastModifiedDate": 1795348800,
              "Name": "/app/a",
              "Type": "String",
              "Value": "v",
              "Version": 1
            }
          ]
        }
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-79f2-aac6-99747ca2f13c",
          "eventName": "GetParametersByPath",
          "eventSource": "ssm.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": true,
          "recipientAccountId": "111122223333",
          "requestID": "22db33e5-6085-4d94-8f9c-714dc43efc37",
          "requestParameters": {
            "path": "/app"
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
        let names = |path: &str, recursive: bool| all(&world, json!({"Path": path, "Recursive": recursive}));
        assert_eq!(names("/app/", true).await, ["/app/a", "/app/b/c"]);
        assert_eq!(names("/", false).await, ["/apple", "plain"]);
        assert_eq!(names("/", true).await, ["/apple", "plain", "/app/a", "/app/b/c"]);
        assert_eq!(names("/app/b/c", true).await, Vec::<String>::new());
    }

    #[tokio::test]
    async fn filters_let_through_what_they_name() {
        let world = world().await;
        for (name, kind) in [("/f/a", "String"), ("/f/b", "StringList"), ("/f/c", "SecureString")] {
            let _ =
                call(&world, "PutParameter", json!({"Name": name, "Value": "v", "Type": kind})).await.ok();
        }
        put(&world, "/f/a", "w").await;
        let label = json!({"Name": "/f/a", "ParameterVersion": 1, "Labels": ["live"]});
        let _ = call(&world, "LabelParameterVersion", label).await.ok();
        let mut lines = Vec::new();
        for filter in [
            json!({"Key": "Type", "Values": ["StringList", "SecureString"]}),
            json!({"Key": "Type", "Option": "BeginsWith", "Values": ["String"]}),
            json!({"Key": "KeyId", "Values": ["alias/aws/ssm"]}),
            json!({"Key": "Label", "Values": ["live"]}),
            json!({"Key": "Label", "Option": "BeginsWith", "Values": ["li"]}),
            json!({"Key": "Type", "Values": ["Text"]}),
            json!({"Key": "Type", "Option": "Contains", "Values": ["String"]}),
            json!({"Key": "Type"}),
            json!({"Key": "Name", "Values": ["/f/a"]}),
            json!({"Key": "tag:x", "Values": ["y"]}),
            json!({"Key": "Nonsense", "Values": ["y"]}),
        ] {
            let input = json!({"Path": "/f", "ParameterFilters": [filter]});
            let answer = call(&world, "GetParametersByPath", input).await;
            let line = match answer.status {
                200 => {
                    let json = answer.json();
                    let told = |it: &Value| format!("{}={}", it["Name"], it["Version"]);
                    json["Parameters"].as_array().unwrap().iter().map(told).collect::<Vec<_>>().join(" ")
                }
                _ => told(&answer),
            };
            lines.push(format!("{filter}: {line}"));
        }
        let twice = json!([{"Key": "Type", "Values": ["String"]}, {"Key": "Type", "Values": ["String"]}]);
        lines.push(
            outcome(&world, "GetParametersByPath", json!({"Path": "/f", "ParameterFilters": twice})).await,
        );
        insta::assert_snapshot!(lines.join("\n"), @r#"
        {"Key":"Type","Values":["StringList","SecureString"]}: "/f/b"=1 "/f/c"=1
        {"Key":"Type","Option":"BeginsWith","Values":["String"]}: "/f/a"=2 "/f/b"=1
        {"Key":"KeyId","Values":["alias/aws/ssm"]}: "/f/c"=1
        {"Key":"Label","Values":["live"]}: "/f/a"=1
        {"Key":"Label","Option":"BeginsWith","Values":["li"]}: 400 InvalidFilterOption: The following filter option is not valid: BeginsWith. Valid options include: [Equals].
        {"Key":"Type","Values":["Text"]}: 400 InvalidFilterOption: The following filter value is not valid: Text. Valid values include: [String, StringList, SecureString].
        {"Key":"Type","Option":"Contains","Values":["String"]}: 400 InvalidFilterOption: The following filter option is not valid: Contains. Valid options include: [BeginsWith, Equals].
        {"Key":"Type"}: 400 InvalidFilterValue: The following filter values are missing : null for filter key Type
        {"Key":"Name","Values":["/f/a"]}: 400 InvalidFilterKey: The following filter key is not valid: Name. Valid filter keys include: [Type, KeyId].
        {"Key":"tag:x","Values":["y"]}: 400 InvalidFilterKey: The following filter key is not valid: tag:x. Valid filter keys include: [Type, KeyId].
        {"Key":"Nonsense","Values":["y"]}: 400 ValidationException: 1 validation error detected: Value 'Nonsense' at 'parameterFilters.1.member.key' failed to satisfy constraint: Member must satisfy regular expression pattern: ^(tag:.+|Name|Type|KeyId|Path|Label|Tier|DataType)$
        400 InvalidFilterKey: The following filter is duplicated in the request: Type. A request can contain only one occurrence of a specific filter.
        "#);
    }

    #[tokio::test]
    async fn a_page_looks_at_no_more_than_it_may_and_the_next_goes_on() {
        let world = world().await;
        for number in 0..1100 {
            put(&world, &format!("/many/{number:04}"), "v").await;
        }
        let list = json!({"Name": "/many/1099", "Value": "v", "Type": "StringList", "Overwrite": true});
        let _ = call(&world, "PutParameter", list).await.ok();
        let filters = json!([{"Key": "Type", "Values": ["StringList"]}]);
        let input = json!({"Path": "/many", "ParameterFilters": filters});
        let first = call(&world, "GetParametersByPath", input.clone()).await.ok().json();
        assert_eq!(first["Parameters"], json!([]));
        assert!(first["NextToken"].is_string());
        assert_eq!(all(&world, input).await, ["/many/1099"]);
    }

    #[tokio::test]
    async fn public_parameters_are_read_where_they_are_published() {
        use crate::model::catalogue::{Catalogue, publish};

        let world = world().await;
        let named = |name: &str, more: Value| {
            let mut published = json!({"name": format!("/aws/service/{name}")});
            published.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            published
        };
        let catalogue = json!({"parameters": [
            named("a/one", json!({"value": "1"})),
            named("a/list", json!({"value": "1,2", "type": "StringList"})),
            named("a/elsewhere", json!({"regions": {"eu-west-1": "1"}})),
            named("b", json!({"value": "2"})),
        ]});
        let catalogue: Catalogue = serde_json::from_value(catalogue).unwrap();
        let universe = world.corridor.universe();
        publish(&*universe.store, &catalogue, universe.clock.now()).await.unwrap();
        let names = |path: &str, recursive: bool| {
            all(&world, json!({"Path": path, "Recursive": recursive, "MaxResults": 1}))
        };
        assert_eq!(
            names("/aws/service", true).await,
            ["/aws/service/b", "/aws/service/a/list", "/aws/service/a/one"]
        );
        assert_eq!(names("/aws/service/", false).await, ["/aws/service/b"]);
        assert_eq!(names("/", true).await, Vec::<String>::new());
        let filters = json!([{"Key": "Type", "Values": ["StringList"]}]);
        let lists = all(&world, json!({"Path": "/aws/service/a", "ParameterFilters": filters})).await;
        assert_eq!(lists, ["/aws/service/a/list"]);
        let ann = user(
            &world,
            "ann",
            &[("ssm:GetParametersByPath", "arn:aws:ssm:us-east-1::parameter/aws/service")],
        )
        .await;
        let input = json!({"Path": "/aws/service"}).to_string();
        assert_eq!(told(&world.call_as(&ann, "ssm:GetParametersByPath", &input).await), "200");
    }

    #[tokio::test]
    async fn a_token_is_good_for_its_list_alone() {
        let world = world().await;
        for name in ["/t/a", "/t/b", "/u/a"] {
            put(&world, name, "v").await;
        }
        let first = call(&world, "GetParametersByPath", json!({"Path": "/t", "MaxResults": 1})).await.ok();
        let token = first.text("/NextToken");
        for (path, token) in [("/u", token.as_str()), ("/t", "nonsense")] {
            let told =
                outcome(&world, "GetParametersByPath", json!({"Path": path, "NextToken": token})).await;
            assert_eq!(told, "400 InvalidNextToken: The specified token isn't valid.");
        }
        let path = outcome(&world, "GetParametersByPath", json!({"Path": "t"})).await;
        assert!(path.starts_with("400 ValidationException: The parameter doesn't meet"), "{path}");
    }

    #[tokio::test]
    async fn who_may_a_path_sees_what_is_below_it() {
        let world = world().await;
        put(&world, "/a/b/c", "v").await;
        let arn = "arn:aws:ssm:us-east-1:111122223333:parameter/a";
        let statements = json!([
            {"Effect": "Allow", "Action": "ssm:GetParametersByPath", "Resource": arn},
            {"Effect": "Deny", "Action": "ssm:*", "Resource": format!("{arn}/b/c")},
        ]);
        let ann = user_with(&world, "ann", statements).await;
        let shallow = json!([
            {"Effect": "Allow", "Action": "ssm:GetParametersByPath", "Resource": "*"},
            {"Effect": "Deny", "Action": "ssm:GetParametersByPath", "Resource": "*", "Condition": {"StringEquals": {"ssm:Recursive": ["true"]}}},
        ]);
        let bob = user_with(&world, "bob", shallow).await;
        let carl = user(&world, "carl", &[("ssm:GetParametersByPath", &format!("{arn}/*"))]).await;
        let mut lines = Vec::new();
        for (who, credentials) in [("ann", &ann), ("bob", &bob), ("carl", &carl)] {
            for (path, recursive) in [("/a", true), ("/a", false), ("/a/b", false)] {
                let input = json!({"Path": path, "Recursive": recursive}).to_string();
                let answer = world.call_as(credentials, "ssm:GetParametersByPath", &input).await;
                let line = match answer.status {
                    200 => each(&answer.json()["Parameters"], "Name").join(" "),
                    _ => told(&answer).chars().take(40).collect(),
                };
                lines.push(format!("{who} {path} {recursive}: {line}"));
            }
        }
        insta::assert_snapshot!(lines.join("\n"), @"
        ann /a true: /a/b/c
        ann /a false: 
        ann /a/b false: 400 AccessDeniedException: User: arn:aws
        bob /a true: 400 AccessDeniedException: User: arn:aws
        bob /a false: 
        bob /a/b false: /a/b/c
        carl /a true: 400 AccessDeniedException: User: arn:aws
        carl /a false: 400 AccessDeniedException: User: arn:aws
        carl /a/b false: /a/b/c
        ");
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
        #[test]
        fn pages_hold_every_parameter_of_a_path_once(
            names in proptest::collection::btree_set("(/[ab.]{1,2}){1,4}", 1..24),
            path in "(/[ab.]{1,2}){0,2}/?",
            recursive in any::<bool>(),
            limit in 1..4_u32,
        ) {
            let path = if path.is_empty() { "/".to_owned() } else { path };
            let inside = |name: &String| {
                let start = format!("{}/", path.trim_end_matches('/'));
                name.strip_prefix(&start).is_some_and(|rest| recursive || !rest.contains('/'))
            };
            let expected: Vec<String> = names.iter().filter(|name| inside(name)).cloned().collect();
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            let listed = runtime.block_on(async {
                let world = world().await;
                for name in &names {
                    put(&world, name, "v").await;
                }
                all(&world, json!({"Path": path, "Recursive": recursive, "MaxResults": limit})).await
            });
            let mut sorted = listed.clone();
            sorted.sort();
            prop_assert_eq!(sorted, expected);
        }
    }
}
