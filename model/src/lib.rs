//! Every operation of every service that we know, built or not, from the reduced models embedded in the program.
//!
//! An operation that is not built yet is still authenticated, decoded, validated, authorised and recorded before it is
//! answered with 501. For that its request is all that must be known: the tables made here have no answers (their output
//! is [`UNIT`](alcazar_core::schema::UNIT)) and no errors. For what is built, the tables in `wire/` are the whole ones.
//!
//! The services are static. A service's operations are unpacked when first asked for, and stay: their number is fixed.

mod build;
mod packed;
mod recursive;
mod services;

use std::sync::OnceLock;

use alcazar_core::schema::{Operation, Service};

use crate::build::Built;

/// All services. Costs nothing.
pub fn services() -> &'static [&'static Service] {
    services::SERVICES
}

/// All operations of a service, by name. Unpacked at the first call. Empty for a service that is none of [`services`].
pub fn operations(service: &Service) -> &'static [&'static Operation] {
    built(service).map_or(&[], |built| built.operations.as_slice())
}

/// The operation of that name, if the service has it.
pub fn operation(service: &Service, name: &str) -> Option<&'static Operation> {
    let operations = operations(service);
    let at = operations.binary_search_by(|operation| operation.name.cmp(name)).ok()?;
    operations.get(at).copied()
}

/// The IAM actions that an operation of these may need, the main one first; empty where no policy is asked.
pub fn actions(operation: &Operation) -> &'static [&'static str] {
    let Some(built) = built(operation.service) else { return &[] };
    let at = built.operations.binary_search_by(|known| known.name.cmp(operation.name));
    at.ok().and_then(|at| built.actions.get(at)).copied().unwrap_or_default()
}

fn built(service: &Service) -> Option<&'static Built> {
    static BUILT: OnceLock<Vec<OnceLock<Built>>> = OnceLock::new();
    let all = BUILT.get_or_init(|| services::SERVICES.iter().map(|_| OnceLock::new()).collect());
    let at = services::SERVICES.iter().position(|known| known.id == service.id)?;
    let (own, data) = (services::SERVICES.get(at)?, services::DATA.get(at)?);
    Some(all.get(at)?.get_or_init(|| build::build(own, data)))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use alcazar_core::schema::{Kind, OperationKind, Pattern, Shape, Structure};

    use super::*;

    fn known(service: &str, name: &str) -> &'static Operation {
        let service = services().iter().find(|known| known.id == service).unwrap();
        operation(service, name).unwrap()
    }

    #[test]
    fn every_service_unpacks_and_every_pattern_compiles() {
        for service in services() {
            let operations = operations(service);
            let names: Vec<&str> = operations.iter().map(|operation| operation.name).collect();
            assert_eq!(names, published(service.id), "{}", service.id);
            let mut seen = BTreeSet::new();
            operations.iter().for_each(|operation| walk(operation.input, &mut seen));
        }
    }

    /// The operations of the model that the data was packed from, sorted.
    fn published(service: &str) -> Vec<String> {
        let path = format!("{}/../models/services/{service}.json", env!("CARGO_MANIFEST_DIR"));
        let model: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        model["operations"].as_object().unwrap().keys().cloned().collect()
    }

    fn walk(structure: &'static Structure, seen: &mut BTreeSet<usize>) {
        if !seen.insert(std::ptr::from_ref(structure).addr()) {
            return;
        }
        structure.members.iter().for_each(|member| walk_shape(member.shape, seen));
    }

    fn walk_shape(shape: &'static Shape, seen: &mut BTreeSet<usize>) {
        assert!(shape.pattern.is_none_or(Pattern::compiles), "{} {:?}", shape.name, shape.pattern);
        match &shape.kind {
            Kind::Structure(structure) => walk(structure, seen),
            Kind::List(element) => walk_shape(element.shape, seen),
            Kind::Map(key, value) => [key, value].iter().for_each(|member| walk_shape(member.shape, seen)),
            _ => {}
        }
    }

    #[test]
    fn an_operation_has_its_request_its_kind_and_its_actions() {
        let put = known("s3", "PutObject");
        assert_eq!((put.method, put.uri, put.kind), ("PUT", "/{Bucket}/{Key+}", OperationKind::Write));
        let body = put.input.index_of("Body").and_then(|at| put.input.members.get(at)).unwrap();
        assert!(body.shape.streaming && put.input.payload == put.input.index_of("Body"));
        assert_eq!(actions(known("kms", "ReEncrypt")), ["kms:ReEncryptFrom", "kms:ReEncryptTo"]);
        assert_eq!(actions(known("ec2", "DescribeVpcs")), ["ec2:DescribeVpcs"]);
        assert_eq!(actions(known("sts", "GetCallerIdentity")), [""; 0]);
    }

    #[test]
    fn a_shape_may_contain_itself() {
        let create = known("wafv2", "CreateRuleGroup");
        let rules = create.input.members.iter().find(|member| member.name == "Rules").unwrap();
        let Kind::List(rule) = &rules.shape.kind else { panic!("Rules is no list") };
        let Kind::Structure(rule) = rule.shape.kind else { panic!("a rule is no structure") };
        let statement = rule.members.iter().find(|member| member.name == "Statement").unwrap();
        let Kind::Structure(statement) = statement.shape.kind else { panic!("a statement is no structure") };
        let not = statement.members.iter().find(|member| member.name == "NotStatement").unwrap();
        let Kind::Structure(not) = not.shape.kind else { panic!("a negation is no structure") };
        let Kind::Structure(inner) = not.members[0].shape.kind else { panic!("nothing is negated") };
        assert!(std::ptr::eq(inner, statement));
    }
}
