//! Sentences for what tasks share, locks and channels, and for the operations on sources.

use runtime::trace::{Direction, Event, Snapshot};

use crate::place;
use crate::words::{count, task, upper};

/// Of an event about a lock, permits or a channel.
pub(crate) fn of_sharing(
    event: &Event,
    running: Option<u64>,
    states: [&Snapshot; 2],
) -> Option<String> {
    let who = || running.map_or("the program".to_owned(), |it| task(it, states));
    Some(match *event {
        Event::Taken {
            shared,
            number,
            count: n,
            at,
        } => format!(
            "{} takes {}{}, at {}. It holds it until it drops its guard.",
            upper(&who()),
            permits(n),
            named(shared.thing(), number),
            place::name(at)
        ),
        Event::HandedOver { shared, number, .. } => format!(
            "{} goes straight to the task at the front of the line. No other can take it in between.",
            upper(&named(shared.thing(), number)),
        ),
        Event::GivenBack {
            shared,
            number,
            count: n,
        } => format!(
            "{} gives {}{} back.",
            upper(&who()),
            permits(n),
            named(shared.thing(), number)
        ),
        Event::Forgotten {
            shared,
            number,
            count: n,
        } => format!(
            "{} destroys {} of {}: they never come back.",
            upper(&who()),
            count(n, "permit"),
            named(shared.thing(), number)
        ),
        Event::LineLeft {
            shared,
            number,
            granted,
        } => format!(
            "A wait for {} is given up, and leaves the line.{}",
            named(shared.thing(), number),
            match granted {
                true => " It was its turn already: what it was given goes to the next.",
                false => " Those behind it move up.",
            }
        ),
        Event::Sent {
            channel,
            length,
            bound,
        } => format!(
            "{} sends: a message goes into channel {channel}, which holds {length}{} now.",
            upper(&who()),
            bound.map_or(String::new(), |bound| format!(" of at most {bound}")),
        ),
        Event::Received { channel, length } => format!(
            "{} receives: it takes from channel {channel}, in which {length} are left.",
            upper(&who()),
        ),
        Event::ReceiverGone { channel, lost: 0 } => {
            format!("The receiver of channel {channel} is gone. No message was left in it.")
        }
        Event::ReceiverGone { channel, lost } => format!(
            "The receiver of channel {channel} is gone. {} in it will never be received.",
            upper(&count(lost, "message"))
        ),
        _ => return None,
    })
}

/// Of an event about an operation on a source.
pub(crate) fn of_operations(
    event: &Event,
    running: Option<u64>,
    states: [&Snapshot; 2],
) -> Option<String> {
    let who = upper(&running.map_or("the program".to_owned(), |it| task(it, states)));
    Some(match *event {
        Event::IoDone {
            source,
            direction: Direction::Read,
            bytes: Some(0),
        } => format!("{who} reads from source {source}, and is at its end: 0 bytes."),
        Event::IoDone {
            source,
            direction,
            bytes: Some(bytes),
        } => format!(
            "{who} {} source {source}: {}.",
            match direction {
                Direction::Read => "reads from",
                Direction::Write => "writes to",
            },
            count(bytes, "byte")
        ),
        Event::IoDone { source, .. } => {
            format!("{who} does an operation on source {source}, and it succeeds.")
        }
        Event::WouldBlock { source, direction } => format!(
            "{who} tries to {} source {source}. The operating system says \"would block\".",
            match direction {
                Direction::Read => "read from",
                Direction::Write => "write to",
            },
        ),
        _ => return None,
    })
}

fn named(thing: &str, number: u64) -> String {
    format!("{thing} {number}")
}

/// `3 permits of `; nothing if it is one, or all that there can be.
fn permits(n: usize) -> String {
    match n {
        2..1_000_000 => format!("{n} permits of "),
        _ => String::new(),
    }
}
