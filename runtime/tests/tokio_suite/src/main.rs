//! Another crate's tests, made ready to run here.
//!
//! Who says "Tokio's names and behaviour" can be held to it: Tokio has a thousand tests of
//! its own, and its crate brings them along. `runtime/tests/tokio_suite.sh` fetches that crate,
//! has this program prepare the tests, compiles them against the crate `runtime` and runs them.
//! Nothing of their text is kept.
//!
//! Not every test can pass, or even compile: what this runtime does not have, or does on
//! purpose in another way, is listed with its reason in `runtime/tests/tokio_suite.txt`
//! ([`tokio_suite::table`]). This program cuts exactly that out of the sources. It cuts by place, not by
//! printing the rest anew, so that the line numbers of the compiler are those of the original.
//!
//! It could go wrong in silence, by losing a test. So it also writes down which tests it has
//! left in, for the script to compare with those that the compiled program has; and it refuses
//! a table that names what is not there.
//!
//! Called as `tokio-suite TESTS TABLE OUT`: the folder of the tests, the table, and a folder to
//! fill with
//!
//! - `src/lib.rs` and `src/FILE/mod.rs`: one program of all files (linking one is faster than
//!   linking a hundred);
//! - `left.txt`: the tests that are left in, as `FILE::modules::test`;
//! - `excluded.txt`: one line for each exclusion, with its reason;
//! - `excluded_count.txt`: how many tests those are.

#![forbid(unsafe_code)]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs, io};
use tokio_suite::cut;
use tokio_suite::lists::{Lists, text_of, write};
use tokio_suite::rename::renames;
use tokio_suite::table::Table;

fn main() -> ExitCode {
    let arguments: Vec<PathBuf> = env::args_os().skip(1).map(PathBuf::from).collect();
    let [tests, table, out] = &arguments[..] else {
        eprintln!("usage: tokio-suite TESTS TABLE OUT");
        return ExitCode::FAILURE;
    };
    match prepare(tests, table, out) {
        Ok(()) => ExitCode::SUCCESS,
        Err(complaint) => {
            eprintln!("tokio-suite: {complaint}");
            ExitCode::FAILURE
        }
    }
}

fn prepare(tests: &Path, table: &Path, out: &Path) -> Result<(), String> {
    let mut table = Table::read(&text_of(table)?)?;
    let mut lists = Lists::default();
    let mut root = "#![cfg(test)]\n#![allow(warnings)]\n".to_owned();
    for file in sources(tests).map_err(|error| format!("{}: {error}", tests.display()))? {
        let name = file.file_stem().unwrap_or_default().to_string_lossy();
        let text = text_of(&file)?;
        let prepared = cut::prepare(&name, &text, &mut table, renames)
            .map_err(|complaint| format!("{}: {complaint}", file.display()))?;
        if !prepared.whole_file_excluded {
            writeln!(root, "mod {name};").expect("a string takes everything");
            write(&out.join("src").join(&*name).join("mod.rs"), &prepared.text)?;
        }
        lists.add(&prepared);
    }
    table.must_be_used()?;
    write(&out.join("src/lib.rs"), &root)?;
    lists.write(out)
}

/// The files of tests, in the order of their names. Folders hold what several of them share.
fn sources(tests: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(tests)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
