//! What a task waits for, who has that, and whether the waits go in a circle.

use std::collections::BTreeSet;

use runtime::trace::{Snapshot, TaskView, WaitView};

use crate::place;
use crate::waits::{self, Member, held_by, holder};

/// Where in a chain the task stands that holds what the first one waits for.
const FIRST_HOLDER: usize = 2;

/// All that a task waits for, each with the line that made the wait and with the task that holds it, each
/// thing once: `timer 3 (racing.rs:25)`, `mutex 2 (deadlock.rs:27), held by task 1`. Empty if it waits for
/// nothing.
///
/// ```
/// let runtime = runtime::runtime::Builder::new_current_thread().enable_all().start_paused(true).build()?;
/// runtime.trace().observe();
/// let task = runtime.spawn(async { runtime::time::sleep(std::time::Duration::from_secs(1)).await });
/// while !matches!(runtime.step(), runtime::runtime::Step::WouldPark { .. }) {}
/// let state = runtime.snapshot();
/// let waits = story::words::waits(&state.tasks[&1], &state);
/// assert!(waits.starts_with("timer 1 ("), "{waits}");
/// # drop(task);
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn waits(view: &TaskView, state: &Snapshot) -> String {
    let mut said: Vec<String> = Vec::new();
    for wait in &view.waits {
        let one = with_holder(wait, state);
        if !said.contains(&one) {
            said.push(one);
        }
    }
    said.join(", ")
}

/// How many different things a task waits for.
pub(crate) fn things(view: &TaskView) -> usize {
    let waits = &view.waits;
    let is_first = |(at, wait): &(usize, &WaitView)| waits[..*at].iter().all(|it| it.on != wait.on);
    waits.iter().enumerate().filter(is_first).count()
}

/// How it goes on from the task that holds what this one waits for, if the waits lead back in a circle:
/// `which waits for mutex 1, held by task 1: deadlock`. `None` if the task may still go on. `stuck` are the
/// tasks that can [never go on](Snapshot::stuck): to find them out takes long where there are many tasks.
///
/// ```
/// let state = runtime::runtime::Runtime::new()?.snapshot();
/// assert_eq!(story::words::circle(1, &state, &state.stuck()), None);
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn circle(task: u64, state: &Snapshot, stuck: &BTreeSet<u64>) -> Option<String> {
    if !stuck.contains(&task) {
        return None;
    }
    let (members, _) = waits::members(task, state);
    let own = Member::Task(task);
    match members[..] {
        [_] => None,
        [_, _, holder] if holder == own => Some("which is the task itself: deadlock".to_owned()),
        [.., last] if last == own => {
            let links = waits::links(&members, FIRST_HOLDER + 1, state);
            Some(format!("{}: deadlock", links.trim_start_matches(", ")))
        }
        _ => Some("which can never go on".to_owned()),
    }
}

/// What a task waits for, with the line where the wait was made: `timer 3 (racing.rs:25)`.
pub fn wait_with_line(view: &WaitView) -> String {
    match view.at {
        Some(at) => format!("{} ({})", view.on, place::short(at)),
        None => view.on.to_string(),
    }
}

fn with_holder(wait: &WaitView, state: &Snapshot) -> String {
    let said = wait_with_line(wait);
    match holder(wait.on, state) {
        Some(task) => {
            let held = held_by(&format!("task {task}"), wait.on, state);
            format!("{said}, {held}")
        }
        None => said,
    }
}
