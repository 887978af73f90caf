//! The line of the program beside an event, and how a circle of waits is told.
#![forbid(unsafe_code)]

use runtime::runtime::{Builder, Runtime, Step};
use runtime::sync::Mutex;
use runtime::time::{Duration, sleep};
use runtime::trace::Event;

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
