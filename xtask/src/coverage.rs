//! `cargo xtask coverage`: which operations are built, of all that the models know.
//!
//! The rest is known and answered with 501. `models/implemented/` stands for the registry here; `cargo xtask tidy` proves
//! that the two are equal, so that the page cannot lie.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::models::Everything;
use crate::wire::built;
use crate::{Outcome, root};

/// Runs the command.
pub(crate) fn run(arguments: &[String]) -> Outcome {
    let markdown = match arguments {
        [] => false,
        [flag] if flag == "--markdown" => true,
        _ => return Err("it takes nothing, or --markdown".into()),
    };
    let services = services(&crate::models::read()?)?;
    print!("{}", if markdown { page(&services) } else { table(&services) });
    Ok(())
}

/// A service's operations, each list in order.
#[derive(Debug)]
struct Service {
    id: String,
    built: Vec<String>,
    known: Vec<String>,
}

impl Service {
    fn total(&self) -> usize {
        self.built.len() + self.known.len()
    }
}

fn services(everything: &Everything) -> Outcome<Vec<Service>> {
    let listed = built(&root().join("models"))?;
    let nothing = BTreeSet::new();
    let of = |(id, operations): (&String, _)| {
        let done = listed.get(id).unwrap_or(&nothing);
        Service::of(id, operations, done)
    };
    everything.models.iter().map(|(id, model)| (id, model.operations.keys().collect())).map(of).collect()
}

impl Service {
    fn of(id: &str, operations: Vec<&String>, done: &BTreeSet<String>) -> Outcome<Self> {
        if let Some(stray) = done.iter().find(|name| !operations.contains(name)) {
            return Err(format!("{id} has no operation {stray}, which is listed as built").into());
        }
        let (built, known) = operations.into_iter().cloned().partition(|name| done.contains(name));
        Ok(Self { id: id.to_owned(), built, known })
    }
}

/// The counts, and what is built, for a terminal.
fn table(services: &[Service]) -> String {
    let mut out = String::from("service                   built  known, 501  of\n");
    for service in services {
        let _ = writeln!(out, "{}", row(&service.id, service.built.len(), service.known.len()));
    }
    let (built, known) = sums(services);
    let _ = writeln!(out, "{}", row("all", built, known));
    for service in services.iter().filter(|service| !service.built.is_empty()) {
        let _ = writeln!(out, "\n{}: {}", service.id, service.built.join(", "));
    }
    out
}

fn row(name: &str, built: usize, known: usize) -> String {
    format!("{name:<25} {built:>5} {known:>11} {:>3}", built + known)
}

fn sums(services: &[Service]) -> (usize, usize) {
    let sum = |list: fn(&Service) -> usize| services.iter().map(list).sum();
    (sum(|service| service.built.len()), sum(|service| service.known.len()))
}

/// The page with every operation by name.
fn page(services: &[Service]) -> String {
    let (built, known) = sums(services);
    let mut out = format!(
        "# Coverage\n\nOf {} operations of {} services {built} are built. The others are known: a call to one is \
         authenticated, authorised,\nvalidated and recorded, and answered with HTTP 501 `NotImplementedException`. \
         Printed by `cargo xtask coverage --markdown`.\n\n| service | built | known, 501 | of |\n| --- | ---: | ---: | ---: |\n",
        built + known,
        services.len()
    );
    for service in services {
        let counts = (service.built.len(), service.known.len(), service.total());
        let _ = writeln!(out, "| {} | {} | {} | {} |", service.id, counts.0, counts.1, counts.2);
    }
    let _ = writeln!(out, "| **all** | **{built}** | **{known}** | **{}** |", built + known);
    for service in services {
        let _ = writeln!(out, "\n## {}", service.id);
        for (title, list) in [("Built", &service.built), ("Known, 501", &service.known)] {
            if !list.is_empty() {
                let _ = writeln!(out, "\n{title}: {}.", list.join(", "));
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn service(id: &str, operations: &[&str], done: &[&str]) -> Outcome<Service> {
        let operations: Vec<String> = operations.iter().map(|name| (*name).to_owned()).collect();
        Service::of(id, operations.iter().collect(), &done.iter().map(|name| (*name).to_owned()).collect())
    }

    #[test]
    fn an_operation_is_either_built_or_known() {
        let services = [
            service("kms", &["Decrypt", "Encrypt", "Sign"], &["Encrypt"]).unwrap(),
            service("sts", &["X"], &[]).unwrap(),
        ];
        let table = table(&services);
        assert!(table.contains("kms                           1           2   3\n"), "{table}");
        assert!(table.contains("all                           1           3   4\n"), "{table}");
        assert!(table.ends_with("\n\nkms: Encrypt\n"), "{table}");
        let page = page(&services);
        assert!(
            page.contains("| kms | 1 | 2 | 3 |") && page.contains("Known, 501: Decrypt, Sign."),
            "{page}"
        );
        assert!(page.contains("Of 4 operations of 2 services 1 are built."), "{page}");
    }

    #[test]
    fn what_the_model_does_not_know_cannot_be_built() {
        let refused = service("kms", &["Decrypt"], &["Decipher"]).unwrap_err();
        assert!(refused.to_string().contains("Decipher"));
    }
}
