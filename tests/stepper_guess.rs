//! The stepper's guessing: what is asked about each event of each program, and the answers typed to it.
#![forbid(unsafe_code)]

mod support;

use runtime::trace::{End, Event, Recording};
use std::fs::File;
use std::io::{BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use story::guess::{Question, question};
use support::{files, root, run};

/// The stepper's own programs, as it lists them.
fn programs() -> Vec<String> {
    let list = run::example("stepper", &[]).unwrap();
    let lines = list.lines().filter(|line| line.starts_with("  "));
    let names = lines.filter_map(|line| line.split_whitespace().next());
    names.map(str::to_owned).collect()
}

fn recording(name: &str) -> Recording {
    recordings(name).remove(0)
}

/// One; or one a host, in a folder.
fn recordings(name: &str) -> Vec<Recording> {
    let saved = format!("{}/guess-{name}.jsonl", env!("CARGO_TARGET_TMPDIR"));
    run::example("stepper", &[name, "--save", &saved]).unwrap();
    let files = match Path::new(&saved).is_dir() {
        true => files(Path::new(&saved), ".jsonl"),
        false => vec![PathBuf::from(saved)],
    };
    let read = |file| Recording::read_from(BufReader::new(File::open(file).unwrap())).unwrap();
    files.iter().map(read).collect()
}

fn ask(recording: &Recording, at: usize) -> Option<Question> {
    question(recording.records(), at, &recording.state_at(at))
}

#[test]
fn of_four_different_answers_to_each_event_of_each_program_one_is_the_truth() {
    let programs = programs();
    assert!(programs.len() >= 16, "{programs:?}");
    for name in programs {
        for recording in recordings(&name) {
            each_is_asked_about(&name, &recording);
        }
    }
}

fn each_is_asked_about(name: &str, recording: &Recording) {
    let records = recording.records();
    for (at, record) in records.iter().enumerate() {
        let asked = ask(recording, at).unwrap_or_else(|| panic!("{name} #{at}"));
        let (before, after) = (recording.state_at(at), recording.state_at(at + 1));
        let truth = story::tell(&records[at..], &before, &after);
        for (place, choice) in asked.choices.iter().enumerate() {
            let is_right = place == asked.right;
            assert_eq!(choice.event == record.event, is_right, "{name} #{at}");
            assert_eq!(choice.text == truth, is_right, "{name} #{at}: {truth}");
            assert_eq!(choice.why_not.is_empty(), is_right, "{name} #{at}");
            let others = asked.choices.iter().filter(|it| it.text == choice.text);
            assert_eq!(others.count(), 1, "{name} #{at}: {}", choice.text);
        }
    }
    assert!(ask(recording, records.len()).is_none(), "{name}");
}

#[test]
fn the_same_event_is_always_asked_about_in_the_same_way_and_the_truth_is_at_every_place() {
    let recording = recording("channel");
    let mut places = [0; 4];
    for at in 0..recording.records().len() {
        let (one, other) = (ask(&recording, at).unwrap(), ask(&recording, at).unwrap());
        assert_eq!((one.choices, one.right), (other.choices, other.right));
        places[one.right] += 1;
    }
    assert!(places.iter().all(|often| *often > 3), "{places:?}");
}

#[test]
fn a_ready_that_comes_later_in_the_poll_is_not_called_wrong_but_early() {
    let mut early = 0;
    for name in ["joining", "draining", "panicking"] {
        let recording = recording(name);
        let records = recording.records();
        for at in 0..records.len() {
            let asked = ask(&recording, at).unwrap();
            let mut rest = records[at..].iter().map(|record| &record.event);
            let end = rest.find(|event| matches!(event, Event::PollEnd { .. }));
            let how = rest.next();
            let says_ready = matches!(
                how,
                Some(Event::Ended {
                    how: End::Finished,
                    ..
                })
            );
            for choice in &asked.choices {
                let Event::PollEnd {
                    task, ready: true, ..
                } = choice.event
                else {
                    continue;
                };
                let is_same = matches!(end, Some(Event::PollEnd { task: it, .. }) if *it == task);
                let is_early = is_same && says_ready && !choice.why_not.is_empty();
                let text = "It will, but something comes before that.";
                assert_eq!(choice.why_not == text, is_early, "{name} #{at}: {choice:?}");
                early += usize::from(is_early);
            }
        }
    }
    assert!(early > 3, "{early}");
}

/// What the stepper prints if these lines are typed to it.
fn played(name: &str, typed: &str) -> String {
    let mut stepper = Command::new(run::binary("stepper").unwrap());
    stepper.args([name, "--guess", "--plain"]);
    stepper.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = stepper.current_dir(root()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(typed.as_bytes()).unwrap();
    drop(input);
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The number to type for each event: the right answer, or one beside it.
fn answers(recording: &Recording, beside: usize) -> String {
    let events = recording.records().len();
    let asked = (0..events).map(|at| ask(recording, at).unwrap());
    let typed = asked.map(|asked| format!("{}\n", (asked.right + beside) % 4 + 1));
    typed.collect()
}

#[test]
fn who_answers_right_has_them_all_and_who_answers_wrong_is_told_why() {
    let recording = recording("joining");
    let events = recording.records().len();
    let right = played("joining", &answers(&recording, 0));
    assert!(
        right.ends_with(&format!("You guessed {events} of {events} right.\n")),
        "{right}"
    );
    assert!(!right.contains("WRONG"), "{right}");
    let wrong = played("joining", &answers(&recording, 1));
    assert!(
        wrong.ends_with(&format!("You guessed 0 of {events} right.\n")),
        "{wrong}"
    );
    for (at, _) in recording.records().iter().enumerate() {
        let asked = ask(&recording, at).unwrap();
        let said = &asked.choices[(asked.right + 1) % 4];
        let verdict = format!("You said: {} {}", said.text, said.why_not);
        assert!(wrong.contains(&verdict), "{verdict}:\n{wrong}");
    }
    assert!(wrong.contains("because   #"), "{wrong}");
}

#[test]
fn an_event_that_is_shown_without_an_answer_does_not_count() {
    let told = played("joining", "\n\n1\n\nq\n");
    assert_eq!(told.matches("What happens next?").count(), 5, "{told}");
    assert!(told.contains(" of 1 right."), "{told}");
    let none = played("joining", "");
    assert!(none.ends_with("Nothing was guessed.\n"), "{none}");
}
