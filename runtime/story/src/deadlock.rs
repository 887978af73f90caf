//! Whether a circle of waits can still open, and how.
//!
//! A thing may have many holders, and each of them can give it back. So all holders of what the tasks of the circle
//! wait for are looked at, and all for whom these wait in turn. If one of them can go on, it is a way out.
//!
//! How it can be wrong: who wants to write needs that all readers go, and who wants several permits may need them of
//! several holders. One of these that can go on is called a way out, although it is not enough.

use std::collections::BTreeSet;

use runtime::trace::{Shared, Snapshot, SourceKind, TaskState, Wait};

/// How a circle can open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WayOut {
    /// One of these tasks can go on, or another one that holds what they wait for: a timer, a job or a task ends its
    /// wait.
    Waits,
    /// None of them can go on by itself. But they wait for permits, and a task that has none can
    /// [add](runtime::sync::Semaphore::add_permits) some.
    Permits,
    /// None of them can go on by itself. But connections also wait for their clients: if one goes away, its task
    /// gives up.
    Clients,
    /// There is none. The tasks are among those that are [stuck](Snapshot::stuck).
    None,
}

/// The way out of the circle in which this task waits. `stuck` are the tasks that can never go on.
pub(crate) fn way_out(task: u64, state: &Snapshot, stuck: &BTreeSet<u64>) -> WayOut {
    if stuck.contains(&task) {
        return WayOut::None;
    }
    let mut seen = BTreeSet::from([task]);
    let mut left = vec![task];
    let (mut has_permits, mut has_client) = (false, false);
    while let Some(task) = left.pop() {
        let Some(needed) = needed(task, state) else {
            return WayOut::Waits;
        };
        for on in waits(task, state) {
            has_permits |= matches!(on, Wait::Shared(Shared::Semaphore, _));
            has_client |= is_of_a_client(on, state);
        }
        left.extend(needed.into_iter().filter(|task| seen.insert(*task)));
    }
    match (has_permits, has_client) {
        (true, _) => WayOut::Permits,
        (_, true) => WayOut::Clients,
        _ => WayOut::None,
    }
}

/// Whether it is a wait for the other end of a connection.
fn is_of_a_client(on: Wait, state: &Snapshot) -> bool {
    let Wait::Source(source, _) = on else {
        return false;
    };
    let kind = state.sources.get(&source).map(|view| view.kind);
    matches!(kind, Some(SourceKind::TcpStream | SourceKind::UnixStream))
}

/// The tasks of which one must go on before this one can. `None`: it can go on without them.
fn needed(task: u64, state: &Snapshot) -> Option<Vec<u64>> {
    match state.tasks.get(&task)?.state {
        TaskState::Stranded => return Some(Vec::new()),
        TaskState::Waiting if waits(task, state).next().is_some() => {}
        _ => return None,
    }
    // A task that waits for what is held and for the other end of a connection is one whose client waits for the
    // answer.
    let is_answering = waits(task, state).any(|on| holders(on, state).is_some());
    let mut needed = Vec::new();
    for on in waits(task, state) {
        match on {
            on if is_answering && is_of_a_client(on, state) => {}
            Wait::Task(task) => needed.push(task),
            on => needed.extend(holders(on, state)?),
        }
    }
    Some(needed)
}

fn waits(task: u64, state: &Snapshot) -> impl Iterator<Item = Wait> {
    let waits = state.tasks.get(&task).map(|view| view.waits.iter());
    waits.into_iter().flatten().map(|wait| wait.on)
}

/// The tasks that hold what is waited for. `None`: it may come from elsewhere.
fn holders(on: Wait, state: &Snapshot) -> Option<Vec<u64>> {
    let holders = state.holders(on);
    // A message that was sent unseen may take a place of the channel, and be received.
    let is_place = matches!(on, Wait::Shared(Shared::MpscPlace, _));
    if holders.is_empty() || is_place {
        return None;
    }
    holders.iter().map(|holder| holder.task).collect()
}
