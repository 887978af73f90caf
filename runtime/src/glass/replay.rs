//! Adding an event to a state.
//!
//! Each event changes the state in one way, and here is, for each, which. This is the machine
//! once more, without anything that runs: where the executor takes a key off its queue, a number
//! is taken off a list. The two are written independently, and a test over random programs holds
//! one against the other at every step.
//!
//! A recording may begin in the middle of a program's life, and one from a file may be damaged.
//! An event about something that is not there changes nothing.
//!
//! One thing cannot be had by addition: what lies in the inbox. Other threads put it there, and no
//! event tells of it, for events are the owner's. It comes to light when the owner takes it.
//!
//! What tasks share is not written twice. The machine does not keep who holds a lock, so the live stats
//! and this have it from the same events, by the same function (`shared.rs`).

use std::time::Duration;

use super::{shared, stretches};
use crate::machine::coop;
use crate::machine::inspect::snapshot::{
    Doing, InboxView, SideView, Snapshot, SourceView, TaskState, TaskView, TimerView, WheelView,
};
use crate::trace::{Cause, Direction, Event, Place, Record, WaitView};

impl Snapshot {
    /// Makes this the state after the event.
    ///
    /// ```
    /// let runtime = runtime::runtime::Runtime::new()?;
    /// let mut state = runtime.snapshot();
    /// runtime.trace().start(100);
    /// runtime.block_on(async {});
    /// for record in runtime.trace().take() {
    ///     state.apply(&record);
    /// }
    /// assert!(state.tasks.is_empty());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn apply(&mut self, record: &Record) {
        let time = record.time;
        // Files of version 1 do not say it.
        self.observed = true;
        match &record.event {
            Event::Parked { until } => self.doing = Doing::Parked { until: *until },
            Event::Unparked => self.doing = Doing::Bookkeeping,
            Event::ClockPaused => self.paused = true,
            Event::ClockResumed => self.paused = false,
            Event::InboxTaken { .. } => self.inbox = InboxView::default(),
            event => {
                self.apply_to_tasks(event, record.task, time);
                self.wheel.apply(event);
                self.apply_to_sources(event);
                shared::apply(&mut self.shared, event, record.task);
                let stretches = &mut self.stretches;
                stretches::apply(stretches, event, record.place, record.task, time);
            }
        }
        self.time = self.time.max(time);
    }

    fn apply_to_tasks(&mut self, event: &Event, running: Option<u64>, time: Duration) {
        match event {
            Event::Spawned { task, name, at } => {
                let view = TaskView {
                    name: name.clone(),
                    parent: running,
                    since: time,
                    ..TaskView::new(*at)
                };
                self.tasks.insert(*task, view);
            }
            Event::Woken { task, by } => self.woken(*task, *by),
            Event::PollStart { task } => self.poll_started(*task, time),
            Event::Waiting { on, at } => {
                let wait = WaitView::new(*on, *at);
                self.with_task(running.unwrap_or(0), |view| view.waits.push(wait));
            }
            Event::PollEnd { task, ready, spent } => {
                self.poll_ended(*task, *ready, *spent, time);
            }
            Event::Stranded { task } => {
                self.with_task(*task, |view| view.state = TaskState::Stranded);
            }
            Event::Ended { task, .. } => drop(self.tasks.remove(task)),
            _ => {}
        }
    }

    fn woken(&mut self, task: u64, by: Cause) {
        match &mut self.doing {
            Doing::Polling {
                task: running,
                woken,
                ..
            } if *running == task => *woken = true,
            _ => self.queue_up(task),
        }
        self.with_task(task, |view| view.woken_by = Some(by));
    }

    fn poll_started(&mut self, task: u64, time: Duration) {
        self.dequeue(task);
        self.doing = Doing::Polling {
            task,
            since: time,
            woken: false,
        };
        self.with_task(task, |view| {
            view.state = TaskState::Running;
            view.polls = view.polls.wrapping_add(1) % (1 << 32);
            view.waits.clear();
        });
    }

    /// A task that was woken in its own poll goes to the back of the queue now.
    fn poll_ended(&mut self, task: u64, ready: bool, spent: u8, time: Duration) {
        let (since, woken) = match self.doing {
            Doing::Polling { since, woken, .. } => (since, woken),
            _ => (time, false),
        };
        self.doing = Doing::Bookkeeping;
        self.budget = coop::BUDGET.saturating_sub(spent);
        self.with_task(task, |view| {
            view.spent = view.spent.saturating_add(time.saturating_sub(since));
            view.state = TaskState::Waiting;
            if ready {
                view.waits.clear();
            }
        });
        if woken && !ready {
            self.queue_up(task);
        }
    }

    fn queue_up(&mut self, task: u64) {
        self.queue.push_back(task);
        self.with_task(task, |view| view.state = TaskState::Queued);
    }

    fn with_task(&mut self, task: u64, change: impl FnOnce(&mut TaskView)) {
        if let Some(view) = self.tasks.get_mut(&task) {
            change(view);
        }
    }

    fn dequeue(&mut self, task: u64) {
        if let Some(place) = self.queue.iter().position(|&queued| queued == task) {
            self.queue.remove(place);
        }
    }

    fn apply_to_sources(&mut self, event: &Event) {
        match *event {
            Event::SourceRegistered {
                source,
                kind,
                interest,
                at,
            } => drop(
                self.sources
                    .insert(source, SourceView::new(kind, at, interest)),
            ),
            Event::SourceDropped { source } => drop(self.sources.remove(&source)),
            Event::Ready { source, direction } => self.with_side(source, direction, |side| {
                *side = SideView {
                    ready: true,
                    waiters: 0,
                };
            }),
            Event::ReadinessCleared { source, direction } => {
                self.with_side(source, direction, |side| side.ready = false);
            }
            Event::WaiterAdded { source, direction } => {
                self.with_side(source, direction, |side| {
                    side.waiters = side.waiters.saturating_add(1);
                });
            }
            Event::WaiterRemoved { source, direction } => {
                self.with_side(source, direction, |side| {
                    side.waiters = side.waiters.saturating_sub(1);
                });
            }
            _ => {}
        }
    }

    fn with_side(&mut self, source: u64, direction: Direction, change: impl FnOnce(&mut SideView)) {
        if let Some(view) = self.sources.get_mut(&source) {
            change(match direction {
                Direction::Read => &mut view.read,
                Direction::Write => &mut view.write,
            });
        }
    }
}

impl WheelView {
    fn apply(&mut self, event: &Event) {
        match *event {
            Event::WheelAdvanced { to } => self.elapsed = to,
            Event::TimerSet { timer, tick, at } => self.hang(timer, tick, Some(at)),
            Event::TimerReset { timer, tick } => {
                let old = self.timers.remove(&timer);
                self.hang(timer, tick, old.and_then(|old| old.at));
            }
            Event::TimerFired { timer } | Event::TimerDropped { timer } => {
                self.timers.remove(&timer);
            }
            _ => {}
        }
    }

    /// Hangs a timer where the wheel hangs it.
    pub(crate) fn hang(&mut self, timer: u64, tick: u64, at: Option<Place>) {
        let tick = tick.max(self.elapsed);
        self.timers.insert(timer, TimerView { tick, at });
    }
}
