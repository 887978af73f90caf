//! The inbox: what other threads have left.
//!
//! The other threads emit no event when they leave something there; it would take a lock that
//! both sides share. So a recording sees the inbox only at the moment in which the runtime's own
//! thread empties it, and the picture does not pretend otherwise.

use runtime::trace::{Event, Record, Snapshot};

use super::{Mark, Picture, Row};
use story::words::count;

pub(crate) fn draw(record: Option<&Record>, after: &Snapshot) -> Picture {
    let row = match record.map(|record| &record.event) {
        Some(Event::InboxTaken {
            wakes,
            spawns,
            jobs,
        }) => Row::marked(
            Mark::Gone,
            format!(
                "{}, {}, {}: just taken",
                count(*wakes, "wake"),
                count(*spawns, "future"),
                count(*jobs, "result")
            ),
        ),
        _ if after.inbox.messages > 0 => {
            Row::marked(Mark::Same, count(after.inbox.messages, "message"))
        }
        _ => Row::faint("nothing seen (it is seen when it is emptied)"),
    };
    Picture {
        title: "INBOX",
        legend: "from other threads",
        rows: vec![row],
    }
}
