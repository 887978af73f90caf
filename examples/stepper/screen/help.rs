//! The page of help: the keys, and the signs.
//!
//! It fits into the least window. A larger one has headings, and the text is indented.

use super::{keys, paint};
use crate::pictures::MARKS;
use crate::terminal::Line;

/// What the signs of the pictures mean, beyond what stands in their headings.
const SIGNS: [&str; 8] = [
    "LOOP       the four steps of a round, and in which of them this is.",
    "RUN QUEUE  [2 weft] is task 2, called \"weft\". The first is polled next.",
    "INBOX      what other threads leave is known when the loop takes it.",
    "TASKS      what each does, what it waits for, where, and who holds that.",
    "WHEEL      64 slots a level: in each so many timers, or a dot for none.",
    "SOURCES    sockets and pipes. ● ready  ○ not ready  ·1 one task waits",
    "BECAUSE    why it happens, followed back to the first cause.",
    "A waker    is left with what a task waits for. A call queues the task.",
];

/// A window of this size has room for headings.
const ROOMY: (usize, usize) = (80, 24);

pub(super) fn page(width: usize, height: usize) -> Vec<Line> {
    let is_roomy = width >= ROOMY.0 && height >= ROOMY.1;
    let (indent, column) = if is_roomy { ("  ", 29) } else { ("", 26) };
    let row = |text: String| Line::from(format!("{indent}{text}"));
    let key = |(key, text): &(&str, &str)| format!("{key:<10}{text:<column$}");
    let pairs = keys::HELP.chunks(2);
    let pairs = pairs.map(|pair| row(pair.iter().map(key).collect()));
    let marks = row(format!("In every picture: {MARKS}, by this event."));
    let signs = SIGNS.iter().map(|sign| row((*sign).to_owned()));
    let mut lines = Vec::new();
    lines.extend(is_roomy.then(|| Line::styled("KEYS", paint::bold())));
    lines.extend(pairs);
    if is_roomy {
        lines.extend([Line::from(""), Line::styled("SIGNS", paint::bold())]);
    }
    lines.push(marks);
    lines.extend(signs);
    lines.push(Line::styled("Any key goes back.", paint::faint()));
    lines
}
