//! Why something happens, followed back through all hosts.
//!
//! Within a host, the chain of causes is that of [`causes`]. If it ends at a socket that became ready, the
//! recording of a simulation says because of which deed of which host: there the chain goes on.

use std::collections::BTreeSet;

use runtime::trace::{Arrival, Deed, Direction, Event, Record};

use super::{Hosts, Step, merge};
use crate::place::printable;
use crate::{causes, words};

/// So many links are followed.
const LONGEST: usize = 1000;

/// A link of the chain of causes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The recording of the event.
    pub recording: usize,
    /// Its index there.
    pub index: usize,
    /// What it did. The name of its host stands before it, if it is not the first event's.
    pub text: String,
    /// The host crashed: then the event is its last one, and did not do it.
    pub is_crash: bool,
}

impl Hosts {
    /// Whether something came to a host because of this event.
    pub fn has_sent(&self, step: Step) -> bool {
        self.senders.contains(&(step.recording, step.index))
    }

    pub(super) fn all_senders(&self) -> BTreeSet<(usize, usize)> {
        let mut senders = BTreeSet::new();
        for (to, recording) in self.recordings.iter().enumerate() {
            let arrivals = recording.lane().into_iter().flat_map(|it| &it.arrivals);
            senders.extend(arrivals.filter_map(|arrival| self.deed(to, arrival)));
        }
        senders
    }

    /// The number of the event, at its host.
    pub fn seq_of(&self, link: &Link) -> u64 {
        let record = self.records(link.recording).get(link.index);
        record.map_or(0, |record| record.seq)
    }

    /// The causes of an event that are other events, the nearest first.
    pub fn causes(&self, recording: usize, index: usize) -> Vec<Link> {
        let mut links = self.chain(recording, index);
        links.retain(|link| (link.recording, link.index) != (recording, index));
        links
    }

    /// The links from an event back to the first cause, as [`causes::chain`] has them.
    pub fn chain(&self, recording: usize, index: usize) -> Vec<Link> {
        let mut links = Vec::new();
        let mut next = Some((recording, index));
        while let Some((of, at)) = next
            && links.len() < LONGEST
        {
            let records = self.records(of);
            let chain = causes::chain(records, at).into_iter();
            let before = links.len();
            links.extend(chain.map(|link| Link {
                recording: of,
                index: link.index,
                text: self.named(recording, of, link.text),
                is_crash: false,
            }));
            let first = links[before..].last().map_or(at, |link: &Link| link.index);
            let sent = self.sent(of, first);
            next = sent.as_ref().and_then(|link| self.known(link, of, first));
            links.extend(sent.map(|link| Link {
                text: self.named(recording, link.recording, link.text),
                ..link
            }));
        }
        links
    }

    /// Where the chain goes on, if that is another event.
    fn known(&self, link: &Link, of: usize, at: usize) -> Option<(usize, usize)> {
        let (recording, index) = (link.recording, link.index);
        let is_new = (recording, index) != (of, at);
        let is_there = index < self.records(recording).len();
        (is_new && is_there).then_some((recording, index))
    }

    /// With the name of the host, if it is not the one that is spoken of.
    fn named(&self, here: usize, of: usize, text: String) -> String {
        match self.host_of(here) == self.host_of(of) {
            true => text,
            false => format!("{}: {text}", self.name_of(of)),
        }
    }

    /// The deed of a program by which the socket became ready in this event.
    pub fn sent(&self, recording: usize, index: usize) -> Option<Link> {
        let record = self.records(recording).get(index)?;
        let arrival = self.arrival(recording, record)?;
        let (now, _) = merge::moment(self.recording(recording), index);
        let ago = now.saturating_sub(arrival.from.at);
        let ago = words::time(ago);
        let Some((from, at)) = self.deed(recording, arrival) else {
            let host = printable(&arrival.from.host);
            let text =
                format!("{host} sent it {ago} before; the recordings here do not have that event");
            return Some(Link {
                recording,
                index,
                text,
                is_crash: false,
            });
        };
        let records = self.records(from);
        let at_end = at.min(records.len().saturating_sub(1));
        let is_crash = at >= records.len() && !arrival.from.is_end;
        let text = match records.get(at) {
            _ if arrival.from.is_end => {
                format!("{ago} before, it ended a direction of a connection")
            }
            Some(_) => format!("{ago} before, {}", told(records, at)),
            None => format!("{ago} before, it crashed"),
        };
        let (recording, index) = (from, at_end);
        Some(Link {
            recording,
            index,
            text,
            is_crash,
        })
    }

    /// What the network told of the source that became ready. If it told several things at once, the source became
    /// ready as often.
    fn arrival(&self, recording: usize, record: &Record) -> Option<&Arrival> {
        let Event::Ready { source, direction } = record.event else {
            return None;
        };
        let arrivals = &self.recording(recording).lane()?.arrivals;
        let before = arrivals.partition_point(|it| it.seq <= record.seq);
        let is_it = |it: &&Arrival| (it.source, it.direction) == (source, direction);
        let last = arrivals[..before].iter().rev().find(is_it)?;
        let first = arrivals.partition_point(|it| it.seq < last.seq);
        // A file may have been edited: then its numbers need not be in order.
        let together = arrivals.get(first..before).unwrap_or_default();
        let mut told = together.iter().filter(is_it);
        let records = self.records(recording);
        let [from, to] =
            [last.seq, record.seq].map(|seq| records.partition_point(|it| it.seq < seq));
        let since = records.get(from..to).unwrap_or_default().iter();
        let earlier = since.filter(|it| it.event == record.event).count();
        told.nth(earlier).or(Some(last))
    }

    /// The event of a deed: its recording, and its index there, one after the last if the host crashed.
    fn deed(&self, to: usize, arrival: &Arrival) -> Option<(usize, usize)> {
        let from = &arrival.from;
        let own = self.recording(to).lane()?;
        let is_it = |it: &usize| {
            let lane = self.recording(*it).lane();
            lane.is_some_and(|lane| {
                (&lane.host, lane.life, lane.seed) == (&from.host, from.life, own.seed)
            })
        };
        let all = 0..self.recordings.len();
        let mut known = all.filter(|it| is_it(it) && self.apart.are_together(*it, to));
        known.find_map(|it| Some((it, self.index_of(it, from)?)))
    }

    /// The index of a deed in a recording of its host. `None` if the recording does not have it, or is of another
    /// run of the simulation: what was done then at this time is something else.
    fn index_of(&self, recording: usize, from: &Deed) -> Option<usize> {
        let lane = self.recording(recording).lane()?;
        // The time stands still while a host runs. Of an end, the event is the next one, maybe of the next run.
        let is_then = |seq: u64| lane.run_of(seq).is_some_and(|run| run.at == from.at);
        let is_same = is_then(from.seq) || from.is_end && is_then(from.seq.saturating_sub(1));
        let records = self.records(recording);
        let index = records.partition_point(|record| record.seq < from.seq);
        let is_there = match records.get(index) {
            Some(record) => record.seq == from.seq && is_same,
            // A recording may also have been cut off.
            None if from.is_end => is_same,
            None => lane
                .crash
                .is_some_and(|crash| (crash.seq, crash.at) == (from.seq, from.at)),
        };
        is_there.then_some(index)
    }
}

/// A deed in a few words.
fn told(records: &[Record], index: usize) -> String {
    let record = &records[index];
    let who = record
        .task
        .map_or("the program".to_owned(), |task| format!("task {task}"));
    match record.event {
        Event::IoDone {
            source,
            direction: Direction::Write,
            bytes: Some(bytes),
        } => format!(
            "{who} wrote {} to source {source}",
            words::count(bytes, "byte")
        ),
        Event::IoDone {
            source,
            direction: Direction::Write,
            ..
        } => format!("{who} sent something from source {source}"),
        Event::IoDone { source, .. } => {
            format!("{who} read from source {source}, which made room")
        }
        Event::SourceRegistered { source, .. } => {
            format!("{who} asked for the connection of source {source}")
        }
        Event::SourceDropped { source } => format!("{who} closed source {source}"),
        _ => format!("{who} did something of which no event tells"),
    }
}
