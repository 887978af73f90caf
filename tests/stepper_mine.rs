//! The stepper and a program of the reader's: built, run, recorded and stepped in one command. And what
//! it shows of a recording whose file was cut, or whose sources have changed.
#![forbid(unsafe_code)]

mod support;

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};

use support::{root, run};

const PROGRAM: &str = "\
use runtime::time::{Duration, sleep};

#[runtime::main]
async fn main() {
    let task = runtime::spawn(sleep(Duration::from_millis(1)));
    task.await.unwrap();
    println!(\"the program's own output\");
}
";

/// One build at a time: cargo would have the others wait anyway, and their patience run out.
fn alone() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    ONE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn story(words: &[&str]) -> String {
    run::example("stepper", words).unwrap()
}

/// A file outside of all packages' targets.
fn mine(name: &str, text: &str) -> PathBuf {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&file, text).unwrap();
    file
}

fn words(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn a_file_is_built_run_and_stepped_with_its_own_lines() {
    let _alone = alone();
    let file = mine("good.rs", PROGRAM);
    let told = story(&[words(&file), "--plain"]);
    assert!(told.starts_with("good.rs: a program of yours\n"), "{told}");
    assert!(told.contains("The program ended by itself."), "{told}");
    assert!(
        told.contains("good.rs:5 | let task = runtime::spawn("),
        "{told}"
    );
    assert!(told.ends_with("No task is left.\n"), "{told}");
    assert!(!told.contains("own output"), "{told}");
    // The same file with its recording saved, and then edited.
    let saved = Path::new(env!("CARGO_TARGET_TMPDIR")).join("good.jsonl");
    story(&[words(&file), "--save", words(&saved)]);
    let same = story(&[words(&saved)]);
    assert!(
        same.contains("good.rs:5 | let task = runtime::spawn("),
        "{same}"
    );
    mine("good.rs", &format!("// A line more.\n{PROGRAM}"));
    let edited = story(&[words(&saved)]);
    let changed = "good.rs:5 | (this file has changed since the recording)";
    assert!(edited.contains(changed), "{edited}");
}

#[test]
fn what_the_compiler_says_is_shown() {
    let _alone = alone();
    let file = mine("broken.rs", "fn main() { wool(); }\n");
    let said = run::example("stepper", &[words(&file), "--plain"]).unwrap_err();
    assert!(said.contains("error[E0425]"), "{said}");
    assert!(said.contains("does not build"), "{said}");
}

#[test]
fn a_program_that_hangs_is_ended_and_stepped_up_to_there() {
    let _alone = alone();
    let hangs = PROGRAM.replace("task.await.unwrap();", "loop { std::thread::park() }");
    let told = story(&[words(&mine("hangs.rs", &hangs)), "--for", "1"]);
    assert!(told.contains("had not ended after 1 s"), "{told}");
    assert!(told.contains("2 tasks are left."), "{told}");
}

#[test]
fn a_program_without_a_runtime_of_ours_is_told_from_a_recorded_one() {
    let _alone = alone();
    let file = mine("plain.rs", "fn main() {}\n");
    let said = run::example("stepper", &[words(&file)]).unwrap_err();
    assert!(said.contains("the program has made no recording"), "{said}");
}

const TWO_RUNTIMES: &str = "\
use runtime::time::{Duration, sleep};

fn main() {
    for sleeps in [1, 2] {
        let runtime = runtime::runtime::Runtime::new().unwrap();
        runtime.block_on(async move {
            for _ in 0..sleeps {
                sleep(Duration::from_millis(1)).await;
            }
        });
    }
}
";

#[test]
fn of_several_runtimes_one_is_shown_and_it_is_said_how_to_see_and_save_the_others() {
    let _alone = alone();
    let file = mine("two.rs", TWO_RUNTIMES);
    let file = words(&file);
    let is_second = |told: &str| told.contains("Timer 2 is hung");
    let first = story(&[file]);
    assert!(
        first.starts_with("two.rs, runtime 1 of 2: a program"),
        "{first}"
    );
    let said = "It built 2 runtimes, and this is what runtime 1 did: --runtime 2 shows the other;";
    assert!(first.replace('\n', " ").contains(said), "{first}");
    assert!(!is_second(&first), "{first}");
    let second = story(&[file, "--runtime", "2"]);
    assert!(
        second.starts_with("two.rs, runtime 2 of 2: a program"),
        "{second}"
    );
    assert!(is_second(&second), "{second}");
    let none = run::example("stepper", &[file, "--runtime", "3"]).unwrap_err();
    assert!(
        none.contains("built 2 runtimes: there is no runtime 3"),
        "{none}"
    );

    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let [one, two, chosen] = ["two.jsonl", "two-2.jsonl", "chosen.jsonl"].map(|it| folder.join(it));
    let _ = fs::remove_file(&two);
    story(&[file, "--save", words(&one)]);
    assert!(!is_second(&story(&[words(&one)])));
    assert!(is_second(&story(&[words(&two)])));
    story(&[file, "--save", words(&chosen), "--runtime", "2"]);
    assert!(is_second(&story(&[words(&chosen)])));
    assert!(!folder.join("chosen-2.jsonl").exists());
    let perfetto = folder.join("two.json");
    story(&[file, "--perfetto", words(&perfetto)]);
    let perfetto = fs::read_to_string(&perfetto).unwrap();
    assert!(perfetto.contains("\"runtime 1\"") && perfetto.contains("\"runtime 2\""));
}

#[test]
fn an_example_is_found_by_its_name() {
    let _alone = alone();
    let told = story(&["spawn_and_join", "--plain"]);
    assert!(
        told.starts_with("spawn_and_join: a program of yours\n"),
        "{told}"
    );
    assert!(told.contains("examples/spawn_and_join.rs:"), "{told}");
}

#[test]
fn an_edit_is_built_and_stepped_again() {
    let _alone = alone();
    let file = mine("edited.rs", PROGRAM);
    let mut command = Command::new(run::binary("stepper").unwrap());
    command.args([words(&file), "--plain", "--watch"]);
    command
        .current_dir(root())
        .stdin(Stdio::null())
        .stderr(Stdio::null());
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut end = || {
        let found = lines.find(|line| line.as_ref().unwrap().starts_with("The end, after "));
        found.expect("it goes on").unwrap()
    };
    let first = end();
    mine(
        "edited.rs",
        &PROGRAM.replace(
            "task.await",
            "let _ = runtime::spawn(async {}).await; task.await",
        ),
    );
    let second = end();
    child.kill().unwrap();
    child.wait().unwrap();
    assert_ne!(first, second);
}

#[test]
fn a_watched_program_that_does_not_build_yet_is_built_after_the_next_edit() {
    let _alone = alone();
    let file = mine("broken.rs", "fn main() { nothing_of_this_name() }");
    let mut command = Command::new(run::binary("stepper").unwrap());
    command.args([words(&file), "--plain", "--watch"]);
    command.current_dir(root()).stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut said = BufReader::new(child.stderr.take().unwrap()).lines();
    let is_told = |line: &str| line.contains("It is built again when it was edited");
    let waits = said.any(|line| is_told(&line.unwrap()));
    assert!(waits, "it has ended");
    // What cargo says of the next build must find room.
    std::thread::spawn(move || said.for_each(drop));
    mine("broken.rs", PROGRAM);
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let is_end = |line: &str| line.starts_with("The end, after ");
    assert!(lines.any(|line| is_end(&line.unwrap())));
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_source_without_its_hash_is_not_shown_as_if_it_were_right() {
    let saved = Path::new(env!("CARGO_TARGET_TMPDIR")).join("hashes.jsonl");
    story(&["yielding", "--save", words(&saved)]);
    let recording = fs::read_to_string(&saved).unwrap();
    assert!(story(&[words(&saved)]).contains("yielding.rs:15 | "));
    assert!(!story(&[words(&saved)]).contains("has changed"));
    let is_source = |line: &&str| line.starts_with("{\"source\":");
    let without: Vec<_> = recording.lines().filter(|line| !is_source(line)).collect();
    fs::write(&saved, without.join("\n")).unwrap();
    let told = story(&[words(&saved)]);
    assert!(
        told.contains("yielding.rs:15 | (the recording has no hash of this file"),
        "{told}"
    );
}

#[test]
fn a_recording_that_was_cut_off_says_so() {
    let saved = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cut.jsonl");
    story(&["yielding", "--save", words(&saved)]);
    let recording = fs::read_to_string(&saved).unwrap();
    fs::write(&saved, &recording[..recording.len() - 9]).unwrap();
    let told = story(&[words(&saved)]).replace('\n', " ");
    let line = format!("Its line {} was cut off", recording.lines().count());
    assert!(told.contains(&line), "{told}");
}

#[test]
fn help_has_every_option_and_the_wrong_ones_are_refused() {
    let help = story(&["--help"]);
    for option in [
        "--plain",
        "--save",
        "--seed",
        "--watch",
        "--for",
        "--runtime",
        "TREADLE_RECORD",
        "`serde`",
    ] {
        assert!(help.contains(option), "{option}: {help}");
    }
    let refused = |words: &[&str]| run::example("stepper", words).unwrap_err();
    assert!(refused(&["yielding", "--watch"]).contains("--watch is for a program of yours"));
    assert!(refused(&["--for"]).contains("--for wants a number"));
    assert!(
        refused(&["yielding", "--runtime", "2"]).contains("--runtime is for a program of yours")
    );
    assert!(refused(&["a.rs", "--runtime", "0"]).contains("--runtime wants a number from 1 on"));
    assert!(refused(&["no/such/file.rs"]).contains("there is no program in no/such/file.rs"));
}
