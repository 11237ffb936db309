//! Tests that every operation has without a line written for it, from the registry: denied unsigned, denied without a policy,
//! malformed, and recorded.

use alcazar_core::schema::{Kind, Member};
use alcazar_corridor::{Entry, ServiceEntry};
use alcazar_directory::{USERS, User};
use alcazar_store::engines::faults::FaultPlan;
use alcazar_store::{Frame, Scope};
use serde_json::{Map, Value};

use crate::{Answer, Credentials, World};

/// Runs the derived checks for every operation of the services and returns their outcome as text, one line an operation, for a golden.
///
/// # Panics
/// When an operation can be reached unsigned, answers a user without a policy though its model names an action, lets a broken
/// constraint pass, leaves no record of just this call, or tells anything when the store takes no write.
pub async fn derived(services: &[ServiceEntry]) -> String {
    let mut lines = Vec::new();
    for service in services {
        for entry in service.operations {
            lines.push(one(services, entry).await);
        }
    }
    lines.join("\n")
}

async fn one(services: &[ServiceEntry], entry: &Entry) -> String {
    let mut world = World::of(services).await;
    let name = format!("{}:{}", entry.operation.service.id, entry.operation.name);
    let input = world.example(entry).await;
    let unsigned = unsigned(&world, &name, &input).await;
    let nobody = nobody(&world).await;
    let denied = world.call_as(&nobody, &name, &input).await;
    assert_eq!(denied.status != 200, !entry.actions.is_empty(), "{name} for nobody: {}", denied.body);
    recorded(&world, entry, &denied).await;
    let malformed = malformed(&world, entry, &name, &input).await;
    unwritable(&world, services, &name, &input).await;
    let answered = world.call(&name, &input).await;
    recorded(&world, entry, &answered).await;
    format!(
        "{name}: unsigned {}, nobody {}, malformed {malformed}, root {}",
        code(&unsigned),
        code(&denied),
        code(&answered)
    )
}

/// The newest record must be of this operation and tell the same outcome.
async fn recorded(world: &World, entry: &Entry, answer: &Answer) {
    let record: Value = serde_json::from_str(&world.records(1).await).expect("a record");
    let name = entry.operation.name;
    assert_eq!(record["requestID"], answer.request_id, "{name}: not recorded: {record}");
    assert_eq!(record["eventName"], name, "{name}: recorded as another: {record}");
    assert_eq!(
        record.get("errorCode").is_some(),
        answer.status != 200,
        "{name}: recorded otherwise: {record}"
    );
}

/// Breaks each constraint of the input's members, one at a time; every such call must be refused with 400, and recorded.
/// How many there were.
async fn malformed(world: &World, entry: &Entry, name: &str, input: &str) -> usize {
    let example: Map<String, Value> = serde_json::from_str(input).expect("an object");
    let mut broken = Vec::new();
    for member in entry.operation.input.members {
        if member.required {
            let mut input = example.clone();
            input.remove(member.name);
            broken.push((format!("without {}", member.name), input));
        }
        for (what, value) in violations(member) {
            let mut input = example.clone();
            input.insert(member.name.to_owned(), value);
            broken.push((format!("{} {what}", member.name), input));
        }
    }
    for (what, input) in &broken {
        let answer = world.call(name, &Value::Object(input.clone()).to_string()).await;
        let code = code(&answer);
        assert!(code.starts_with("400 Validation"), "{name} {what}: {code}: {}", answer.body);
        recorded(world, entry, &answer).await;
    }
    broken.len()
}

/// Values that break the constraints of a member's type.
fn violations(member: &Member) -> Vec<(&'static str, Value)> {
    let shape = member.shape;
    let mut values = Vec::new();
    match shape.kind {
        Kind::String => {
            if !shape.enumeration.is_empty() {
                values.push(("of no known value", Value::from("no-such-value")));
            }
            if let Some(max) = shape.max.filter(|max| *max < 100_000) {
                values.push(("too long", Value::from("x".repeat(max as usize + 1))));
            }
            if shape.min.is_some_and(|min| min > 0) {
                values.push(("empty", Value::from("")));
            }
        }
        Kind::Integer | Kind::Long => {
            values.extend(shape.max.map(|max| ("too great", Value::from(max.saturating_add(1)))));
            values.extend(shape.min.map(|min| ("too small", Value::from(min.saturating_sub(1)))));
        }
        _ => {}
    }
    values
}

async fn unsigned(world: &World, name: &str, input: &str) -> Answer {
    let mut arrival = world.arrival(&world.root, name, input);
    arrival.headers.remove("authorization");
    let answer = world.send(arrival).await;
    let code = code(&answer);
    assert!(code.starts_with("403 MissingAuthenticationToken"), "{name} unsigned: {code}");
    answer
}

/// Over a store that refuses every write the call is answered by that alone: what it found, made or opened is not told, for no record of it
/// could be written.
async fn unwritable(world: &World, services: &[ServiceEntry], name: &str, input: &str) {
    let refusing = FaultPlan { refuse: 1000, ..FaultPlan::default() };
    let (refusing, _) = world.failing(services, refusing, 1);
    let answer = refusing.call(name, input).await;
    let code = code(&answer);
    assert!(code.starts_with("503 ServiceUnavailable"), "{name} without a record: {code}: {}", answer.body);
    let message = "The call could not be recorded.";
    if answer.body.starts_with('<') {
        let told = (answer.text("/Message"), answer.body.matches("</").count());
        // ErrorResponse, Error, Type, Code, Message, RequestId.
        assert_eq!(told, (message.to_owned(), 6), "{name} without a record: {}", answer.body);
    } else {
        let told: Vec<(String, Value)> =
            answer.json().as_object().expect("an object").clone().into_iter().collect();
        let whole =
            [("__type".to_owned(), "ServiceUnavailable".into()), ("message".to_owned(), message.into())];
        assert_eq!(told, whole, "{name} without a record");
    }
}

/// A user without any policy.
async fn nobody(world: &World) -> Credentials {
    let universe = world.corridor.universe();
    let account = "111122223333".parse().expect("an account id");
    let user = User {
        name: "nobody".to_owned(),
        path: "/".to_owned(),
        id: "AIDANOBODYNOBODYNOBO".to_owned(),
        arn: "arn:aws:iam::111122223333:user/nobody".parse().expect("an ARN"),
        created_at: universe.clock.now(),
        tags: Default::default(),
        permissions_boundary: None,
        groups: Vec::new(),
        attached: Vec::new(),
        inline: Default::default(),
        access_keys: vec!["AKIANOBODYNOBODYNOBO".to_owned()],
    };
    let put = vec![(USERS.key(Scope::Account(account), "nobody"), USERS.encode(&user).expect("encoded"))];
    universe.store.append(Frame { put, ..Frame::default() }).await.expect("the user is made");
    crate::world::user_key(universe, account, "nobody", "AIDANOBODYNOBODYNOBO", "AKIANOBODYNOBODYNOBO").await
}

fn code(answer: &Answer) -> String {
    if answer.status == 200 {
        return "200".to_owned();
    }
    let code = if answer.body.starts_with('<') { answer.text("/Code") } else { answer.text("/__type") };
    format!("{} {code}", answer.status)
}
