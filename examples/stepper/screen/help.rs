//! The page of help: the keys, and the signs.

use super::{keys, paint};
use crate::pictures::MARKS;
use crate::terminal::Line;

/// What the signs of the pictures mean, beyond what stands in their headings.
const SIGNS: [&str; 9] = [
    "LOOP       the four steps of a round, and the one in which this happens.",
    "RUN QUEUE  [2 weft] is task 2, called \"weft\". The leftmost is polled next.",
    "INBOX      what other threads leave is known only when the loop takes it out.",
    "TASKS      what each does, what it waits for and where, and who holds that.",
    "WHEEL      64 slots a level, each a digit (its timers) or a dot. A slot of L0",
    "           is 1 ms wide, of L1 64 ms, of L2 4 s...",
    "SOURCES    sockets and pipes. ● ready  ○ not ready  ·1 one task waits",
    "BECAUSE    why it happens, followed back to the first cause.",
    "A waker    is left with what a task waits for; to call it queues the task.",
];

pub(super) fn page() -> Vec<Line> {
    let mut lines = vec![Line::styled("KEYS", paint::bold())];
    for pair in keys::HELP.chunks(2) {
        let column = |(key, text): &(&str, &str)| format!("{key:<10}{text:<29}");
        let line: Vec<String> = pair.iter().map(column).collect();
        lines.push(Line::from(format!("  {}", line.join(""))));
    }
    lines.push(Line::from(""));
    lines.push(Line::styled("SIGNS", paint::bold()));
    lines.push(Line::from(format!(
        "  In every picture: {MARKS}, by this event."
    )));
    lines.extend(SIGNS.iter().map(|sign| Line::from(format!("  {sign}"))));
    lines.push(Line::styled("Any key goes back.", paint::faint()));
    lines
}
