//! What tasks share, for the page: who holds a lock, who waits for it, how full a channel is.

use runtime::trace::{Shared, Snapshot};
use serde_json::{Value, json};
use story::words;

/// So many things are shown.
const MOST: usize = 200;

/// Of more tasks than this it is not asked which are stuck: the answer takes as many looks as there are
/// tasks that wait for each other, each at all of them.
const MOST_TO_ASK: usize = 2_000;

/// How a thing is called everywhere on the page.
pub(super) fn key(kind: Shared, number: u64) -> String {
    format!("{} {number}", kind.thing())
}

/// The things that are held, and the channels that are not empty.
pub(super) fn of(state: &Snapshot) -> Vec<Value> {
    let things = state.shared.iter().take(MOST);
    let things = things.map(|(number, view)| {
        json!({ "key": key(view.kind, *number), "text": words::shared(*number, view, state) })
    });
    things.collect()
}

/// The tasks that can never go on.
pub(super) fn stuck(state: &Snapshot) -> Vec<u64> {
    match state.tasks.len() <= MOST_TO_ASK {
        true => state.stuck().into_iter().collect(),
        false => Vec::new(),
    }
}
