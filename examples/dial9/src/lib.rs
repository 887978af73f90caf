//! A recording of Treadle as a trace in the format of dial9, a flight recorder for Tokio.
//!
//! The viewer of dial9 knows the events of Tokio by their names. The events of a recording say the same and
//! more, so most have a counterpart:
//!
//! | in the recording | in the trace |
//! |---|---|
//! | `Spawned`, `Ended` | `TaskSpawnEvent`, `TaskTerminateEvent` |
//! | `Woken` | `WakeEventEvent`: the task that has woken it, or 0 |
//! | `PollStart`, `PollEnd` | `PollStartEvent`, `PollEndEvent` of worker 0 |
//! | `Parked`, `Unparked` | `WorkerParkEvent`, `WorkerUnparkEvent` of worker 0 |
//! | `Waiting` | `WaitingEvent`, which is our own |
//! | `Mark` | at a stretch's end one `StretchEvent`, which is our own: a span |
//!
//! The rest (timers, sources, locks, channels) is left out; the stepper and the inspector show it. A
//! recording does not know the thread's CPU time. In its place stands the time in which the thread was awake,
//! so the viewer takes each awake moment for a busy one. Nor does it know the time of day: the viewer counts
//! from the moment in which the runtime was built.
//!
//! On a paused clock no time goes by while a task is polled: such polls have no length in the viewer.
#![forbid(unsafe_code)]

mod events;

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;

use dial9_trace_format::InternedString;
use dial9_trace_format::encoder::Encoder;
use runtime::trace::{Cause, Doing, Event, Mark, Record, Recording, Scope, Snapshot};

use events::{
    PollEndEvent, PollStartEvent, StretchEvent, TaskSpawnEvent, TaskTerminateEvent, WaitingEvent,
    WakeEventEvent, WorkerParkEvent, WorkerUnparkEvent,
};

/// The one thread.
const WORKER: u64 = 0;

/// What dial9 calls a worker that it does not know.
const NO_WORKER: u8 = 255;

/// What went into a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Summary {
    /// How many events it has.
    pub events: usize,
    /// Of how many tasks they tell.
    pub tasks: usize,
}

/// Writes the trace of a recording.
///
/// # Errors
///
/// Those of `out`.
///
/// ```
/// let runtime = runtime::runtime::Runtime::new()?;
/// runtime.trace().start(100);
/// runtime.block_on(async {});
/// let mut trace = Vec::new();
/// let summary = dial9::export(&runtime.trace().recording(), &mut trace)?;
/// assert_eq!(summary.tasks, 1);
/// assert!(trace.starts_with(b"TRC\0"));
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn export(recording: &Recording, out: impl Write) -> io::Result<Summary> {
    let mut exporter = Exporter {
        trace: Encoder::new_to(out)?,
        state: recording.base().clone(),
        summary: Summary {
            events: 0,
            tasks: 0,
        },
        asleep: Duration::ZERO,
        parked: None,
        stretches: BTreeMap::new(),
    };
    exporter.begin()?;
    for record in recording.records() {
        exporter.state.apply(record);
        exporter.write(record)?;
    }
    exporter.end()?;
    exporter.trace.into_inner().flush()?;
    Ok(exporter.summary)
}

struct Exporter<W: Write> {
    trace: Encoder<W>,
    /// The state after the event that is written.
    state: Snapshot,
    summary: Summary,
    /// How long the thread has slept so far.
    asleep: Duration,
    /// Since when it sleeps.
    parked: Option<Duration>,
    /// The stretches that have begun: when, in which task, and what the mark says.
    stretches: BTreeMap<(Scope, u64), (Duration, u64, Arc<str>)>,
}

impl<W: Write> Exporter<W> {
    /// What was there before the first event.
    fn begin(&mut self) -> io::Result<()> {
        let time = self.state.time;
        let mut tasks: Vec<(Duration, u64)> = Vec::new();
        tasks.extend(
            self.state
                .tasks
                .iter()
                .map(|(&task, view)| (view.since, task)),
        );
        tasks.sort_unstable();
        for (since, task) in tasks {
            self.spawned(since.min(time), task)?;
        }
        match self.state.doing {
            Doing::Parked { .. } => self.parks(time),
            Doing::Polling { task, since, .. } => {
                self.unparks(since)?;
                self.poll_starts(since, task)
            }
            _ => self.unparks(time),
        }
    }

    /// The viewer counts the thread as awake from an unpark to the next park. So the last time awake ends
    /// with the recording.
    fn end(&mut self) -> io::Result<()> {
        match self.parked {
            Some(_) => Ok(()),
            None => self.parks(self.state.time),
        }
    }

    fn write(&mut self, record: &Record) -> io::Result<()> {
        let time = record.time;
        match &record.event {
            Event::Spawned { task, .. } => self.spawned(time, *task),
            Event::Ended { task, .. } => self.put(|_| {
                Ok(TaskTerminateEvent {
                    timestamp_ns: ns(time),
                    task_id: *task,
                })
            }),
            Event::Woken { task, by } => self.woken(time, *task, *by),
            Event::PollStart { task } => self.poll_starts(time, *task),
            Event::PollEnd { .. } => self.put(|_| {
                Ok(PollEndEvent {
                    timestamp_ns: ns(time),
                    worker_id: WORKER,
                })
            }),
            Event::Parked { .. } => self.parks(time),
            Event::Unparked => self.unparks(time),
            Event::Waiting { on, at } => {
                let at = at.map_or(String::new(), |at| at.to_string());
                let (task_id, on) = (record.task.unwrap_or(0), on.to_string());
                self.put(|trace| {
                    Ok(WaitingEvent {
                        timestamp_ns: ns(time),
                        task_id,
                        on: trace.intern_string(&on)?,
                        at: trace.intern_string(&at)?,
                    })
                })
            }
            Event::Mark {
                scope,
                id,
                what,
                text,
            } => self.marked(record, (*scope, *id), *what, text),
            _ => Ok(()),
        }
    }

    /// Writes one event. Its strings are made by `make`: the trace has each of them once.
    fn put<E: dial9_trace_format::TraceEvent + 'static>(
        &mut self,
        make: impl FnOnce(&mut Encoder<W>) -> io::Result<E>,
    ) -> io::Result<()> {
        let event = make(&mut self.trace)?;
        self.summary.events += 1;
        self.trace.write(&event)
    }

    fn spawned(&mut self, time: Duration, task: u64) -> io::Result<()> {
        let spawn_loc = self.spawn_place(task)?;
        self.summary.tasks += 1;
        self.put(|_| {
            Ok(TaskSpawnEvent {
                timestamp_ns: ns(time),
                task_id: task,
                spawn_loc,
                instrumented: true,
            })
        })
    }

    /// The line that spawned the task, after its name if it has one.
    fn spawn_place(&mut self, task: u64) -> io::Result<InternedString> {
        let place = self.state.tasks.get(&task).map(|view| match &view.name {
            Some(name) => format!("{name} {}", view.at),
            None => view.at.to_string(),
        });
        self.trace.intern_string(&place.unwrap_or_default())
    }

    fn woken(&mut self, time: Duration, task: u64, by: Cause) -> io::Result<()> {
        let (waker_task_id, target_worker) = match by {
            Cause::Task(other) => (other, WORKER as u8),
            Cause::Outside => (0, NO_WORKER),
            _ => (0, WORKER as u8),
        };
        self.put(|_| {
            Ok(WakeEventEvent {
                timestamp_ns: ns(time),
                waker_task_id,
                woken_task_id: task,
                target_worker,
            })
        })
    }

    fn poll_starts(&mut self, time: Duration, task: u64) -> io::Result<()> {
        let (spawn_loc, local_queue) = (self.spawn_place(task)?, self.queued());
        self.put(|_| {
            Ok(PollStartEvent {
                timestamp_ns: ns(time),
                worker_id: WORKER,
                local_queue,
                task_id: task,
                spawn_loc,
            })
        })
    }

    fn parks(&mut self, time: Duration) -> io::Result<()> {
        self.parked = Some(time);
        let (local_queue, cpu_time_ns) = (self.queued(), self.awake(time));
        self.put(|_| {
            Ok(WorkerParkEvent {
                timestamp_ns: ns(time),
                worker_id: WORKER,
                local_queue,
                cpu_time_ns,
                tid: 1,
            })
        })
    }

    fn unparks(&mut self, time: Duration) -> io::Result<()> {
        if let Some(since) = self.parked.take() {
            self.asleep += time.saturating_sub(since);
        }
        let (local_queue, cpu_time_ns) = (self.queued(), self.awake(time));
        self.put(|_| {
            Ok(WorkerUnparkEvent {
                timestamp_ns: ns(time),
                worker_id: WORKER,
                local_queue,
                cpu_time_ns,
                sched_wait_ns: None,
                tid: 1,
            })
        })
    }

    fn marked(
        &mut self,
        record: &Record,
        which: (Scope, u64),
        what: Mark,
        text: &Arc<str>,
    ) -> io::Result<()> {
        if what == Mark::Begin {
            let begun = (record.time, record.task.unwrap_or(0), Arc::clone(text));
            self.stretches.insert(which, begun);
            return Ok(());
        }
        let begun = (what == Mark::End).then(|| self.stretches.remove(&which));
        let Some((start, task_id, name)) = begun.flatten() else {
            return Ok(());
        };
        self.put(|trace| {
            Ok(StretchEvent {
                timestamp_ns: ns(record.time),
                start_ns: ns(start),
                name: trace.intern_string(&format!("{} {name}", which.0))?,
                id: which.1,
                task_id,
                end: trace.intern_string(text)?,
            })
        })
    }

    /// How many tasks are queued; the format has room for 255.
    fn queued(&self) -> u8 {
        u8::try_from(self.state.queue.len()).unwrap_or(u8::MAX)
    }

    /// How long the thread has been awake.
    fn awake(&self, time: Duration) -> u64 {
        ns(time.saturating_sub(self.asleep))
    }
}

fn ns(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
