//! Arrows from one host of a simulation to another, for [`chrome`](super::chrome): from the deed that sent something
//! to the poll that it led to.
//!
//! A viewer puts the end of an arrow to the slice that is open at that place of the file, if their times are equal. So the
//! end of each arrow is written right after the event that it belongs to.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Arrival, Lane, Recording, Run};
use crate::trace::{Cause, Event, Record};

/// The ends of arrows, by the process and the number of the event behind which they stand.
pub(super) type Ends = BTreeMap<(u32, u64), Vec<Value>>;

/// The ends of the arrows between these recordings; the first is process 1.
pub(super) fn ends(recordings: &[(&str, &Recording)]) -> Ends {
    let (mut ends, mut id) = (Ends::new(), 0_u64);
    for (to, recording) in (1..).zip(recordings.iter().map(|(_, it)| *it)) {
        for arrival in recording.lane().map_or(&[][..], |lane| &lane.arrivals) {
            let seed = recording.lane().and_then(|lane| lane.seed);
            let both = sent(recordings, seed, arrival).zip(led_to(recording, arrival));
            let Some(((from, deed, run), (poll, task, at))) =
                both.filter(|((from, ..), _)| *from != to)
            else {
                continue;
            };
            ends.entry((from, deed.seq)).or_default().push(json!({
                "ph": "s", "id": id, "name": "sent", "cat": "network",
                "pid": from, "tid": deed.task, "ts": run.at.as_secs_f64() * 1e6,
            }));
            ends.entry((to, poll)).or_default().push(json!({
                "ph": "f", "bp": "e", "id": id, "name": "sent", "cat": "network",
                "pid": to, "tid": task, "ts": at.at.as_secs_f64() * 1e6,
            }));
            id += 1;
        }
    }
    ends
}

/// The deed that sent it: the process, the event, and its run. Only a deed in a poll has a slice to begin in.
fn sent<'a>(
    recordings: &[(&str, &'a Recording)],
    seed: Option<u64>,
    arrival: &Arrival,
) -> Option<(u32, &'a Record, Run)> {
    let from = &arrival.from;
    let numbered = (1..).zip(recordings);
    let mut hosts = numbered.filter_map(|(process, (_, it))| Some((process, it, it.lane()?)));
    let is_it = |lane: &Lane| (&lane.host, lane.life, lane.seed) == (&from.host, from.life, seed);
    let (process, recording, lane) = hosts.find(|(.., lane)| is_it(lane))?;
    let record = after(recording, from.seq).first()?;
    let is_deed = record.seq == from.seq && record.task.is_some();
    is_deed.then_some((process, record, lane.run_of(from.seq)?))
}

/// The poll to which it led, at the moment in which it arrived: the number of its first event, the task, and the run.
fn led_to(recording: &Recording, arrival: &Arrival) -> Option<(u64, u64, Run)> {
    let woken_by = Cause::Source(arrival.source, arrival.direction);
    let lane = recording.lane()?;
    let came = lane.run_of(arrival.seq)?;
    let is_then = |record: &&Record| lane.run_of(record.seq).is_some_and(|run| run.at == came.at);
    let mut records = after(recording, arrival.seq).iter().take_while(is_then);
    let woken = records.find_map(|record| match record.event {
        Event::Woken { task, by } if by == woken_by => Some(task),
        _ => None,
    })?;
    let poll = records.find(|it| matches!(it.event, Event::PollStart { task } if task == woken))?;
    Some((poll.seq, woken, came))
}

/// The event of this number, and those after it.
fn after(recording: &Recording, seq: u64) -> &[Record] {
    let records = recording.records();
    &records[records.partition_point(|record| record.seq < seq)..]
}
