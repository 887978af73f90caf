//! The lab can be trusted: each solution passes its check; each stage, as it is shipped, is told to be "not
//! written yet"; and each wrong solution in `wrong/` is told in the right words. The list says which. And no case is
//! idle: for each there is a wrong solution that it tells of.
#![forbid(unsafe_code)]

use lab::examiner::{NOT_WRITTEN, WRONG};
use lab::{FILES, STAGES};
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// One that hangs is waited for as long as this; longer, if the machine was so busy that it took another for it.
const HANGS: &[&str] = &["2", "20"];
/// And another for as long as this: it is never used up.
const PATIENT: &str = "120";

fn folder(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// How a program of the lab ends, and what it prints.
fn run(program: &str, words: &[&str], seconds: &str) -> (Option<i32>, String) {
    let mut command = Command::new(program);
    let output = command.args(words).env("LAB_SECONDS", seconds).output();
    let output = output.expect("the program is built");
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    (output.status.code(), printed)
}

/// One space for each gap: what is said may be cut into lines anywhere.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The cases of which a line says `what`.
fn cases(printed: &str, what: &str) -> BTreeSet<String> {
    let lines = printed
        .lines()
        .filter_map(|line| line.trim_start().strip_prefix(what));
    lines.map(|case| case.trim().to_owned()).collect()
}

fn stage(words: &[&str]) -> (Option<i32>, String) {
    run(env!("CARGO_BIN_EXE_stage"), words, PATIENT)
}

#[test]
fn each_solution_is_right() {
    for number in 1..=STAGES {
        let (code, printed) = stage(&["--solution", &number.to_string()]);
        assert_eq!(code, Some(0), "the solution of stage {number}: {printed}");
        let end = format!("Stage {number} of {STAGES} is right.");
        assert!(printed.trim_end().ends_with(&end), "{printed}");
    }
}

/// The text of a hole, in one line, as the compiler reads it.
fn holes(stage: &str) -> Vec<String> {
    let mut pieces = stage.split("todo!(").skip(1);
    let mut holes = Vec::new();
    for piece in &mut pieces {
        let text = piece
            .trim_start()
            .strip_prefix('"')
            .expect("a hole has a text");
        let text = text.replace("\\\"", "\u{1}");
        let (text, _) = text.split_once('"').expect("the text has an end");
        let text = text.replace('\u{1}', "\"").replace("\\\n", " ");
        holes.push(text.split_whitespace().collect::<Vec<_>>().join(" "));
    }
    holes
}

#[test]
fn each_stage_as_it_is_shipped_is_told_to_be_not_written_yet() {
    for (number, file) in (1..).zip(FILES) {
        let text = fs::read_to_string(folder("stages").join(file)).unwrap();
        let holes = holes(&text);
        assert!(
            !holes.is_empty(),
            "{file} has no hole: a stage is kept as the learner finds it"
        );
        let (code, printed) = stage(&[&number.to_string()]);
        assert_eq!(code, Some(NOT_WRITTEN), "stage {number}: {printed}");
        let words = flat(&printed);
        let is_told = |hole: &String| words.contains(&format!("not written yet: {hole} at "));
        assert!(
            holes.iter().any(is_told),
            "stage {number}: {printed}\n{holes:#?}"
        );
        let place = format!("at examples/lab/stages/{file}:");
        assert!(printed.contains(&place), "{printed}");
    }
}

#[test]
fn the_head_of_each_stage_says_what_to_write_and_where_to_read_and_the_rest_is_the_solution() {
    let notes = fs::read_to_string(folder("../../NOTES.md")).unwrap();
    let last = notes
        .lines()
        .filter(|line| line.starts_with("## ") && line.contains(". "))
        .count();
    for (number, file) in (1..).zip(FILES) {
        let text = fs::read_to_string(folder("stages").join(file)).unwrap();
        let head: String = text
            .lines()
            .take_while(|line| line.starts_with("//!"))
            .collect();
        assert!(
            head.starts_with(&format!("//! # Stage {number} of {STAGES}: ")),
            "{file}"
        );
        let (_, read) = head.split_once("Read stop").expect("it says what to read");
        let stops = read.split("NOTES.md").next().unwrap();
        let stops = stops
            .split(|it: char| !it.is_ascii_digit())
            .filter_map(|it| it.parse().ok());
        assert!(stops.clone().count() > 0, "{file}");
        assert!(stops.clone().all(|stop: usize| stop <= last), "{file}");

        let solution = fs::read_to_string(folder("solutions").join(file)).unwrap();
        let is_code = |line: &&str| !line.starts_with("//!");
        let given = text.lines().filter(is_code);
        let holes = text.matches("todo!(").count();
        let strange = given.filter(|line| !solution.contains(line.trim())).count();
        // A hole is at most as many lines as its text.
        assert!(
            strange <= holes * 7,
            "{file}: {strange} lines do not stand in its solution"
        );
    }
}

#[test]
fn each_wrong_solution_is_told_in_the_right_words() {
    let mut complaints = Vec::new();
    std::thread::scope(|scope| {
        let workers = FILES.map(|file| scope.spawn(move || complaints_of(file)));
        for worker in workers {
            complaints.extend(worker.join().expect("the list is in its form"));
        }
    });
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n\n"));
}

/// What is wrong with the wrong solutions of one stage: what is not told, and the cases that tell of none.
fn complaints_of(file: &str) -> Vec<String> {
    let list = fs::read_to_string(folder("wrong").join(file).with_extension("txt")).unwrap();
    let lines: Vec<&str> = list.lines().filter(|line| !line.starts_with('#')).collect();
    let faults = lines.split(|line| line.is_empty());
    let mut complaints = Vec::new();
    let (_, printed) = stage(&["--solution", &file[..2]]);
    let mut idle = cases(&printed, "right ");
    for fault in faults.filter(|fault| !fault.is_empty()) {
        let says: Vec<&str> = fault
            .iter()
            .filter_map(|line| line.strip_prefix("says "))
            .collect();
        match told(file, fault[0], &says) {
            Ok(told) => idle = &idle - &told,
            Err(complaint) => complaints.push(complaint),
        }
    }
    if !idle.is_empty() {
        complaints.push(format!(
            "{file}: no wrong solution shows what these cases are for: {idle:?}"
        ));
    }
    complaints
}

/// The case that tells of a wrong solution, if it says what it has to.
fn told(file: &str, title: &str, says: &[&str]) -> Result<BTreeSet<String>, String> {
    assert!(!says.is_empty(), "{file}, {title}: what does the lab say?");
    let hangs = says.iter().any(|it| it.contains("It hangs"));
    let ends = match says.iter().any(|it| it.contains("not written yet")) {
        true => NOT_WRITTEN,
        false => WRONG,
    };
    let mut complaint = String::new();
    for seconds in if hangs { HANGS } else { &[PATIENT] } {
        let (code, printed) = run(env!("CARGO_BIN_EXE_wrong"), &[&file[..2], title], seconds);
        let words = flat(&printed);
        let unsaid: Vec<_> = says.iter().filter(|it| !words.contains(**it)).collect();
        if code == Some(ends) && unsaid.is_empty() {
            return Ok(cases(&printed, "WRONG "));
        }
        complaint = format!("{file}, {title}: it does not say {unsaid:?}:\n{printed}");
    }
    Err(complaint)
}

#[test]
fn a_text_of_several_lines_is_not_made_one() {
    let program = env!("CARGO_BIN_EXE_wrong");
    let (_, printed) = run(program, &["10", "spawn polls at once"], PATIENT);
    let differs = "\n  expected: main: has spawned both, and neither has run yet\n  got: ";
    assert!(printed.contains(differs), "{printed}");
}

#[test]
fn what_is_no_command_is_refused_with_those_that_are() {
    for words in [
        &["0"][..],
        &["11"],
        &["--watch", "3"],
        &["three"],
        &["--solution"],
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_lab"))
            .args(words)
            .output()
            .unwrap();
        assert!(!output.status.success(), "{words:?}");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            said.contains("they are 1 to 10") && said.contains("--watch"),
            "{said}"
        );
    }
}
