//! The floors: who may know of whom.
//!
//! A program stays readable as long as one can read it from the bottom up: the wheel without
//! the driver, the driver without the runtime. One careless `use` is enough to end that, and
//! no compiler objects, for inside a crate everything may name everything. So this test is
//! the objection. It reads every source file of `runtime`, `server` and its program, follows every path
//! that begins with `crate`, `$crate`, `super`, `self` or one of the file's own modules to the
//! file where the named thing really lives (through re-exports), and compares with a table:
//!
//! - `runtime/tests/floors/runtime.txt`
//! - `runtime/tests/floors/server.txt`
//! - `runtime/tests/floors/program.txt`, for the program `server`
//!
//! A third table, `runtime/tests/floors/rooms.txt`, says the same of whole folders, and the
//! picture of the house is made from it.
//!
//! Held here besides: no block of six lines stands twice (`twice.rs`), and no file is longer than
//! 350 lines.
//!
//! The tables are meant to be read, as the shortest description of the house there is.
//! What stands in tests, comments and strings does not count, and neither does a `pub use`
//! that only shows what lives elsewhere.

#![forbid(unsafe_code)]

mod rooms;
mod rules;
mod scan;
mod source;
mod tests;
mod twice;

use std::fs;
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

#[test]
fn every_file_of_the_program_imports_only_what_stands_below_it() {
    hold(
        "program",
        "../server/src/bin/server",
        include_str!("program.txt"),
    );
}

#[test]
fn every_room_of_the_runtime_knows_only_the_rooms_below_it() {
    let edges = rules::edges("runtime", &source_of_the_runtime());
    let objections = rooms::check(include_str!("rooms.txt"), &edges);
    assert!(
        objections.is_empty(),
        "\n\n{}\n\nThe table is runtime/tests/floors/rooms.txt.\n",
        objections.join("\n")
    );
}

#[test]
fn no_block_of_six_lines_of_the_runtime_stands_twice() {
    let found = twice::check(&source_of_the_runtime());
    assert!(found.is_empty(), "\n\n{}\n", found.join("\n"));
}

/// All events: one enum, and the language knows no way to write it in two files.
const ONE_ENUM: &str = "trace/event.rs";

#[test]
fn no_file_of_the_crates_is_longer_than_350_lines() {
    let server = Path::new(env!("CARGO_MANIFEST_DIR")).join("../server/src");
    let mut files = source_of_the_runtime();
    files.extend(source::read("server", &server));
    files.extend(source::read("program", &server.join("bin/server")));
    let story = Path::new(env!("CARGO_MANIFEST_DIR")).join("story/src");
    files.extend(source::read("story", &story));
    let lines = files.iter().map(|it| (it.text.lines().count(), &it.path));
    let long = lines.filter(|(lines, path)| *lines > 350 && !path.ends_with(ONE_ENUM));
    let long: Vec<_> = long.collect();
    assert!(long.is_empty(), "one concept a file: {long:?}");
}

fn source_of_the_runtime() -> Vec<source::File> {
    source::read(
        "runtime",
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
    )
}

/// Documents that show the picture of the rooms, from the top of the repository.
const SHOWN_IN: [&str; 2] = ["NOTES.md", "runtime/src/lib.rs"];

#[test]
fn the_picture_of_the_rooms_is_what_the_documents_show() {
    let picture = rooms::picture(include_str!("rooms.txt"));
    for document in SHOWN_IN {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("..")
            .join(document);
        let text = fs::read_to_string(path).unwrap();
        let lines = text.lines().map(|line| line.trim_start_matches("//! "));
        let text = lines.collect::<Vec<_>>().join("\n");
        assert!(
            text.contains(picture.trim_end()),
            "{document} does not show the rooms as they are:\n\n{picture}"
        );
    }
}
