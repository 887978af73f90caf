//! The line of the program beside an event, and how a circle of waits is told.
#![forbid(unsafe_code)]

use runtime::runtime::{Builder, Runtime, Step};
use runtime::sync::Mutex;
use runtime::time::{Duration, sleep, timeout};
use runtime::trace::Event;
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs until nothing can happen any more, recorded.
fn recorded(start: impl FnOnce(&Runtime)) -> Runtime {
    let runtime = Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.trace().start(1_000);
    start(&runtime);
    loop {
        match runtime.step() {
            Step::WouldPark { until: None } => return runtime,
            Step::WouldPark { until } => runtime.park(until),
            _ => {}
        }
    }
}

#[test]
fn a_task_waits_at_a_line_and_goes_on_after_it() {
    let line = line!() + 3;
    let runtime = recorded(|runtime| {
        drop(runtime.spawn(async {
            sleep(Duration::from_millis(5)).await;
        }));
    });
    let recording = runtime.trace().recording();
    let records = recording.records();
    let mut told = Vec::new();
    for (at, record) in records.iter().enumerate() {
        let kind = match record.event {
            Event::Woken { .. } => "woken",
            Event::PollStart { .. } => "poll",
            Event::PollEnd { .. } => "end",
            _ => continue,
        };
        let states = [&recording.state_at(at), &recording.state_at(at + 1)];
        let (what, place) = story::line_of_program(records, at, states).unwrap();
        told.push((kind, what, place.line));
    }
    let spawned = line - 1;
    assert_eq!(
        told,
        [
            ("woken", "spawned", spawned),
            ("poll", "spawned", spawned),
            ("end", "waits at", line),
            ("woken", "waited at", line),
            ("poll", "after", line),
            ("end", "after", line),
        ]
    );
}

#[test]
fn a_task_goes_on_after_the_wait_that_woke_it_and_not_after_one_that_it_asked_again() {
    let line = line!() + 4;
    let runtime = recorded(|runtime| {
        drop(runtime.spawn(async {
            let never = sleep(Duration::from_secs(3600));
            let late = timeout(Duration::from_millis(5), never).await;
            assert!(late.is_err());
        }));
    });
    let recording = runtime.trace().recording();
    let records = recording.records();
    let at = records.len() - 1;
    let states = [&recording.state_at(at), &recording.state_at(at + 1)];
    assert!(matches!(records[at].event, Event::Ended { .. }));
    let (what, place) = story::line_of_program(records, at, states).unwrap();
    assert_eq!((what, place.line), ("after", line));
}

/// The sentence for the last event.
fn last_sentence(runtime: &Runtime) -> String {
    let recording = runtime.trace().recording();
    let at = recording.records().len() - 1;
    let states = [recording.state_at(at), recording.state_at(at + 1)];
    story::tell(&recording.records()[at..], &states[0], &states[1])
}

#[test]
fn the_future_of_block_on_has_no_join_handle_and_its_panic_is_not_caught() {
    let runtime = recorded(|runtime| runtime.block_on(async {}));
    let told = last_sentence(&runtime);
    let returns = "Task 1 is gone: it has finished, and `block_on` returns its value.";
    assert_eq!(told, returns);
    let runtime = recorded(|runtime| {
        let block = || runtime.block_on(async { panic!("a thread breaks") });
        catch_unwind(AssertUnwindSafe(block)).unwrap_err();
    });
    let told = last_sentence(&runtime);
    let panics = "Task 1 is gone: it panicked, and `block_on` panics with it.";
    assert_eq!(told, panics);
    let runtime = recorded(|runtime| drop(runtime.spawn(async {})));
    let told = last_sentence(&runtime);
    let joined = "Task 1 is gone: it has finished, and its join handle has its value.";
    assert_eq!(told, joined);
}

#[test]
fn a_lock_that_was_handed_over_is_given_until_it_is_taken() {
    let runtime = recorded(|runtime| {
        let mutex = std::rc::Rc::new(Mutex::new(()));
        for _ in 0..3 {
            let mutex = std::rc::Rc::clone(&mutex);
            drop(runtime.spawn(async move {
                let _guard = mutex.lock().await;
                sleep(Duration::from_millis(5)).await;
            }));
        }
    });
    let recording = runtime.trace().recording();
    let records = recording.records();
    let mut given = BTreeSet::new();
    let (mut is_given, mut handed) = (false, 0);
    for (at, record) in records.iter().enumerate() {
        match record.event {
            Event::HandedOver { .. } => (is_given, handed) = (true, handed + 1),
            Event::Taken { .. } => is_given = false,
            _ => {}
        }
        let state = recording.state_at(at + 1);
        let all = story::given(records, at + 1, &state);
        assert_eq!(!all.is_empty(), is_given, "{}: {record:?}", record.seq);
        for (number, it) in &all {
            assert!(!state.shared.contains_key(number));
            given.insert(story::words::shared_and_given(
                *number,
                None,
                Some(it),
                &state,
            ));
        }
    }
    assert_eq!(handed, 2);
    let told = [
        "given to task 2, which has not taken it yet; awaited by task 3",
        "given to task 3, which has not taken it yet",
    ];
    assert!(given.iter().eq(&told), "{given:?}");
}

#[test]
fn a_task_that_locks_twice_is_told_to_wait_for_itself() {
    let runtime = recorded(|runtime| {
        drop(runtime.spawn(async {
            let mutex = Mutex::new(());
            let _first = mutex.lock().await;
            let _second = mutex.lock().await;
        }));
    });
    let state = runtime.snapshot();
    let circle = story::words::circle(1, &state, &state.stuck());
    assert_eq!(
        circle.as_deref(),
        Some("which is the task itself: deadlock")
    );
    let waits = story::words::waits(&state.tasks[&1], &state);
    assert!(waits.starts_with("mutex 1 (lines.rs:"), "{waits}");
    assert!(waits.ends_with("), held by task 1"), "{waits}");
}

#[test]
fn a_task_that_waits_behind_a_circle_is_told_that_it_can_never_go_on() {
    let runtime = recorded(|runtime| {
        let mutex = std::rc::Rc::new(Mutex::new(()));
        let other = std::rc::Rc::clone(&mutex);
        drop(runtime.spawn(async move {
            let _first = mutex.lock().await;
            let _second = mutex.lock().await;
        }));
        drop(runtime.spawn(async move { drop(other.lock().await) }));
    });
    let state = runtime.snapshot();
    let circle = story::words::circle(2, &state, &state.stuck());
    assert_eq!(circle.as_deref(), Some("which can never go on"));
}
