//! When two events mean the same to a reader who has to choose between them.

use std::mem::discriminant;

use runtime::trace::{Event, Wait};

/// Whether both are of one kind: two polls, two timers that fire.
pub(crate) fn kind(one: &Event, other: &Event) -> bool {
    discriminant(one) == discriminant(other)
}

/// Whether both do the same to the same thing, whatever else they say.
pub(crate) fn meaning(one: &Event, other: &Event) -> bool {
    kind(one, other) && subject(one) == subject(other)
}

/// Whether the loop does it, not a task: the order of these is what there is to understand.
pub(crate) fn is_of_the_loop(event: &Event) -> bool {
    matches!(
        event,
        Event::PollStart { .. }
            | Event::PollEnd { .. }
            | Event::Parked { .. }
            | Event::Unparked
            | Event::Held { .. }
            | Event::Turned { .. }
            | Event::InboxTaken { .. }
            | Event::ClockAdvanced { .. }
            | Event::WheelAdvanced { .. }
            | Event::Cascaded { .. }
    )
}

/// What an event is about, as numbers.
fn subject(event: &Event) -> (u64, u64) {
    match *event {
        Event::PollEnd { task, ready, .. } => (task, ready.into()),
        Event::Waiting { on, .. } => match on {
            Wait::Timer(number) => (1, number),
            Wait::Source(number, direction) => (2 + direction as u64, number),
            Wait::Task(number) => (4, number),
            Wait::Job(number) => (5, number),
            Wait::Shared(_, number) => (6, number),
            _ => (0, 0),
        },
        Event::TimerSet { timer, .. }
        | Event::TimerReset { timer, .. }
        | Event::TimerFired { timer }
        | Event::TimerDropped { timer } => (timer, 0),
        Event::SourceRegistered { source, .. } | Event::SourceDropped { source } => (source, 0),
        Event::Ready { source, direction }
        | Event::ReadinessCleared { source, direction }
        | Event::WaiterAdded { source, direction }
        | Event::WaiterRemoved { source, direction }
        | Event::IoDone {
            source, direction, ..
        }
        | Event::IoFailed {
            source, direction, ..
        }
        | Event::WouldBlock { source, direction } => (source, direction as u64),
        Event::JobQueued { job, .. } | Event::JobEnded { job, .. } => (job, 0),
        Event::Taken { number, .. }
        | Event::HandedOver { number, .. }
        | Event::GivenBack { number, .. }
        | Event::Sent { number, .. }
        | Event::Received { number, .. }
        | Event::SendersGone { number, .. } => (number, 0),
        _ => (crate::task_of(event).unwrap_or(0), 0),
    }
}
