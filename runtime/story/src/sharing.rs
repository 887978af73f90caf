//! Sentences for what tasks share: locks, permits, channels.

use runtime::trace::{Event, Record, Shared, Snapshot};

use crate::place;
use crate::words::{count, task, upper, who};

/// Of an event about a lock, permits or a channel: the first of these.
pub(crate) fn of_sharing(records: &[Record], states: [&Snapshot; 2]) -> Option<String> {
    let record = records.first()?;
    let who = || upper(&who(record.task, states));
    Some(match record.event {
        Event::Taken {
            shared,
            number,
            count,
            at,
        } => taken(&who(), shared, number, count, &place::name(at)),
        Event::HandedOver {
            shared,
            number,
            count,
        } => format!(
            "{} in line is given {}: no other task can take it in between.",
            match records.get(1).map(|next| &next.event) {
                Some(Event::Woken { task: it, .. }) =>
                    format!("{}, the first", upper(&task(*it, states))),
                _ => "The first".to_owned(),
            },
            part(shared, number, count)
        ),
        Event::GivenBack {
            shared,
            number,
            count,
        } => match shared {
            Shared::OnceCell => format!("{} fills {} no more.", who(), thing(shared, number)),
            _ => format!("{} gives {} back.", who(), part(shared, number, count)),
        },
        Event::Forgotten {
            shared,
            number,
            count,
        } => format!(
            "{} destroys {}: it never comes back.",
            who(),
            part(shared, number, count)
        ),
        Event::LineLeft {
            shared,
            number,
            granted,
        } => format!(
            "A wait for {} is given up, and leaves the line.{}",
            thing(shared, number),
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
            who(),
            bound.map_or(String::new(), |bound| format!(" of at most {bound}")),
        ),
        Event::Received { channel, length } => format!(
            "{} receives: it takes from channel {channel}, in which {} left.",
            who(),
            match length {
                1 => "1 message is".to_owned(),
                _ => format!("{} are", count(length, "message")),
            }
        ),
        Event::ReceiverGone { channel, lost: 0 } => {
            format!("The receiver of channel {channel} is gone. No message was left in it.")
        }
        Event::ReceiverGone { channel, lost } => format!(
            "The receiver of channel {channel} is gone. {} in it will never be received.",
            count(lost, "message")
        ),
        _ => return None,
    })
}

/// Free before, or handed over: from here on the task goes on with it.
fn taken(who: &str, shared: Shared, number: u64, n: usize, at: &str) -> String {
    match shared {
        Shared::OnceCell => {
            format!(
                "{who} fills {} from here on, at {at}. Others wait.",
                thing(shared, number)
            )
        }
        _ => format!(
            "{who} has {} now, at {at}, until it drops the guard.",
            part(shared, number, n)
        ),
    }
}

/// What was taken of a thing.
fn part(shared: Shared, number: u64, n: usize) -> String {
    match shared {
        Shared::Semaphore => format!("{} of {}", count(n, "permit"), thing(shared, number)),
        Shared::RwLock if n == 1 => format!("{}, to read,", thing(shared, number)),
        Shared::RwLock => format!("{}, to write,", thing(shared, number)),
        _ => thing(shared, number),
    }
}

fn thing(shared: Shared, number: u64) -> String {
    format!("{} {number}", shared.thing())
}
