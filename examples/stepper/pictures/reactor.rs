//! The sources: what the reactor watches, and who waits for it.

use std::collections::BTreeSet;

use runtime::trace::{SideView, Snapshot, SourceView};

use super::{Mark, Picture, Row};
use story::place;

pub(crate) fn draw(before: &Snapshot, after: &Snapshot) -> Picture {
    let old = before.sources.keys();
    let numbers: BTreeSet<u64> = old.chain(after.sources.keys()).copied().collect();
    let draw_one = |number: u64| {
        row(
            number,
            before.sources.get(&number),
            after.sources.get(&number),
        )
    };
    let mut rows: Vec<Row> = numbers.into_iter().filter_map(draw_one).collect();
    if rows.is_empty() {
        rows.push(Row::faint("none"));
    }
    Picture {
        title: "SOURCES",
        legend: "● ready  ○ not  ·n wait",
        rows,
    }
}

fn row(number: u64, before: Option<&SourceView>, after: Option<&SourceView>) -> Option<Row> {
    let mark = Mark::of(before, after);
    let view = after.or(before)?;
    let read = side("read", view.interest.read, view.read);
    let write = side("write", view.interest.write, view.write);
    let at = place::short(view.at);
    let text = format!("{number:<2}{read:<9}{write:<9} {at}");
    Some(Row::marked(mark, text))
}

/// `read ○·1`; nothing, if it was not asked for.
fn side(name: &str, asked: bool, side: SideView) -> String {
    if !asked {
        return String::new();
    }
    let sign = if side.ready { '●' } else { '○' };
    match side.waiters {
        0 => format!("{name} {sign}"),
        waiters => format!("{name} {sign}·{waiters}"),
    }
}
