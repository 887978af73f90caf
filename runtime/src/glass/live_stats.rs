//! Live stats: what is known of the tasks and timers only while the runtime is observed.
//!
//! The machine keeps what it needs to run: a queue, a slab, a wheel. *Why* a task waits, how
//! long its polls took, who woke it last: none of this does it need. An observer does, and so it
//! is kept beside the machine, in tables that are filled from the events as they pass. When
//! the runtime is not observed, the tables are empty.
//!
//! Two of the warnings are made here too, because they are about how things went over time: a
//! poll that took too long, and a line that makes timer after timer and lets none of them fire.

use std::cell::RefCell;
use std::mem;
use std::time::{Duration, Instant};

use super::counts::Counting;
use super::numbers::{ByNumber, Numbers};
use super::shared::{self, Things};
use super::stretches::{self, Stretches};
use crate::base::clock::Clock;
use crate::base::room::{KEPT, Roomy};
use crate::machine::coop;
use crate::machine::inspect::snapshot::{Doing, Snapshot, TaskState, TaskView};
use crate::trace::{Cause, Event, Place, Wait, WaitView};

/// See the file's heading.
#[derive(Default)]
pub(super) struct LiveStats {
    tasks: Roomy<ByNumber<TaskStats>>,
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
    pub(super) counting: Counting,
    /// Who holds what, and how much lies in channels.
    shared: Things,
    /// What tasks work on.
    stretches: Stretches,
}

/// What is known of a task.
#[derive(Default)]
struct TaskStats {
    parent: Option<u64>,
    since: Option<Instant>,
    at: Option<Place>,
    spent: Duration,
    waits: Vec<WaitView>,
    woken_by: Option<Cause>,
    stranded: bool,
}

impl TaskStats {
    fn complete(&self, view: &mut TaskView, clock: &Clock) {
        view.parent = self.parent;
        let since = self.since.map(|since| clock.since_start(since));
        view.since = since.unwrap_or(view.since);
        view.spent = self.spent;
        view.woken_by = self.woken_by;
        view.waits.clone_from(&self.waits);
    }
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

impl LiveStats {
    /// Adds to a snapshot of the machine what the machine does not know. During a `recording` a task is
    /// stranded from the event on that says it.
    pub(super) fn complete(&self, snapshot: &mut Snapshot, clock: &Clock, recording: bool) {
        snapshot.budget = self.budget;
        snapshot.shared.clone_from(&self.shared);
        if recording {
            snapshot.stretches.clone_from(&self.stretches);
        }
        if let Doing::Polling { since, .. } = &mut snapshot.doing {
            *since = self.began.map_or(*since, |began| clock.since_start(began));
        }
        for (timer, view) in &mut snapshot.wheel.timers {
            view.at = self.timers.get(timer).copied();
        }
        for (task, view) in &mut snapshot.tasks {
            if let Some(stats) = self.tasks.get(task) {
                stats.complete(view, clock);
            }
            match view.state {
                TaskState::Running => view.waits.clone_from(&self.waits),
                TaskState::Waiting if self.is_stranded(*task) => view.state = TaskState::Stranded,
                TaskState::Stranded if recording && !self.is_stranded(*task) => {
                    view.state = TaskState::Waiting;
                }
                _ => {}
            }
        }
    }

    /// Takes note of an event; whether there is a recording makes no difference to that. Most events
    /// tell nothing but that they happened, and are only counted. The answer is a warning,
    /// if the event gives cause for one.
    #[inline(always)]
    pub(super) fn note(
        stats: &RefCell<LiveStats>,
        event: &Event,
        task: Option<u64>,
        now: Instant,
        limits: Thresholds,
    ) -> Option<Event> {
        let stats = &mut *stats.borrow_mut();
        match event {
            Event::PollStart { .. } => stats.poll_started(now),
            Event::Waiting { on, at } => stats.waiting(*on, *at),
            Event::PollEnd { task, spent, .. } => {
                return stats.poll_ended(*task, *spent, now, limits);
            }
            other => {
                stats.counting.note(other, now);
                return stats.note_other(other, task, now, limits);
            }
        }
        None
    }

    /// The poll that is under way has come to wait.
    #[inline]
    pub(super) fn waiting(&mut self, on: Wait, at: Option<Place>) {
        self.waits.push(WaitView::new(on, at));
    }

    /// Takes note of an event that is none of a poll.
    #[inline]
    fn note_other(
        &mut self,
        event: &Event,
        task: Option<u64>,
        now: Instant,
        limits: Thresholds,
    ) -> Option<Event> {
        match event {
            Event::Spawned {
                task: child, at, ..
            } => self.spawned(*child, task, *at, now),
            Event::Woken { task, by } => self.woken(*task, *by),
            Event::Stranded { task } => self.stats_of(*task).stranded = true,
            Event::Ended { task, .. } => {
                self.tasks.remove(task);
                self.stretches.remove(task);
            }
            Event::TimerSet { timer, at, .. } => drop(self.timers.insert(*timer, *at)),
            Event::TimerFired { timer } => self.timer_fired(*timer),
            Event::TimerDropped { timer } => return self.timer_dropped(*timer, limits),
            other => shared::apply(&mut self.shared, other, task),
        }
        None
    }

    /// An observer begins. If it does so in a poll that began unseen, it begins now; what was refused
    /// before is no news.
    pub(super) fn begin(&mut self, now: Instant) {
        self.began.get_or_insert(now);
        coop::take_refused();
    }

    /// Events are kept from now on. Of the work before, no ends have been heard.
    pub(super) fn forget_stretches(&mut self) {
        self.stretches.clear();
    }

    /// Which tasks are stranded already.
    pub(super) fn take_over(&mut self, base: &Snapshot) {
        let stranded = base
            .tasks
            .iter()
            .filter(|(_, view)| view.state == TaskState::Stranded);
        stranded.for_each(|(task, _)| self.stats_of(*task).stranded = true);
    }

    /// Gives back what a burst of tasks and timers took.
    pub(super) fn give_back(&mut self) {
        self.tasks.give_back(KEPT);
        self.timers.give_back(KEPT);
        self.numbers.give_back();
    }

    /// A task has marked what it works on.
    #[cold]
    pub(super) fn marked(
        &mut self,
        event: &Event,
        place: Place,
        task: Option<u64>,
        time: Duration,
    ) {
        stretches::apply(&mut self.stretches, event, place, task, time);
    }

    fn stats_of(&mut self, task: u64) -> &mut TaskStats {
        self.tasks.entry(task).or_default()
    }

    fn spawned(&mut self, task: u64, parent: Option<u64>, at: Place, now: Instant) {
        let stats = TaskStats {
            parent,
            since: Some(now),
            at: Some(at),
            ..TaskStats::default()
        };
        self.tasks.insert(task, stats);
    }

    fn woken(&mut self, task: u64, by: Cause) {
        let stats = self.stats_of(task);
        stats.woken_by = Some(by);
        stats.stranded = false;
    }

    #[inline]
    fn poll_started(&mut self, now: Instant) {
        self.began = Some(now);
        self.waits.clear();
        self.counting.poll_started(now);
    }

    fn poll_ended(
        &mut self,
        task: u64,
        spent: u8,
        now: Instant,
        limits: Thresholds,
    ) -> Option<Event> {
        self.budget = coop::BUDGET.saturating_sub(spent);
        let began = self.began.take().unwrap_or(now);
        let took = now.saturating_duration_since(began);
        self.counting.polled(took);
        let stats = self.tasks.entry(task).or_default();
        stats.spent += took;
        // The old reasons' memory is the next poll's.
        mem::swap(&mut stats.waits, &mut self.waits);
        let at = stats.at.unwrap_or(Place::UNKNOWN);
        let cpu = None;
        (took > limits.long_poll).then_some(Event::LongPoll {
            task,
            took,
            cpu,
            at,
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

    /// Of the poll that is under way: who has woken the task last, and what it has come to wait for.
    pub(super) fn poll_of(&self, task: u64) -> (Option<Cause>, Vec<WaitView>) {
        let stats = self.tasks.get(&task);
        let woken_by = stats.and_then(|stats| stats.woken_by);
        (woken_by, self.waits.clone())
    }

    /// Whether a task is known to be stranded.
    pub(super) fn is_stranded(&self, task: u64) -> bool {
        self.tasks.get(&task).is_some_and(|stats| stats.stranded)
    }
}
