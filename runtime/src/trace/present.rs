//! What is known of the present only while the runtime is observed.
//!
//! The machine keeps what it needs to run: a queue, a slab, a wheel. *Why* a task waits, how
//! long its polls took, who woke it last: none of this does it need. An observer does, and so it
//! is kept beside the machine, in tables that are filled from the events as they pass. When
//! the runtime is not observed, the tables are empty.
//!
//! Two of the warnings are made here too, because they are about how things went over time: a
//! poll that took too long, and a line that makes timer after timer and lets none of them fire.

use std::cell::{Cell, RefCell};
use std::mem;
use std::time::{Duration, Instant};

use super::by_number::ByNumber;
use super::numbers::Numbers;
use super::{Cause, Event, Place, Snapshot, TaskState, WaitView};
use crate::machine::coop;
use crate::machine::room::{KEPT, Roomy};

/// See the file's heading.
#[derive(Default)]
pub(crate) struct Present {
    tasks: Roomy<ByNumber<Known>>,
    /// What the poll that is under way has come to wait for.
    waits: Vec<WaitView>,
    /// When that poll began.
    began: Option<Instant>,
    /// Who made a timer.
    timers: Roomy<ByNumber<Place>>,
    pub(super) numbers: Numbers,
    /// Of each line: how many of its timers in a row were dropped.
    dropped: ByNumber<u32>,
    /// How much of its budget the last poll left.
    budget: u8,
}

/// What is known of a task.
#[derive(Default)]
pub(crate) struct Known {
    pub(crate) since: Option<Instant>,
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
    pub(crate) fn began(&self) -> Option<Instant> {
        self.began
    }

    pub(crate) fn budget(&self) -> u8 {
        self.budget
    }

    /// Takes note of an event; whether there is a recording makes no difference to that. Most events
    /// tell nothing but that they happened, and there is nothing to note. The answer is a warning,
    /// if the event gives cause for one.
    #[inline(always)]
    pub(super) fn note(
        present: &RefCell<Present>,
        event: &Event,
        now: Instant,
        limits: &Cell<Thresholds>,
    ) -> Option<Event> {
        let present = || present.borrow_mut();
        match event {
            Event::Spawned { task, at, .. } => present().spawned(*task, *at, now),
            Event::Woken { task, by } => present().woken(*task, *by),
            Event::PollStart { .. } => present().poll_started(now),
            Event::Waiting { on, at } => present().waits.push(WaitView { on: *on, at: *at }),
            Event::PollEnd { task, spent, .. } => {
                return present().poll_ended(*task, *spent, now, limits);
            }
            Event::Stranded { task } => present().known(*task).stranded = true,
            Event::Ended { task, .. } => drop(present().tasks.remove(task)),
            Event::TimerSet { timer, at, .. } => drop(present().timers.insert(*timer, *at)),
            Event::TimerFired { timer } => present().timer_fired(*timer),
            Event::TimerDropped { timer } => return present().timer_dropped(*timer, limits),
            _ => {}
        }
        None
    }

    /// An observer begins. If it does so in a poll that began unseen, it begins now; what was refused
    /// before is no news.
    pub(super) fn begin(&mut self, now: Instant) {
        self.began.get_or_insert(now);
        coop::take_refused();
    }

    /// Which tasks are stranded already.
    pub(super) fn take_over(&mut self, base: &Snapshot) {
        let stranded = base
            .tasks
            .iter()
            .filter(|(_, view)| view.state == TaskState::Stranded);
        stranded.for_each(|(task, _)| self.known(*task).stranded = true);
    }

    /// Gives back what a burst of tasks and timers took.
    pub(super) fn give_back(&mut self) {
        self.tasks.give_back(KEPT);
        self.timers.give_back(KEPT);
        self.numbers.give_back();
    }

    fn known(&mut self, task: u64) -> &mut Known {
        self.tasks.entry(task).or_default()
    }

    fn spawned(&mut self, task: u64, at: Place, now: Instant) {
        let known = Known {
            since: Some(now),
            at: Some(at),
            ..Known::default()
        };
        self.tasks.insert(task, known);
    }

    fn woken(&mut self, task: u64, by: Cause) {
        let known = self.known(task);
        known.woken_by = Some(by);
        known.stranded = false;
    }

    #[inline]
    fn poll_started(&mut self, now: Instant) {
        self.began = Some(now);
        self.waits.clear();
    }

    fn poll_ended(
        &mut self,
        task: u64,
        spent: u8,
        now: Instant,
        limits: &Cell<Thresholds>,
    ) -> Option<Event> {
        self.budget = coop::BUDGET.saturating_sub(spent);
        let began = self.began.take().unwrap_or(now);
        let took = now.saturating_duration_since(began);
        let known = self.tasks.entry(task).or_default();
        known.spent += took;
        // The old reasons' memory is the next poll's.
        mem::swap(&mut known.waits, &mut self.waits);
        let at = known.at.unwrap_or(Place::UNKNOWN);
        (took > limits.get().long_poll).then_some(Event::LongPoll { task, took, at })
    }

    fn timer_fired(&mut self, timer: u64) {
        if let Some(at) = self.timers.remove(&timer) {
            self.dropped.remove(&at.number());
        }
    }

    fn timer_dropped(&mut self, timer: u64, limits: &Cell<Thresholds>) -> Option<Event> {
        let at = self.timers.remove(&timer)?;
        let times = self.dropped.entry(at.number()).or_default();
        *times = times.saturating_add(1);
        (*times == limits.get().timers_dropped)
            .then_some(Event::TimersDropped { at, times: *times })
    }

    /// Whether a task is known to be stranded.
    pub(crate) fn is_stranded(&self, task: u64) -> bool {
        self.tasks.get(&task).is_some_and(|known| known.stranded)
    }
}
