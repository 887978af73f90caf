//! Plain words: a sentence names its actor.
//!
//! "Somebody wakes the task" leaves the reader to find out who; "the sender wakes the task" does not.
//! So the words below are hardly ever needed. Neither is a second name for a thing that has one in the
//! field. Read here are the crates with their tests, the benches, the examples with what they print, and
//! the documents. The tables of old figures and the changelog speak of the past.

use crate::support::{files, relative, root};
use std::fs;

/// Words that have a plainer one: who, or what, it is.
const VAGUE: [&str; 10] = [
    "somebody",
    "nobody",
    "whoever",
    "anybody",
    "everybody",
    "he",
    "him",
    "his",
    "himself",
    "she",
];

/// Words that the project once used, and what it says now.
const RENAMED: [(&str, &str); 8] = [
    ("comes home", "is delivered, has ended"),
    ("come home", "be delivered"),
    ("came home", "was delivered, ended"),
    ("tenant", "the next task, the newer source"),
    ("tenants", "those that use a place one after another"),
    ("crowd", "wake list"),
    ("ferry", "blocking I/O"),
    ("abroad", "remote"),
];

/// How often such a word may stand in all that is read.
const ALLOWED: usize = 5;

/// What is read, from the top of the repository.
const READ: [&str; 8] = [
    "runtime/",
    "server/",
    "benches/",
    "examples/",
    "NOTES.md",
    "README.md",
    "CONTRIBUTING.md",
    "notes/",
];

/// What speaks of the past.
const PAST: &str = "benches/RESULTS.md";

#[test]
fn a_sentence_names_its_actor() {
    let mut found = Vec::new();
    for path in files(root(), "") {
        let name = relative(&path);
        if name == PAST || !READ.iter().any(|it| name.starts_with(it)) {
            continue;
        }
        let Ok(text) = fs::read_to_string(&path) else {
            continue;
        };
        for (number, line) in (1..).zip(text.lines()) {
            found.extend(vague(line).map(|word| format!("{name}:{number}: \"{word}\"")));
        }
    }
    let count = found.len();
    assert!(
        count <= ALLOWED,
        "{count} words, {ALLOWED} are allowed. Say who, or what, it is:\n{}\n{RENAMED:?}",
        found.join("\n")
    );
}

/// The words of a line that have a plainer one.
fn vague(line: &str) -> impl Iterator<Item = &'static str> {
    let line = line.to_lowercase();
    let all = VAGUE.into_iter().chain(RENAMED.map(|(old, _)| old));
    all.filter(move |word| stands_in(&line, word))
}

/// Whether a word stands in a line by itself; a part of a name (`b"he"`, `he_said`) does not.
fn stands_in(line: &str, word: &str) -> bool {
    let is_edge =
        |it: Option<char>| it.is_none_or(|it| !it.is_alphanumeric() && !"_\"'".contains(it));
    let mut at = line.match_indices(word);
    at.any(|(start, _)| {
        let (before, after) = (&line[..start], &line[start + word.len()..]);
        is_edge(before.chars().next_back()) && is_edge(after.chars().next())
    })
}

#[test]
fn vague_words_are_found_and_parts_of_other_words_are_not() {
    let found = |line| vague(line).collect::<Vec<_>>();
    assert_eq!(found("Nobody knows whether he waits"), ["nobody", "he"]);
    assert_eq!(
        found("the job comes home to its tenant."),
        ["comes home", "tenant"]
    );
    assert_eq!(found("the header, where; b\"he\", next_tenant"), [""; 0]);
}
