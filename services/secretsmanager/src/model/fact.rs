//! What happens to secrets, as EventBridge will tell it: a label that moves is an event of its own; what the service does by itself comes to the
//! bus as the event history has it. Calls come there from the event history too, and are not told again.
//! Source: Secrets Manager User Guide, "Secret event notifications", "CloudTrail entries", "Match Secrets Manager events with EventBridge".

use alcazar_corridor::{Failure, ServiceEvent, Tx};
use alcazar_facts::BusEvent;
use alcazar_store::Fact;
use serde_json::{Value, json};

use super::{KIND, PENDING, PREVIOUS, Secret, Version};

/// The kinds of events.
const LABEL_UPDATED: &str = "Secret Label Updated";
const SERVICE_EVENT: &str = "AWS Service Event via CloudTrail";

const SOURCE: &str = "secretsmanager.amazonaws.com";

/// Records and tells what the service has done by itself with a secret, under CloudTrail's name. `further` are members of the details
/// beside the secret's ARN: an object, or nothing.
pub(crate) fn happened(
    tx: &mut Tx<'_>,
    secret: &Secret,
    name: &'static str,
    further: Value,
) -> Result<(), Failure> {
    let mut details = json!({ "SecretId": secret.arn });
    if let (Value::Object(details), Value::Object(further)) = (&mut details, further) {
        details.extend(further);
    }
    tx.record(ServiceEvent {
        source: SOURCE,
        name,
        resource: Some((KIND, secret.arn.clone())),
        details: details.to_string(),
    });
    let detail = json!({ "eventSource": SOURCE, "eventName": name, "additionalEventData": details });
    tell(tx, secret, SERVICE_EVENT, &detail)
}

/// Tells which labels are at another version than before. AWS leaves out those of versions in the making and of versions before.
/// That a replica's are told in its own Region is guessed.
pub(super) fn tell_labels(tx: &mut Tx<'_>, before: Option<&Secret>, now: &Secret) -> Result<(), Failure> {
    let labelled = |version: &Version| {
        version.stages.iter().map(|stage| (stage.clone(), version.id.clone())).collect::<Vec<_>>()
    };
    for (stage, version_id) in now.versions.iter().flat_map(labelled) {
        let told = ![PENDING, PREVIOUS].contains(&stage.as_str());
        if told && before.and_then(|before| before.holder(&stage)) != Some(version_id.as_str()) {
            let detail = json!({ "name": now.name, "labelUpdated": stage, "versionId": version_id });
            tell(tx, now, LABEL_UPDATED, &detail)?;
        }
    }
    Ok(())
}

fn tell(tx: &mut Tx<'_>, secret: &Secret, detail_type: &'static str, detail: &Value) -> Result<(), Failure> {
    let event = BusEvent::of("aws.secretsmanager", detail_type, &secret.arn, tx.now(), detail);
    let body = event.body().map_err(Failure::internal)?;
    tx.tell(Fact { name: event.detail_type, body: body.into() });
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use alcazar_facts::BusEvent;
    use alcazar_store::Position;
    use alcazar_testkit::World;
    use serde_json::{Value, json};

    use crate::test::{call, secret, token, world};

    /// What was told since that position.
    async fn told(world: &World, since: &mut Position) -> String {
        let facts = world.corridor.universe().store.facts(*since, 1000).await.unwrap();
        let mut lines = Vec::new();
        for (position, fact) in facts {
            *since = position;
            let event = BusEvent::read(&fact.body).unwrap();
            assert_eq!((event.source.as_str(), &event.detail_type), ("aws.secretsmanager", &fact.name));
            lines.push(format!("{} {}: {}", fact.name, event.resources[0], event.detail));
        }
        lines.join("\n")
    }

    #[tokio::test]
    async fn labels_that_move_are_told_and_those_that_stay_are_not() {
        let (world, mut since) = (world().await, Position(0));
        secret(&world, "app/db").await;
        let put = |letter, stages: Value| {
            let input = json!({"SecretId": "app/db", "SecretString": "hunter2", "ClientRequestToken": token(letter), "VersionStages": stages});
            call(&world, "PutSecretValue", input)
        };
        let _ = put('2', json!(["AWSCURRENT", "mine"])).await.ok();
        let _ = put('3', json!(["AWSPENDING"])).await.ok();
        let described = json!({"SecretId": "app/db", "Description": "another"});
        let _ = call(&world, "UpdateSecret", described).await.ok();
        let moved = json!({"SecretId": "app/db", "VersionStage": "AWSCURRENT", "MoveToVersionId": token('1'), "RemoveFromVersionId": token('2')});
        let _ = call(&world, "UpdateSecretVersionStage", moved).await.ok();
        insta::assert_snapshot!(told(&world, &mut since).await, @r#"
        Secret Label Updated arn:aws:secretsmanager:us-east-1:111122223333:secret:app/db-QAIxhI: {"labelUpdated":"AWSCURRENT","name":"app/db","versionId":"11111111111111111111111111111111"}
        Secret Label Updated arn:aws:secretsmanager:us-east-1:111122223333:secret:app/db-QAIxhI: {"labelUpdated":"AWSCURRENT","name":"app/db","versionId":"22222222222222222222222222222222"}
        Secret Label Updated arn:aws:secretsmanager:us-east-1:111122223333:secret:app/db-QAIxhI: {"labelUpdated":"mine","name":"app/db","versionId":"22222222222222222222222222222222"}
        Secret Label Updated arn:aws:secretsmanager:us-east-1:111122223333:secret:app/db-QAIxhI: {"labelUpdated":"AWSCURRENT","name":"app/db","versionId":"11111111111111111111111111111111"}
        "#);
    }

    #[tokio::test]
    async fn a_deletion_is_told_from_its_beginning_to_its_end() {
        let (world, mut since) = (world().await, Position(0));
        secret(&world, "app/db").await;
        let _ = told(&world, &mut since).await;
        let named = json!({"SecretId": "app/db"});
        for operation in ["DeleteSecret", "RestoreSecret", "DeleteSecret"] {
            let _ = call(&world, operation, named.clone()).await.ok();
        }
        assert_eq!(world.pass(Duration::from_secs(30 * 86_400)).await, 1);
        insta::assert_snapshot!(told(&world, &mut since).await, @r#"
        AWS Service Event via CloudTrail arn:aws:secretsmanager:us-east-1:111122223333:secret:app/db-QAIxhI: {"additionalEventData":{"SecretId":"arn:aws:secretsmanager:us-east-1:111122223333:secret:app/db-QAIxhI"},"eventName":"StartSecretVersionDelete","eventSource":"secretsmanager.amazonaws.com"}
        AWS Service Event via CloudTrail arn:aws:secretsmanager:us-east-1:111122223333:secret:app/db-QAIxhI: {"additionalEventData":{"SecretId":"arn:aws:secretsmanager:us-east-1:111122223333:secret:app/db-QAIxhI"},"eventName":"CancelSecretVersionDelete","eventSource":"secretsmanager.amazonaws.com"}
        AWS Service Event via CloudTrail arn:aws:secretsmanager:us-east-1:111122223333:secret:app/db-QAIxhI: {"additionalEventData":{"SecretId":"arn:aws:secretsmanager:us-east-1:111122223333:secret:app/db-QAIxhI"},"eventName":"StartSecretVersionDelete","eventSource":"secretsmanager.amazonaws.com"}
        AWS Service Event via CloudTrail arn:aws:secretsmanager:us-east-1:111122223333:secret:app/db-QAIxhI: {"additionalEventData":{"SecretId":"arn:aws:secretsmanager:us-east-1:111122223333:secret:app/db-QAIxhI"},"eventName":"EndSecretVersionDelete","eventSource":"secretsmanager.amazonaws.com"}
        "#);
    }

    #[tokio::test]
    async fn a_version_that_goes_for_another_is_told() {
        let (world, mut since) = (world().await, Position(0));
        secret(&world, "app/db").await;
        for number in 2..=100 {
            let input = json!({"SecretId": "app/db", "SecretString": "v", "ClientRequestToken": format!("{number:032}")});
            let _ = call(&world, "PutSecretValue", input).await.ok();
        }
        world.clock.advance(Duration::from_secs(2 * 86_400));
        let _ = told(&world, &mut since).await;
        let input = json!({"SecretId": "app/db", "SecretString": "v", "ClientRequestToken": token('n')});
        let _ = call(&world, "PutSecretValue", input).await.ok();
        insta::assert_snapshot!(told(&world, &mut since).await, @r#"
        AWS Service Event via CloudTrail arn:aws:secretsmanager:us-east-1:111122223333:secret:app/db-QAIxhI: {"additionalEventData":{"SecretId":"arn:aws:secretsmanager:us-east-1:111122223333:secret:app/db-QAIxhI","VersionId":"11111111111111111111111111111111"},"eventName":"SecretVersionDeletion","eventSource":"secretsmanager.amazonaws.com"}
        Secret Label Updated arn:aws:secretsmanager:us-east-1:111122223333:secret:app/db-QAIxhI: {"labelUpdated":"AWSCURRENT","name":"app/db","versionId":"nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn"}
        "#);
    }
}
