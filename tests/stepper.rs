//! The stepper in `examples/stepper/`: the story it prints, and the terminal it draws on.
//!
//! The story of each program that meets nothing outside is compared with
//! `examples/stepper/expected/NAME.txt`, in the pattern language of `tests/support/output.rs`;
//! the lines of the runtime's own source are left open there, for they move. So is the story of
//! `tiny`, a runtime of its own, with its lines.
#![forbid(unsafe_code)]

mod support;

use std::fs;
use support::{files, output, root, run};

const DETERMINISTIC: [&str; 18] = [
    "yielding",
    "joining",
    "by_hand",
    "panicking",
    "racing",
    "together",
    "late",
    "cascade",
    "aborting",
    "spending",
    "channel",
    "full",
    "mutex",
    "leaving",
    "deadlock",
    "forgetful",
    "losing",
    "draining",
];

/// On the real clock, with threads or a peer: not every line of these is the same each time, and so their
/// stories are not compared as a whole (tests/stepper_told.rs has some of them).
const OUTSIDE: [&str; 6] = ["turning", "foreign", "working", "echo", "http", "keeping"];

/// It sleeps on the real clock, but its story has a clock of its own.
const TINY: &str = "tiny";

/// Several hosts: their story has one line an event (tests/stepper_lanes.rs has the rest).
const HOSTS: [&str; 2] = ["hosts", "crash"];

fn all() -> impl Iterator<Item = &'static str> {
    let others = OUTSIDE.into_iter().chain([TINY]).chain(HOSTS);
    DETERMINISTIC.into_iter().chain(others)
}

fn story(words: &[&str]) -> String {
    run::example("stepper", words).unwrap()
}

#[test]
fn without_a_name_the_programs_are_listed() {
    let list = story(&[]);
    for name in all() {
        assert!(list.contains(&format!("  {name} ")), "{name}: {list}");
    }
}

#[test]
fn the_story_of_each_program_is_as_expected() {
    for name in DETERMINISTIC.into_iter().chain(HOSTS) {
        compare(name).unwrap_or_else(|error| panic!("{name} {error}"));
    }
}

fn compare(name: &str) -> Result<(), String> {
    let path = root().join(format!("examples/stepper/expected/{name}.txt"));
    let expected = fs::read_to_string(path).unwrap();
    output::compare(&expected, &story(&[name]))
}

/// Its two sleepers wake up 200 ms apart. Where the machine stood still for so long, both wake up at once, and
/// the story is another; hardly so three times.
#[test]
fn the_story_of_the_tiny_runtime_is_told_with_its_own_lines() {
    let told = (0..3).map(|_| compare(TINY)).find(Result::is_ok);
    if told.is_none() {
        compare(TINY).unwrap();
    }
}

#[test]
fn the_line_of_the_runtime_is_that_of_the_deed_and_not_of_its_report() {
    for name in DETERMINISTIC.iter().chain(&["foreign", "working", "echo"]) {
        let told = story(&[name]);
        let runtime = |line: &&str| line.starts_with("    runtime   ");
        for line in told.lines().filter(runtime) {
            let (place, text) = line.split_once(" | ").unwrap();
            assert!(place.contains("runtime/src/"), "{name}: {line}");
            assert!(!text.contains("emit"), "{name}: {line}");
            assert!(text.contains(char::is_alphabetic), "{name}: {line}");
        }
    }
}

#[test]
fn every_expected_story_belongs_to_a_program() {
    for path in files(&root().join("examples/stepper/expected"), ".txt") {
        let name = path.file_stem().unwrap().to_string_lossy();
        let is_one = all().any(|it| it == name);
        assert!(is_one, "{name}");
    }
}

#[test]
fn the_same_seed_tells_the_same_story_and_another_seed_another() {
    for name in DETERMINISTIC {
        assert_eq!(story(&[name, "--plain"]), story(&[name]), "{name}");
    }
    let draw = |seed: u32| story(&["racing", "--seed", &seed.to_string()]);
    let first = draw(0);
    assert!((1..16).any(|seed| draw(seed) != first));
}

#[test]
fn the_same_seed_gives_the_same_recording_byte_for_byte() {
    for name in DETERMINISTIC {
        assert_eq!(recording(name, "1"), recording(name, "1"), "{name}");
    }
}

#[test]
fn a_recording_from_a_file_tells_the_story_of_its_program() {
    let file = format!("{}/joining.jsonl", env!("CARGO_TARGET_TMPDIR"));
    story(&["joining", "--save", &file]);
    let (saved, direct) = (story(&[&file]), story(&["joining"]));
    let events = |text: &str| text[text.find("#0").unwrap()..].to_owned();
    assert_eq!(events(&saved), events(&direct));
}

#[test]
fn a_recording_that_names_a_file_elsewhere_does_not_get_it_opened() {
    let own = recording("yielding", "2");
    for name in ["/etc/hostname", "examples/../Cargo.toml"] {
        let file = format!("{}/elsewhere.jsonl", env!("CARGO_TARGET_TMPDIR"));
        fs::write(&file, own.replace("runtime/src/machine/run_queue.rs", name)).unwrap();
        let told = story(&[&file]);
        let lines = told.lines().filter(|line| line.contains("    runtime   "));
        let foreign: Vec<_> = lines
            .filter(|line| !line.contains("runtime/src/"))
            .collect();
        assert!(!foreign.is_empty(), "{told}");
        assert!(
            foreign.iter().all(|line| line.trim_end().ends_with('|')),
            "{foreign:?}"
        );
    }
}

/// What `--save` writes.
fn recording(name: &str, seed: &str) -> String {
    let file = format!("{}/{name}-{seed}.jsonl", env!("CARGO_TARGET_TMPDIR"));
    story(&[name, "--seed", seed, "--save", &file]);
    fs::read_to_string(file).unwrap()
}

#[test]
fn a_wake_from_another_thread_is_told_with_the_inbox() {
    let told = story(&["foreign"]);
    let inbox = told.find("The inbox is emptied").expect(&told);
    let woken = told.find("another thread has woken it").expect(&told);
    assert!(inbox < woken, "{told}");
    assert!(told.contains("because"), "{told}");
    assert!(told.ends_with("No task is left.\n"), "{told}");
}

#[test]
fn an_echo_is_told_with_its_sources() {
    let told = story(&["echo"]);
    assert!(told.contains("is given to the reactor"), "{told}");
    assert!(told.contains("because   "), "{told}");
    assert!(told.ends_with("No task is left.\n"), "{told}");
}

#[test]
fn a_request_leaves_nothing_behind() {
    let told = story(&["http"]);
    assert!(told.contains("server/src/"), "{told}");
    assert!(told.ends_with("No task is left.\n"), "{told}");
    let count = |what: &str| told.matches(what).count();
    let made = count("is given to the reactor");
    assert_eq!(
        made,
        count("is closed, and the reactor forgets it"),
        "{told}"
    );
    assert!(made >= 3, "a listener and two ends of a connection: {told}");
}

#[test]
fn no_story_names_the_folder_of_this_machine() {
    let here = root().to_string_lossy();
    for name in all() {
        assert!(!story(&[name]).contains(&*here), "{name}");
    }
}

#[test]
fn what_does_not_exist_is_said_and_not_guessed() {
    let no_program = run::example("stepper", &["loom"]).unwrap_err();
    assert!(
        no_program.contains("there is no program loom"),
        "{no_program}"
    );
    let no_option = run::example("stepper", &["racing", "--fast"]).unwrap_err();
    assert!(
        no_option.contains("there is no option --fast"),
        "{no_option}"
    );
}

#[test]
fn what_means_nothing_for_the_program_is_refused() {
    let refused = |words: &[&str]| run::example("stepper", words).unwrap_err();
    let both = refused(&["joining", "hosts"]);
    let one = "joining is a program: one at a time; only recordings may be several";
    assert!(both.contains(one), "{both}");
    let patience = refused(&["joining", "--for", "3"]);
    assert!(
        patience.contains("--for is for a program of yours"),
        "{patience}"
    );
    let seed = refused(&["a.jsonl", "--seed", "3"]);
    assert!(
        seed.contains("--seed is for the stepper's own programs"),
        "{seed}"
    );
}

#[test]
fn a_file_that_cannot_be_written_is_named() {
    let (file, folder) = ("/no/such/folder/a.jsonl", "/proc/no/folder");
    for (name, option, file) in [
        ("joining", "--save", file),
        ("joining", "--perfetto", file),
        ("hosts", "--save", folder),
    ] {
        let said = run::example("stepper", &[name, option, file]).unwrap_err();
        let wanted = format!("{file} cannot be written: ");
        assert!(said.contains(&wanted), "{said}");
    }
}

#[test]
fn a_task_that_can_never_go_on_is_shown_so_from_the_event_on_after_which_it_cannot() {
    let file = format!("{}/lost.jsonl", env!("CARGO_TARGET_TMPDIR"));
    run::example("museum", &["lost_wake_up", "--save", &file]).unwrap();
    let told = story(&[&file]);
    let never = "* ✗ 2 visitor    2 polls  can never go on: waits for a call of notify 1 (";
    assert_eq!(told.matches(never).count(), 1, "{told}");
    // It waits for another thread, and not for ever.
    let told = story(&["foreign"]);
    let rows = told.lines().filter(|line| line.starts_with("    tasks "));
    assert!(!rows.clone().any(|row| row.contains('✗')), "{told}");
}

#[test]
fn a_program_that_cargo_has_not_started_finds_its_sources_from_the_working_folder() {
    let elsewhere = std::env::temp_dir().join(format!("stepper-{}", std::process::id()));
    fs::copy(run::binary("stepper").unwrap(), &elsewhere).unwrap();
    let mut command = std::process::Command::new(&elsewhere);
    command.arg("late").env_remove("CARGO_MANIFEST_DIR");
    let said = command.current_dir(root()).output().unwrap();
    fs::remove_file(&elsewhere).unwrap();
    let told = String::from_utf8(said.stdout).unwrap();
    assert!(told.contains("late.rs:14 | drop(named("), "{told}");
}
