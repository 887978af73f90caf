//! Events that could be thought of in a state, each with what is wrong with it.
//!
//! A wrong answer is impossible in its state, or does not happen here. What stands in `why_not` must be
//! true whatever happens instead; where the state does not say, the event is no answer.

use std::time::Duration;

use runtime::trace::{Cause, Direction, Doing, End, Event, Record, SharedView, Snapshot};
use runtime::trace::{Shared, TaskState, TaskView, Wait};

use crate::words::time;

/// So many tasks, timers, sources and shared things are looked at.
const MOST: usize = 6;

/// An event that does not happen, but might be thought to.
pub(crate) struct Plausible {
    pub(crate) event: Event,
    pub(crate) why_not: String,
    /// The smaller, the better as an answer.
    pub(crate) far: u8,
}

/// All of them, for the state before an event: the first of these.
pub(crate) fn all(rest: &[Record], state: &Snapshot) -> Vec<Plausible> {
    let running = match state.doing {
        Doing::Polling { task, .. } => Some(task),
        _ => None,
    };
    let mut list = List {
        state,
        running,
        all: Vec::new(),
    };
    if let Some(truth) = rest.first() {
        list.opposite(&truth.event);
    }
    for (&task, view) in state.tasks.iter().take(MOST) {
        match running == Some(task) {
            true => list.of_running(task, end_of_poll(rest)),
            false => list.of_other(task, view),
        }
    }
    list.of_wheel();
    list.of_sources();
    for (&number, view) in state.shared.iter().take(MOST) {
        list.of_shared(number, view);
    }
    list.of_thread();
    list.all
}

struct List<'a> {
    state: &'a Snapshot,
    running: Option<u64>,
    all: Vec<Plausible>,
}

impl List<'_> {
    fn add(&mut self, far: u8, event: Event, why_not: impl Into<String>) {
        let why_not = why_not.into();
        self.all.push(Plausible {
            event,
            why_not,
            far,
        });
    }

    /// The other way in which an operation could go.
    fn opposite(&mut self, truth: &Event) {
        match *truth {
            Event::IoDone {
                source, direction, ..
            } => self.add(
                0,
                Event::WouldBlock { source, direction },
                "The operating system can do it at once.",
            ),
            Event::WouldBlock { source, direction } => self.add(
                0,
                Event::IoDone {
                    source,
                    direction,
                    bytes: Some(1),
                },
                "The operating system cannot do it yet.",
            ),
            _ => {}
        }
    }

    /// `end`: how its poll will end.
    fn of_running(&mut self, task: u64, end: Option<bool>) {
        for ready in [false, true] {
            let why = match ready {
                _ if end == Some(ready) => "It will, but something comes before that.",
                true => "The task's future is not at its end here.",
                false => "The task does not say Pending here.",
            };
            let spent = 0;
            self.add(0, Event::PollEnd { task, ready, spent }, why);
        }
        let by = Cause::Task(task);
        self.add(
            1,
            Event::Woken { task, by },
            "The task does not wake itself here.",
        );
    }

    fn of_other(&mut self, task: u64, view: &TaskView) {
        if view.state == TaskState::Stranded {
            return;
        }
        let place = self.state.queue.iter().position(|it| *it == task);
        let why = match (self.running, place) {
            (Some(running), _) => format!("Task {running} is still being polled: one at a time."),
            (None, None) => "It is not in the run queue.".to_owned(),
            (None, Some(0)) => "It is next, but something comes before its poll.".to_owned(),
            (None, Some(_)) => format!("Task {} is before it in the queue.", self.state.queue[0]),
        };
        self.add(self.far_if_running(), Event::PollStart { task }, why);
        if place.is_some() {
            return;
        }
        for wait in view.waits.iter().take(2) {
            self.of_wait(task, wait.on);
        }
        if let Some(wait) = view.waits.first() {
            let why = format!("It has left its waker: it waits for {}.", wait.on);
            self.add(2, Event::Stranded { task }, why);
        }
    }

    fn far_if_running(&self) -> u8 {
        self.running.map_or(0, |_| 1)
    }

    /// The wait ends, and the task is woken.
    fn of_wait(&mut self, task: u64, on: Wait) {
        let (by, why) = match on {
            Wait::Timer(timer) if self.state.wheel.timers.contains_key(&timer) => (
                Cause::Timer(timer),
                format!("Timer {timer} still hangs in the wheel."),
            ),
            Wait::Source(source, direction) if !self.is_ready(source, direction) => (
                Cause::Source(source, direction),
                format!("Source {source} is not {direction} yet."),
            ),
            Wait::Task(other) if self.state.tasks.contains_key(&other) => (
                Cause::Task(other),
                format!("Task {other} has not ended yet."),
            ),
            Wait::Job(job) => {
                let how = End::Finished;
                return self.add(1, Event::JobEnded { job, how }, "It does not end here.");
            }
            _ => return,
        };
        self.add(1, Event::Woken { task, by }, why);
    }

    fn is_ready(&self, source: u64, direction: Direction) -> bool {
        let view = self.state.sources.get(&source);
        view.is_none_or(|view| match direction {
            Direction::Read => view.read.ready,
            Direction::Write => view.write.ready,
        })
    }

    fn of_wheel(&mut self) {
        let wheel = &self.state.wheel;
        for (&timer, view) in wheel.timers.iter().take(MOST) {
            if view.tick > wheel.elapsed {
                let at = time(Duration::from_millis(view.tick));
                let why = format!("The wheel has not come to {at} yet.");
                self.add(self.far_if_running(), Event::TimerFired { timer }, why);
            }
            if self.running.is_some() {
                let why = "The future that made this timer is not dropped here.";
                self.add(1, Event::TimerDropped { timer }, why);
            }
        }
        let ticks = wheel.timers.values().map(|view| view.tick);
        let Some(to) = ticks.min().map(Duration::from_millis) else {
            return;
        };
        if to > self.state.time {
            let (now, tick) = (time(self.state.time), to.as_millis() as u64);
            let why = format!("The clock stands at {now} still.");
            self.add(1, Event::WheelAdvanced { to: tick }, why);
        }
        if self.state.paused && to > self.state.time {
            let why = match self.is_asleep() {
                true => "Something comes before that.",
                false => "A paused clock moves only while the thread sleeps.",
            };
            let why = self.why_not_now().unwrap_or(why.to_owned());
            self.add(1, Event::ClockAdvanced { to }, why);
        }
    }

    fn is_asleep(&self) -> bool {
        matches!(self.state.doing, Doing::Parked { .. })
    }

    /// Why the loop does nothing else now, if it is not at rest.
    fn why_not_now(&self) -> Option<String> {
        match (self.running, self.state.queue.front()) {
            (Some(task), _) => Some(format!("Task {task} is still being polled.")),
            (None, Some(task)) => Some(format!("Task {task} is in the run queue.")),
            (None, None) => None,
        }
    }

    fn of_sources(&mut self) {
        for (&source, view) in self.state.sources.iter().take(MOST) {
            let sides = [(Direction::Read, view.read), (Direction::Write, view.write)];
            for (direction, side) in sides {
                if side.waiters > 0 && !side.ready {
                    let why = "The operating system does not say so here.";
                    self.add(1, Event::Ready { source, direction }, why);
                }
            }
        }
    }

    /// What the running task could do with it.
    fn of_shared(&mut self, number: u64, view: &SharedView) {
        let (shared, task) = (view.kind, self.running);
        if task.is_none() {
            return;
        }
        if let Some(own) = view.holders.iter().find(|holder| holder.task == task) {
            let count = own.count;
            let place = match shared {
                Shared::MpscMessage => Shared::MpscPlace,
                shared => shared,
            };
            let back = Event::GivenBack {
                shared: place,
                number,
                count,
            };
            self.add(0, back, "The task keeps it for now.");
        }
        if let Some(length) = view.length.checked_sub(1) {
            let taken = Event::Received {
                shared,
                number,
                length,
            };
            self.add(0, taken, "The task takes no message here.");
        }
    }

    fn of_thread(&mut self) {
        let asleep = self.is_asleep();
        let why = |else_: &str| match (self.running, asleep) {
            (Some(task), _) => format!("Task {task} is still being polled."),
            (_, true) => "The thread sleeps: it must wake up first.".to_owned(),
            _ => else_.to_owned(),
        };
        let inbox = why("The loop does not empty the inbox here.");
        let turned = why("The loop does not ask the operating system here.");
        let parked = match asleep {
            true => "It sleeps already.".to_owned(),
            false => self
                .why_not_now()
                .unwrap_or("Something comes before that.".to_owned()),
        };
        let unparked = match asleep {
            true => "It sleeps on.",
            false => "It does not sleep.",
        };
        let ticks = self.state.wheel.timers.values().map(|view| view.tick);
        let until = ticks.min().map(Duration::from_millis);
        self.add(if asleep { 3 } else { 0 }, Event::Parked { until }, parked);
        self.add(if asleep { 0 } else { 3 }, Event::Unparked, unparked);
        self.add(
            2,
            Event::Turned {
                events: 1,
                inbox: false,
            },
            turned,
        );
        let taken = Event::InboxTaken {
            wakes: 1,
            spawns: 0,
            jobs: 0,
        };
        self.add(2, taken, inbox);
    }
}

/// Whether the task that runs says Ready at the end of its poll, or Pending. `None`: neither (it panics, it is
/// aborted), or not known.
fn end_of_poll(rest: &[Record]) -> Option<bool> {
    let mut events = rest.iter().map(|record| &record.event);
    let is_end = |event: &&Event| matches!(event, Event::PollEnd { .. });
    match (events.find(is_end)?, events.next()) {
        (Event::PollEnd { ready: false, .. }, _) => Some(false),
        (
            _,
            Some(Event::Ended {
                how: End::Finished, ..
            }),
        ) => Some(true),
        _ => None,
    }
}
