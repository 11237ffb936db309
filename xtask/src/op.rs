//! `cargo xtask op <service> <Operation>...`: begins operations.
//!
//! Each gets its line in `models/implemented/`, its part of `wire/`, its line in the service's list, and a file to be
//! written. Until it is, the operation is decided on every resource and answers 501, as it did before.

use std::path::{Path, PathBuf};

use crate::models::Everything;
use crate::wire::{self, names};
use crate::{Outcome, root};

/// Runs the command.
pub(crate) fn run(arguments: &[String]) -> Outcome {
    let Some((service, operations)) = arguments.split_first().filter(|(_, rest)| !rest.is_empty()) else {
        return Err("it takes a service and its operations: kms Decrypt".into());
    };
    let everything = crate::models::read()?;
    refuse_unknown(&everything, service, operations)?;
    let folder = folder(service)?;
    let listed = root().join(format!("models/implemented/{service}.txt"));
    let mut text = std::fs::read_to_string(&listed).unwrap_or_default();
    for operation in operations {
        text = with_line(&text, operation, |_| true);
    }
    std::fs::write(&listed, text)?;
    wire::run(&[])?;
    for operation in operations {
        begin(&everything, service, operation, &folder)?;
    }
    Ok(())
}

fn refuse_unknown(everything: &Everything, service: &str, operations: &[String]) -> Outcome {
    let model = everything.models.get(service).ok_or_else(|| format!("there is no service {service}"))?;
    match operations.iter().find(|operation| !model.operations.contains_key(*operation)) {
        Some(unknown) => Err(format!("{service} has no operation {unknown}").into()),
        None => Ok(()),
    }
}

/// The service's crate. That of the program's own administration is called by what it does.
fn folder(service: &str) -> Outcome<PathBuf> {
    let name = if service == "alcazar" { "admin" } else { service };
    let folder = root().join("services").join(name).join("src");
    match folder.join("lib.rs").exists() {
        true => Ok(folder),
        false => Err(format!("services/{name} does not exist: a new service begins by hand").into()),
    }
}

fn begin(everything: &Everything, service: &str, operation: &str, folder: &Path) -> Outcome {
    let module = names::module(operation);
    let file = folder.join("ops").join(format!("{module}.rs"));
    if !file.exists() {
        std::fs::create_dir_all(folder.join("ops"))?;
        let model = std::fs::read_to_string(folder.join("model/mod.rs")).unwrap_or_default();
        std::fs::write(&file, skeleton(everything, service, operation, located(&model)))?;
    }
    let modules = folder.join("ops/mod.rs");
    let text = std::fs::read_to_string(&modules).unwrap_or_else(|_| "//! One file an operation.\n\n".into());
    std::fs::write(
        &modules,
        with_line(&text, &format!("pub(crate) mod {module};"), |line| line.contains("mod ")),
    )?;
    let list = folder.join("lib.rs");
    let entry = format!("Entry::of::<ops::{module}::{operation}>(),");
    let text = with_entry(&std::fs::read_to_string(&list)?, &entry);
    let text = text.ok_or_else(|| format!("{} has no list between {BEGIN} and {END}", list.display()))?;
    Ok(std::fs::write(&list, text)?)
}

const BEGIN: &str = "// <operations>";
const END: &str = "// </operations>";

/// The text with that entry in the list between the markers, in order.
fn with_entry(text: &str, entry: &str) -> Option<String> {
    let begin = text.find(BEGIN)? + BEGIN.len() + 1;
    let end = begin + text.get(begin..)?.find(END)?;
    let end = text.get(..end)?.rfind('\n')? + 1;
    let list =
        with_line(text.get(begin..end)?, &format!("    {entry}"), |line| line.trim().starts_with("Entry"));
    Some(format!("{}{list}{}", text.get(..begin)?, text.get(end..)?))
}

/// The text with that line among those that are like it, in order; once.
fn with_line(text: &str, line: &str, alike: fn(&str) -> bool) -> String {
    let mut lines: Vec<&str> = text.lines().collect();
    if !lines.contains(&line) {
        let after = lines.iter().position(|known| alike(known) && *known > line);
        let at = after.or_else(|| lines.iter().rposition(|known| alike(known)).map(|at| at + 1));
        lines.insert(at.unwrap_or(lines.len()), line);
    }
    lines.iter().map(|line| format!("{line}\n")).collect()
}

/// Whether the service has a `located` of its own, which counts a call within the quota of its operation.
fn located(model: &str) -> bool {
    model.split(|letter: char| !letter.is_alphanumeric() && letter != '_').any(|word| word == "located")
}

fn skeleton(everything: &Everything, service: &str, operation: &str, located: bool) -> String {
    let id = everything.models.get(service).map_or(service, |model| model.service.service_id.as_str());
    let krate = format!("wire_{}", names::module(service));
    let (import, located) = match located {
        true => ("use crate::model::located;\n\n", "located(())"),
        false => ("", "Located::new(())"),
    };
    format!(
        "//! {operation}: what it promises.\n\
         //!\n\
         //! Source: {id} API reference, `{operation}`.\n\n\
         use alcazar_core::{{Common, NoKeys, Shape}};\n\
         use alcazar_corridor::{{\n\
         \x20   Call, Committed, Example, Failure, Guard, Input, Located, Operation, Output, Refusal, View,\n\
         }};\n\
         use {krate} as wire;\n\n\
         {import}\
         pub(crate) struct {operation};\n\n\
         impl Operation for {operation} {{\n\
         \x20   type Shape = wire::{operation};\n\
         \x20   type Target = ();\n\n\
         \x20   /// Decided on every resource until it says what it touches, and with which condition keys.\n\
         \x20   async fn locate(_: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {{\n\
         \x20       let any = || Guard::any(view.account());\n\
         \x20       let actions = <Self::Shape as Shape>::ACTIONS.iter();\n\
         \x20       Ok(actions.fold({located}, |located, action| located.need_of(action, any(), NoKeys)))\n\
         \x20   }}\n\n\
         \x20   async fn run(_: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {{\n\
         \x20       Err(Failure::common(Common::NotImplemented, \"{id} {operation} is not implemented.\").into())\n\
         \x20   }}\n\n\
         \x20   fn example() -> Example {{\n\
         \x20       Example {{ world: &[], input: \"{{}}\" }}\n\
         \x20   }}\n\
         }}\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_goes_to_its_place_among_its_like_and_only_once() {
        let text = "//! Doc.\n\npub(crate) mod encrypt;\npub(crate) mod sign;\n";
        let alike = |line: &str| line.contains("mod ");
        let with = with_line(text, "pub(crate) mod list_keys;", alike);
        assert_eq!(
            with,
            "//! Doc.\n\npub(crate) mod encrypt;\npub(crate) mod list_keys;\npub(crate) mod sign;\n"
        );
        assert_eq!(with_line(&with, "pub(crate) mod list_keys;", alike), with);
        assert!(
            with_line(text, "pub(crate) mod verify;", alike).ends_with("sign;\npub(crate) mod verify;\n")
        );
        assert_eq!(with_line("", "Encrypt", |_| true), "Encrypt\n");
    }

    /// The service compiles it with its tests, and sends it calls.
    #[test]
    fn a_skeleton_is_what_the_service_compiles() {
        let everything = crate::models::read().unwrap();
        let kms = root().join("services/kms/src");
        let model = std::fs::read_to_string(kms.join("model/mod.rs")).unwrap();
        let compiled = std::fs::read_to_string(kms.join("skeleton.rs")).unwrap();
        assert_eq!(skeleton(&everything, "kms", "ListKeys", located(&model)), compiled);
        let other = skeleton(&everything, "kms", "ListKeys", located("mod relocated;"));
        assert_eq!(
            other,
            compiled
                .replace("use crate::model::located;\n\n", "")
                .replace("fold(located(())", "fold(Located::new(())")
        );
    }

    #[test]
    fn an_entry_goes_between_the_markers() {
        let list =
            "const L: &[Entry] = &[\n    // <operations>\n    Entry::of::<B>(),\n    // </operations>\n];\n";
        let with = with_entry(list, "Entry::of::<A>(),").unwrap();
        let expected = "const L: &[Entry] = &[\n    // <operations>\n    Entry::of::<A>(),\n    Entry::of::<B>(),\n    // </operations>\n];\n";
        assert_eq!(with, expected);
        assert_eq!(with_entry("no list", "Entry::of::<A>(),"), None);
        let empty = with_entry("    // <operations>\n    // </operations>\n", "Entry::of::<A>(),").unwrap();
        assert_eq!(empty, "    // <operations>\n    Entry::of::<A>(),\n    // </operations>\n");
    }
}
