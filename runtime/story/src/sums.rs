//! What of the pieces of an account are one, and what they took together.

use std::cmp::Reverse;
use std::collections::HashSet;
use std::hash::Hash;
use std::time::Duration;

use runtime::trace::{Wait, WaitView};

use crate::account::{Account, Doing, Piece};
use crate::{place, words};

/// What the pieces of one kind took together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sum {
    /// The task that did it; if several did, the one of the longest piece.
    pub task: u64,
    /// How many tasks did it.
    pub tasks: usize,
    /// What the task did in the longest piece.
    pub doing: Doing,
    /// For how many things it was waited: timers, tasks or jobs that were waited for at one line.
    pub things: usize,
    /// How long, in all.
    pub took: Duration,
    /// The longest piece of it.
    pub longest: Duration,
    /// The number of the event with which that piece began.
    pub seq: u64,
}

impl Sum {
    /// Of at least one piece.
    fn of(pieces: &[Piece]) -> Option<Sum> {
        // Of those that are equally long, the first.
        let longest = pieces.iter().rev().max_by_key(|piece| length(piece))?;
        Some(Sum {
            task: longest.task,
            tasks: different(pieces.iter().map(|piece| piece.task)),
            doing: longest.doing,
            things: different(
                pieces
                    .iter()
                    .filter_map(|piece| wait(piece.doing))
                    .map(|it| it.on),
            ),
            took: pieces.iter().map(length).sum(),
            longest: length(longest),
            seq: longest.seq,
        })
    }
}

fn length(piece: &Piece) -> Duration {
    piece.to.saturating_sub(piece.from)
}

fn different<T: Eq + Hash>(all: impl Iterator<Item = T>) -> usize {
    all.collect::<HashSet<T>>().len()
}

fn wait(doing: Doing) -> Option<WaitView> {
    match doing {
        Doing::Waiting(view) | Doing::Outside(view) => Some(view),
        _ => None,
    }
}

impl Account {
    /// How long each thing took in all, the longest first. Waits for the same thing at the same line are one, and so
    /// are waits at one line for timers, for tasks, or for jobs. What spawned tasks did is told apart from what the
    /// task of the work did.
    pub fn sums(&self) -> Vec<Sum> {
        self.sums_until(self.end())
    }

    /// As [`sums`](Account::sums), of the time until `end`.
    pub fn sums_until(&self, end: Duration) -> Vec<Sum> {
        let is_own = |piece: &Piece| piece.task == self.task;
        let mut groups: Vec<Vec<Piece>> = Vec::new();
        for piece in &self.pieces {
            let is_it = |group: &&mut Vec<Piece>| {
                is_own(&group[0]) == is_own(piece) && is_alike(group[0].doing, piece.doing)
            };
            let to = piece.to.min(end);
            let piece = Piece { to, ..*piece };
            match groups.iter_mut().find(is_it) {
                Some(group) => group.push(piece),
                None => groups.push(vec![piece]),
            }
        }
        let sums = groups.iter().filter_map(|group| Sum::of(group));
        let mut sums: Vec<Sum> = sums.filter(|sum| sum.took > Duration::ZERO).collect();
        sums.sort_by_key(|sum| Reverse(sum.took));
        sums
    }

    /// A sum in words: `it runs`, `a task that it spawned waits for mutex 2`,
    /// `tasks that it spawned wait for 3 timers (app.rs:14)`.
    pub fn tell(&self, sum: &Sum) -> String {
        match (sum.task == self.task, sum.tasks) {
            (true, _) => format!("it {}", of_one(sum)),
            (false, 1) => format!("a task that it spawned {}", of_one(sum)),
            _ => format!("tasks that it spawned {}", of_many(sum)),
        }
    }
}

/// What one task does.
fn of_one(sum: &Sum) -> String {
    match several(sum) {
        Some(things) => format!("waits for {things}"),
        None => in_words(&sum.doing),
    }
}

/// What several tasks do.
fn of_many(sum: &Sum) -> String {
    match sum.doing {
        Doing::Running => "run".to_owned(),
        Doing::Queued => "are in the run queue".to_owned(),
        Doing::Held => "are held between two steps".to_owned(),
        Doing::Unknown => "are not known".to_owned(),
        Doing::Waiting(view) | Doing::Outside(view) => {
            let things = several(sum).unwrap_or_else(|| words::wait_with_line(&view));
            format!("wait for {things}")
        }
    }
}

/// If it was waited for several things: how many, and at which line.
fn several(sum: &Sum) -> Option<String> {
    let view = wait(sum.doing).filter(|_| sum.things > 1)?;
    let things = match view.on {
        Wait::Timer(_) => "timers",
        Wait::Task(_) => "tasks",
        Wait::Job(_) => "jobs",
        _ => "things",
    };
    let line = view.at.map(|at| format!(" ({})", place::short(at)));
    Some(format!(
        "{} {things}{}",
        sum.things,
        line.unwrap_or_default()
    ))
}

/// In words: `runs`, `waits for mutex 2 (app.rs:14)`.
///
/// ```
/// use story::account::{Doing, in_words};
///
/// assert_eq!(in_words(&Doing::Queued), "is in the run queue");
/// ```
pub fn in_words(doing: &Doing) -> String {
    match doing {
        Doing::Running => "runs".to_owned(),
        Doing::Queued => "is in the run queue".to_owned(),
        Doing::Waiting(view) | Doing::Outside(view) => {
            format!("waits for {}", words::wait_with_line(view))
        }
        Doing::Held => "is held between two steps, with the whole thread".to_owned(),
        Doing::Unknown => "is not known".to_owned(),
    }
}

/// Two timers that are made at one line are two, and one reason.
fn is_alike(one: Doing, other: Doing) -> bool {
    match (one, other) {
        (Doing::Waiting(one), Doing::Waiting(other)) => match (one.on, other.on) {
            (Wait::Shared(..), Wait::Shared(..)) => one == other,
            (left, right) => {
                std::mem::discriminant(&left) == std::mem::discriminant(&right)
                    && one.at == other.at
            }
        },
        (Doing::Outside(one), Doing::Outside(other)) => one.on == other.on,
        (one, other) => one == other,
    }
}
