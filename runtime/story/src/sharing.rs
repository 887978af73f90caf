//! Sentences for what tasks share: locks, permits, channels.

use runtime::trace::{Event, Record, Shared, Snapshot};

use crate::words::{count, task, upper, who};
use crate::{passing, place};

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
            "{} is given {}: no other task can take it in between.",
            match records.get(1).map(|next| &next.event) {
                Some(Event::Woken { task: it, .. }) =>
                    format!("{}, the first in line,", upper(&task(*it, states))),
                _ => "The first in line".to_owned(),
            },
            part(shared, number, count)
        ),
        Event::GivenBack {
            shared,
            number,
            count,
        } => match shared {
            Shared::OnceCell => format!("{} fills {} no more.", who(), thing(shared, number)),
            Shared::MpscPlace => {
                let place = part(shared, number, count);
                format!("{} gives {place} back, and has not sent.", who())
            }
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
            "{} gives up a wait for {}, and leaves the line.{}",
            who(),
            thing(shared, number),
            match granted {
                true => " It was its turn already: what it was given goes to the next.",
                false => " Those behind it move up.",
            }
        ),
        Event::Sent { shared, .. } | Event::Received { shared, .. } => {
            passing::of(&who(), shared, &record.event)?
        }
        Event::ReceiverGone {
            shared,
            number,
            lost,
        } => passing::gone(shared, number, lost),
        Event::SendersGone { shared, number } => passing::senders_gone(shared, number),
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
        Shared::MpscPlace => format!(
            "{who} has {} now, at {at}, for a message that it will send.",
            part(shared, number, n)
        ),
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
        Shared::RwLock if n == 1 => format!("the right to read {}", thing(shared, number)),
        Shared::RwLock => format!("the right to write {}", thing(shared, number)),
        Shared::Notify => format!("a call of {}", thing(shared, number)),
        _ => thing(shared, number),
    }
}

/// A thing by its number.
pub(crate) fn thing(shared: Shared, number: u64) -> String {
    format!("{} {number}", shared.thing())
}
