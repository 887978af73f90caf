//! The tasks: every one that has not ended, what it is doing and what it waits for.

use std::collections::BTreeSet;

use runtime::trace::{Event, Record, Snapshot, TaskState, TaskView};

use super::{Ink, Mark, Picture, Row};
use story::{place, words};

/// What the signs mean.
pub(crate) const SIGNS: &str = "▶ runs  ● queued  ○ waits  ✗ stranded  ■ at its end";

/// A task that has said Ready and is not gone yet is at its end: that is in the event, not in
/// the state.
pub(crate) fn draw(record: Option<&Record>, before: &Snapshot, after: &Snapshot) -> Picture {
    let ended = record.and_then(|record| ended(&record.event));
    let numbers: BTreeSet<u64> = before
        .tasks
        .keys()
        .chain(after.tasks.keys())
        .copied()
        .collect();
    let stuck = [before, after].map(stuck);
    let mut rows = Vec::new();
    for number in numbers {
        rows.extend(row(number, [before, after], ended == Some(number)));
        rows.extend(circle(number, [before, after], &stuck));
    }
    if rows.is_empty() {
        rows.push(Row::faint("none"));
    }
    Picture {
        title: "TASKS",
        legend: SIGNS,
        rows,
    }
}

/// The task that this event ends.
fn ended(event: &Event) -> Option<u64> {
    match *event {
        Event::PollEnd {
            task, ready: true, ..
        }
        | Event::Ended { task, .. } => Some(task),
        _ => None,
    }
}

fn row(number: u64, states: [&Snapshot; 2], is_ended: bool) -> Option<Row> {
    let [before, after] = states.map(|state| Some((state.tasks.get(&number)?, state)));
    let mark = Mark::of(before.map(plainly).as_ref(), after.map(plainly).as_ref());
    let (view, state) = after.or(before)?;
    let name = place::printable(view.name.as_deref().unwrap_or(""));
    let ink = match (mark, view.state) {
        (Mark::Same, TaskState::Running) => Ink::Running,
        (_, TaskState::Stranded) => Ink::Stranded,
        _ => mark.ink(),
    };
    let (sign, reason) = match is_ended {
        true => ('■', "at its end".to_owned()),
        false => (sign(view.state), reason((view, state))),
    };
    let polls = words::count(view.polls as usize, "poll");
    Some(Row {
        mark,
        pieces: vec![
            (ink, format!("{sign} {number} {name:<10} ")),
            (Ink::Faint, format!("{polls:<9}")),
            (ink, reason),
        ],
    })
}

/// Of more tasks than this it is not asked which are stuck: that takes too long for each key.
const MOST_TO_ASK: usize = 300;

fn stuck(state: &Snapshot) -> BTreeSet<u64> {
    match state.tasks.len() <= MOST_TO_ASK {
        true => state.stuck(),
        false => BTreeSet::new(),
    }
}

/// Below a task that waits in a circle: how the circle closes.
fn circle(number: u64, states: [&Snapshot; 2], stuck: &[BTreeSet<u64>; 2]) -> Option<Row> {
    let [before, after] = [0, 1].map(|at| words::circle(number, states[at], &stuck[at]));
    let mark = Mark::of(before.as_ref(), after.as_ref());
    let text = format!("    └ {}", after?);
    Some(Row {
        mark,
        pieces: vec![(Ink::Stranded, text)],
    })
}

/// What there is to see of a task: not how long its polls took.
fn plainly((view, state): (&TaskView, &Snapshot)) -> (TaskState, u64, String) {
    (view.state, view.polls, reason((view, state)))
}

fn reason((view, state): (&TaskView, &Snapshot)) -> String {
    let waits = words::waits(view, state);
    match view.state {
        TaskState::Stranded => "nothing can ever wake it".to_owned(),
        TaskState::Queued if view.polls == 0 => format!("new, of {}", place::short(view.at)),
        TaskState::Queued => view
            .woken_by
            .map_or(String::new(), |by| format!("woken {}", words::cause(by))),
        TaskState::Waiting if waits.is_empty() && view.polls == 0 => "not queued yet".to_owned(),
        TaskState::Waiting if waits.is_empty() => "for what has its waker".to_owned(),
        TaskState::Running if waits.is_empty() => String::new(),
        _ => format!("for {waits}"),
    }
}

fn sign(state: TaskState) -> char {
    match state {
        TaskState::Running => '▶',
        TaskState::Queued => '●',
        TaskState::Waiting => '○',
        TaskState::Stranded => '✗',
        _ => '?',
    }
}
