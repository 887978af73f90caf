//! What tasks share, for the page: who holds a lock, who waits for it, how full a channel is.

use runtime::trace::{Holder, Shared, SharedView, Snapshot};
use serde_json::{Value, json};
use story::{place, words};

/// So many things are shown, and so many holders and waiters of each.
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
        json!({ "key": key(view.kind, *number), "text": text(*number, view, state) })
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

fn text(number: u64, view: &SharedView, state: &Snapshot) -> String {
    let mut said = Vec::new();
    if view.length > 0 {
        let bound = view
            .bound
            .map_or(String::new(), |bound| format!(" of {bound}"));
        said.push(format!(
            "holds {}{bound}",
            words::count(view.length, "message")
        ));
    }
    let holders = view.holders.iter().take(MOST);
    said.extend(holders.map(|holder| held_by(holder, state)));
    let waiters: Vec<String> = state
        .waiters(number)
        .take(MOST)
        .map(|task| words::task(task, [state, state]))
        .collect();
    if !waiters.is_empty() {
        said.push(format!("awaited by {}", waiters.join(", ")));
    }
    said.join("; ")
}

fn held_by(holder: &Holder, state: &Snapshot) -> String {
    let who = holder.task.map_or("the program".to_owned(), |task| {
        words::task(task, [state, state])
    });
    format!("held by {who}, since {}", place::short(holder.at))
}
