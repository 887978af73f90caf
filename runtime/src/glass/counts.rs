//! Counts: how often things happened while the runtime was observed.
//!
//! A recording tells what happened one by one and ends when its ring is full. A server that runs
//! for months wants the sums, for a page of metrics. They are added up from the same events, beside
//! the [live stats](super::live_stats).

use std::time::{Duration, Instant};

use crate::trace::Event;

/// What happened in a runtime since [`Trace::observe`](super::Trace::observe): sums that only grow,
/// and the longest poll. From [`Trace::counts`](super::Trace::counts), which has the example.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// Tasks that were spawned.
    pub tasks_spawned: u64,
    /// Tasks that ended, in whatever way.
    pub tasks_ended: u64,
    /// Polls of tasks that ended.
    pub polls: u64,
    /// Wakes that put a task into the run queue.
    pub wakes: u64,
    /// Timers that were set. One that is set anew counts once.
    pub timers_set: u64,
    /// Timers that fired.
    pub timers_fired: u64,
    /// Timers that were dropped before they fired.
    pub timers_dropped: u64,
    /// Sources (sockets, signals, pipes) that were registered.
    pub sources_registered: u64,
    /// Sources that were dropped.
    pub sources_dropped: u64,
    /// Jobs that were given to the blocking pool.
    pub jobs_queued: u64,
    /// Jobs of the blocking pool that ended.
    pub jobs_ended: u64,
    /// How often the thread parked.
    pub parks: u64,
    /// How long the thread was parked, in all. It ends, for this sum, when the next task is polled: so the
    /// clock is not read for it.
    pub parked: Duration,
    /// How long tasks were polled, in all.
    pub polling: Duration,
    /// The longest poll.
    pub longest_poll: Duration,
}

/// The counts, and since when no task has been polled because the thread parked.
#[derive(Default)]
pub(super) struct Counting {
    counts: Counts,
    parked_since: Option<Instant>,
}

impl Counting {
    pub(super) fn counts(&self) -> Counts {
        self.counts.clone()
    }

    /// Counts an event that is none of a poll.
    #[inline]
    pub(super) fn note(&mut self, event: &Event, now: Instant) {
        let counts = &mut self.counts;
        match event {
            Event::Spawned { .. } => counts.tasks_spawned += 1,
            Event::Ended { .. } => counts.tasks_ended += 1,
            Event::Woken { .. } => counts.wakes += 1,
            Event::TimerSet { .. } => counts.timers_set += 1,
            Event::TimerFired { .. } => counts.timers_fired += 1,
            Event::TimerDropped { .. } => counts.timers_dropped += 1,
            Event::SourceRegistered { .. } => counts.sources_registered += 1,
            Event::SourceDropped { .. } => counts.sources_dropped += 1,
            Event::JobQueued { .. } => counts.jobs_queued += 1,
            Event::JobEnded { .. } => counts.jobs_ended += 1,
            Event::Parked { .. } => {
                counts.parks += 1;
                self.parked_since.get_or_insert(now);
            }
            _ => {}
        }
    }

    /// A poll begins: the thread is not parked.
    #[inline]
    pub(super) fn poll_started(&mut self, now: Instant) {
        if let Some(since) = self.parked_since.take() {
            self.counts.parked += now.saturating_duration_since(since);
        }
    }

    /// Counts a poll that has ended.
    #[inline]
    pub(super) fn polled(&mut self, took: Duration) {
        let counts = &mut self.counts;
        counts.polls += 1;
        counts.polling += took;
        counts.longest_poll = counts.longest_poll.max(took);
    }
}
