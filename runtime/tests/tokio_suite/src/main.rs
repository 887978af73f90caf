//! Another crate's tests, made ready to run here.
//!
//! Who says "Tokio's names and behaviour" can be held to it: Tokio has a thousand tests of
//! its own, and its crate brings them along. `runtime/tests/tokio_suite.sh` fetches that crate,
//! has this program prepare the tests, compiles them against the crate `runtime` and runs them.
//! Nothing of their text is kept.
//!
//! Not every test can pass, or even compile: what this runtime does not have, or does on
//! purpose in another way, is listed with its reason in `runtime/tests/tokio_suite.txt`
//! ([`table`]). This program cuts exactly that out of the sources. It cuts by place, not by
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
//! - `left.txt`: the tests that are left in, as `FILE::test`;
//! - `excluded.txt`: one line for each exclusion, with its reason;
//! - `excluded_count.txt`: how many tests those are.

#![forbid(unsafe_code)]

mod cut;
mod items;
mod reading;
mod rename;
mod table;

use cut::Prepared;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs, io};
use table::Table;

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

/// All that is written besides the modules.
#[derive(Default)]
struct Lists {
    modules: String,
    left: String,
    excluded: String,
    count: usize,
}

fn prepare(tests: &Path, table: &Path, out: &Path) -> Result<(), String> {
    let mut table = Table::read(&text_of(table)?)?;
    let mut lists = Lists::default();
    for file in sources(tests).map_err(|error| format!("{}: {error}", tests.display()))? {
        let name = file.file_stem().unwrap_or_default().to_string_lossy();
        let text = text_of(&file)?;
        let prepared = cut::prepare(&name, &text, &mut table)
            .map_err(|complaint| format!("{}: {complaint}", file.display()))?;
        if !prepared.whole_file_excluded {
            write(&out.join("src").join(&*name).join("mod.rs"), &prepared.text)?;
        }
        lists.add(&name, &prepared);
    }
    let unused = table.unused();
    if !unused.is_empty() {
        return Err(format!(
            "the table excludes what is not there: {}; strike those lines",
            unused.join(", ")
        ));
    }
    lists.write(out)
}

impl Lists {
    fn add(&mut self, name: &str, prepared: &Prepared) {
        if !prepared.whole_file_excluded {
            writeln!(self.modules, "mod {name};").expect("a string takes everything");
        }
        for test in &prepared.left {
            writeln!(self.left, "{name}::{test}").expect("a string takes everything");
        }
        for line in &prepared.excluded {
            writeln!(self.excluded, "{line}").expect("a string takes everything");
        }
        self.count += prepared.excluded_tests;
    }

    fn write(&self, out: &Path) -> Result<(), String> {
        let head = "#![cfg(test)]\n#![allow(warnings)]\n";
        write(&out.join("src/lib.rs"), &format!("{head}{}", self.modules))?;
        write(&out.join("left.txt"), &self.left)?;
        write(&out.join("excluded.txt"), &self.excluded)?;
        write(
            &out.join("excluded_count.txt"),
            &format!("{}\n", self.count),
        )
    }
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

fn text_of(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("cannot read {}: {error}", path.display()))
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    let folder = path.parent().expect("is in a folder");
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(path, text))
        .map_err(|error| format!("cannot write {}: {error}", path.display()))
}
