//! What tasks share: the locks that are held, and the channels in which messages lie.

use std::collections::{BTreeMap, BTreeSet};

use runtime::trace::{Record, Snapshot};
use story::{Given, words};

use super::{Mark, Picture, Row};
use crate::player::Player;

/// A state, and what was given in it to tasks that have not taken it yet.
type State<'a> = (&'a Snapshot, BTreeMap<u64, Given>);

/// The picture. What was given, the player knows.
pub(crate) fn draw(
    player: &Player,
    record: Option<&Record>,
    before: &Snapshot,
    after: &Snapshot,
) -> Picture {
    let at = player.at();
    let given = |events, state| story::given(player.records(), events, state);
    let states = [
        (before, given(at - usize::from(record.is_some()), before)),
        (after, given(at, after)),
    ];
    let numbers = |(state, given): &State<'_>| {
        let all = state.shared.keys().chain(given.keys()).copied();
        all.collect::<BTreeSet<u64>>()
    };
    let numbers: BTreeSet<u64> = states.iter().flat_map(numbers).collect();
    let mut rows: Vec<Row> = numbers.iter().map(|number| row(*number, &states)).collect();
    if rows.is_empty() {
        rows.push(Row::faint("none is held"));
    }
    Picture {
        title: "SHARED",
        legend: "locks that are held, channels with messages",
        rows,
    }
}

fn row(number: u64, [before, after]: &[State<'_>; 2]) -> Row {
    let (before, after) = (in_words(number, before), in_words(number, after));
    let mark = Mark::of(before.as_ref(), after.as_ref());
    Row::marked(mark, after.or(before).unwrap_or_default())
}

/// `None`: there is nothing to say of it in this state.
fn in_words(number: u64, (state, given): &State<'_>) -> Option<String> {
    let (view, given) = (state.shared.get(&number), given.get(&number));
    let kind = view
        .map(|view| view.kind)
        .or(given.map(|given| given.kind))?;
    let said = words::shared_and_given(number, view, given, state);
    Some(format!("{} {number}: {said}", kind.thing()))
}
