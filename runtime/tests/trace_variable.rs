//! `TREADLE_RECORD`: a program is recorded without a change to its source.
//!
//! The programs are tests of this file, started again as processes of their own with the variable set.
//! Without it they do next to nothing.

#![cfg(all(feature = "serde", feature = "trace", feature = "macros"))]
#![forbid(unsafe_code)]

use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::{env, fs, thread};

use runtime::runtime::Runtime;
use runtime::time::{Duration, sleep};
use runtime::trace::{Event, Recording};

const VARIABLE: &str = "TREADLE_RECORD";

fn is_child() -> bool {
    env::var_os(VARIABLE).is_some()
}

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("variable-{name}.jsonl"))
}

/// The test of this name as a process, recorded to `file`.
fn start(test: &str, file: &Path) -> Child {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", test, "--nocapture"]);
    command.env(VARIABLE, file).stdout(Stdio::null());
    command.stderr(Stdio::piped()).spawn().unwrap()
}

fn read(file: &Path) -> Recording {
    let opened = fs::File::open(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    Recording::read_from(BufReader::new(opened)).unwrap()
}

#[runtime::test]
async fn a_program() {
    runtime::spawn(async {}).await.unwrap();
}

#[test]
fn a_program_is_recorded_from_its_first_event_to_its_last() {
    let file = file("whole");
    fs::write(&file, "{\"treadle\":an old recording, which is overwritten").unwrap();
    assert!(start("a_program", &file).wait().unwrap().success());
    let recording = read(&file);
    let kinds = recording.records().iter().map(|record| &record.event);
    assert_eq!(
        kinds
            .filter(|it| matches!(it, Event::Spawned { .. }))
            .count(),
        2
    );
    assert_eq!(recording.records()[0].seq, 0);
    assert!(recording.state_at(usize::MAX).tasks.is_empty());
    let own = recording.source_hash("runtime/tests/trace_variable.rs");
    let text = fs::read("tests/trace_variable.rs").unwrap();
    assert_eq!(own, Some(runtime::trace::source_hash(&text)));
}

#[test]
fn three_runtimes() {
    for _ in 0..3 {
        Runtime::new().unwrap().block_on(async {});
    }
}

#[test]
fn each_runtime_of_a_process_has_a_file_of_its_own() {
    let first = file("three");
    assert!(start("three_runtimes", &first).wait().unwrap().success());
    for name in ["three", "three-2", "three-3"] {
        assert!(!read(&file(name)).records().is_empty(), "{name}");
    }
}

#[runtime::test]
async fn a_poll_that_never_ends() {
    sleep(Duration::from_millis(1)).await;
    while is_child() {
        thread::park();
    }
}

#[test]
fn what_happened_before_a_hang_is_in_the_file() {
    let file = file("hangs");
    let _ = fs::remove_file(&file);
    let mut child = start("a_poll_that_never_ends", &file);
    let polls = || {
        let text = fs::read_to_string(&file).unwrap_or_default();
        text.lines()
            .filter(|line| line.contains("PollStart"))
            .count()
    };
    while polls() < 2 {
        assert!(child.try_wait().unwrap().is_none(), "it has ended");
        thread::yield_now();
    }
    // Its file is its own as long as it lives: another process takes the next one.
    assert!(start("a_program", &file).wait().unwrap().success());
    child.kill().unwrap();
    child.wait().unwrap();
    let recording = read(&file);
    assert_eq!(recording.cut_line(), None);
    let last = recording.records().last().unwrap();
    assert!(matches!(last.event, Event::PollStart { .. }), "{last:?}");
    let other = read(&self::file("hangs-2"));
    assert!(other.state_at(usize::MAX).tasks.is_empty());
}

#[test]
fn a_file_that_cannot_be_written_does_not_end_the_program() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let child = start(
        "a_program",
        &folder.join("no such folder").join("file.jsonl"),
    );
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        said.contains("TREADLE_RECORD: nothing is recorded"),
        "{said}"
    );
    assert!(said.contains("no such folder/file.jsonl"), "{said}");
}

#[test]
fn a_file_that_is_no_recording_is_left_alone() {
    let file = file("mine");
    fs::write(&file, "my own text").unwrap();
    let output = start("a_program", &file).wait_with_output().unwrap();
    assert!(output.status.success());
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("it is no recording"), "{said}");
    assert_eq!(fs::read_to_string(&file).unwrap(), "my own text");
}

#[cfg(unix)]
#[test]
fn a_link_of_a_name_that_was_not_given_is_not_followed() {
    let (first, second, other) = (file("links"), file("links-2"), file("linked"));
    let _ = fs::remove_file(&second);
    fs::write(&other, "").unwrap();
    std::os::unix::fs::symlink(&other, &second).unwrap();
    assert!(start("three_runtimes", &first).wait().unwrap().success());
    assert_eq!(fs::read_to_string(&other).unwrap(), "");
    assert!(!read(&first).records().is_empty());
}

#[cfg(unix)]
#[test]
fn a_pipe_that_is_not_read_and_a_device_hold_no_program_up() {
    let pipe = file("pipe");
    let _ = fs::remove_file(&pipe);
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    for file in [&*pipe, Path::new("/dev/null")] {
        let output = start("a_program", file).wait_with_output().unwrap();
        assert!(output.status.success());
        assert_eq!(
            String::from_utf8(output.stderr).unwrap(),
            "",
            "{}",
            file.display()
        );
    }
}
