//! Events to compare a recording with, and the recording runtime.

#![allow(dead_code, reason = "each test file uses its own part of these")]

use std::panic::Location;

use runtime::runtime::Runtime;
use runtime::trace::{Cause, End, Event, Place};

use crate::tasks::paused;

/// A runtime with a paused clock and a seed, that records.
pub(crate) fn traced() -> Runtime {
    let runtime = paused();
    runtime.trace().start(1_000_000);
    runtime
}

pub(crate) fn events(runtime: &Runtime) -> Vec<Event> {
    let records = runtime.trace().take().into_iter();
    records.map(|record| record.event).collect()
}

/// As [`events`], without what a story can be told without: reasons to wait, what a poll spent
/// of its budget, and how far the wheel has come.
pub(crate) fn story(runtime: &Runtime) -> Vec<Event> {
    let mut events = events(runtime);
    events.retain(|event| {
        use Event::{Cascaded, Waiting, WheelAdvanced};
        !matches!(
            event,
            Waiting { .. } | WheelAdvanced { .. } | Cascaded { .. }
        )
    });
    for event in &mut events {
        if let Event::PollEnd { spent, .. } = event {
            *spent = 0;
        }
    }
    events
}

/// The place of the line that calls this.
#[track_caller]
pub(crate) fn here() -> Place {
    Location::caller().into()
}

pub(crate) fn spawned(task: u64, at: Place) -> Event {
    let name = None;
    Event::Spawned { task, name, at }
}

pub(crate) fn woken(task: u64, by: Cause) -> Event {
    Event::Woken { task, by }
}

pub(crate) fn start(task: u64) -> Event {
    Event::PollStart { task }
}

pub(crate) fn end(task: u64, ready: bool) -> Event {
    Event::PollEnd {
        task,
        ready,
        spent: 0,
    }
}

pub(crate) fn ended(task: u64, how: End) -> Event {
    Event::Ended { task, how }
}
