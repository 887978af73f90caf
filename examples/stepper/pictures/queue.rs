//! The run queue: a row of tasks, the next one first.
//!
//! An event adds one task at the back or takes one from somewhere, mostly the front. Never more:
//! so the first place at which the rows differ is the place of the change.

use runtime::trace::Snapshot;
use story::place;

use super::{Ink, Mark, Picture, Row};

pub(crate) fn draw(before: &Snapshot, after: &Snapshot) -> Picture {
    let old: Vec<u64> = before.queue.iter().copied().collect();
    let new: Vec<u64> = after.queue.iter().copied().collect();
    let same = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let states = [before, after];
    let mut pieces = Vec::new();
    for (place, &task) in new.iter().enumerate() {
        if place == same && old.len() > new.len() {
            pieces.push((Ink::Gone, format!("-({})", label(old[same], states))));
        }
        pieces.push(match place == same && new.len() > old.len() {
            true => (Ink::New, format!("+[{}]", label(task, states))),
            false => (Ink::Plain, format!("[{}]", label(task, states))),
        });
    }
    if same == new.len() && old.len() > new.len() {
        pieces.push((Ink::Gone, format!("-({})", label(old[same], states))));
    }
    let is_changed = old != new;
    Picture {
        title: "RUN QUEUE",
        legend: "the next one first",
        rows: vec![row(pieces, is_changed)],
    }
}

fn row(mut pieces: Vec<(Ink, String)>, is_changed: bool) -> Row {
    if pieces.is_empty() {
        return Row::faint("empty: no task is ready");
    }
    for (_, text) in pieces.iter_mut().skip(1) {
        text.insert(0, ' ');
    }
    let mark = match is_changed {
        true => Mark::Changed,
        false => Mark::Same,
    };
    Row { mark, pieces }
}

/// `2 weft`.
fn label(task: u64, states: [&Snapshot; 2]) -> String {
    let mut views = states.iter().filter_map(|state| state.tasks.get(&task));
    match views.find_map(|view| view.name.as_deref()) {
        Some(name) => format!("{task} {}", place::printable(name)),
        None => task.to_string(),
    }
}
