//! What tasks share: the locks that are held, and the channels in which messages lie.

use runtime::trace::{SharedView, Snapshot};
use story::words;

use super::{Mark, Picture, Row};

/// The picture.
pub(crate) fn draw(before: &Snapshot, after: &Snapshot) -> Picture {
    let mut numbers: Vec<u64> = before
        .shared
        .keys()
        .chain(after.shared.keys())
        .copied()
        .collect();
    numbers.sort_unstable();
    numbers.dedup();
    let rows = numbers.iter().map(|number| row(*number, [before, after]));
    let mut rows: Vec<Row> = rows.collect();
    if rows.is_empty() {
        rows.push(Row::faint("none is held"));
    }
    Picture {
        title: "SHARED",
        legend: "locks that are held, channels with messages",
        rows,
    }
}

fn row(number: u64, states: [&Snapshot; 2]) -> Row {
    let said = states.map(|state| {
        let view = state.shared.get(&number)?;
        Some(in_words(number, view, state))
    });
    let [before, after] = &said;
    let mark = Mark::of(before.as_ref(), after.as_ref());
    let text = after.clone().or(before.clone()).unwrap_or_default();
    Row::marked(mark, text)
}

fn in_words(number: u64, view: &SharedView, state: &Snapshot) -> String {
    let said = words::shared(number, view, state);
    format!("{} {number}: {said}", view.kind.thing())
}
