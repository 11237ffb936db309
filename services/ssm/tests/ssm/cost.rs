//! What lists cost: rows that the store is asked for.

use std::sync::Arc;

use alcazar_store::engines::counting::CountingStore;
use alcazar_store::engines::memory::MemoryStore;
use alcazar_testkit::World;
use serde_json::{Value, json};

async fn counted() -> (World, Arc<CountingStore>) {
    let store = Arc::new(CountingStore::new(Arc::new(MemoryStore::new())));
    (World::over(&[alcazar_ssm::SERVICE], store.clone(), 1).await, store)
}

async fn put(world: &World, name: &str) {
    let input = json!({"Name": name, "Value": "v", "Type": "String"});
    let _ = world.call("ssm:PutParameter", &input.to_string()).await.ok();
}

#[tokio::test]
async fn a_page_of_a_path_reads_what_it_holds_however_many_there_are() {
    let (world, store) = counted().await;
    for number in 0..600 {
        put(&world, &format!("/app/deep/{number:04}")).await;
        put(&world, &format!("/app/deep/{number:04}/child")).await;
        put(&world, &format!("/zoo/{number:04}")).await;
    }
    for number in 0..15 {
        put(&world, &format!("/app/{number:02}")).await;
    }
    let mut lines = Vec::new();
    for (path, recursive) in [("/app", false), ("/app", true), ("/zoo", true), ("/", false), ("/none", true)]
    {
        let mut input = json!({"Path": path, "Recursive": recursive});
        for page in 1..=3 {
            store.rows_read();
            let answer: Value = world.call("ssm:GetParametersByPath", &input.to_string()).await.ok().json();
            let held = answer["Parameters"].as_array().unwrap().len();
            let scanned = store.rows_read();
            lines.push(format!("{path} {recursive} page {page}: {held} told, {scanned} read"));
            match answer.get("NextToken") {
                Some(token) => input["NextToken"] = token.clone(),
                None => break,
            }
        }
    }
    for filter in [
        json!({"Key": "Name", "Values": ["/zoo/0300", "/zoo/0301"]}),
        json!({"Key": "Name", "Option": "BeginsWith", "Values": ["/zoo/030"]}),
        json!({"Key": "Path", "Values": ["/app"]}),
    ] {
        store.rows_read();
        let input = json!({"ParameterFilters": [filter], "MaxResults": 50});
        let answer = world.call("ssm:DescribeParameters", &input.to_string()).await.ok().json();
        let (held, scanned) = (answer["Parameters"].as_array().unwrap().len(), store.rows_read());
        lines.push(format!("{filter}: {held} told, {scanned} read"));
    }
    insta::assert_snapshot!(lines.join("\n"), @r#"
    /app false page 1: 10 told, 13 read
    /app false page 2: 5 told, 7 read
    /app true page 1: 10 told, 13 read
    /app true page 2: 10 told, 13 read
    /app true page 3: 10 told, 13 read
    /zoo true page 1: 10 told, 13 read
    /zoo true page 2: 10 told, 13 read
    /zoo true page 3: 10 told, 13 read
    / false page 1: 0 told, 2 read
    /none true page 1: 0 told, 2 read
    {"Key":"Name","Values":["/zoo/0300","/zoo/0301"]}: 2 told, 4 read
    {"Key":"Name","Option":"BeginsWith","Values":["/zoo/030"]}: 10 told, 12 read
    {"Key":"Path","Values":["/app"]}: 15 told, 17 read
    "#);
}

/// The first pages of a list: what each told and what it read.
async fn pages(world: &World, store: &CountingStore, operation: &str, asked: &Value) -> String {
    let (mut input, mut told) = (asked.clone(), Vec::new());
    for _ in 0..3 {
        store.rows_read();
        let page: Value = world.call(&format!("ssm:{operation}"), &input.to_string()).await.ok().json();
        told.push(format!("{} of {}", page["Parameters"].as_array().unwrap().len(), store.rows_read()));
        match page.get("NextToken") {
            Some(token) => input["NextToken"] = token.clone(),
            None => break,
        }
    }
    format!("{operation} {asked}: {}", told.join(", "))
}

#[tokio::test]
async fn a_page_costs_the_same_among_a_hundred_parameters_and_among_twenty_thousand() {
    let (world, store) = counted().await;
    let lists = [
        ("DescribeParameters", json!({"MaxResults": 20})),
        (
            "DescribeParameters",
            json!({"MaxResults": 5, "ParameterFilters": [{"Key": "Name", "Option": "BeginsWith", "Values": ["/app/000"]}]}),
        ),
        ("GetParametersByPath", json!({"Path": "/app", "MaxResults": 10})),
        ("GetParametersByPath", json!({"Path": "/", "Recursive": true, "MaxResults": 10})),
        ("GetParameterHistory", json!({"Name": "/app/00007", "MaxResults": 3})),
    ];
    let costs = async || {
        let mut lines = Vec::new();
        for (operation, input) in &lists {
            lines.push(pages(&world, &store, operation, input).await);
        }
        lines
    };
    for _ in 0..8 {
        let version = json!({"Name": "/app/00007", "Value": "v", "Type": "String", "Overwrite": true});
        let _ = world.call("ssm:PutParameter", &version.to_string()).await.ok();
    }
    let tier = |number: usize| if number < 10_000 { "Standard" } else { "Advanced" };
    let make = async |numbers: std::ops::Range<usize>| {
        for number in numbers.filter(|number| *number != 7) {
            let input = json!({"Name": format!("/app/{number:05}"), "Value": "v", "Type": "String", "Tier": tier(number)});
            let _ = world.call("ssm:PutParameter", &input.to_string()).await.ok();
        }
    };
    make(0..100).await;
    let among_few = costs().await;
    make(100..20_000).await;
    assert_eq!(costs().await, among_few);
    insta::assert_snapshot!(among_few.join("\n"), @r#"
    DescribeParameters {"MaxResults":20}: 20 of 23, 20 of 23, 20 of 23
    DescribeParameters {"MaxResults":5,"ParameterFilters":[{"Key":"Name","Option":"BeginsWith","Values":["/app/000"]}]}: 5 of 8, 5 of 8, 5 of 8
    GetParametersByPath {"MaxResults":10,"Path":"/app"}: 10 of 13, 10 of 13, 10 of 13
    GetParametersByPath {"MaxResults":10,"Path":"/","Recursive":true}: 10 of 13, 10 of 13, 10 of 13
    GetParameterHistory {"MaxResults":3,"Name":"/app/00007"}: 3 of 7, 3 of 7, 2 of 5
    "#);
    // What no order helps with is walked in bounded pages.
    store.rows_read();
    let advanced = json!({"ParameterFilters": [{"Key": "Tier", "Values": ["Advanced"]}]});
    let page = world.call("ssm:DescribeParameters", &advanced.to_string()).await.ok().json();
    let read = store.rows_read();
    assert!(page["Parameters"] == json!([]) && page.get("NextToken").is_some(), "{page}");
    assert!(read <= 1000 + 100, "{read} rows for a page");
}
