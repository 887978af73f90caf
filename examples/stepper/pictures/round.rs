//! The loop: its four steps, under the names that they have in `runtime/src/machine/turn.rs`, and to park.
//!
//! In which of them the machine is, follows from what it does and from the event: a timer fires in the
//! step that fires timers.

use runtime::trace::{Cause, Doing, Event, Record, Snapshot};

use super::{Ink, Mark, Picture, Row};

/// In the order in which a round makes them.
const STEPS: [&str; 5] = ["1 take_inbox", "2 poll_one", "3 turn", "4 fire", "park"];

pub(crate) fn draw(record: Option<&Record>, before: &Snapshot, after: &Snapshot) -> Picture {
    let now = record.and_then(|record| step(record, [before, after]));
    let piece = |(at, name): (usize, &&str)| match now == Some(at) {
        true => (Ink::Running, format!("▶{name} ")),
        false => (Ink::Faint, format!(" {name} ")),
    };
    Picture {
        title: "LOOP",
        legend: "",
        rows: vec![Row {
            mark: Mark::Same,
            pieces: STEPS.iter().enumerate().map(piece).collect(),
        }],
    }
}

/// In which step the event happens; `None` if it is none of the loop's.
fn step(record: &Record, states: [&Snapshot; 2]) -> Option<usize> {
    let [is_polling, is_parked] = [is_polling, is_parked].map(|is| states.iter().any(|it| is(it)));
    match record.event {
        _ if is_polling => Some(1),
        _ if is_parked => Some(4),
        Event::InboxTaken { .. }
        | Event::JobEnded { .. }
        | Event::Woken {
            by: Cause::Outside | Cause::Job(_),
            ..
        } => Some(0),
        Event::Ended { .. } | Event::Stranded { .. } | Event::LongPoll { .. } => Some(1),
        Event::Turned { .. }
        | Event::Ready { .. }
        | Event::Woken {
            by: Cause::Source(..),
            ..
        } => Some(2),
        Event::WheelAdvanced { .. }
        | Event::Cascaded { .. }
        | Event::TimerFired { .. }
        | Event::Woken {
            by: Cause::Timer(_),
            ..
        } => Some(3),
        _ => None,
    }
}

fn is_polling(state: &Snapshot) -> bool {
    matches!(state.doing, Doing::Polling { .. })
}

fn is_parked(state: &Snapshot) -> bool {
    matches!(state.doing, Doing::Parked { .. })
}
