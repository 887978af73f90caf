//! The events of several recordings in one order.
//!
//! A recording of a host of a simulation says when each of its runs happened, and in which order the simulation ran
//! the hosts. So that order is the true one, and it is the same each time. A recording that does not say so (it
//! was made elsewhere, or by an old version) is put in by its own clock; of events of one moment, those of the
//! recording that was named first come first.
//!
//! In a simulation the clocks of all hosts are moved together, and each host looks whether there is something for
//! it. Where there is nothing, that would be most of what is to be seen. So, of several hosts, such events are
//! passed over; a recording that is stepped alone shows them.

use std::time::Duration;

use runtime::trace::{Event, Record, Recording, Run};

/// An event, by its recording and its index there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// The number of the recording, from 0 on.
    pub recording: usize,
    /// The index of the event in it.
    pub index: usize,
    /// When it happened, on the clock that all share.
    pub at: Duration,
    /// The place of its run among those of all hosts.
    pub order: u64,
}

impl Step {
    /// Whether it happened after this run of a host began.
    pub fn is_after(&self, run: Run) -> bool {
        (self.at, self.order) > (run.at, run.order)
    }
}

/// All events of all recordings, as they happened.
pub(super) fn merge<'a>(recordings: impl Iterator<Item = &'a Recording>) -> Vec<Step> {
    let mut keyed = Vec::new();
    let recordings: Vec<&Recording> = recordings.collect();
    let are_many = recordings.len() > 1;
    for (number, recording) in recordings.into_iter().enumerate() {
        // The clock of a recording that says nothing may go back; its events stay in their order.
        let mut latest = (Duration::ZERO, 0);
        for index in 0..recording.records().len() {
            latest = latest.max(moment(recording, index));
            if are_many && is_idle(&recording.records()[index..]) {
                continue;
            }
            let step = Step {
                recording: number,
                index,
                at: latest.0,
                order: latest.1,
            };
            keyed.push((latest, step));
        }
    }
    keyed.sort_by_key(|&(moment, step)| (moment, step.recording, step.index));
    keyed.into_iter().map(|(_, step)| step).collect()
}

/// When an event happened, and its place among those of that moment.
pub(super) fn moment(recording: &Recording, index: usize) -> (Duration, u64) {
    let record = &recording.records()[index];
    let run = recording.lane().and_then(|lane| lane.run_of(record.seq));
    run.map_or((record.time, 0), |run| (run.at, run.order))
}

/// Whether the first of these events changes nothing: the host looks for something to do, and finds nothing.
fn is_idle(records: &[Record]) -> bool {
    let next = records.get(1).map(|record| &record.event);
    match records[0].event {
        _ if records[0].task.is_some() => false,
        // The simulation asks whether the program has ended.
        Event::ClockAdvanced { .. } | Event::Waiting { .. } => true,
        Event::Turned { events, .. } => events == 0,
        Event::WheelAdvanced { .. } => {
            let is_due =
                |event: &Event| matches!(event, Event::TimerFired { .. } | Event::Cascaded { .. });
            !next.is_some_and(is_due)
        }
        _ => false,
    }
}
