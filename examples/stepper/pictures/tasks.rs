//! The tasks: every one that has not ended, what it is doing and what it waits for.

use std::collections::BTreeSet;

use runtime::trace::{Event, Record, Snapshot, TaskState, TaskView};

use super::{Ink, Mark, Picture, Row};
use crate::player::Player;
use story::{place, words};

/// What the signs mean.
pub(crate) const SIGNS: &str = "▶ runs  ● queued  ○ waits  ✗ can never go on  ■ at its end";

/// A task that has said Ready and is not gone yet is at its end: that is in the event, not in
/// the state. Which tasks can never go on, the player knows.
pub(crate) fn draw(
    player: &Player,
    record: Option<&Record>,
    before: &Snapshot,
    after: &Snapshot,
) -> Picture {
    let ended = record.and_then(|record| ended(&record.event));
    let numbers: BTreeSet<u64> = before
        .tasks
        .keys()
        .chain(after.tasks.keys())
        .copied()
        .collect();
    let stuck = [before, after].map(|state| player.stuck(state));
    let mut rows = Vec::new();
    for number in numbers {
        let states = [(before, &stuck[0]), (after, &stuck[1])];
        rows.extend(row(number, states, ended == Some(number)));
        rows.extend(circle(number, states));
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

/// A state, and the tasks that can never go on in it.
type State<'a> = (&'a Snapshot, &'a BTreeSet<u64>);

fn row(number: u64, states: [State<'_>; 2], is_ended: bool) -> Option<Row> {
    let [before, after] = states.map(|state| seen(number, state));
    let mark = Mark::of(before.as_ref(), after.as_ref());
    let Seen { view, sign, reason } = after.or(before)?;
    let name = place::printable(view.name.as_deref().unwrap_or(""));
    let ink = match (mark, sign) {
        (Mark::Same, '▶') => Ink::Running,
        (_, '✗') => Ink::Stranded,
        _ => mark.ink(),
    };
    let (sign, reason) = match is_ended {
        true => ('■', "at its end".to_owned()),
        false => (sign, reason),
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

/// Below a task that waits in a circle: how the circle closes.
fn circle(number: u64, states: [State<'_>; 2]) -> Option<Row> {
    let [before, after] = states.map(|(state, stuck)| words::circle(number, state, stuck));
    let mark = Mark::of(before.as_ref(), after.as_ref());
    let text = format!("    └ {}", after?);
    Some(Row {
        mark,
        pieces: vec![(Ink::Stranded, text)],
    })
}

/// What there is to see of a task.
struct Seen<'a> {
    view: &'a TaskView,
    sign: char,
    reason: String,
}

/// It looks the same, however long its polls took.
impl PartialEq for Seen<'_> {
    fn eq(&self, other: &Seen<'_>) -> bool {
        let all = |it: &Seen<'_>| (it.view.state, it.view.polls, it.sign);
        all(self) == all(other) && self.reason == other.reason
    }
}

fn seen<'a>(number: u64, (state, stuck): State<'a>) -> Option<Seen<'a>> {
    let view = state.tasks.get(&number)?;
    let is_stuck = stuck.contains(&number);
    let is_in_circle = words::circle(number, state, stuck).is_some();
    let reason = reason((view, state));
    Some(Seen {
        view,
        sign: if is_stuck { '✗' } else { sign(view.state) },
        reason: match is_stuck && !is_in_circle && view.state == TaskState::Waiting {
            true => format!("can never go on: waits {reason}"),
            false => reason,
        },
    })
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
