//! A recording, and the place in it at which the reader stands.
//!
//! The place is the number of events that have happened: 0 is before the first. The state there
//! is the sum of the recording's beginning and that many events. To add up all of them at each
//! step would take longer and longer, so every so many events the sum is kept, and any state
//! is at most that many additions away from a kept one. Going back is as exact as going forth,
//! because it is the same addition.

use std::rc::Rc;

use crate::programs::notes::{self, Note};
use runtime::trace::{Event, Record, Recording, Snapshot, replay};
use story::task_of;

/// A sum is kept for so many events.
const STRIDE: usize = 64;

/// See the file's heading.
#[derive(Debug)]
pub(crate) struct Player {
    recording: Rc<Recording>,
    /// The states after 0, 64, 128 events...
    kept: Vec<Snapshot>,
    /// What the program has said of itself.
    notes: Vec<Note>,
    at: usize,
    /// Only the events of this task are gone to.
    pub(crate) only: Option<u64>,
}

/// Where to run to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Goal {
    Any,
    Poll,
    Wake,
    Park,
    /// An event of this task.
    Task(u64),
}

impl Player {
    pub(crate) fn new(recording: Rc<Recording>, notes: Vec<Note>) -> Player {
        let mut kept = vec![recording.base().clone()];
        let mut state = recording.base().clone();
        for (number, record) in recording.records().iter().enumerate() {
            state.apply(record);
            if (number + 1) % STRIDE == 0 {
                kept.push(state.clone());
            }
        }
        Player {
            recording,
            kept,
            notes,
            at: 0,
            only: None,
        }
    }

    pub(crate) fn records(&self) -> &[Record] {
        self.recording.records()
    }

    /// How many events have happened.
    pub(crate) fn at(&self) -> usize {
        self.at
    }

    /// Goes to the place after so many events, or to the last.
    pub(crate) fn go_to(&mut self, at: usize) {
        self.at = at.min(self.records().len());
    }

    /// The event that has just happened, if any has.
    pub(crate) fn record(&self) -> Option<&Record> {
        self.records().get(self.at.checked_sub(1)?)
    }

    /// The state in which the machine is here.
    pub(crate) fn now(&self) -> Snapshot {
        self.state_at(self.at)
    }

    /// What the program has said of its own state, before the event and after it.
    pub(crate) fn noted(&self) -> [Option<String>; 2] {
        [self.at.saturating_sub(1), self.at].map(|at| notes::latest(&self.notes, at))
    }

    /// Whether it says anything.
    pub(crate) fn has_notes(&self) -> bool {
        !self.notes.is_empty()
    }

    /// The state before the event that has just happened.
    pub(crate) fn before(&self) -> Snapshot {
        self.state_at(self.at.saturating_sub(1))
    }

    fn state_at(&self, events: usize) -> Snapshot {
        let kept = events / STRIDE;
        let rest = &self.records()[kept * STRIDE..events];
        replay(&self.kept[kept], rest)
    }

    /// Goes forwards, or back, to the next place at which the goal has just happened. If there
    /// is none it stays where it is, and says so.
    pub(crate) fn run_to(&mut self, goal: Goal, forwards: bool) -> bool {
        let only = self.only.map_or(Goal::Any, Goal::Task);
        let fits = |at: &usize| {
            let record = &self.records()[at - 1];
            goal.fits(record) && only.fits(record)
        };
        let found = match forwards {
            true => (self.at + 1..=self.records().len()).find(fits),
            false => (1..self.at).rev().find(fits),
        };
        self.at = found.unwrap_or(self.at);
        found.is_some()
    }

    /// The last so many events before the one that has just happened, with their numbers.
    pub(crate) fn told_before(&self, most: usize) -> Vec<(u64, String)> {
        let last = self.at.saturating_sub(1);
        let first = last.saturating_sub(most);
        let mut state = self.state_at(first);
        let tell = |index: usize| {
            let before = state.clone();
            let rest = &self.records()[index..];
            state.apply(&rest[0]);
            (rest[0].seq, story::tell(rest, &before, &state))
        };
        (first..last).map(tell).collect()
    }

    /// The place of the next event, or of the one before, whose sentence is as wished.
    pub(crate) fn find(&self, forwards: bool, is_wished: impl Fn(&str) -> bool) -> Option<usize> {
        let range = match forwards {
            true => self.at..self.records().len(),
            false => 0..self.at.saturating_sub(1),
        };
        let only = self.only.map_or(Goal::Any, Goal::Task);
        let mut found = None;
        let mut state = self.state_at(range.start);
        for index in range {
            let before = state.clone();
            let rest = &self.records()[index..];
            state.apply(&rest[0]);
            if only.fits(&rest[0]) && is_wished(&story::tell(rest, &before, &state)) {
                found = Some(index + 1);
                if forwards {
                    break;
                }
            }
        }
        found
    }
}

impl Goal {
    fn fits(self, record: &Record) -> bool {
        match (self, &record.event) {
            (Goal::Any, _)
            | (Goal::Poll, Event::PollStart { .. })
            | (Goal::Wake, Event::Woken { .. })
            | (Goal::Park, Event::Parked { .. }) => true,
            (Goal::Task(task), event) => record.task == Some(task) || task_of(event) == Some(task),
            _ => false,
        }
    }
}
