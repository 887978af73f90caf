//! The recordings that are stepped together, and the place in all of them at which the reader stands.
//!
//! Most often it is one. The hosts of a simulation have one each, on one clock: then a step is the next event
//! of any host. Each host is a **lane**: a row of the picture of that name. A host that was started again after a
//! crash has a recording for each life, and one lane. The panels show the host of the event that has just
//! happened, unless the reader holds them at another.
//!
//! How the recordings become one order, and how an event of one host is the cause of one of another, is in
//! `runtime/story/src/lanes/`; the ways through them, in `seek.rs`; the story as text, in `plain.rs`.

pub(crate) mod plain;
mod seek;

use std::ops::Deref;

use runtime::time::Duration;
use runtime::trace::{Record, Snapshot};
use story::lanes::Hosts;
pub(crate) use story::lanes::{Link, Step};

use crate::player::Player;

/// See the file's heading.
#[derive(Debug)]
pub(crate) struct Lanes {
    players: Vec<Player>,
    /// The same recordings, in one order.
    hosts: Hosts,
    /// How many of them have happened.
    at: usize,
    /// The panels stay at this host.
    held: Option<usize>,
    /// Only these events are gone to.
    pub(crate) only: Option<Only>,
}

/// Some of the events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Only {
    /// Of this recording, those of this task.
    Task(usize, u64),
    /// Those of this host.
    Host(usize),
}

impl Deref for Lanes {
    type Target = Hosts;

    fn deref(&self) -> &Hosts {
        &self.hosts
    }
}

impl Lanes {
    /// One player a recording, at least one.
    pub(crate) fn new(players: Vec<Player>) -> Lanes {
        let named = players.iter().map(|it| (it.name.clone(), it.shared()));
        Lanes {
            hosts: Hosts::new(named),
            players,
            at: 0,
            held: None,
            only: None,
        }
    }

    /// How many events have happened.
    pub(crate) fn at(&self) -> usize {
        self.at
    }

    /// How many events there are.
    pub(crate) fn len(&self) -> usize {
        self.steps().len()
    }

    /// Whether there are several.
    pub(crate) fn are_many(&self) -> bool {
        self.names().len() > 1
    }

    /// Whether there are several recordings, which may be those of one host.
    pub(crate) fn have_several_recordings(&self) -> bool {
        self.players.len() > 1
    }

    /// The recording of this number.
    pub(crate) fn player(&self, recording: usize) -> &Player {
        &self.players[recording]
    }

    /// Goes to the place after so many events, or to the last.
    pub(crate) fn go_to(&mut self, at: usize) {
        self.at = at.min(self.len());
        for recording in 0..self.players.len() {
            let passed = self.passed(recording, self.at);
            self.players[recording].go_to(passed);
        }
    }

    /// The event that has just happened, if any has.
    pub(crate) fn step(&self) -> Option<Step> {
        self.at.checked_sub(1).map(|last| self.steps()[last])
    }

    /// The recording in which it happened; before the first event, the one that has the first.
    pub(crate) fn present(&self) -> &Player {
        &self.players[self.present_number()]
    }

    /// The next event, if there is one.
    pub(crate) fn next(&self) -> Option<Step> {
        self.steps().get(self.at).copied()
    }

    /// The recording that the panels show.
    pub(crate) fn shown(&self) -> &Player {
        match self.held {
            Some(host) => &self.players[self.life_of(host, self.at)],
            None => self.present(),
        }
    }

    /// The event that has just happened, if the panels show its host.
    pub(crate) fn shown_record(&self) -> Option<&Record> {
        let is_present = std::ptr::eq(self.shown(), self.present());
        self.shown().record().filter(|_| is_present)
    }

    /// The states before the event and after it, of what the panels show. An event of another host changes
    /// nothing.
    pub(crate) fn states(&self) -> [Snapshot; 2] {
        let (shown, now) = (self.shown(), self.shown().now());
        match self.shown_record() {
            Some(_) => [shown.before(), now],
            None => [now.clone(), now],
        }
    }

    /// The time on the clock that all share.
    pub(crate) fn time(&self) -> Duration {
        let base = || self.present().now().time;
        self.step().map_or_else(base, |step| step.at)
    }

    /// The host at which the panels stay.
    pub(crate) fn held(&self) -> Option<&str> {
        self.held.map(|host| &*self.names()[host])
    }

    /// Has the panels stay at the next host, or, after the last, at none.
    pub(crate) fn hold_next(&mut self) {
        let next = self.held.map_or(0, |host| host + 1);
        self.held = (next < self.names().len()).then_some(next);
    }

    /// Has the panels show the host of each event.
    pub(crate) fn let_go(&mut self) -> bool {
        self.held.take().is_some()
    }

    /// The host that the panels show.
    pub(crate) fn shown_host(&self) -> usize {
        let present = || self.host_of(self.present_number());
        self.held.unwrap_or_else(present)
    }

    /// The number of the recording that the event is of.
    pub(crate) fn present_number(&self) -> usize {
        let step = self.step().or(self.steps().first().copied());
        step.map_or(0, |step| step.recording)
    }

    /// The time on the shared clock of the last event of a recording.
    pub(crate) fn time_in(&self, recording: usize) -> Duration {
        let steps = self.steps()[..self.at].iter().rev();
        let mut own = steps.filter(|step| step.recording == recording);
        own.next().map_or(Duration::ZERO, |step| step.at)
    }
}
