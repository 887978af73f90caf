//! The recordings that are stepped together, and the place in all of them at which the reader stands.
//!
//! Most often it is one. The hosts of a simulation have one each, on one clock: then a step is the next event
//! of any host. Each host is a **lane**: a row of the picture of that name. A host that was started again after a
//! crash has a recording for each life, and one lane. The panels show the host of the event that has just
//! happened, unless the reader holds them at another.
//!
//! How the recordings become one order is in `merge.rs`; how an event of one host is the cause of one of
//! another, in `crossing.rs`; the ways through them, in `seek.rs`; the story as text, in `plain.rs`.

mod crossing;
mod merge;
pub(crate) mod plain;
mod seek;

use std::collections::BTreeSet;

use runtime::time::Duration;
use runtime::trace::{Record, Snapshot};

use crate::player::Player;
pub(crate) use crossing::Link;
pub(crate) use merge::Step;

/// See the file's heading.
#[derive(Debug)]
pub(crate) struct Lanes {
    players: Vec<Player>,
    /// The names of the hosts.
    hosts: Vec<String>,
    /// The host of each recording.
    rows: Vec<usize>,
    /// All events of all recordings, as they happened.
    steps: Vec<Step>,
    /// How many of them have happened.
    at: usize,
    /// The panels stay at this host.
    held: Option<usize>,
    /// Only these events are gone to.
    pub(crate) only: Option<Only>,
    /// The events that have sent something to another.
    senders: BTreeSet<(usize, usize)>,
}

/// Some of the events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Only {
    /// Of this recording, those of this task.
    Task(usize, u64),
    /// Those of this host.
    Host(usize),
}

impl Lanes {
    /// One player a recording, at least one.
    pub(crate) fn new(players: Vec<Player>) -> Lanes {
        let names = players.iter().map(|it| it.name.clone());
        let names: Vec<String> = names.collect();
        let mut hosts = names.clone();
        hosts.sort();
        hosts.dedup();
        let row = |name: &String| hosts.iter().position(|it| it == name);
        let mut lanes = Lanes {
            rows: names.iter().map(|name| row(name).unwrap_or(0)).collect(),
            steps: merge::merge(players.iter().map(Player::recording)),
            players,
            hosts,
            at: 0,
            held: None,
            only: None,
            senders: BTreeSet::new(),
        };
        lanes.senders = lanes.all_senders();
        lanes
    }

    /// How many events have happened.
    pub(crate) fn at(&self) -> usize {
        self.at
    }

    /// How many events there are.
    pub(crate) fn len(&self) -> usize {
        self.steps.len()
    }

    /// The names of the hosts; one, if it is no simulation of several.
    pub(crate) fn hosts(&self) -> &[String] {
        &self.hosts
    }

    /// Whether there are several.
    pub(crate) fn are_many(&self) -> bool {
        self.hosts.len() > 1
    }

    /// Whether there are several recordings, which may be those of one host.
    pub(crate) fn have_several_recordings(&self) -> bool {
        self.players.len() > 1
    }

    pub(crate) fn steps(&self) -> &[Step] {
        &self.steps
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

    /// How many events of a recording are among the first `at` of all.
    pub(crate) fn passed(&self, recording: usize, at: usize) -> usize {
        let steps = self.steps[..at].iter().rev();
        let last = steps.clone().find(|step| step.recording == recording);
        last.map_or(0, |step| step.index + 1)
    }

    /// The event that has just happened, if any has.
    pub(crate) fn step(&self) -> Option<Step> {
        self.at.checked_sub(1).map(|last| self.steps[last])
    }

    /// The recording in which it happened; before the first event, the one that has the first.
    pub(crate) fn present(&self) -> &Player {
        &self.players[self.present_number()]
    }

    /// The next event, if there is one.
    pub(crate) fn next(&self) -> Option<Step> {
        self.steps.get(self.at).copied()
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

    /// The recording of a host after so many events of all: that of its last life which has begun, or of its
    /// first.
    pub(crate) fn life_of(&self, host: usize, at: usize) -> usize {
        let of_host = |recording: &usize| self.host_of(*recording) == host;
        let mut passed = self.steps[..at].iter().rev().map(|step| step.recording);
        let begun = passed.find(of_host);
        let mut coming = self.steps[at..].iter().map(|step| step.recording);
        let first = || coming.find(of_host);
        let any = || (0..self.players.len()).find(of_host);
        begun.or_else(first).or_else(any).unwrap_or(0)
    }

    /// The host of a recording.
    pub(crate) fn host_of(&self, recording: usize) -> usize {
        self.rows[recording]
    }

    /// Its name.
    pub(crate) fn name_of(&self, recording: usize) -> &str {
        &self.hosts[self.host_of(recording)]
    }

    /// The host at which the panels stay.
    pub(crate) fn held(&self) -> Option<&str> {
        self.held.map(|host| &*self.hosts[host])
    }

    /// Has the panels stay at the next host, or, after the last, at none.
    pub(crate) fn hold_next(&mut self) {
        let next = self.held.map_or(0, |host| host + 1);
        self.held = (next < self.hosts.len()).then_some(next);
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
        let step = self.step().or(self.steps.first().copied());
        step.map_or(0, |step| step.recording)
    }

    pub(crate) fn record_of(&self, step: Step) -> &Record {
        &self.players[step.recording].records()[step.index]
    }

    /// The time on the shared clock of the last event of a recording.
    pub(crate) fn time_in(&self, recording: usize) -> Duration {
        let steps = self.steps[..self.at].iter().rev();
        let mut own = steps.filter(|step| step.recording == recording);
        own.next().map_or(Duration::ZERO, |step| step.at)
    }

    /// The place right after an event.
    pub(crate) fn place_after(&self, recording: usize, index: usize) -> Option<usize> {
        let is_it = |step: &Step| (step.recording, step.index) == (recording, index);
        self.steps.iter().position(is_it).map(|at| at + 1)
    }
}
