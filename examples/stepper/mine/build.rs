//! Building the program.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::Stdio;

use serde_json::Value;

use super::find::{self, Target};

/// Has cargo build it, and returns the program's file. What the compiler says goes to the standard
/// error, unless that must be `quiet`.
pub(crate) fn build(target: &Target, quiet: bool) -> io::Result<PathBuf> {
    let mut cargo = find::cargo();
    cargo.args(["build", "--message-format=json-render-diagnostics"]);
    cargo.arg("--manifest-path").arg(&target.manifest);
    cargo.args(["--package", &target.package, target.kind, &target.name]);
    if let Some(feature) = &target.feature {
        cargo.args(["--features", feature]);
    }
    if target.is_made {
        cargo.arg("--target-dir").arg(find::target_folder()?);
    }
    if quiet {
        cargo.arg("--quiet").stderr(Stdio::piped());
    } else {
        cargo.stderr(Stdio::inherit());
    }
    // The folder decides which settings cargo reads: those of the package.
    let output = cargo
        .current_dir(&target.folder)
        .stdin(Stdio::null())
        .output()?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let first = said.lines().find(|line| line.starts_with("error"));
        let why = first.unwrap_or("the compiler says why, above");
        return Err(io::Error::other(format!(
            "{} does not build: {why}",
            target.name
        )));
    }
    io::stderr().flush()?;
    let lines = output.stdout.split(|byte| *byte == b'\n');
    let built = lines.filter_map(|line| program(line, target)).next_back();
    built.ok_or_else(|| io::Error::other(format!("cargo does not say where {} is", target.name)))
}

/// The program's file, if this line of cargo's tells of it.
fn program(line: &[u8], target: &Target) -> Option<PathBuf> {
    let message: Value = serde_json::from_slice(line).ok()?;
    let is_ours = message["target"]["name"] == *target.name;
    let file = message["executable"].as_str().filter(|_| is_ours)?;
    Some(PathBuf::from(file))
}
