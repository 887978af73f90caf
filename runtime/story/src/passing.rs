//! Sentences for what passes through a channel.

use runtime::trace::{Event, Shared};

use crate::sharing::thing;
use crate::words::count;

/// Of a message that is sent or received, or of what is like it: a value, a call.
pub(crate) fn of(who: &str, shared: Shared, event: &Event) -> Option<String> {
    Some(match (shared, event) {
        (Shared::Watch, Event::Sent { number, .. }) => {
            format!("{who} sends: {} has a new value.", thing(shared, *number))
        }
        (Shared::Watch, Event::Received { number, .. }) => format!(
            "{who} sees the newest value of {}. The value stays there.",
            thing(shared, *number)
        ),
        (Shared::Notify, Event::Sent { number, .. }) => format!(
            "{who} calls {}. No task waits: the call is kept for the next that comes.",
            thing(shared, *number)
        ),
        (Shared::Notify, Event::Received { number, .. }) => format!(
            "{who} does not wait: {} had kept a call, and it is used now.",
            thing(shared, *number)
        ),
        (_, event) => return of_message(who, event),
    })
}

fn of_message(who: &str, event: &Event) -> Option<String> {
    Some(match *event {
        Event::Sent {
            shared,
            number,
            length,
            bound,
            reserved,
        } => format!(
            "{who} sends: a message goes into {}{}, which holds {length}{} now.",
            match reserved {
                true => "its place in ",
                false => "",
            },
            thing(shared, number),
            bound.map_or(String::new(), |bound| format!(" of at most {bound}")),
        ),
        Event::Received {
            shared,
            number,
            length,
        } => format!(
            "{who} receives: it takes from {}, in which {} left.",
            thing(shared, number),
            match length {
                1 => "1 message is".to_owned(),
                _ => format!("{} are", count(length, "message")),
            }
        ),
        _ => return None,
    })
}

/// Of a receiver that is dropped.
pub(crate) fn gone(shared: Shared, number: u64, lost: usize) -> String {
    let channel = thing(shared, number);
    match (shared, lost) {
        (Shared::Broadcast, 0) => format!("A receiver of {channel} is gone. It leaves nothing."),
        (Shared::Broadcast, lost) => format!(
            "A receiver of {channel} is gone, and with it {} that no other has to take.",
            count(lost, "message")
        ),
        (_, 0) => format!("The receiver of {channel} is gone. No message was left in it."),
        (_, lost) => format!(
            "The receiver of {channel} is gone. {} in it will never be received.",
            count(lost, "message")
        ),
    }
}

/// Of the last sender that is dropped.
pub(crate) fn senders_gone(shared: Shared, number: u64) -> String {
    let channel = thing(shared, number);
    match shared {
        Shared::Oneshot => {
            format!(
                "The sender of {channel} is gone, and has sent nothing: its receiver gets an error."
            )
        }
        Shared::Watch => format!("The last sender of {channel} is gone: its value stays as it is."),
        _ => format!(
            "The last sender of {channel} is gone: what is in it can be taken, and nothing more comes."
        ),
    }
}
