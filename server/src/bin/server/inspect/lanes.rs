//! Several recordings on one page: the hosts of a simulation, a lane each.
//!
//! The page counts in places of the order that all events have together ([`Hosts`]); the number that an event has at
//! its own host is told besides. The panels show the host of the event that is selected, or the one at which a person
//! keeps them.

use std::rc::Rc;
use std::time::Duration;

use runtime::trace::{Record, Recording, Snapshot};
use serde::Deserialize;
use serde_json::{Value, json};
use story::lanes::{Hosts, Link, Step};
use story::words;

use super::drawing::Paper;
use super::files::Read;
use super::part::Part;
use super::{drawing, picture, tape};

/// The recordings, in one order.
pub(super) struct Lanes {
    hosts: Hosts,
    /// One for each recording.
    parts: Vec<Part>,
}

/// Where the page stands.
#[derive(Clone, Copy, Default, Deserialize)]
pub(super) struct Focus {
    /// So many events have happened; all, if it is not said.
    at: Option<usize>,
    /// The host at which the panels are kept.
    host: Option<usize>,
}

/// An event that is looked for from there.
#[derive(Clone, Copy, Default, Deserialize)]
pub(super) struct Wanted {
    /// One of this host.
    lane: Option<usize>,
    /// The next one (1), the one before (-1), the nearest.
    #[serde(default)]
    way: i8,
    /// Of the host that is shown, the first at or after this time of its own clock, in microseconds.
    us: Option<u64>,
}

impl Lanes {
    pub(super) fn new(all: Vec<Read>) -> Self {
        let named = all.into_iter().map(|it| (it.name, Rc::new(it.recording)));
        let named: Vec<_> = named.collect();
        let recordings = named.iter().map(|(_, recording)| Rc::clone(recording));
        Lanes {
            parts: recordings.map(Part::recorded).collect(),
            hosts: Hosts::new(named),
        }
    }

    pub(super) fn parts(&self) -> &[Part] {
        &self.parts
    }

    pub(super) fn names(&self) -> &[String] {
        self.hosts.names()
    }

    /// How many events there are.
    pub(super) fn len(&self) -> usize {
        self.hosts.steps().len()
    }

    fn at(&self, focus: Focus) -> usize {
        focus.at.map_or(self.len(), |at| at.min(self.len()))
    }

    /// The recording that the panels show.
    pub(super) fn shown(&self, focus: Focus) -> usize {
        let at = self.at(focus);
        match focus.host.filter(|host| *host < self.names().len()) {
            Some(host) => self.hosts.life_of(host, at),
            None => {
                let present = self.hosts.steps().get(at.saturating_sub(1));
                present.map_or(0, |step| step.recording)
            }
        }
    }

    /// The place of a recording's event of this number, or of the last one before it that has a place.
    pub(super) fn place(&self, recording: usize, number: u64) -> u64 {
        let records = self.hosts.records(recording);
        let index = records.partition_point(|record| record.seq < number);
        self.hosts.steps_upto(recording, index).saturating_sub(1) as u64
    }

    fn state(&self, recording: usize, events: usize) -> Snapshot {
        let first = self.hosts.records(recording).first();
        let number = first.map_or(0, |record| record.seq) + events as u64;
        let known = self.parts[recording].watched.film().state_before(number);
        known.unwrap_or_else(|| self.hosts.recording(recording).state_at(events))
    }

    /// The state after all events, of the host of the last.
    pub(super) fn last_state(&self) -> Snapshot {
        let recording = self.shown(Focus::default());
        self.state(recording, self.hosts.passed(recording, self.len()))
    }

    /// The events at these places, told; so many at most as [`tape::MOST`].
    pub(super) fn told(&self, from: u64, to: u64) -> Vec<Value> {
        let clamped = |place: u64| usize::try_from(place).unwrap_or(self.len()).min(self.len());
        let from = clamped(from);
        let to = clamped(to).clamp(from, from + tape::MOST as usize);
        let told = self
            .hosts
            .told(from..to, |it, events| self.state(it, events));
        let placed = told.zip(from..);
        placed
            .map(|((step, text), place)| self.line(step, &text, place))
            .collect()
    }

    /// An event with its sentence, as one of all.
    fn line(&self, step: Step, text: &str, place: usize) -> Value {
        let line = tape::line(self.hosts.record_of(step), text);
        self.placed(line, step.recording, place)
    }

    /// What is told of a recording's event, with its place among all.
    fn placed(&self, mut told: Value, recording: usize, place: usize) -> Value {
        told["number"] = told["seq"].take();
        told["seq"] = place.into();
        told["recording"] = recording.into();
        told["host"] = self.hosts.host_of(recording).into();
        told["name"] = self.hosts.name_of(recording).into();
        let at = self.hosts.steps()[place].at;
        told["time"] = words::time(at).into();
        told["commonUs"] = picture::micros(at).into();
        told
    }

    /// The moment that is wanted; see [`tape::moment`].
    pub(super) fn moment(&self, focus: Focus, wanted: Wanted) -> Value {
        let at = self.found(focus, wanted);
        let focus = Focus {
            at: Some(at),
            ..focus
        };
        let shown = self.shown(focus);
        let state = self.state(shown, self.hosts.passed(shown, at));
        let mut moment = match at.checked_sub(1) {
            Some(place) => self.of_step(place),
            None => json!({ "text": story::before_the_first(&state) }),
        };
        moment["at"] = at.into();
        moment["state"] = picture::of(&state);
        moment["host"] = self.hosts.host_of(shown).into();
        moment["recording"] = shown.into();
        moment["crashed"] = self.crashed(shown, at).into();
        moment
    }

    /// What the event at a place did, and why.
    fn of_step(&self, place: usize) -> Value {
        let step = self.hosts.steps()[place];
        let part = &self.parts[step.recording];
        let number = self.hosts.record_of(step).seq;
        let chain = self.hosts.chain(step.recording, step.index);
        let chain = chain.iter().filter_map(|link| self.link(link));
        let causes = |_: &[Record]| chain.take(tape::MOST as usize).collect();
        let film = part.watched.film();
        let known = tape::moment(&film, number + 1, &part.sources, causes);
        let mut moment = known.unwrap_or_default();
        let event = self.placed(moment["event"].take(), step.recording, place);
        moment["commonUs"] = event["commonUs"].clone();
        moment["time"] = event["time"].clone();
        moment["event"] = event;
        moment
    }

    fn link(&self, link: &Link) -> Option<Value> {
        let record = self.hosts.records(link.recording).get(link.index)?;
        let after = self.hosts.steps_upto(link.recording, link.index);
        let told = tape::link(record, &link.text);
        let mut placed = self.placed(told, link.recording, after.checked_sub(1)?);
        if let Some((crash, place)) = self.hosts.crash_of(link) {
            placed["crash"] = place.into();
            placed["time"] = words::time(crash.at).into();
            placed["commonUs"] = picture::micros(crash.at).into();
        }
        Some(placed)
    }

    /// That the host of a recording has crashed by then.
    fn crashed(&self, recording: usize, at: usize) -> Option<String> {
        let crash = self.hosts.crash(recording)?;
        let step = self.hosts.steps().get(at.checked_sub(1)?)?;
        let is_end = at == self.len() || step.is_after(crash);
        is_end.then(|| format!("crashed at {}", words::time(crash.at)))
    }

    /// How many events have happened at the moment that is wanted.
    fn found(&self, focus: Focus, wanted: Wanted) -> usize {
        let at = self.at(focus);
        if let Some(us) = wanted.us {
            let recording = self.shown(focus);
            let number = {
                let film = self.parts[recording].watched.film();
                film.event_at(Duration::from_micros(us)).saturating_sub(1)
            };
            // There may be no event at all.
            return (self.place(recording, number) as usize + 1).min(self.len());
        }
        let Some(lane) = wanted.lane else { return at };
        let is_its = |place: &usize| {
            let step = self.hosts.steps()[*place];
            self.hosts.host_of(step.recording) == lane
        };
        let own = at.saturating_sub(1);
        let before = || (0..own).rev().find(is_its);
        let after = |from: usize| (from..self.len()).find(is_its);
        let found = match wanted.way {
            1.. => after(at),
            ..=-1 => before(),
            0 => match (before(), after(own)) {
                (Some(before), Some(after)) if own - before < after - own => Some(before),
                (before, after) => after.or(before),
            },
        };
        found.map_or(at, |place| place + 1)
    }

    /// All recordings, with the names of their hosts.
    pub(super) fn all(&self) -> Vec<(String, Recording)> {
        let all = 0..self.parts.len();
        let named = |it| {
            (
                self.hosts.name_of(it).to_owned(),
                self.hosts.recording(it).clone(),
            )
        };
        all.map(named).collect()
    }

    /// The picture of the lanes; see [`drawing::draw`].
    pub(super) fn draw(&self, from: usize, to: usize, paper: Paper) -> Value {
        drawing::draw(&self.hosts, from, to, paper)
    }
}
