//! What tasks share, for the page: who holds a lock, who waits for it, how full a channel is.

use runtime::trace::{Shared, Snapshot, Wait};
use serde_json::{Value, json};
use story::waits::{self, Chain, Member, WayOut, end_in_words, in_words, other_holders};
use story::words;

/// So many things are shown.
const MOST: usize = 200;

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

/// Who waits for whom: each chain from the task that waits first to the one that can go on.
pub(super) fn chains(state: &Snapshot) -> Vec<Value> {
    let told = |chain: Chain| {
        let members = (0..chain.members.len()).map(|at| member(&chain.members, at, state));
        json!({
            "members": members.collect::<Vec<_>>(),
            "text": in_words(&chain, state),
            "end": end_in_words(&chain),
            "isDeadlock": chain.circle.is_some_and(|way_out| way_out != WayOut::Waits),
        })
    };
    waits::chains(state).into_iter().map(told).collect()
}

/// A member of a chain. Of a task that holds the thing before it: how many others hold that, too.
fn member(members: &[Member], at: usize, state: &Snapshot) -> Value {
    match members[at] {
        Member::Thing(kind, number) => {
            let view = state.shared.get(&number);
            json!({ "key": key(view.map_or(kind, |view| view.kind), number) })
        }
        Member::Task(task) => {
            let others = match members[..at].last() {
                Some(Member::Thing(kind, number)) => {
                    other_holders(Wait::Shared(*kind, *number), state)
                }
                _ => 0,
            };
            json!({ "key": format!("task {task}"), "for": work(task, state), "others": others })
        }
    }
}

/// So many generations of tasks are looked at.
const GENERATIONS: usize = 8;

/// What a task works on, or the task that spawned it, and so on.
fn work(task: u64, state: &Snapshot) -> Option<&str> {
    let parent = |task: &u64| state.tasks.get(task)?.parent;
    let mut line = std::iter::successors(Some(task), parent).take(GENERATIONS);
    let stretches = line.find_map(|task| state.stretches.get(&task))?;
    stretches.last().map(|view| &*view.text)
}
