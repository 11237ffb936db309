//! The audit record of a call, in CloudTrail's format.
//! Source: CloudTrail User Guide, "CloudTrail record contents" and "CloudTrail userIdentity element", event version 1.11.

mod identity;
mod json;

use std::borrow::Cow;
use std::sync::Arc;

use alcazar_codec::record_json;
use alcazar_core::id::uuid_text;
use alcazar_core::schema::{self, OperationKind};
use alcazar_core::{AccountId, Arn, Common, EventClass, Fault, Region, Shape, Structured};
use alcazar_store::{Attribute, Frame, RecordClass, RecordEntry};

use crate::job::ServiceEvent;
use crate::{Caller, Guard, Input, Operation, Output, Principal, View};
use json::Object;

/// A resource as the record names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Subject {
    arn: Arn,
    owner: AccountId,
    kind: &'static str,
}

impl Subject {
    /// The subject of a guarded resource that has a type.
    pub(crate) fn of(guard: &Guard) -> Option<Self> {
        Some(Self { arn: guard.arn.clone()?, owner: guard.owner, kind: guard.kind? })
    }

    /// The subject that a change has made.
    pub(crate) fn made(kind: &'static str, arn: Arn, owner: AccountId) -> Self {
        Self { arn, owner, kind }
    }

    /// The subjects of all guarded resources, each once, however many rights are needed on it.
    pub(crate) fn of_all<'g>(guards: impl Iterator<Item = &'g Guard>) -> Arc<[Self]> {
        let mut subjects: Vec<Self> = Vec::new();
        for subject in guards.filter_map(Self::of) {
            if !subjects.contains(&subject) {
                subjects.push(subject);
            }
        }
        subjects.into()
    }
}

/// CloudTrail's code for a denial, whatever the service calls it.
const DENIED: &str = "AccessDenied";

/// What became of the call.
enum Outcome<'a> {
    Answered(&'a dyn Structured),
    Refused { code: &'a str, message: &'a str },
}

/// The records of a call that is about to be answered: the caller's, and one for each other account whose resource it used.
pub(crate) fn of_call<O: Operation>(
    view: &View,
    input: &Input<O>,
    output: &Output<O>,
    subjects: &[Subject],
) -> Vec<RecordEntry> {
    let event = Event::new(O::Shape::OPERATION, O::Shape::CLASS, Some(input), subjects);
    event.entries(view, &Outcome::Answered(output))
}

/// Records a refusal or failure, durably, and gives the fault back. If even that is impossible, the fault is that.
pub(crate) async fn refusal(
    view: &View,
    operation: &'static schema::Operation,
    class: EventClass,
    input: Option<&dyn Structured>,
    subjects: &[Subject],
    fault: Fault,
) -> Fault {
    let wire = fault.wire(operation.service);
    let code = if fault.is(Common::AccessDenied) { DENIED } else { wire.code };
    let event = Event::new(operation, class, input, subjects);
    let records = event.entries(view, &Outcome::Refused { code, message: fault.message() });
    match view.universe().store.append(Frame { records, ..Frame::default() }).await {
        Ok(_) => fault,
        Err(error) => {
            let message = "The call could not be recorded.";
            Fault::common(Common::ServiceUnavailable, message).caused_by(error)
        }
    }
}

/// The record of what a service did by itself.
pub(crate) fn of_service(view: &View, event: &ServiceEvent) -> RecordEntry {
    let circumstances = view.circumstances();
    let event_id = view.universe().event_id(circumstances.now);
    let id = uuid_text(&event_id);
    let owner = event.resource.as_ref().and_then(|(_, arn)| arn.account().parse().ok());
    let account: AccountId = owner.unwrap_or_else(|| view.account());
    let mut body = Object::new();
    body.text("eventVersion", "1.11");
    body.raw("userIdentity", |out| {
        let mut identity = Object::inside(out);
        identity.text("accountId", account.as_str());
        identity.text("invokedBy", event.source);
        identity.end();
    });
    body.text("eventTime", &circumstances.now.date_time_seconds());
    body.text("eventSource", event.source);
    body.text("eventName", event.name);
    body.text("awsRegion", circumstances.region.name());
    body.text("sourceIPAddress", event.source);
    body.text("userAgent", event.source);
    body.null("requestParameters");
    body.null("responseElements");
    body.text("eventID", &id);
    body.boolean("readOnly", false);
    let subjects: Vec<Subject> =
        event.resource.iter().map(|(kind, arn)| Subject::made(kind, arn.clone(), account)).collect();
    resources(&mut body, &subjects);
    body.text("eventType", "AwsServiceEvent");
    body.boolean("managementEvent", true);
    body.text("recipientAccountId", account.as_str());
    body.raw(details_member(event.source), |out| out.extend_from_slice(event.details.as_bytes()));
    body.text("eventCategory", "Management");
    let mut attributes = vec![
        (Attribute::EventId, id.into()),
        (Attribute::EventName, event.name.into()),
        (Attribute::ReadOnly, "false".into()),
        (Attribute::EventSource, event.source.into()),
    ];
    attribute_subjects(&mut attributes, &subjects);
    RecordEntry {
        class: RecordClass::Management,
        id: event_id,
        time: circumstances.now,
        account,
        region: circumstances.region,
        attributes,
        body: body.finish(),
    }
}

/// Under which name the details of a service's own event stand: CloudTrail's services do not agree.
/// Source: KMS Developer Guide, "CloudTrail log entries"; Secrets Manager User Guide, "Match Secrets Manager events with EventBridge".
fn details_member(source: &str) -> &'static str {
    match source {
        "secretsmanager.amazonaws.com" => "additionalEventData",
        _ => "serviceEventDetails",
    }
}

/// What is told of a call, before it is known for whom.
struct Event<'a> {
    operation: &'static schema::Operation,
    class: EventClass,
    input: Option<&'a dyn Structured>,
    subjects: &'a [Subject],
}

impl<'a> Event<'a> {
    fn new(
        operation: &'static schema::Operation,
        class: EventClass,
        input: Option<&'a dyn Structured>,
        subjects: &'a [Subject],
    ) -> Self {
        Self { operation, class, input, subjects }
    }

    fn entries(&self, view: &View, outcome: &Outcome<'_>) -> Vec<RecordEntry> {
        let caller = view.caller();
        let mut others: Vec<AccountId> = Vec::new();
        // A call that was denied stands in the caller's history alone: nobody writes into another account's without being let in.
        let denied = matches!(outcome, Outcome::Refused { code: DENIED, .. });
        for subject in self.subjects {
            if !denied && subject.owner != caller.account && !others.contains(&subject.owner) {
                others.push(subject.owner);
            }
        }
        let shared = (!others.is_empty()).then(|| view.universe().uuid());
        let mut entries = Vec::with_capacity(1 + others.len());
        entries.push(self.entry(view, caller.account, outcome, shared.as_deref()));
        entries.extend(others.into_iter().map(|owner| self.entry(view, owner, outcome, shared.as_deref())));
        entries
    }

    /// Where the event stands: global services tell their partition's own Region.
    fn region(&self, called: Region) -> Region {
        if self.operation.service.global { called.global() } else { called }
    }

    fn read_only(&self) -> bool {
        self.operation.kind != OperationKind::Write
    }

    fn tells_answer(&self) -> bool {
        self.operation.kind != OperationKind::Read
    }

    fn entry(
        &self,
        view: &View,
        recipient: AccountId,
        outcome: &Outcome<'_>,
        shared: Option<&str>,
    ) -> RecordEntry {
        let circumstances = view.circumstances();
        let event_id = view.universe().event_id(circumstances.now);
        let id = uuid_text(&event_id);
        let region = self.region(circumstances.region);
        let body = self.body(view, recipient, outcome, &id, shared).finish();
        RecordEntry {
            class: match self.class {
                EventClass::Management => RecordClass::Management,
                EventClass::Data => RecordClass::Data,
            },
            id: event_id,
            time: circumstances.now,
            account: recipient,
            region,
            attributes: self.attributes(view.caller(), id),
            body,
        }
    }

    fn body(
        &self,
        view: &View,
        recipient: AccountId,
        outcome: &Outcome<'_>,
        id: &str,
        shared: Option<&str>,
    ) -> Object<'static> {
        let circumstances = view.circumstances();
        let mut body = Object::new();
        body.text("eventVersion", "1.11");
        body.raw("userIdentity", |out| identity::write(out, view.caller(), recipient, circumstances));
        body.text("eventTime", &circumstances.now.date_time_seconds());
        body.text("eventSource", self.operation.service.principal);
        body.text("eventName", self.operation.name);
        body.text("awsRegion", self.region(circumstances.region).name());
        match circumstances.via.last() {
            Some(service) => body.text("sourceIPAddress", service),
            None => body.text("sourceIPAddress", &circumstances.source.to_string()),
        }
        body.text("userAgent", circumstances.via.last().copied().unwrap_or(&circumstances.user_agent));
        if let Outcome::Refused { code, message } = outcome {
            body.text("errorCode", code);
            if !message.is_empty() {
                body.text("errorMessage", message);
            }
        }
        match self.input {
            Some(input) => body.raw("requestParameters", |out| bounded(input, out)),
            None => body.null("requestParameters"),
        }
        match outcome {
            Outcome::Answered(output) if self.tells_answer() && !output.schema().members.is_empty() => {
                body.raw("responseElements", |out| bounded(*output, out));
            }
            _ => body.null("responseElements"),
        }
        body.text("requestID", &circumstances.request_id);
        body.text("eventID", id);
        body.boolean("readOnly", self.read_only());
        resources(&mut body, self.subjects);
        body.text("eventType", "AwsApiCall");
        body.boolean("managementEvent", self.class == EventClass::Management);
        body.text("recipientAccountId", recipient.as_str());
        if let Some(shared) = shared {
            body.text("sharedEventID", shared);
        }
        body.text("eventCategory", if self.class == EventClass::Management { "Management" } else { "Data" });
        if circumstances.secure && !circumstances.host.is_empty() {
            body.raw("tlsDetails", |out| {
                let mut tls = Object::inside(out);
                tls.text("clientProvidedHostHeader", &circumstances.host);
                tls.end();
            });
        }
        body
    }

    fn attributes(&self, caller: &Caller, id: String) -> Vec<(Attribute, Cow<'static, str>)> {
        let mut attributes = Vec::with_capacity(10);
        attributes.push((Attribute::EventId, id.into()));
        attributes.push((Attribute::EventName, self.operation.name.into()));
        attributes.push((Attribute::ReadOnly, if self.read_only() { "true" } else { "false" }.into()));
        attributes.push((Attribute::EventSource, self.operation.service.principal.into()));
        attributes.push((Attribute::Username, user_name(caller).to_owned().into()));
        if let Some(credential) = caller.credential() {
            attributes.push((Attribute::AccessKeyId, credential.access_key_id.clone().into()));
        }
        attribute_subjects(&mut attributes, self.subjects);
        attributes
    }
}

/// The most that parameters or elements take in a record; what is longer is left out, as CloudTrail does.
/// Source: CloudTrail User Guide, "CloudTrail record contents", requestParameters: 100 KB.
const LONGEST: usize = 100 * 1024;

fn bounded(value: &dyn Structured, out: &mut Vec<u8>) {
    let start = out.len();
    record_json(value, out);
    if out.len() - start > LONGEST {
        out.truncate(start);
        out.extend_from_slice(b"null");
    }
}

/// The name under which the event history finds a caller: the user's, the session's, `root`.
fn user_name(caller: &Caller) -> &str {
    match caller.principal() {
        Principal::Root => "root",
        Principal::User(user) => &user.name,
        Principal::Role { session, .. } | Principal::Federated { session, .. } => &session.name,
        Principal::Service(name) => name,
    }
}

fn attribute_subjects(attributes: &mut Vec<(Attribute, Cow<'static, str>)>, subjects: &[Subject]) {
    for subject in subjects {
        attributes.push((Attribute::ResourceType, subject.kind.into()));
        attributes.push((Attribute::ResourceName, subject.arn.as_str().to_owned().into()));
        if let Some((_, name)) = subject.arn.resource().rsplit_once('/') {
            attributes.push((Attribute::ResourceName, name.to_owned().into()));
        }
    }
}

fn resources(body: &mut Object, subjects: &[Subject]) {
    if subjects.is_empty() {
        return;
    }
    body.raw("resources", |out| {
        for (index, subject) in subjects.iter().enumerate() {
            out.push(if index == 0 { b'[' } else { b',' });
            let mut resource = Object::inside(out);
            resource.text("accountId", subject.owner.as_str());
            resource.text("type", subject.kind);
            resource.text("ARN", subject.arn.as_str());
            resource.end();
        }
        out.push(b']');
    });
}
