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
    let draw_one = |number: u64| {
        let views = [&before.tasks, &after.tasks].map(|tasks| tasks.get(&number));
        row(number, views, ended == Some(number))
    };
    let mut rows: Vec<Row> = numbers.into_iter().filter_map(draw_one).collect();
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

fn row(number: u64, [before, after]: [Option<&TaskView>; 2], is_ended: bool) -> Option<Row> {
    let mark = Mark::of(before.map(plainly).as_ref(), after.map(plainly).as_ref());
    let view = after.or(before)?;
    let name = view.name.as_deref().unwrap_or("");
    let ink = match (mark, view.state) {
        (Mark::Same, TaskState::Running) => Ink::Running,
        (_, TaskState::Stranded) => Ink::Stranded,
        _ => mark.ink(),
    };
    let (sign, reason) = match is_ended {
        true => ('■', "at its end".to_owned()),
        false => (sign(view.state), reason(view)),
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

/// What there is to see of a task: not how long its polls took.
fn plainly(view: &TaskView) -> (TaskState, u64, String) {
    (view.state, view.polls, reason(view))
}

fn reason(view: &TaskView) -> String {
    let waits = view.waits.iter().map(words::wait_with_line);
    let waits = waits.collect::<Vec<_>>().join(", ");
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
