//! What a program says of its own state: the fields of a future written by hand.

use super::{Mark, Picture, Row};

/// The picture, of what it said before the event and after it.
pub(crate) fn draw([before, after]: [Option<String>; 2]) -> Picture {
    let mark = Mark::of(before.as_ref(), after.as_ref());
    let row = match after.or(before) {
        Some(text) => Row::marked(mark, text),
        None => Row::faint("nothing is noted yet"),
    };
    Picture {
        title: "STATE",
        legend: "as the program notes it",
        rows: vec![row],
    }
}
