//! The list of faults that `runtime/tests/mutants/run.sh` puts into the code: each still fits it.
//!
//! To run them all takes too long for each change. But a line that has moved on must not leave a fault behind
//! that can no longer be made.
#![forbid(unsafe_code)]

mod support;

use std::collections::BTreeSet;
use std::fs;

use support::root;

const LIST: &str = "runtime/tests/mutants/faults.txt";

/// A fault, as the list has it.
struct Fault<'a> {
    name: &'a str,
    file: &'a str,
    old: &'a str,
    new: &'a str,
    package: &'a str,
    test: &'a str,
}

fn fault<'a>(lines: &[&'a str]) -> Option<Fault<'a>> {
    let [name, file, old, new, by] = lines[..] else {
        return None;
    };
    let (package, test) = by.strip_prefix("by ")?.split_once(' ')?;
    Some(Fault {
        name,
        file,
        old: old.strip_prefix("- ")?,
        new: new.strip_prefix('+')?.trim(),
        package,
        test,
    })
}

/// How often the line stands in the file, but for its indentation.
fn count(file: &str, line: &str) -> usize {
    let text = fs::read_to_string(root().join(file)).unwrap_or_default();
    text.lines().filter(|it| it.trim() == line).count()
}

#[test]
fn each_fault_changes_one_line_that_stands_once_and_names_a_test_that_there_is() {
    let list = fs::read_to_string(root().join(LIST)).unwrap();
    let lines: Vec<&str> = list.lines().filter(|line| !line.starts_with('#')).collect();
    let mut names = BTreeSet::new();
    for lines in lines
        .split(|line| line.is_empty())
        .filter(|it| !it.is_empty())
    {
        let fault = fault(lines).unwrap_or_else(|| panic!("not a fault: {lines:#?}"));
        let Fault {
            name, file, old, ..
        } = fault;
        assert!(names.insert(name), "{name}: stands twice");
        assert_eq!(count(file, old), 1, "{name}: `{old}` in {file}");
        assert_ne!(fault.old, fault.new, "{name}: changes nothing");
        let test = format!("{}/tests/{}.rs", fault.package, fault.test);
        assert!(
            fault.test == "lib" || root().join(&test).is_file(),
            "{name}: there is no {test}"
        );
    }
    assert!(names.len() >= 40, "{} faults", names.len());
}
