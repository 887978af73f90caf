//! The inbox: what other threads have left.
//!
//! The other threads emit no event when they leave something there; it would take a lock that
//! both sides share. So a recording sees the inbox only at the moment in which the runtime's own
//! thread empties it; before that, it is not known what lies in it.

use runtime::trace::{Event, Record, Snapshot};

use super::{Mark, Picture, Row};
use story::words::count;

pub(crate) fn draw(record: Option<&Record>, after: &Snapshot) -> Picture {
    let row = match record.map(|record| &record.event) {
        Some(Event::InboxTaken {
            wakes,
            spawns,
            jobs,
        }) => {
            let parts = [(*wakes, "wake"), (*spawns, "future"), (*jobs, "result")];
            let parts = parts.iter().filter(|(number, _)| *number > 0);
            let parts: Vec<String> = parts.map(|(number, what)| count(*number, what)).collect();
            Row::marked(Mark::Gone, format!("taken: {}", parts.join(", ")))
        }
        _ if after.inbox.messages > 0 => {
            Row::marked(Mark::Same, count(after.inbox.messages, "message"))
        }
        _ => Row::faint("not known"),
    };
    Picture {
        title: "INBOX",
        legend: "from other threads",
        rows: vec![row],
    }
}
