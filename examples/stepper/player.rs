//! A recording, and the place in it at which the reader stands.
//!
//! The place is the number of events that have happened: 0 is before the first. The state there
//! is the sum of the recording's beginning and that many events. To add up all of them at each
//! step would take longer and longer, so every so many events the sum is kept, and any state
//! is at most that many additions away from a kept one. Going back is as exact as going forth,
//! because it is the same addition.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::rc::Rc;

use crate::programs::notes::{self, Note};
use runtime::trace::{Event, Record, Recording, Snapshot, replay};
use story::source::Sources;
use story::task_of;

/// A sum is kept for so many events.
const STRIDE: usize = 64;

/// See the file's heading.
#[derive(Debug)]
pub(crate) struct Player {
    /// The host, or the file, if there are several.
    pub(crate) name: String,
    recording: Rc<Recording>,
    /// The states after 0, 64, 128 events...
    kept: Vec<Snapshot>,
    /// What the program has said of itself.
    notes: Vec<Note>,
    /// The files that it names.
    pub(crate) sources: Sources,
    /// The tasks that can never go on at its end, and how often each was polled.
    stuck: BTreeMap<u64, u64>,
    at: usize,
}

/// Of more tasks than this it is not asked which are stuck: that takes too long for each key.
const MOST_TO_ASK: usize = 300;

/// A recording, with the name of the host or of the file.
pub(crate) type Named = (String, Recording);

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
    /// A recording of this name. Below `roots` its sources may lie, besides the repository.
    pub(crate) fn new((name, recording): Named, notes: Vec<Note>, roots: &[PathBuf]) -> Player {
        let recording = Rc::new(recording);
        let mut kept = vec![recording.base().clone()];
        let mut state = recording.base().clone();
        for (number, record) in recording.records().iter().enumerate() {
            state.apply(record);
            if (number + 1) % STRIDE == 0 {
                kept.push(state.clone());
            }
        }
        Player {
            name,
            sources: Sources::new(Rc::clone(&recording), roots),
            stuck: stuck_with_polls(&state),
            recording,
            kept,
            notes,
            at: 0,
        }
    }

    pub(crate) fn shared(&self) -> Rc<Recording> {
        Rc::clone(&self.recording)
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
        [self.at.saturating_sub(1), self.at].map(|at| self.noted_at(at))
    }

    /// The same, after so many events.
    pub(crate) fn noted_at(&self, events: usize) -> Option<String> {
        notes::latest(&self.notes, events)
    }

    /// Whether it says anything.
    pub(crate) fn has_notes(&self) -> bool {
        !self.notes.is_empty()
    }

    /// The tasks that can never go on: stuck in this state, and not polled any more until the end. (A state
    /// alone does not know of other threads, nor of what the program does outside of its tasks.)
    pub(crate) fn stuck(&self, state: &Snapshot) -> BTreeSet<u64> {
        let mut stuck = stuck_with_polls(state);
        stuck.retain(|task, polls| self.stuck.get(task) == Some(polls));
        stuck.into_keys().collect()
    }

    /// The state before the event that has just happened.
    pub(crate) fn before(&self) -> Snapshot {
        self.state_at(self.at.saturating_sub(1))
    }

    /// The state after so many events.
    pub(crate) fn state_at(&self, events: usize) -> Snapshot {
        let kept = events / STRIDE;
        let rest = &self.records()[kept * STRIDE..events];
        replay(&self.kept[kept], rest)
    }
}

fn stuck_with_polls(state: &Snapshot) -> BTreeMap<u64, u64> {
    if state.tasks.len() > MOST_TO_ASK {
        return BTreeMap::new();
    }
    let stuck = state.stuck().into_iter();
    stuck.map(|task| (task, state.tasks[&task].polls)).collect()
}

impl Goal {
    /// Whether it is reached by this event.
    pub(crate) fn fits(self, record: &Record) -> bool {
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
