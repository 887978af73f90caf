//! What the page counts: polls, wakes, requests.

use std::time::Duration;

use runtime::trace::{Event, Mark, Record, Scope};

/// What has happened since the inspector was opened.
#[derive(Clone, Copy, Default)]
pub(super) struct Sums {
    pub(super) events: u64,
    pub(super) polls: u64,
    pub(super) wakes: u64,
    /// Those that have ended.
    pub(super) requests: u64,
    pub(super) busy: Duration,
    poll_began: Duration,
}

impl Sums {
    pub(super) fn add(&mut self, record: &Record) {
        self.events += 1;
        match record.event {
            Event::Woken { .. } => self.wakes += 1,
            Event::Mark {
                scope: Scope("request"),
                what: Mark::End,
                ..
            } => self.requests += 1,
            Event::PollStart { .. } => self.poll_began = record.time,
            Event::PollEnd { .. } => {
                self.polls += 1;
                let took = record.time.saturating_sub(self.poll_began);
                self.busy = self.busy.saturating_add(took);
            }
            _ => {}
        }
    }
}
