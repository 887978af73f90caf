//! What the stepper tells of some programs, in its order: what their texts promise does happen.
#![forbid(unsafe_code)]

mod support;

use support::run;

fn story(name: &str) -> String {
    run::example("stepper", &[name]).unwrap()
}

/// All of these, one after another.
fn told_in_order(name: &str, parts: &[&str]) {
    let told = story(name);
    let mut rest = &told[..];
    for part in parts {
        let at = rest
            .find(part)
            .unwrap_or_else(|| panic!("no {part:?} in {told}"));
        rest = &rest[at + part.len()..];
    }
}

#[test]
fn a_job_is_told_from_its_thread_to_the_task_that_awaits_it() {
    told_in_order(
        "working",
        &[
            "is given to another thread, at examples/stepper/programs/working.rs:",
            "it waits for the end of job 2, at examples/stepper/programs/working.rs:",
            "The thread is awake again",
            "The inbox is emptied",
            "Job 2 has ended on its thread",
            "job 2 has ended, and that has woken it",
            "No task is left.",
        ],
    );
}

#[test]
fn the_bytes_of_a_read_that_is_dropped_are_missing_in_the_next() {
    told_in_order(
        "losing",
        &[
            "\"reader\" reads from source 1: 2 bytes.",
            "timer 1 has woken it",
            "\"reader\" reads from source 1: 2 bytes.",
            "\"reader\" reads from source 1: 2 bytes.",
            "\"reader\" says Ready",
        ],
    );
}

#[test]
fn a_read_that_claims_to_have_found_nothing_waits_for_something_new() {
    told_in_order(
        "draining",
        &[
            "\"thorough\" reads from source 1: 4 bytes.",
            "\"thorough\" reads from source 1: 4 bytes.",
            "\"hasty\" tries to read from source 3. The answer is \"would block\".",
            "\"hasty\" says Pending",
            "the thread sleeps, until 20 ms",
            "\"hasty\" goes to the back of the run queue: source 3 is readable",
            "\"thorough\" reads from source 1: 0 bytes. The stream is at its end.",
            "1 task is left.",
        ],
    );
}

#[test]
fn two_requests_are_answered_by_one_task_on_one_source() {
    let told = story("keeping");
    let accepted = told.matches("accepts a connection from source 1").count();
    assert_eq!(accepted, 1, "{told}");
    told_in_order(
        "keeping",
        &[
            "\"client\" writes to source",
            "\"client\" reads from source",
            "\"client\" writes to source",
            "\"client\" reads from source",
            "reads from source 3: 0 bytes. The stream is at its end.",
            "Task 3 is gone",
            "\"client\" reads from source 2: 0 bytes. The stream is at its end.",
            "\"client\" is gone",
            "No task is left.",
        ],
    );
}

#[test]
fn a_thread_that_wakes_up_for_a_cascade_and_not_for_a_timer_says_why_it_will() {
    told_in_order(
        "turning",
        &[
            "Nothing to do: the thread sleeps, until ",
            "because   slot ",
            " of L1 cascades then; timer 1 fires later, at 1",
            "The thread is awake again",
            " of level 1 cascades: its timer goes to a lower level.",
            "timer 1 has woken it",
            "No task is left.",
        ],
    );
    // An idle connection is kept for a minute.
    let told = story("keeping");
    let cascade = "    because   slot 14 of L2 cascades then; timer 1 fires later, at 60.";
    assert!(told.contains(cascade), "{told}");
    // Where a timer fires then, there is nothing to explain.
    assert!(!story("late").contains("cascades then"));
}
