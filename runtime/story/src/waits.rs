//! Who waits for whom: from a task over the thing that it waits for to the task that has it, and on.

use std::cell::OnceCell;
use std::collections::BTreeSet;

use runtime::trace::{Shared, Snapshot, TaskState, Wait};

use crate::deadlock::way_out;
use crate::words;

pub use crate::deadlock::WayOut;

/// A member of a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Member {
    /// A task. It waits for the next member, or it is the last.
    Task(u64),
    /// A lock or a semaphore. The next member holds it.
    Thing(Shared, u64),
}

impl Member {
    fn task(&self) -> Option<u64> {
        match self {
            Member::Task(task) => Some(*task),
            Member::Thing(..) => None,
        }
    }
}

/// A chain of tasks that wait for each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    /// The one that waits first; of a circle, any.
    pub members: Vec<Member>,
    /// If it is a circle, how that can open. The last member is one that stands further ahead in the chain.
    pub circle: Option<WayOut>,
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
    let stuck = OnceCell::new();
    let mut chains = Vec::new();
    // First those for whom none waits; what is left then are circles.
    for is_first in [true, false] {
        let tasks = state.tasks.keys().copied();
        for task in tasks.filter(|task| !(is_first && waited_for.contains(task))) {
            if chains.len() == MOST {
                return chains;
            }
            if !seen.contains(&task) && step(task).is_some() {
                chains.push(follow(task, state, &stuck, &mut seen));
            }
        }
    }
    chains
}

/// The chain of one task. `stuck` is found out when it is needed, which takes long. `seen` gets the tasks.
fn follow(
    first: u64,
    state: &Snapshot,
    stuck: &OnceCell<BTreeSet<u64>>,
    seen: &mut BTreeSet<u64>,
) -> Chain {
    let (members, is_circle) = members(first, state);
    let mut tasks = members.iter().filter_map(Member::task);
    seen.extend(tasks.clone());
    let circle = tasks.next_back().filter(|_| is_circle);
    Chain {
        circle: circle.map(|task| way_out(task, state, stuck.get_or_init(|| state.stuck()))),
        members,
    }
}

/// The members of a task's chain, and whether the last one stands further ahead, too.
pub(crate) fn members(first: u64, state: &Snapshot) -> (Vec<Member>, bool) {
    let mut members = vec![Member::Task(first)];
    let mut own = BTreeSet::from([first]);
    let mut task = first;
    while let Some((kind, number, holder)) = next(task, state) {
        members.extend([Member::Thing(kind, number), Member::Task(holder)]);
        if !own.insert(holder) {
            return (members, true);
        }
        task = holder;
    }
    (members, false)
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

/// How many other tasks hold it beside that one. (A task may have taken several permits, one after another.)
pub fn other_holders(on: Wait, state: &Snapshot) -> usize {
    let holders = state.holders(on);
    let tasks: BTreeSet<Option<u64>> = holders.iter().map(|holder| holder.task).collect();
    tasks.len().saturating_sub(1)
}

/// The holder with the number of the others: `held by task 3`, `held by task 3 and 2 more`.
pub(crate) fn held_by(task: &str, on: Wait, state: &Snapshot) -> String {
    match other_holders(on, state) {
        0 => format!("held by {task}"),
        others => format!("held by {task} and {others} more"),
    }
}

/// The chain as a sentence without its full stop.
pub fn in_words(chain: &Chain, state: &Snapshot) -> String {
    let links = links(&chain.members, 0, state);
    match end_in_words(chain) {
        Some(end) => format!("{links}: {end}"),
        None => links,
    }
}

/// If it is a circle, what that means for its tasks.
pub fn end_in_words(chain: &Chain) -> Option<&'static str> {
    Some(match chain.circle? {
        WayOut::Waits => "a circle, but one of these waits can still end",
        WayOut::Permits => "deadlock, unless another task adds permits",
        WayOut::Clients => "deadlock, unless a client goes away",
        WayOut::None => "deadlock",
    })
}

/// The members from this one on, each with what joins it to the one before.
pub(crate) fn links(members: &[Member], from: usize, state: &Snapshot) -> String {
    let name = |task: u64| words::task(task, [state, state]);
    let link = |(at, member): (usize, &Member)| match member {
        Member::Task(task) if at == 0 => name(*task),
        Member::Task(task) => match members[at - 1] {
            Member::Thing(kind, number) => {
                let held = held_by(&name(*task), Wait::Shared(kind, number), state);
                format!(", {held}")
            }
            Member::Task(_) => format!(", {}", name(*task)),
        },
        Member::Thing(kind, number) => {
            let relative = if at > 1 { ", which" } else { "" };
            format!("{relative} waits for {} {number}", kind.thing())
        }
    };
    members.iter().enumerate().skip(from).map(link).collect()
}
