//! The public items of the crates that a user takes, one a line, as the lists beside this file have
//! them. They are a promise: a line that is gone, or reads otherwise, breaks a program of a user.
//!
//! A change of the public items fails the test, which prints the lines that are new and gone. If the
//! change is meant, `RENEW_API=1 cargo test --test api` writes the lists anew, and CONTRIBUTING.md says
//! what else to do.
//!
//! rustdoc writes what it knows of a crate as JSON (`tests/api/rustdoc`), with all features, and the
//! crate `public-api` makes lines of that. How it can go wrong: the JSON is not stable, and
//! each version of `public-api` reads one format. If the toolchain at hand writes another one, the
//! test asks rustup for [`TOOLCHAIN`]; if that is not there, it prints SKIPPED.
#![forbid(unsafe_code)]
#![cfg(target_os = "linux")] // The lists are those of Linux: other systems lack some items.

mod lines;
#[path = "../support/mod.rs"]
mod support;

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use support::root;

/// A toolchain whose rustdoc writes what the `public-api` of Cargo.toml reads.
const TOOLCHAIN: &str = "1.95.0";

const CRATES: [&str; 4] = ["runtime", "runtime-macros", "server", "server-macros"];

/// If it is set, the lists are written.
const RENEW: &str = "RENEW_API";

#[test]
fn the_public_items_are_those_of_the_lists() {
    let found = match public_items(None).or_else(|_| public_items(Some(TOOLCHAIN))) {
        Ok(found) => found,
        Err(why) => {
            println!("SKIPPED: the rustdoc at hand writes another format of JSON, and {why}");
            return;
        }
    };
    let mut complaints = String::new();
    for (name, found) in CRATES.iter().zip(&found) {
        let path = root().join(format!("tests/api/{name}.txt"));
        if env::var_os(RENEW).is_some() {
            let text: String = found.iter().map(|line| format!("{line}\n")).collect();
            fs::write(&path, text).unwrap();
            continue;
        }
        let text = fs::read_to_string(&path).unwrap_or_default();
        let listed = text.lines().map(str::to_owned).collect();
        complaints += &lines::changes(name, &listed, found);
    }
    assert!(
        complaints.is_empty(),
        "the public items have changed:\n\n{complaints}\n\
         If that is meant: {RENEW}=1 cargo test --test api (see CONTRIBUTING.md)\n"
    );
}

/// The lines of each crate; an error says why rustdoc's JSON cannot be had or read.
fn public_items(toolchain: Option<&str>) -> Result<Vec<BTreeSet<String>>, String> {
    let folder = documented(toolchain)?;
    CRATES
        .iter()
        .map(|name| lines::of(&folder.join(name.replace('-', "_")).with_extension("json")))
        .collect()
}

/// The folder in which rustdoc has written a file for each crate.
fn documented(toolchain: Option<&str>) -> Result<PathBuf, String> {
    let cargo = env::var_os("CARGO").expect("cargo runs this");
    let mut command = match toolchain {
        None => Command::new(cargo),
        Some(toolchain) => {
            let mut command = Command::new("rustup");
            command.args(["run", toolchain, "cargo"]);
            command
        }
    };
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let output = command
        .args(["doc", "--lib", "--no-deps", "--all-features"])
        .args(CRATES.map(|name| format!("--package={name}")))
        .args(["--locked", "--quiet", "--target-dir"])
        .arg(target)
        .env("RUSTDOC", root().join("tests/api/rustdoc"))
        .env(
            "RUSTDOCFLAGS",
            "-Zunstable-options --output-format=json -Dwarnings",
        )
        .env_remove("CARGO_ENCODED_RUSTDOCFLAGS")
        .current_dir(root())
        .output()
        .map_err(|error| format!("{:?} cannot be run: {error}", command.get_program()))?;
    let complaint = String::from_utf8_lossy(&output.stderr);
    match (output.status.success(), toolchain) {
        (true, _) => Ok(target.join("doc")),
        (false, None) => panic!("{complaint}"),
        (false, Some(toolchain)) => Err(format!(
            "the documentation cannot be made with Rust {toolchain} \
             (`rustup toolchain install {toolchain} --profile minimal`): {}",
            complaint.lines().next().unwrap_or_default()
        )),
    }
}
