//! What the tests of the operations share.

use alcazar_core::{SecretText, Shape};
use alcazar_corridor::Operation;
use alcazar_directory::USAGE;
pub(crate) use alcazar_directory::Usage;
use alcazar_store::{Frame, Scope};
use alcazar_testkit::{Answer, Credentials, World};

/// A world in which these calls were made.
pub(crate) async fn world(calls: &[(&str, &str)]) -> World {
    let world = World::of(&[crate::SERVICE]).await;
    for (operation, input) in calls {
        done(&world, operation, input).await;
    }
    world
}

/// Makes a call as root that must succeed.
pub(crate) async fn done(world: &World, operation: &str, input: &str) {
    let answer = world.call(&format!("iam:{operation}"), input).await;
    assert_eq!(answer.status, 200, "{operation}: {}", answer.body);
}

/// The operation's example: the answer and its record as text, with what is random left out.
pub(crate) async fn example<O: Operation>() -> String {
    let example = O::example();
    let world = World::of(&[crate::SERVICE]).await;
    let mut kept: Vec<(String, String)> = Vec::new();
    for (operation, input, keep) in example.world {
        let answer = world.call(operation, &filled(input, &kept)).await.ok();
        kept.extend(keep.iter().map(|(name, pointer)| (format!("${{{name}}}"), answer.text(pointer))));
    }
    let operation = format!("iam:{}", O::Shape::OPERATION.name);
    let answer = world.call(&operation, &filled(example.input, &kept)).await;
    without_chance(&world.told(&answer).await)
}

/// `404 NoSuchEntity: The user with name bob cannot be found.`
pub(crate) fn refusal(answer: &Answer) -> String {
    assert_ne!(answer.status, 200, "{}", answer.body);
    format!("{} {}: {}", answer.status, answer.text("/Code"), answer.text("/Message"))
}

/// Makes the call as root and tells its refusal.
pub(crate) async fn refused(world: &World, operation: &str, input: &str) -> String {
    refusal(&world.call(&format!("iam:{operation}"), input).await)
}

/// Makes the call as root and gives the texts of every element of that name.
pub(crate) async fn texts(world: &World, operation: &str, input: &str, element: &str) -> Vec<String> {
    let answer = world.call(&format!("iam:{operation}"), input).await.ok();
    let (open, close) = (format!("<{element}>"), format!("</{element}>"));
    let after = answer.body.split(&open).skip(1);
    after.map(|rest| rest.split(&close).next().unwrap_or_default().to_owned()).collect()
}

/// Makes an access key of that user, and gives the credentials.
pub(crate) async fn key_of(world: &World, user: &str) -> Credentials {
    let answer = world.call("iam:CreateAccessKey", &format!(r#"{{"UserName":"{user}"}}"#)).await.ok();
    Credentials {
        access_key_id: answer.text("/AccessKeyId"),
        secret: SecretText::new(answer.text("/SecretAccessKey")),
        token: None,
    }
}

/// Has the account use so much of its quotas.
pub(crate) async fn full(world: &World, usage: Usage) {
    let key = USAGE.key(Scope::Account("111122223333".parse().unwrap()), "");
    let put = vec![(key, USAGE.encode(&usage).unwrap())];
    world.corridor.universe().store.append(Frame { put, ..Frame::default() }).await.unwrap();
}

fn filled(input: &str, kept: &[(String, String)]) -> String {
    kept.iter().fold(input.to_owned(), |input, (name, value)| input.replace(name, value))
}

/// Random ids, secrets and page tokens give way to what they are, so that a golden changes with what is told alone.
fn without_chance(text: &str) -> String {
    let mut told = String::with_capacity(text.len());
    for word in words(text) {
        let prefix = word.get(..4).unwrap_or_default();
        let unique = word.len() == 20 && ["AIDA", "AGPA", "AROA", "ANPA", "AKIA"].contains(&prefix);
        if unique && !word.starts_with("AKIAROOT") && !word.starts_with("ANPAALCAZAR") {
            told.push_str(&format!("{prefix}(id)"));
        } else if word.len() == 36 && word.split('-').map(str::len).eq([8, 4, 4, 4, 12]) {
            told.push_str("(uuid)");
        } else {
            told.push_str(word);
        }
    }
    for (element, instead) in [("SecretAccessKey", "(secret)"), ("Marker", "(token)")] {
        told = replaced(&told, element, instead);
    }
    told
}

/// The text cut where letters, digits and hyphens begin or end.
fn words(text: &str) -> Vec<&str> {
    let inside = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let mut words = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let end = rest.find(|c| inside(c) != inside(first)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        words.push(word);
        rest = after;
    }
    words
}

fn replaced(text: &str, element: &str, instead: &str) -> String {
    let (open, close) = (format!("<{element}>"), format!("</{element}>"));
    let Some((before, rest)) = text.split_once(&open) else { return text.to_owned() };
    let (_, after) = rest.split_once(&close).unwrap();
    format!("{before}{open}{instead}{close}{after}")
}
