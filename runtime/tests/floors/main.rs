//! The floors: who may know of whom.
//!
//! A program stays readable as long as one can read it from the bottom up: the wheel without
//! the driver, the driver without the runtime. One careless `use` is enough to end that, and
//! no compiler objects, for inside a crate everything may name everything. So this test is
//! the objection. It reads every source file of `runtime` and `server`, follows every path
//! that begins with `crate`, `$crate`, `super`, `self` or one of the file's own modules to the
//! file where the named thing really lives (through re-exports), and compares with a table:
//!
//! - `runtime/tests/floors/runtime.txt`
//! - `runtime/tests/floors/server.txt`
//!
//! The tables are meant to be read, as the shortest description of the house there is.
//! What stands in tests, comments and strings does not count, and neither does a `pub use`
//! that only shows what lives elsewhere.

#![forbid(unsafe_code)]

mod rules;
mod scan;
mod source;
mod tests;

use std::path::Path;

/// Checks one crate's sources against its table.
fn hold(krate: &str, folder: &str, table: &str) {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let files = source::read(krate, &src);
    assert!(!files.is_empty(), "no source files in {}", src.display());
    let objections = rules::check(krate, table, &files);
    assert!(
        objections.is_empty(),
        "\n\n{}\n\nThe table is runtime/tests/floors/{krate}.txt.\n",
        objections.join("\n")
    );
}

#[test]
fn every_file_of_the_runtime_imports_only_what_stands_below_it() {
    hold("runtime", "src", include_str!("runtime.txt"));
}

#[test]
fn every_file_of_the_server_imports_only_what_stands_below_it() {
    hold("server", "../server/src", include_str!("server.txt"));
}
