//! The museum in `examples/museum/`: each broken program shows its fault to an observer, and the
//! repaired one does not.
//!
//! The programs are run here, in this process, and their recordings are asked. What the example prints
//! is compared with `examples/museum/expected/NAME.txt`, in the pattern language of
//! `tests/support/output.rs`.
#![forbid(unsafe_code)]

#[path = "../examples/museum/exhibits/mod.rs"]
mod exhibits;
#[path = "../examples/museum/seen.rs"]
mod seen;
mod support;

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::BufReader;
use std::panic::{AssertUnwindSafe, catch_unwind};

use exhibits::{ALL, lost_bytes, one_after_another};
use runtime::trace::{
    Cause, Event, Recording, Shared, TaskState, Wait, assert_no_deadlock, assert_nothing_left,
    assert_nothing_stranded,
};
use seen::Seen;
use support::{files, output, root, run};

fn print(words: &[&str]) -> String {
    run::example("museum", words).unwrap()
}

/// What is seen of the broken program, and of the repaired one.
fn both(name: &str) -> [Seen; 2] {
    let exhibit = ALL.iter().find(|exhibit| exhibit.name == name).unwrap();
    [
        exhibit.run_broken().unwrap(),
        exhibit.run_repaired().unwrap(),
    ]
}

/// What a failed assertion says.
fn complaint(assertion: impl FnOnce()) -> String {
    let payload = catch_unwind(AssertUnwindSafe(assertion)).expect_err("it must fail");
    *payload.downcast::<String>().expect("it says why")
}

/// The kinds of shared things that tasks wait for when the program is left.
fn awaited(seen: &Seen) -> Vec<Shared> {
    let waits = seen.end.tasks.values().flat_map(|view| &view.waits);
    let kind = |on| match on {
        Wait::Shared(kind, _) => Some(kind),
        _ => None,
    };
    waits.filter_map(|wait| kind(wait.on)).collect()
}

#[test]
fn without_a_name_the_exhibits_are_listed() {
    let list = print(&[]);
    for exhibit in &ALL {
        assert!(
            list.contains(exhibit.name) && list.contains(exhibit.title),
            "{list}"
        );
    }
}

#[test]
fn each_exhibit_prints_what_is_expected() {
    for exhibit in &ALL {
        let name = exhibit.name;
        let path = root().join(format!("examples/museum/expected/{name}.txt"));
        let expected = fs::read_to_string(&path).unwrap_or_else(|_| panic!("no {path:?}"));
        let printed = print(&[name]);
        output::compare(&expected, &printed).unwrap_or_else(|error| panic!("{name} {error}"));
    }
}

#[test]
fn every_expected_output_belongs_to_an_exhibit_and_every_file_is_shown() {
    let names: BTreeSet<_> = ALL.iter().map(|exhibit| exhibit.name.to_owned()).collect();
    let below = |folder: &str, ending: &str| {
        let found = files(&root().join("examples/museum").join(folder), ending);
        let name = |path: &std::path::PathBuf| path.file_stem().unwrap().to_string_lossy().into();
        let mut names: BTreeSet<String> = found.iter().map(name).collect();
        names.remove("mod");
        names
    };
    assert_eq!(below("expected", ".txt"), names);
    assert_eq!(below("exhibits", ".rs"), names);
}

#[test]
fn the_evidence_tells_the_broken_program_from_the_repaired_one() {
    for exhibit in &ALL {
        let [broken, repaired] = both(exhibit.name).map(|seen| (exhibit.evidence)(&seen));
        assert!(!broken.is_empty() && broken != repaired, "{}", exhibit.name);
    }
}

#[test]
fn the_recording_is_saved_as_it_was_made() {
    let file = format!("{}/museum.jsonl", env!("CARGO_TARGET_TMPDIR"));
    for (words, polls) in [(&["--save"][..], 2_000), (&["--repaired", "--save"], 4)] {
        print(&[&["busy_loop"], words, &[&file]].concat());
        let saved = Recording::read_from(BufReader::new(File::open(&file).unwrap())).unwrap();
        let is_poll = |event: &Event| matches!(event, Event::PollEnd { .. });
        let records = saved.records().iter();
        assert_eq!(records.filter(|it| is_poll(&it.event)).count(), polls);
    }
}

#[test]
fn what_does_not_exist_is_said() {
    let no_folder = run::example("museum", &["deadlock", "--save", "/no/such/folder/a.jsonl"]);
    let no_folder = no_folder.unwrap_err();
    assert!(
        no_folder.contains("/no/such/folder/a.jsonl cannot be written: "),
        "{no_folder}"
    );
    let no_exhibit = run::example("museum", &["loom"]).unwrap_err();
    assert!(
        no_exhibit.contains("there is no exhibit loom"),
        "{no_exhibit}"
    );
    let no_option = run::example("museum", &["deadlock", "--fast"]).unwrap_err();
    assert!(
        no_option.contains("there is no option --fast"),
        "{no_option}"
    );
}

#[test]
fn a_lost_wake_up_leaves_a_task_that_waits_for_what_no_task_gives() {
    let [broken, repaired] = both("lost_wake_up");
    assert!(broken.ending().starts_with("never. After 10 ms "));
    assert!(repaired.has_ended);
    assert_eq!(awaited(&broken), [Shared::Notify]);
    let said = complaint(|| assert_no_deadlock(&broken.end));
    assert!(said.contains("for a call of notify 1, at "), "{said}");
    assert_nothing_left(&repaired.end);
}

#[test]
fn a_forgotten_waker_strands_its_task() {
    let [broken, repaired] = both("forgotten_waker");
    let stranded = |seen: &Seen| seen.count(|it| matches!(it, Event::Stranded { .. }));
    assert_eq!([stranded(&broken), stranded(&repaired)], [1, 0]);
    assert_eq!(broken.end.tasks[&2].state, TaskState::Stranded);
    let said = complaint(|| assert_nothing_stranded(&broken.end));
    assert!(said.contains("task 2 \"reader\": stranded"), "{said}");
    assert_nothing_left(&repaired.end);
}

#[test]
fn of_a_future_that_is_not_awaited_there_is_no_event() {
    let [broken, repaired] = both("forgotten_await");
    assert_eq!(
        [broken.counts.timers_set, repaired.counts.timers_set],
        [0, 3]
    );
    assert_eq!([broken.counts.polls, repaired.counts.polls], [1, 4]);
}

#[test]
fn a_sleep_that_is_begun_anew_is_warned_of() {
    let [broken, repaired] = both("sleep_in_select");
    let warned = |seen: &Seen| {
        seen.all(|event| match event {
            Event::TimersDropped { at, .. } => Some(at.file.ends_with("sleep_in_select.rs")),
            _ => None,
        })
    };
    assert_eq!(warned(&broken), [true]);
    assert!(warned(&repaired).is_empty());
}

#[test]
fn a_read_is_given_up_in_the_middle_of_a_message() {
    let [broken, repaired] = both("lost_bytes");
    let given_up = [broken, repaired].map(|seen| lost_bytes::reads_given_up(&seen));
    assert_eq!(given_up, [1, 0]);
}

#[test]
fn a_task_that_blocks_is_warned_of_by_name() {
    let [broken, repaired] = both("blocked_thread");
    let long = |seen: &Seen| {
        seen.all(|event| match event {
            Event::LongPoll { task, .. } => Some(seen.name(*task)),
            _ => None,
        })
    };
    let painter = "task 3 \"painter\"".to_owned();
    assert!(long(&broken).contains(&painter));
    assert!(!long(&repaired).contains(&painter));
    assert_eq!(
        [broken.counts.jobs_ended, repaired.counts.jobs_ended],
        [0, 1]
    );
}

#[test]
fn a_deadlock_is_two_tasks_that_wait_for_mutexes() {
    let [broken, repaired] = both("deadlock");
    assert_eq!(awaited(&broken), [Shared::Mutex, Shared::Mutex]);
    let said = complaint(|| assert_no_deadlock(&broken.end));
    for part in [
        "\"there\"",
        "\"back\"",
        "for mutex 1, at ",
        "for mutex 2, at ",
    ] {
        assert!(said.contains(part), "no {part:?} in {said}");
    }
    assert_nothing_left(&repaired.end);
}

#[test]
fn a_task_outlives_its_handle_unless_it_is_aborted() {
    let [broken, repaired] = both("dropped_handle");
    let aborts = |seen: &Seen| seen.count(|it| matches!(it, Event::Aborted { .. }));
    assert_eq!([aborts(&broken), aborts(&repaired)], [0, 1]);
    let said = complaint(|| assert_nothing_left(&broken.end));
    assert!(said.starts_with("1 task(s), 1 timer(s)"), "{said}");
    assert_nothing_left(&repaired.end);
}

#[test]
fn tasks_in_a_cycle_of_references_wait_for_messages_that_no_task_sends() {
    let [broken, repaired] = both("reference_cycle");
    assert!(broken.has_ended && repaired.has_ended);
    assert_eq!(awaited(&broken), [Shared::MpscMessage; 2]);
    assert_eq!(broken.end.stuck().len(), 2);
    assert_nothing_left(&repaired.end);
}

#[test]
fn a_busy_loop_wakes_itself_and_never_parks() {
    let [broken, repaired] = both("busy_loop");
    let by_itself = |seen: &Seen| {
        seen.count(|it| matches!(it, Event::Woken { task, by: Cause::Task(by) } if task == by))
    };
    assert_eq!([by_itself(&broken), by_itself(&repaired)], [1_999, 0]);
    assert_eq!([broken.counts.parks, repaired.counts.parks], [0, 1]);
    assert!(!broken.has_ended && repaired.has_ended);
}

#[test]
fn a_sequence_waits_for_one_thing_at_a_time() {
    let [broken, repaired] = both("one_after_another");
    let times = [&broken, &repaired].map(|seen| seen.end.time.as_millis());
    assert_eq!(times, [600, 300]);
    let at_once = [broken, repaired].map(|seen| one_after_another::most_at_once(&seen));
    assert_eq!(at_once, [1, 3]);
}

#[test]
fn only_a_bounded_queue_lets_its_sender_wait() {
    let [broken, repaired] = both("unbounded_queue");
    let is_place = |on: &Wait| matches!(on, Wait::Shared(Shared::MpscPlace, _));
    let waits =
        |seen: &Seen| seen.count(|it| matches!(it, Event::Waiting { on, .. } if is_place(on)));
    assert_eq!(waits(&broken), 0);
    assert!(waits(&repaired) > 0);
}
