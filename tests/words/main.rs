//! The words must stay true: a tour that names a file, a function or a command which no
//! longer exists sends its reader into a wall.
//!
//! Read here are README.md, NOTES.md and the other Markdown files of the repository (not the
//! changelog, which speaks of the past). What is checked, and how to write it so that it can
//! be checked, is told in CONTRIBUTING.md under "Words"; in short:
//!
//! - `` `runtime/src/machine/executor.rs` `` and links: the file is there;
//! - `` `executor.rs: Executor::poll` `` or `` `executor.rs: fn poll` ``: so is the item in it;
//! - `` `Runtime::step` ``, `` `fn step` ``: somewhere in the workspace;
//! - `` `cargo test -p runtime --test time_wheel NAME` ``: the package, example, bench, test
//!   and test function are there;
//! - a block that begins with `$ cargo run --example NAME` shows what the example prints;
//! - an exercise has its reader change what really stands there (`exercises.rs`).
//!
//! And they must be plain: `plain.rs`.
#![forbid(unsafe_code)]

mod commands;
mod exercises;
mod items;
mod markdown;
mod plain;
#[path = "../support/mod.rs"]
mod support;
mod tests;
mod workspace;

use markdown::{Block, Document};
use std::fs;
use std::path::PathBuf;
use support::{files, output, relative, root, run};
use workspace::Workspace;

/// Every Markdown file that speaks of the present.
fn documents() -> Vec<PathBuf> {
    let mut all = files(root(), ".md");
    all.retain(|path| !path.ends_with("CHANGELOG.md"));
    all
}

#[test]
fn what_the_words_name_exists() {
    let workspace = Workspace::read(root());
    let mut complaints = Vec::new();
    for path in documents() {
        let text = fs::read_to_string(&path).unwrap();
        check(&workspace, &relative(&path), &text, &mut complaints);
    }
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

/// Adds a line to `complaints` for everything that `document` names and that is not there.
fn check(workspace: &Workspace, document: &str, text: &str, complaints: &mut Vec<String>) {
    let parsed = Document::parse(text);
    let mut complain = |line: usize, result: Result<(), String>| {
        if let Err(why) = result {
            complaints.push(format!("{document}:{line}: {why}"));
        }
    };
    for (line, code) in &parsed.inline {
        complain(*line, items::check(workspace, document, code));
        if code.starts_with("cargo ") {
            complain(*line, commands::check(workspace, code));
        }
    }
    for (line, target) in &parsed.links {
        complain(*line, workspace.link(document, target, &parsed));
    }
    for (line, command) in parsed.blocks.iter().flat_map(Block::commands) {
        complain(line, commands::check(workspace, &command));
    }
}

#[test]
fn the_output_that_the_words_show_is_what_the_examples_print() {
    let mut complaints = Vec::new();
    for path in documents() {
        let text = fs::read_to_string(&path).unwrap();
        for (line, command, shown) in Document::parse(&text).blocks.iter().flat_map(Block::runs) {
            if let Err(why) = compare(&command, &shown) {
                complaints.push(format!("{}:{line}: `{command}`: {why}", relative(&path)));
            }
        }
    }
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n\n"));
}

/// Runs the example that a command names, if it names one, and compares.
fn compare(command: &str, shown: &str) -> Result<(), String> {
    let Some((name, args)) = commands::example(command) else {
        return Ok(());
    };
    let args: Vec<_> = args.iter().map(String::as_str).collect();
    output::compare(shown, &run::example(&name, &args)?)
}

#[test]
fn an_exercise_changes_what_really_stands_there() {
    let notes = fs::read_to_string(root().join("NOTES.md")).unwrap();
    let exercises = exercises::exercises(&notes);
    let stops = notes.lines().filter(|line| is_stop(line)).count();
    assert!(exercises.len() >= stops, "each stop has an exercise");
    let read = |file: &str| fs::read_to_string(root().join(file)).ok();
    let complaint = |it: &exercises::Exercise| {
        let wrong = it.check(read).err()?;
        Some(format!("NOTES.md:{}: {wrong}", it.line))
    };
    let complaints: Vec<String> = exercises.iter().filter_map(complaint).collect();
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

/// `## 7. The reactor`.
fn is_stop(line: &str) -> bool {
    let number = line.strip_prefix("## ").and_then(|it| it.split_once(". "));
    number.is_some_and(|(number, _)| number.parse::<u32>().is_ok())
}

/// The stories of "Three ways through the files" stay as short as they are: each item of a list is one
/// file more to open.
#[test]
fn a_story_of_the_machine_passes_through_few_files() {
    let notes = fs::read_to_string(root().join("NOTES.md")).unwrap();
    let (_, stories) = notes.split_once("## Three ways through the files").unwrap();
    let (stories, _) = stories.split_once("\n## ").unwrap();
    let files: Vec<usize> = stories.split("\n**").skip(1).map(files_of).collect();
    assert_eq!(files, [8, 7, 8], "spawn, wake from another thread, sleep");
}

/// How many files a story names. Each item names one, and no file twice.
fn files_of(story: &str) -> usize {
    let items: Vec<&str> = story
        .lines()
        .filter(|line| line.starts_with(char::is_numeric))
        .collect();
    let named = items.iter().map(|item| {
        let (_, rest) = item.split_once('`').expect("an item names a file");
        rest.split_once(".rs: ")
            .expect("an item names a function")
            .0
    });
    let named: std::collections::BTreeSet<&str> = named.collect();
    assert_eq!(named.len(), items.len(), "{story}");
    items.len()
}
