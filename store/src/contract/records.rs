//! Records: found by everything they can be looked up by, newest first, and apart from other accounts'.

use alcazar_core::{AccountId, Timestamp};

use super::{Subject, append, bodies, everything, promise, record, region};
use crate::{Attribute, Frame, RecordClass, RecordEntry, RecordQuery, Store};

pub(super) async fn all(subject: &dyn Subject) {
    attributes(&*subject.fresh().await).await;
    whose(&*subject.fresh().await).await;
    times(&*subject.fresh().await).await;
    pages(&*subject.fresh().await).await;
    forgetting(&*subject.fresh().await).await;
}

fn frame(records: impl IntoIterator<Item = RecordEntry>) -> Frame {
    Frame { records: records.into_iter().collect(), ..Frame::default() }
}

const ATTRIBUTES: [Attribute; 8] = [
    Attribute::EventId,
    Attribute::EventName,
    Attribute::ReadOnly,
    Attribute::Username,
    Attribute::ResourceType,
    Attribute::ResourceName,
    Attribute::EventSource,
    Attribute::AccessKeyId,
];

async fn attributes(store: &dyn Store) {
    promise(
        "the record of a call that was answered just before is found by every attribute, and by no other value",
    );
    for (second, attribute) in (1..).zip(ATTRIBUTES) {
        let attributes = ATTRIBUTES.map(|a| (a, if a == attribute { "this" } else { "other" }.into()));
        let entry = RecordEntry { attributes: attributes.into(), ..record(second, "x") };
        append(store, frame([entry.clone()])).await;
        let by = |value: &str| RecordQuery {
            attribute: Some((attribute, value.to_owned().into())),
            ..everything()
        };
        assert_eq!(bodies(store, &by("this")).await, [entry.body], "{attribute:?}");
        assert!(bodies(store, &by("thi")).await.is_empty(), "{attribute:?}");
    }
    promise("an attribute that a record has several times finds it by each value, once");
    let resources =
        ["arn:aws:kms:::key/1", "arn:aws:kms:::key/2"].map(|r| (Attribute::ResourceName, r.into()));
    append(store, frame([RecordEntry { attributes: resources.clone().into(), ..record(20, "y") }])).await;
    for attribute in resources {
        let query = RecordQuery { attribute: Some(attribute), ..everything() };
        assert_eq!(bodies(store, &query).await, [record(20, "y").body]);
    }
}

async fn whose(store: &dyn Store) {
    promise("a query sees its own class, account and Region alone");
    let mine = record(1, "x");
    let others = [
        RecordEntry { account: AccountId::from_number(7), ..record(2, "x") },
        RecordEntry { region: region("eu-west-2"), ..record(3, "x") },
        RecordEntry { class: RecordClass::Data, ..record(4, "x") },
        RecordEntry { class: RecordClass::Insight, ..record(5, "x") },
    ];
    append(store, frame(others.iter().cloned().chain([mine.clone()]))).await;
    let by_name = Some((Attribute::EventName, "x".into()));
    for attribute in [None, by_name] {
        for entry in others.iter().chain([&mine]) {
            let query = RecordQuery {
                class: entry.class,
                account: entry.account,
                region: Some(entry.region),
                attribute: attribute.clone(),
                ..everything()
            };
            assert_eq!(bodies(store, &query).await, std::slice::from_ref(&entry.body));
        }
    }
    promise(
        "a query of all Regions sees its own class and account in each of them, newest first, page by page",
    );
    append(store, frame([RecordEntry { region: region("us-east-1"), ..record(6, "x") }])).await;
    for attribute in [None, Some((Attribute::EventName, "x".into()))] {
        let mut query = RecordQuery { region: None, limit: 1, attribute, ..everything() };
        let mut walked = Vec::new();
        loop {
            let page = store.records(&query).await.unwrap();
            walked.extend(page.records.iter().map(|(_, body)| body.clone()));
            let Some((last, _)) = page.records.last().filter(|_| page.more) else { break };
            query.after = Some(*last);
        }
        assert_eq!(walked, [6, 1, 3].map(|second| record(second, "x").body));
        query.after = None;
        query.attribute = Some((Attribute::EventName, "y".into()));
        assert!(bodies(store, &query).await.is_empty());
    }
}

async fn times(store: &dyn Store) {
    promise("a time range includes both its ends, whatever the order in which the records came");
    for second in [5, 1, 3, 2, 4] {
        append(store, frame([record(second, "x")])).await;
    }
    let at = |second| Some(Timestamp::from_seconds(second));
    for (from, to, found) in [
        (at(2), at(4), vec![4, 2, 3]),
        (at(4), None, vec![4, 5]),
        (None, at(1), vec![1]),
        (at(9), None, vec![]),
        (at(4), at(2), vec![]),
    ] {
        let expected: Vec<_> = found.into_iter().map(|second| record(second, "x").body).collect();
        for attribute in [None, Some((Attribute::EventName, "x".into()))] {
            assert_eq!(bodies(store, &RecordQuery { from, to, attribute, ..everything() }).await, expected);
        }
    }
}

async fn pages(store: &dyn Store) {
    promise(
        "pages are newest first and continue below a cursor, also inside of a frame, while new records come in",
    );
    append(store, frame((1..=3).map(|second| record(second, "x")))).await;
    append(store, frame((4..=5).map(|second| record(second, if second == 4 { "y" } else { "x" })))).await;
    for (name, expected) in [(None, vec![5, 4, 3, 2, 1]), (Some("x"), vec![5, 3, 2, 1])] {
        let attribute = name.map(|name| (Attribute::EventName, name.into()));
        let mut query = RecordQuery { limit: 2, attribute, ..everything() };
        let mut walked = Vec::new();
        loop {
            let page = store.records(&query).await.unwrap();
            assert!(page.records.len() <= 2);
            walked.extend(page.records.iter().map(|(_, body)| body.clone()));
            let Some((last, _)) = page.records.last().filter(|_| page.more) else { break };
            query.after = Some(*last);
            append(store, frame([RecordEntry { class: RecordClass::Data, ..record(9, "x") }])).await;
        }
        let expected: Vec<_> =
            expected.into_iter().map(|s| record(s, if s == 4 { "y" } else { "x" }).body).collect();
        assert_eq!(walked, expected);
    }
    promise("a page that ends with the last record says so");
    let page = store.records(&RecordQuery { limit: 5, ..everything() }).await.unwrap();
    assert_eq!((page.records.len(), page.more), (5, false));
    assert!(store.records(&RecordQuery { limit: 4, ..everything() }).await.unwrap().more);
}

async fn forgetting(store: &dyn Store) {
    promise("forgetting takes no record that is not older, and no row");
    append(store, super::put("a", "1")).await;
    for second in 1..=5 {
        append(store, frame([record(second, "x")])).await;
    }
    let gone = store.forget_records(Timestamp::from_seconds(3)).await.unwrap();
    assert!(gone <= 2, "{gone} are gone");
    let query = RecordQuery { from: Some(Timestamp::from_seconds(3)), ..everything() };
    assert_eq!(bodies(store, &query).await.len(), 3);
    assert_eq!(bodies(store, &everything()).await.len(), 5 - usize::try_from(gone).unwrap());
    assert_eq!(super::value(store, "a").await, "1");
}
