//! What lists cost: rows that the store is asked for, among few secrets and among many.

use std::sync::Arc;
use std::time::Duration;

use alcazar_store::Frame;
use alcazar_store::engines::counting::CountingStore;
use alcazar_store::engines::memory::MemoryStore;
use alcazar_testkit::World;
use serde_json::{Value, json};

use super::super::Secret;
use super::super::order::{ORDERS, Place, places};
use super::super::row::SECRETS;

async fn counted() -> (World, Arc<CountingStore>) {
    let store = Arc::new(CountingStore::new(Arc::new(MemoryStore::new())));
    let services = [crate::SERVICE, alcazar_kms::SERVICE];
    (World::over(&services, store.clone(), 1).await, store)
}

async fn call(world: &World, operation: &str, input: &Value) -> Value {
    world.call(&format!("secretsmanager:{operation}"), &input.to_string()).await.ok().json()
}

/// A hundred secrets with values, a moment apart; the first is red.
async fn make(world: &World) {
    for number in 0..100 {
        let colour = if number == 0 { "red" } else { "blue" };
        let tags = json!([{"Key": "colour", "Value": colour}]);
        let input = json!({"Name": name(number), "SecretString": "v", "Tags": tags});
        call(world, "CreateSecret", &input).await;
        world.clock.advance(Duration::from_millis(10));
    }
}

/// The same again and again under further names, as rows: a call for each would take its time, and leaves just these.
async fn multiply(world: &World, until: usize) {
    let store = &world.corridor.universe().store;
    let first = store.scan(&SECRETS.everywhere(), 100).await.unwrap();
    let first: Vec<Arc<Secret>> =
        first.iter().map(|(_, row)| row.decoded(|stored| SECRETS.decode(stored)).unwrap()).collect();
    for hundred in 1..until / 100 {
        let mut frame = Frame::default();
        for (number, secret) in first.iter().enumerate() {
            let later = Duration::from_secs(hundred as u64);
            let secret = Secret {
                name: name(hundred * 100 + number),
                arn: secret.arn.as_str().replace("app/00", &format!("app/{hundred:03}")).parse().unwrap(),
                created_at: secret.created_at.plus(later),
                changed_at: secret.changed_at.plus(later),
                ..(**secret).clone()
            };
            frame
                .put
                .push((SECRETS.key(secret.scope(), secret.name.as_str()), SECRETS.encode(&secret).unwrap()));
            let place = ORDERS.encode(&Place { name: secret.name.clone() }).unwrap();
            frame.put.extend(places(&secret).map(|at| (ORDERS.key(secret.scope(), &at), place.clone())));
        }
        store.append(frame).await.unwrap();
    }
}

fn name(number: usize) -> String {
    format!("app/{number:05}")
}

/// The first pages of a list: what each told and what it read.
async fn pages(world: &World, store: &CountingStore, input: &Value) -> String {
    let (mut input, mut told) = (input.clone(), Vec::new());
    for _ in 0..3 {
        store.rows_read();
        let page = call(world, "ListSecrets", &input).await;
        told.push(format!("{} of {}", page["SecretList"].as_array().unwrap().len(), store.rows_read()));
        match page.get("NextToken") {
            Some(token) => input["NextToken"] = token.clone(),
            None => break,
        }
    }
    told.join(", ")
}

#[tokio::test]
async fn a_page_of_secrets_reads_what_it_holds_among_a_hundred_and_among_twenty_thousand() {
    let (world, store) = counted().await;
    make(&world).await;
    let unfiltered = [
        json!({"MaxResults": 20}),
        json!({"MaxResults": 20, "SortOrder": "desc"}),
        json!({"MaxResults": 20, "SortBy": "last-changed-date", "SortOrder": "desc"}),
        json!({"MaxResults": 20, "SortBy": "last-accessed-date"}),
        json!({"MaxResults": 20, "SortBy": "name"}),
        json!({"MaxResults": 20, "SortBy": "name", "SortOrder": "desc"}),
        json!({"MaxResults": 5, "Filters": [{"Key": "name", "Values": ["app/0001", "app/00020"]}]}),
        json!({"MaxResults": 5, "SortBy": "name", "Filters": [{"Key": "name", "Values": ["app/0001"]}]}),
    ];
    let values = json!({"Filters": [{"Key": "name", "Values": ["app/0001"]}], "MaxResults": 5});
    // The first read of a day notes the day.
    call(&world, "BatchGetSecretValue", &values).await;
    let costs = async || {
        let mut lines = Vec::new();
        for input in &unfiltered {
            lines.push(format!("{input}: {}", pages(&world, &store, input).await));
        }
        store.rows_read();
        let read =
            call(&world, "BatchGetSecretValue", &values).await["SecretValues"].as_array().unwrap().len();
        lines.push(format!("values, {values}: {read} of {}", store.rows_read()));
        lines
    };
    let among_few = costs().await;
    multiply(&world, 20_000).await;
    let among_many = costs().await;
    assert_eq!(among_few, among_many);
    insta::assert_snapshot!(among_many.join("\n"), @r#"
    {"MaxResults":20}: 20 of 44, 20 of 44, 20 of 44
    {"MaxResults":20,"SortOrder":"desc"}: 20 of 44, 20 of 44, 20 of 44
    {"MaxResults":20,"SortBy":"last-changed-date","SortOrder":"desc"}: 20 of 44, 20 of 44, 20 of 44
    {"MaxResults":20,"SortBy":"last-accessed-date"}: 20 of 44, 20 of 44, 20 of 44
    {"MaxResults":20,"SortBy":"name"}: 20 of 23, 20 of 23, 20 of 23
    {"MaxResults":20,"SortBy":"name","SortOrder":"desc"}: 20 of 23, 20 of 23, 20 of 23
    {"Filters":[{"Key":"name","Values":["app/0001","app/00020"]}],"MaxResults":5}: 5 of 13, 5 of 13, 1 of 13
    {"Filters":[{"Key":"name","Values":["app/0001"]}],"MaxResults":5,"SortBy":"name"}: 5 of 12, 5 of 12
    values, {"Filters":[{"Key":"name","Values":["app/0001"]}],"MaxResults":5}: 5 of 27
    "#);
    // What no order helps with is walked in bounded pages; no secret is left out and none comes twice.
    let red = json!({"Filters": [{"Key": "tag-value", "Values": ["red"]}]});
    let mut names = Vec::new();
    let (mut input, mut most) = (red.clone(), 0);
    loop {
        store.rows_read();
        let page = call(&world, "ListSecrets", &input).await;
        most = most.max(store.rows_read());
        names.extend(page["SecretList"].as_array().unwrap().iter().map(|secret| secret["Name"].clone()));
        match page.get("NextToken") {
            Some(token) => input["NextToken"] = token.clone(),
            None => break,
        }
    }
    assert_eq!(names, (0..200).map(|hundred| json!(name(hundred * 100))).collect::<Vec<_>>());
    // A place and a secret for each that is looked at, a batch that was read ahead, and the caller's own rows.
    assert!(most <= 2 * (1000 + 100) + 10, "{most} rows for a page");
}
