//! The condition keys of a request, each computed when a policy asks for it.
//! Source: IAM User Guide, "AWS global condition context keys".

use alcazar_core::{ConditionKeys, KeyValue};
use alcazar_policy::{Context, Value, Values};

use crate::{Guard, Held, Principal, View};

/// What one decision may ask about: the caller, the circumstances, the resource, and what the request supplies.
pub(crate) struct RequestContext<'a> {
    pub(crate) view: &'a View,
    pub(crate) resource: &'a Guard,
    pub(crate) keys: &'a dyn ConditionKeys,
    pub(crate) request_tags: &'a [(String, String)],
    pub(crate) tag_keys: &'a [String],
}

impl Context for RequestContext<'_> {
    fn get(&self, key: &str) -> Option<Values<'_>> {
        match key.split_once(':') {
            Some(("aws", name)) => self.global(name),
            Some((_, name)) => self.of_service(key, name),
            None => None,
        }
    }
}

impl<'a> RequestContext<'a> {
    fn global(&'a self, name: &str) -> Option<Values<'a>> {
        if let Some((family, tag)) = name.split_once('/') {
            return self.tag(family, tag);
        }
        let caller = self.view.caller();
        let circumstances = self.view.circumstances();
        let direct = circumstances.via.is_empty();
        Some(match name {
            "currenttime" => Values::One(Value::Time(circumstances.now.millis())),
            "epochtime" => circumstances.now.seconds().into(),
            "requestedregion" => circumstances.region.name().into(),
            "securetransport" => circumstances.secure.into(),
            "sourceip" if direct => circumstances.source.into(),
            "useragent" if !circumstances.user_agent.is_empty() => circumstances.user_agent.as_str().into(),
            "viaawsservice" => (!direct).into(),
            "calledvia" if !direct => circumstances.via.iter().copied().collect(),
            "calledviafirst" => (*circumstances.via.first()?).into(),
            "calledvialast" => (*circumstances.via.last()?).into(),
            "resourceaccount" => self.resource.owner.to_string().into(),
            "principalarn" => caller.principal_arn().as_str().into(),
            "principalaccount" => caller.account().to_string().into(),
            "principaltype" => principal_type(caller.principal()).into(),
            "userid" => caller.user_id().into_owned().into(),
            "username" => match caller.principal() {
                Principal::User(user) => user.name.as_str().into(),
                _ => return None,
            },
            "principalisawsservice" => matches!(caller.principal(), Principal::Service(_)).into(),
            "principalservicename" => match caller.principal() {
                Principal::Service(name) => (*name).into(),
                _ => return None,
            },
            "tagkeys" => self.tag_keys()?,
            _ => return self.of_session(name),
        })
    }

    fn of_session(&'a self, name: &str) -> Option<Values<'a>> {
        let session = self.view.caller().session()?;
        let now = self.view.now();
        Some(match name {
            "tokenissuetime" => Values::One(Value::Time(session.issued_at.millis())),
            "multifactorauthpresent" => session.mfa_at.is_some().into(),
            "multifactorauthage" => (now.since(session.mfa_at?).as_secs() as i64).into(),
            "sourceidentity" => session.source_identity.as_deref()?.into(),
            _ => return None,
        })
    }

    fn tag(&'a self, family: &str, tag: &str) -> Option<Values<'a>> {
        match family {
            "resourcetag" => self.resource.tags.condition(tag).map(Into::into),
            "requesttag" => {
                // As with the tags of a resource: where two keys differ in case alone, neither counts.
                let mut named = self.request_tags.iter().filter(|(key, _)| key.eq_ignore_ascii_case(tag));
                match (named.next(), named.next()) {
                    (Some((_, value)), None) => Some(value.as_str().into()),
                    _ => None,
                }
            }
            "principaltag" => self.principal_tag(tag).map(Into::into),
            _ => None,
        }
    }

    /// Session tags come before the role's or user's own tags of the same key.
    fn principal_tag(&self, tag: &str) -> Option<&str> {
        let caller = self.view.caller();
        let of_session = caller.session().and_then(|session| session.tags.condition(tag));
        of_session.or_else(|| match caller.principal() {
            Principal::User(user) => user.tags.condition(tag),
            Principal::Role { role, .. } => role.tags.condition(tag),
            Principal::Federated { user, .. } => user.as_ref().and_then(|user| user.tags.condition(tag)),
            Principal::Root | Principal::Service(_) => None,
        })
    }

    fn tag_keys(&self) -> Option<Values<'_>> {
        let keys = self.request_tags.iter().map(|(key, _)| key.as_str());
        let mut all = keys.chain(self.tag_keys.iter().map(String::as_str)).peekable();
        all.peek()?;
        Some(all.collect())
    }

    fn of_service(&'a self, key: &str, name: &str) -> Option<Values<'a>> {
        if let Some(value) = self.keys.get(key) {
            return Some(values(value));
        }
        if let Some((_, held)) = self.resource.keys.iter().find(|(known, _)| *known == key) {
            return Some(match held {
                Held::Word(word) => (*word).into(),
                Held::Texts(texts) => texts.iter().map(String::as_str).collect(),
            });
        }
        match (key, name.split_once('/')) {
            ("kms:viaservice", _) => self.via_service().map(Into::into),
            ("kms:calleraccount", _) => Some(self.view.caller().account().to_string().into()),
            // iam:ResourceTag/..., ec2:ResourceTag/...: the resource's tags under the service's own name.
            (_, Some(("resourcetag", tag))) => self.resource.tags.condition(tag).map(Into::into),
            _ => None,
        }
    }

    fn via_service(&self) -> Option<String> {
        let circumstances = self.view.circumstances();
        let service = circumstances.via.last()?.split('.').next()?;
        Some(format!("{service}.{}.amazonaws.com", circumstances.region))
    }
}

fn values(value: KeyValue<'_>) -> Values<'_> {
    match value {
        KeyValue::Text(text) => text.into(),
        KeyValue::Texts(texts) => texts.iter().map(String::as_str).collect(),
        KeyValue::Boolean(value) => value.into(),
        KeyValue::Number(number) => number.into(),
        KeyValue::Time(time) => Values::One(Value::Time(time.millis())),
    }
}

fn principal_type(principal: &Principal) -> &'static str {
    match principal {
        Principal::Root => "Account",
        Principal::User(_) => "User",
        Principal::Role { .. } => "AssumedRole",
        Principal::Federated { .. } => "FederatedUser",
        Principal::Service(_) => "Service",
    }
}
