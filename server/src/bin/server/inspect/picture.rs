//! A state of the machine as the page shows it: in JSON, with finished words.
//!
//! What other people's clients can make many of is cut at a bound, and the page says how many are left out.

use std::time::Duration;

use runtime::trace::{
    Doing, SideView, Snapshot, SourceKind, SourceView, StretchView, TaskState, TaskView, Wait,
    WaitView,
};
use serde_json::{Value, json};
use story::{place, words};

use super::shared;

/// So many tasks, timers, sources are shown.
const MOST: usize = 500;

/// The whole state.
pub(super) fn of(state: &Snapshot) -> Value {
    let tasks = state.tasks.iter().take(MOST);
    let queue = state.queue.iter().take(MOST);
    let sources = state.sources.iter().take(MOST);
    json!({
        "us": micros(state.time),
        "time": words::time(state.time),
        "doing": doing(state),
        "running": running(state),
        "tasks": tasks.map(|(number, view)| task(*number, view, state)).collect::<Vec<_>>(),
        "taskCount": state.tasks.len(),
        "queue": queue.collect::<Vec<_>>(),
        "queueCount": state.queue.len(),
        "timers": timers(state),
        "timerCount": state.wheel.timers.len(),
        "sources": sources.map(|(number, view)| source(*number, view)).collect::<Vec<_>>(),
        "sourceCount": state.sources.len(),
        "streamCount": state.sources.values().filter(|it| is_stream(it.kind)).count(),
        "shared": shared::of(state),
        "sharedCount": state.shared.len(),
        "stuck": state.stuck(),
        "chains": shared::chains(state),
        "underWay": under_way(state),
    })
}

/// Microseconds of the runtime's clock.
pub(super) fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

fn doing(state: &Snapshot) -> String {
    match state.doing {
        Doing::Polling { task, .. } => {
            format!("polls {}", words::task(task, [state, state]))
        }
        Doing::Parked { until: Some(until) } => {
            format!("sleeps, until {} at the latest", words::time(until))
        }
        Doing::Parked { until: None } => "sleeps until something comes".to_owned(),
        _ => "is between two polls".to_owned(),
    }
}

fn running(state: &Snapshot) -> Option<u64> {
    match state.doing {
        Doing::Polling { task, .. } => Some(task),
        _ => None,
    }
}

fn task(number: u64, view: &TaskView, state: &Snapshot) -> Value {
    json!({
        "task": number,
        "name": view.name,
        "state": match view.state {
            TaskState::Queued if view.polls == 0 => "new",
            TaskState::Queued => "queued",
            TaskState::Running => "running",
            TaskState::Stranded => "stranded",
            _ => "waiting",
        },
        "polls": view.polls,
        "spent": words::time(view.spent),
        "age": words::time(state.time.saturating_sub(view.since)),
        "at": place::name(view.at),
        "waits": view.waits.iter().map(wait).collect::<Vec<_>>(),
        "wokenBy": view.woken_by.map(words::cause),
    })
}

/// `key` is how the thing is called everywhere on the page.
fn wait(view: &WaitView) -> Value {
    json!({ "key": key(view.on), "text": words::wait_with_line(view), "at": view.at.map(place::name) })
}

fn key(on: Wait) -> String {
    match on {
        Wait::Source(source, _) => format!("source {source}"),
        Wait::Task(task) => format!("task {task}"),
        Wait::Job(job) => format!("job {job}"),
        Wait::Shared(kind, number) => shared::key(kind, number),
        other => other.to_string(),
    }
}

/// The timers, those that fire first before the others.
fn timers(state: &Snapshot) -> Vec<Value> {
    let mut timers: Vec<_> = state.wheel.timers.iter().collect();
    timers.sort_by_key(|(number, view)| (view.tick, **number));
    let shown = timers.into_iter().take(MOST).map(|(number, view)| {
        let (level, slot) = state.wheel.place_of(view.tick);
        json!({
            "timer": number,
            "fires": words::fires(view.tick, state.time),
            "level": level,
            "slot": slot,
            "at": view.at.map(place::name),
        })
    });
    shown.collect()
}

fn source(number: u64, view: &SourceView) -> Value {
    json!({
        "source": number,
        "kind": view.kind.to_string(),
        "at": place::name(view.at),
        "read": view.interest.read.then(|| side(view.read)),
        "write": view.interest.write.then(|| side(view.write)),
    })
}

fn is_stream(kind: SourceKind) -> bool {
    matches!(kind, SourceKind::TcpStream | SourceKind::UnixStream)
}

fn side(side: SideView) -> &'static str {
    match (side.ready, side.waiters) {
        (true, _) => "ready",
        (false, 0) => "not ready",
        (false, _) => "awaited",
    }
}

/// What is worked on in a state.
fn under_way(state: &Snapshot) -> Vec<Value> {
    let stretches = state.stretches.iter();
    let stretches = stretches.flat_map(|(task, views)| views.iter().map(move |view| (*task, view)));
    let told = |(task, view): (u64, &StretchView)| {
        json!({
            "task": task,
            "scope": view.scope.0,
            "id": view.id,
            "asked": &*view.text,
            "last": &*view.last,
            "time": words::time(state.time.saturating_sub(view.since)),
        })
    };
    stretches.take(MOST).map(told).collect()
}
