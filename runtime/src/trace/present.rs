//! What is known of the present only while somebody observes.
//!
//! The machine keeps what it needs to run: a queue, a slab, a wheel. *Why* a task waits, how
//! long its polls took, who woke it last: none of this does it need. An observer does, and so it
//! is kept beside the machine, in tables that are filled from the events as they pass. When
//! nobody observes, the tables are empty.
//!
//! Two of the warnings are made here too, because they are about how things went over time: a
//! poll that took too long, and a line that makes timer after timer and lets none of them fire.

use std::time::Duration;

use super::by_number::ByNumber;
use super::{Cause, Event, Place, WaitView};
use crate::coop;

/// See the file's heading.
#[derive(Default)]
pub(crate) struct Present {
    tasks: ByNumber<Known>,
    /// What the poll that is under way has come to wait for.
    waits: Vec<WaitView>,
    /// When that poll began.
    began: Duration,
    /// Who made a timer.
    timers: ByNumber<Place>,
    /// The numbers of timers, by their places in the wheel.
    numbers: ByNumber<u64>,
    /// How many timers have a number.
    numbered: u64,
    /// Of each line: how many of its timers in a row were dropped.
    dropped: ByNumber<u32>,
    /// How much of its budget the last poll left.
    budget: u8,
}

/// What is known of a task.
#[derive(Default)]
pub(crate) struct Known {
    pub(crate) since: Option<Duration>,
    pub(crate) at: Option<Place>,
    pub(crate) spent: Duration,
    pub(crate) waits: Vec<WaitView>,
    pub(crate) woken_by: Option<Cause>,
    pub(crate) stranded: bool,
}

/// When to warn.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Thresholds {
    pub(crate) long_poll: Duration,
    pub(crate) timers_dropped: u32,
}

impl Default for Thresholds {
    fn default() -> Thresholds {
        Thresholds {
            long_poll: Duration::from_millis(10),
            timers_dropped: 1000,
        }
    }
}

impl Present {
    pub(crate) fn task(&self, task: u64) -> Option<&Known> {
        self.tasks.get(&task)
    }

    /// The line that made a timer.
    pub(crate) fn timer(&self, timer: u64) -> Option<Place> {
        self.timers.get(&timer).copied()
    }

    /// What the poll that is under way has come to wait for.
    pub(crate) fn waits_so_far(&self) -> &[WaitView] {
        &self.waits
    }

    /// When that poll began.
    pub(crate) fn began(&self) -> Duration {
        self.began
    }

    /// The number of the timer that has this place in the wheel: 1, 2, 3, ... in the order in
    /// which they were first spoken of.
    pub(super) fn number(&mut self, place: u64) -> u64 {
        *self.numbers.entry(place).or_insert_with(|| {
            self.numbered += 1;
            self.numbered
        })
    }

    /// The place belongs to another timer from now on.
    pub(super) fn forget_number(&mut self, place: u64) {
        self.numbers.remove(&place);
    }

    pub(crate) fn budget(&self) -> u8 {
        self.budget
    }

    /// Whether there is anything to note in an event: see [`note`](Present::note). Most events
    /// tell nothing but that they happened, and whoever keeps none of them need not look at it.
    #[inline]
    pub(super) fn takes_note_of(event: &Event) -> bool {
        matches!(
            event,
            Event::Spawned { .. }
                | Event::Woken { .. }
                | Event::PollStart { .. }
                | Event::Waiting { .. }
                | Event::PollEnd { .. }
                | Event::Stranded { .. }
                | Event::Ended { .. }
                | Event::TimerSet { .. }
                | Event::TimerFired { .. }
                | Event::TimerDropped { .. }
        )
    }

    /// Takes note of an event in which there [is something to note](Present::takes_note_of);
    /// whether somebody records makes no difference to that. The answer is a warning, if it
    /// gives cause for one.
    #[inline]
    pub(super) fn note(
        &mut self,
        event: &Event,
        time: Duration,
        thresholds: Thresholds,
    ) -> Option<Event> {
        match event {
            Event::Spawned { task, at, .. } => self.spawned(*task, *at, time),
            Event::Woken { task, by } => self.woken(*task, *by),
            Event::PollStart { .. } => self.poll_started(time),
            Event::Waiting { on, at } => self.waits.push(WaitView { on: *on, at: *at }),
            Event::PollEnd { task, spent, .. } => {
                self.budget = coop::BUDGET.saturating_sub(*spent);
                return self.poll_ended(*task, time, thresholds);
            }
            Event::Stranded { task } => self.tasks.entry(*task).or_default().stranded = true,
            Event::Ended { task, .. } => drop(self.tasks.remove(task)),
            Event::TimerSet { timer, at, .. } => drop(self.timers.insert(*timer, *at)),
            Event::TimerFired { timer } => self.timer_fired(*timer),
            Event::TimerDropped { timer } => return self.timer_dropped(*timer, thresholds),
            _ => {}
        }
        None
    }

    fn spawned(&mut self, task: u64, at: Place, time: Duration) {
        let known = Known {
            since: Some(time),
            at: Some(at),
            ..Known::default()
        };
        self.tasks.insert(task, known);
    }

    fn woken(&mut self, task: u64, by: Cause) {
        let known = self.tasks.entry(task).or_default();
        known.woken_by = Some(by);
        known.stranded = false;
    }

    fn poll_started(&mut self, time: Duration) {
        self.began = time;
        self.waits.clear();
    }

    fn poll_ended(&mut self, task: u64, time: Duration, limits: Thresholds) -> Option<Event> {
        let took = time.saturating_sub(self.began);
        let known = self.tasks.entry(task).or_default();
        known.spent += took;
        // The old reasons' memory is the next poll's.
        std::mem::swap(&mut known.waits, &mut self.waits);
        (took > limits.long_poll).then(|| Event::LongPoll {
            task,
            took,
            at: known.at.unwrap_or(Place::UNKNOWN),
        })
    }

    fn timer_fired(&mut self, timer: u64) {
        if let Some(at) = self.timers.remove(&timer) {
            self.dropped.remove(&at.number());
        }
    }

    fn timer_dropped(&mut self, timer: u64, limits: Thresholds) -> Option<Event> {
        let at = self.timers.remove(&timer)?;
        let times = self.dropped.entry(at.number()).or_default();
        *times = times.saturating_add(1);
        (*times == limits.timers_dropped).then_some(Event::TimersDropped { at, times: *times })
    }

    /// Whether a task is known to be stranded.
    pub(crate) fn is_stranded(&self, task: u64) -> bool {
        self.tasks.get(&task).is_some_and(|known| known.stranded)
    }
}
