//! Every example is run, and what it prints is compared with `examples/expected/NAME.txt`.
//!
//! The expected output is written in the little pattern language of
//! `tests/support/output.rs`. To write the file for a new example, run it, read what it
//! prints as if you had never seen it, save that, and put `{#}` where a number varies.
#![forbid(unsafe_code)]

mod support;

use std::fs;
use std::path::PathBuf;
use support::{files, output, relative, root, run};

fn expected_file(name: &str) -> PathBuf {
    root().join(format!("examples/expected/{name}.txt"))
}

/// The examples' names, in alphabetical order.
fn names() -> Vec<String> {
    let folder = root().join("examples").read_dir().unwrap();
    let mut names: Vec<String> = folder
        .filter_map(|entry| {
            let name = entry.unwrap().file_name().into_string().unwrap();
            Some(name.strip_suffix(".rs")?.to_owned())
        })
        .collect();
    names.sort();
    names
}

/// The example that needs a database, and what it prints where there is none.
const DATABASE_EXAMPLE: &str = "postgres";
const NO_DATABASE: &str = "no database: DATABASE_URL is not set";

/// Whether the example has what it needs. If not, a line says what was not tested, and why.
fn can_run(name: &str) -> bool {
    let missing = name == DATABASE_EXAMPLE && std::env::var_os("DATABASE_URL").is_none();
    if missing {
        println!("SKIPPED: example {name} at work: DATABASE_URL is not set, see .ci/postgres");
    }
    !missing
}

fn check(name: &str) -> Result<(), String> {
    let path = expected_file(name);
    let expected = fs::read_to_string(&path)
        .map_err(|_| format!("example {name}: {} is missing", relative(&path)))?;
    let printed = run::example(name, &[])?;
    output::compare(&expected, &printed).map_err(|error| format!("example {name}: {error}"))
}

#[test]
fn every_example_prints_what_is_expected() {
    let names = names();
    assert!(!names.is_empty());
    let failures: Vec<_> = names
        .iter()
        .filter(|it| can_run(it))
        .filter_map(|it| check(it).err())
        .collect();
    assert!(failures.is_empty(), "\n{}", failures.join("\n\n"));
}

#[test]
fn the_example_that_needs_a_database_says_so_where_there_is_none() {
    let printed = run::example_without(DATABASE_EXAMPLE, "DATABASE_URL").unwrap();
    assert_eq!(printed.trim(), NO_DATABASE);
}

#[test]
fn every_expected_output_belongs_to_an_example() {
    let names = names();
    for path in files(&root().join("examples/expected"), "") {
        let name = path.file_stem().unwrap().to_string_lossy();
        assert!(
            names.iter().any(|it| *it == name),
            "{} has no example: remove it, or name it after one",
            relative(&path)
        );
    }
}

#[test]
fn every_example_opens_with_a_heading_that_says_what_to_see() {
    for name in names() {
        let text = fs::read_to_string(root().join(format!("examples/{name}.rs"))).unwrap();
        let heading: String = text
            .lines()
            .take_while(|it| it.starts_with("//!"))
            .collect();
        assert!(
            heading.contains("What to see"),
            "examples/{name}.rs: the heading comment does not say \"What to see\""
        );
    }
}

#[test]
fn the_tiny_runtime_stays_tiny() {
    let text = fs::read_to_string(root().join("examples/tiny_runtime.rs")).unwrap();
    let lines = text.lines().filter(|line| !line.contains("told(")).count();
    let problem = "200 is its promise, besides those that tell the stepper";
    assert!(lines <= 200, "it has {lines} lines; {problem}");
}

#[test]
fn signs_stand_for_what_varies_and_for_nothing_else() {
    assert!(output::matches_line(
        "port {#}, {*}!",
        "port 4711, hello, world!"
    ));
    assert!(output::matches_line("{*}", ""));
    assert!(output::matches_line(
        "Fixed { left: {#} }",
        "Fixed { left: 3 }"
    ));
    assert!(!output::matches_line("port {#}", "port "));
    assert!(!output::matches_line("port {#}", "port 47a"));
    assert!(!output::matches_line("port", "port 1"));
}

#[test]
fn columns_may_be_filled_up_differently() {
    assert!(output::compare("  a   {#}  b", "  a 10 b  ").is_ok());
    assert!(output::compare("  a", " a").is_err());
    assert!(output::compare("a b", "ab").is_err());
}

#[test]
fn three_dots_stand_for_any_number_of_lines() {
    assert!(output::compare("a\n...\nz", "a\nz\n\n").is_ok());
    assert!(output::compare("a\n...\nz", "a\nb\nc\nz").is_ok());
    assert!(output::compare("...", "").is_ok());
    let error = output::compare("a\nb", "a\nc").unwrap_err();
    assert!(error.starts_with("differs from line 2"), "{error}");
    assert!(output::compare("a", "a\nb").is_err());
    assert!(output::compare("a\nb", "a").is_err());
}
