//! `rfc.md` stays true: every test that it names is there, no rule stands twice, and no section that
//! has rules is missing.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The sections of RFC 9112 that hold a MUST or a SHOULD.
const OF_9112: &str = "1.1 2.2 2.3 3 3.2 3.2.1 3.2.2 3.2.3 3.2.4 4 5.1 5.2 6.1 6.2 6.3 7.1 7.1.1 \
    7.1.2 7.2 7.3 7.4 8 9.2 9.3 9.3.2 9.5 9.6 9.7 9.8 10.1";

/// The sections of RFC 9110 that hold a MUST or a SHOULD.
const OF_9110: &str = "2.2 2.3 2.4 3.3 4.1 4.2.1 4.2.2 4.2.3 4.2.4 4.3.4 5.1 5.3 5.4 5.5 5.6.1.1 \
    5.6.1.2 5.6.3 5.6.4 5.6.7 6 6.2 6.5.1 6.5.2 6.6.1 6.6.2 7.1 7.2 7.4 7.5 7.6 7.6.1 7.6.2 7.6.3 \
    7.7 7.8 8.3 8.3.3 8.4 8.4.1.1 8.4.1.3 8.6 8.7 8.8.1 8.8.2.1 8.8.3 8.8.3.1 9.1 9.2.1 9.2.2 9.3.1 \
    9.3.2 9.3.3 9.3.4 9.3.5 9.3.6 9.3.7 9.3.8 10.1.1 10.1.2 10.1.3 10.1.4 10.1.5 10.2.1 10.2.2 \
    10.2.4 11.2 11.4 11.5 11.6.1 11.6.2 11.7.1 12.4.2 12.5.1 12.5.3 12.5.4 12.5.5 13.1.1 13.1.2 \
    13.1.3 13.1.4 13.1.5 13.2.1 13.2.2 14.1.2 14.2 14.3 14.4 14.5 15 15.2 15.2.2 15.3.1 15.3.6 15.3.7 \
    15.3.7.1 15.3.7.2 15.3.7.3 15.4 15.4.1 15.4.2 15.4.3 15.4.5 15.4.8 15.4.9 15.5 15.5.2 15.5.4 \
    15.5.6 15.5.7 15.5.8 15.5.10 15.5.14 15.5.17 15.5.20 15.5.22 15.6 15.6.6 16.1.1 16.2.1 16.3.1 \
    16.3.2.1 16.4.1 16.4.2 16.5.1 16.6.1 16.7";

/// A row of the page: its cells, without the blanks around them.
type Row = Vec<String>;

fn page() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rfc.md");
    fs::read_to_string(path).unwrap()
}

/// The rows below the heading that begins so, without the table's own head.
fn rows(page: &str, heading: &str) -> Vec<Row> {
    let lines = page.lines().skip_while(|line| *line != heading).skip(1);
    let lines = lines.take_while(|line| !line.starts_with("## "));
    let rows = lines.filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"));
    rows.map(|row| row.split(" | ").map(str::to_owned).collect())
        .filter(|row: &Row| !["section", "RFC"].contains(&&*row[0]))
        .collect()
}

fn rules(page: &str) -> Vec<Row> {
    ["## RFC 9112", "## RFC 9110"]
        .iter()
        .flat_map(|heading| rows(page, heading))
        .collect()
}

/// The tests that a cell names: words with `::` in them.
fn named(cell: &str) -> Vec<(&str, &str)> {
    let words = cell.split([' ', '(', ')', ',', ';']);
    words.filter_map(|word| word.split_once("::")).collect()
}

/// The file that a test's name begins with.
fn file(name: &str) -> Option<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = ["tests", "src/h1", "src"];
    let mut files = folders
        .map(|folder| here.join(folder).join(format!("{name}.rs")))
        .into_iter();
    files.find(|file| file.exists())
}

/// Whether a text has a test of this name: a function behind an attribute that makes it one, or
/// within `proptest!`.
fn has_test(text: &str, function: &str) -> bool {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let is_it = |line: &str| {
        let line = line.strip_prefix("async ").unwrap_or(line);
        let rest = line
            .strip_prefix("fn ")
            .and_then(|it| it.strip_prefix(function));
        rest.is_some_and(|rest| rest.starts_with('('))
    };
    let attribute = |at: usize| {
        let above = lines[..at].iter().rev();
        let mut above = above.take_while(|line| line.starts_with("#[") || line.starts_with("//"));
        above.any(|line| line.starts_with("#[test]") || line.starts_with("#[runtime::test"))
    };
    (0..lines.len()).any(|at| is_it(lines[at]) && attribute(at))
}

#[test]
fn every_rule_names_a_test_that_is_there_or_says_why_none_is_needed() {
    let page = page();
    for row in rules(&page) {
        assert_eq!(row.len(), 4, "{row:?}");
        let tests = named(&row[3]);
        match row[3].strip_prefix("does not apply: ") {
            Some(reason) => assert!(reason.len() > 8, "no reason: {row:?}"),
            None => assert_eq!(tests.len(), 1, "one test: {row:?}"),
        }
        for (module, function) in tests {
            let file = file(module).unwrap_or_else(|| panic!("no file {module}: {row:?}"));
            let text = fs::read_to_string(file).unwrap();
            assert!(has_test(&text, function), "no test {function} in {module}");
        }
    }
}

#[test]
fn no_rule_stands_twice() {
    let page = page();
    for heading in ["## RFC 9112", "## RFC 9110"] {
        let mut seen = BTreeSet::new();
        for row in rows(&page, heading) {
            assert!(seen.insert(row[..3].to_vec()), "twice: {row:?}");
            let roles = ["S", "R", "T", "C", "G"];
            assert!(roles.contains(&&*row[1]), "no such role: {row:?}");
        }
    }
}

#[test]
fn every_section_with_rules_is_there() {
    let page = page();
    let without = rows(&page, "## Sections without rules for us");
    for (rfc, sections) in [("9112", OF_9112), ("9110", OF_9110)] {
        let with: BTreeSet<_> = rows(&page, &format!("## RFC {rfc}"))
            .into_iter()
            .map(|row| row[0].clone())
            .collect();
        let left: BTreeSet<_> = without
            .iter()
            .filter(|row| row[0] == rfc)
            .map(|row| row[1].clone())
            .collect();
        for section in sections.split_whitespace() {
            let places = [&with, &left]
                .iter()
                .filter(|it| it.contains(section))
                .count();
            assert_eq!(places, 1, "section {section} of RFC {rfc}");
        }
    }
}

/// The reader of the page is itself no friend of guesses.
#[test]
fn a_test_is_a_function_behind_its_attribute() {
    let text = "#[test]\nfn a() {}\nfn b() {}\n#[runtime::test(x)]\n// why\nasync fn c() {}\n\
                #[cfg(test)]\nfn d() {}\n#[test]\nfn ab() {}";
    let found: Vec<bool> = ["a", "b", "c", "d", "ab"]
        .iter()
        .map(|name| has_test(text, name))
        .collect();
    assert_eq!(found, [true, false, true, false, true]);
    assert_eq!(named("no: x (a/b::c), d::e"), [("a/b", "c"), ("d", "e")]);
    let page = "## A\n| section | x |\n|---|---|\n| 1 | y |\n## B\n| 2 | z |";
    assert_eq!(rows(page, "## A"), [["1", "y"]]);
}
