//! What a viewer of Chrome's trace format gets of a program's own stretches of work.

#![cfg(all(feature = "trace", feature = "serde"))]

#[path = "support/events.rs"]
mod events;
#[path = "support/tasks.rs"]
mod tasks;

use events::traced;
use runtime::runtime::Runtime;
use runtime::time::{Duration, sleep};
use runtime::trace::{Mark, Recording, mark};
use serde_json::Value;

fn marks_of(recording: &Recording) -> Vec<Value> {
    let mut file = Vec::new();
    recording.write_chrome(&mut file).unwrap();
    let mut trace: Value = serde_json::from_slice(&file).unwrap();
    let marks = trace["traceEvents"].take();
    serde_json::from_value(marks).unwrap()
}

/// Phase, name, number and text of what is said of stretches.
fn stretches(recording: &Recording) -> Vec<(String, String, String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let marks = marks_of(recording).into_iter();
    let of_stretches = marks.filter(|mark| mark["cat"] == "order");
    let parts = of_stretches.map(|mark| {
        (
            text(&mark["ph"]),
            text(&mark["name"]),
            text(&mark["id2"]["local"]),
            text(&mark["args"]["text"]),
        )
    });
    parts.collect()
}

async fn order(number: u64, pause: Duration) {
    mark("order", number, Mark::Begin, || "two scarves");
    sleep(pause).await;
    mark("order", number, Mark::Point, || "paid");
    sleep(pause).await;
    mark("order", number, Mark::End, || "sent");
}

/// Of the order that this task works on.
fn expected(task: u64, number: u64) -> Vec<(String, String, String, String)> {
    let one = |phase: &str, text: &str| {
        let name = format!("order {number}");
        let id = format!("{task}.{number}");
        (phase.to_owned(), name, id, text.to_owned())
    };
    vec![one("b", "two scarves"), one("n", "paid"), one("e", "sent")]
}

#[test]
fn a_stretch_of_work_is_a_slice_of_its_own() {
    let runtime = traced();
    runtime.block_on(order(7, Duration::from_millis(1)));
    assert_eq!(stretches(&runtime.trace().recording()), expected(1, 7));
}

#[test]
fn stretches_of_two_tasks_that_have_one_name_are_two_slices() {
    let runtime = traced();
    runtime.block_on(async {
        let pause = Duration::from_millis(1);
        let both = [(); 2].map(|()| runtime::spawn(order(7, pause)));
        for one in both {
            one.await.unwrap();
        }
    });
    let told = stretches(&runtime.trace().recording());
    for task in [2, 3] {
        let id = format!("{task}.7");
        let own: Vec<_> = told.iter().filter(|it| it.2 == id).cloned().collect();
        assert_eq!(own, expected(task, 7));
    }
}

#[test]
fn a_stretch_that_was_under_way_at_the_beginning_begins_there() {
    let runtime = traced();
    runtime.block_on(async {
        let work = runtime::spawn(order(8, Duration::from_millis(5)));
        sleep(Duration::from_millis(1)).await;
        // So the beginning is not among the events that are left.
        drop(runtime.trace().take());
        work.await.unwrap();
    });
    let recording = runtime.trace().recording();
    assert_eq!(recording.base().stretches.len(), 1);
    assert_eq!(stretches(&recording), expected(2, 8));
}

#[test]
fn the_time_at_the_gate_is_a_slice_of_the_loop() {
    let runtime = Runtime::new().unwrap();
    runtime.trace().start(100);
    let gate = runtime.gate();
    gate.hold();
    let debugger = std::thread::spawn(move || {
        gate.wait_until_stopped();
        gate.release();
    });
    runtime.block_on(async {});
    debugger.join().unwrap();
    let marks = marks_of(&runtime.trace().recording());
    let held: Vec<&Value> = marks.iter().filter(|mark| mark["name"] == "held").collect();
    assert_eq!(held.len(), 1);
    assert!(held[0]["ph"] == "X" && held[0]["tid"] == 0 && held[0]["dur"].is_number());
}
