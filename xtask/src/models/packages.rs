//! The published packages: fetched with their registries' own clients, verified, unpacked.

use super::manifest::Package;
use crate::Outcome;
use std::path::Path;
use std::process::{Command, Stdio};

/// Downloads the botocore wheel into `folder`.
pub(super) fn fetch_wheel(package: &Package, folder: &Path) -> Outcome {
    let wanted = format!("{}=={}", package.name, package.version);
    let arguments = ["-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", &wanted];
    run(Command::new("python3").args(arguments).current_dir(folder))
}

/// Downloads the npm package into `folder`.
pub(super) fn fetch_npm(package: &Package, folder: &Path) -> Outcome {
    let wanted = format!("{}@{}", package.name, package.version);
    run(Command::new("npm").args(["pack", "--silent", &wanted]).current_dir(folder))
}

/// Refuses a file whose SHA-256 is not the pinned one.
pub(super) fn verify(package: &Package, folder: &Path) -> Outcome {
    let script = "import hashlib,sys; print(hashlib.sha256(open(sys.argv[1],'rb').read()).hexdigest())";
    let output = Command::new("python3").args(["-c", script, &package.file]).current_dir(folder).output()?;
    let digest = String::from_utf8_lossy(&output.stdout);
    if digest.trim() != package.sha256 {
        let complaint = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{}: SHA-256 is {digest}, not the pinned one {complaint}", package.file).into());
    }
    Ok(())
}

/// Unpacks a wheel or a tarball, by its name, into the folder `into`, which it makes.
pub(super) fn unpack(file: &Path, into: &Path) -> Outcome {
    std::fs::create_dir_all(into)?;
    match file.extension().is_some_and(|extension| extension == "whl") {
        true => run(Command::new("python3").args(["-m", "zipfile", "-e"]).arg(file).arg(into)),
        false => run(Command::new("tar").arg("-xzf").arg(file).arg("-C").arg(into)),
    }
}

fn run(command: &mut Command) -> Outcome {
    let status = command.stdout(Stdio::null()).status().map_err(|cause| format!("{command:?}: {cause}"))?;
    if !status.success() {
        return Err(format!("{command:?}: {status}").into());
    }
    Ok(())
}
