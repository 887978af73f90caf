//! Who waits for whom: from a task over the thing that it waits for to the task that has it, and on.

use std::collections::BTreeSet;

use runtime::trace::{Shared, Snapshot, TaskState, Wait, WaitView};

use crate::words;

/// A member of a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Member {
    /// A task. It waits for the next member, or it is the last.
    Task(u64),
    /// A lock or a semaphore. The next member holds it.
    Thing(Shared, u64),
}

/// A chain of tasks that wait for each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    /// The one that waits first; of a circle, any.
    pub members: Vec<Member>,
    /// The last member is one that stands further ahead in the chain.
    pub is_circle: bool,
    /// It is a circle, and no task of it waits for anything else that could end its wait: a timer, a job, a
    /// task. None of them can go on. (Of places in a channel this is not known.)
    pub is_deadlock: bool,
}

/// So many chains are told.
const MOST: usize = 64;

/// The chains of all tasks that wait for what another task holds. A thing with several holders is followed
/// to the oldest.
///
/// ```
/// use runtime::{runtime::Runtime, sync::Mutex, task::yield_now};
/// use std::rc::Rc;
/// use story::waits::{chains, in_words};
///
/// let runtime = Runtime::new()?;
/// runtime.trace().observe();
/// runtime.block_on(async {
///     let mutex = Rc::new(Mutex::new(()));
///     let _guard = mutex.lock().await;
///     let other = Rc::clone(&mutex);
///     runtime::spawn(async move { drop(other.lock().await) });
///     yield_now().await;
///     let state = runtime.snapshot();
///     let chain = &chains(&state)[0];
///     assert_eq!(in_words(chain, &state), "task 2 waits for mutex 1, held by task 1");
/// });
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn chains(state: &Snapshot) -> Vec<Chain> {
    let step = |task: u64| next(task, state);
    let steps = || state.tasks.keys().filter_map(|task| step(*task));
    let waited_for: BTreeSet<u64> = steps().map(|(_, _, holder)| holder).collect();
    let mut seen = BTreeSet::new();
    let mut chains = Vec::new();
    // First those for whom none waits; what is left then are circles.
    for is_first in [true, false] {
        let tasks = state.tasks.keys().copied();
        for task in tasks.filter(|task| !(is_first && waited_for.contains(task))) {
            if chains.len() == MOST {
                return chains;
            }
            if !seen.contains(&task) && step(task).is_some() {
                chains.push(follow(task, state, &mut seen));
            }
        }
    }
    chains
}

/// The chain of one task. `seen` gets its tasks.
pub(crate) fn follow(first: u64, state: &Snapshot, seen: &mut BTreeSet<u64>) -> Chain {
    let mut members = vec![Member::Task(first)];
    let mut own = BTreeSet::from([first]);
    let mut task = first;
    let mut is_circle = false;
    while let Some((kind, number, holder)) = next(task, state)
        && !is_circle
    {
        members.extend([Member::Thing(kind, number), Member::Task(holder)]);
        is_circle = !own.insert(holder);
        task = holder;
    }
    seen.extend(own);
    let gives_up = |member: &Member| match member {
        Member::Task(task) => gives_up(*task, state),
        // A message that was sent unseen may take a place of the channel, and be received.
        Member::Thing(kind, _) => *kind == Shared::MpscPlace,
    };
    Chain {
        is_circle,
        is_deadlock: is_circle && !members.iter().any(gives_up),
        members,
    }
}

/// The thing that a task waits for, and the task that holds it.
pub(crate) fn next(task: u64, state: &Snapshot) -> Option<(Shared, u64, u64)> {
    let view = state.tasks.get(&task)?;
    if view.state == TaskState::Running || view.state == TaskState::Queued {
        return None;
    }
    view.waits.iter().find_map(|wait| {
        let Wait::Shared(kind, number) = wait.on else {
            return None;
        };
        Some((kind, number, holder(wait.on, state)?))
    })
}

/// The task that holds what is waited for, if one does: of several, the oldest.
pub(crate) fn holder(on: Wait, state: &Snapshot) -> Option<u64> {
    state.holders(on).iter().find_map(|holder| holder.task)
}

/// Whether a task also waits for something that will end its wait. A connection also waits for its client;
/// that does not count, as the client waits for the answer.
fn gives_up(task: u64, state: &Snapshot) -> bool {
    let waits = state.tasks.get(&task).map(|view| view.waits.iter());
    let ends = |wait: &WaitView| matches!(wait.on, Wait::Timer(_) | Wait::Job(_) | Wait::Task(_));
    waits.is_some_and(|mut waits| waits.any(ends))
}

/// The chain as a sentence without its end.
pub fn in_words(chain: &Chain, state: &Snapshot) -> String {
    let end = match (chain.is_deadlock, chain.is_circle) {
        (true, _) => ": deadlock",
        (_, true) => ": a circle, until one of them gives up",
        _ => "",
    };
    links(&chain.members, 0, state) + end
}

/// The members from this one on, each with what joins it to the one before.
pub(crate) fn links(members: &[Member], from: usize, state: &Snapshot) -> String {
    let link = |(at, member): (usize, &Member)| match member {
        Member::Task(task) if at == 0 => words::task(*task, [state, state]),
        Member::Task(task) => format!(", held by {}", words::task(*task, [state, state])),
        Member::Thing(kind, number) => {
            let relative = if at > 1 { ", which" } else { "" };
            format!("{relative} waits for {} {number}", kind.thing())
        }
    };
    members.iter().enumerate().skip(from).map(link).collect()
}
