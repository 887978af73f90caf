//! The recorder: where events go.
//!
//! One for each runtime, shared by its parts. It is off until somebody calls
//! [`Trace::start`], and then keeps the last so many events in a bounded ring: a program
//! that runs for days must not fill the memory with its own biography. What fell out of
//! the ring is counted.
//!
//! The recorder also keeps what is known of the present only while somebody observes:
//! which task is being polled, and on whose behalf a wake is happening.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::fmt;
use std::rc::Rc;

use super::{Cause, Event, Place, Record};
use crate::clock::Clock;

pub(crate) struct Recorder {
    on: Cell<bool>,
    /// Somebody has asked for the gate between the steps.
    gated: Cell<bool>,
    /// One of the two: all that the loop asks at each step.
    watched: Cell<bool>,
    clock: Rc<Clock>,
    /// The number of the next event.
    seq: Cell<u64>,
    /// The task that is being polled.
    task: Cell<Option<u64>>,
    /// On whose behalf the machine acts when it wakes somebody between polls.
    cause: Cell<Cause>,
    ring: RefCell<Ring>,
}

#[derive(Default)]
struct Ring {
    records: VecDeque<Record>,
    capacity: usize,
    lost: u64,
}

impl Recorder {
    pub(crate) fn new(clock: Rc<Clock>) -> Recorder {
        Recorder {
            on: Cell::new(false),
            gated: Cell::new(false),
            watched: Cell::new(false),
            clock,
            seq: Cell::new(0),
            task: Cell::new(None),
            cause: Cell::new(Cause::Owner),
            ring: RefCell::default(),
        }
    }

    /// Whether the loop must go step by step: anybody observes, or may close the gate.
    #[inline(always)]
    pub(crate) fn is_watched(&self) -> bool {
        self.watched.get()
    }

    /// From now on the loop passes the gate.
    pub(crate) fn set_gated(&self) {
        self.gated.set(true);
        self.watched.set(true);
    }

    fn set_on(&self, on: bool) {
        self.on.set(on);
        self.watched.set(on || self.gated.get());
    }

    /// Whether anybody observes.
    #[inline(always)]
    pub(crate) fn is_on(&self) -> bool {
        cfg!(feature = "trace") && self.on.get()
    }

    #[cold]
    #[inline(never)]
    pub(crate) fn record(&self, event: Event, place: Place) {
        if let Event::PollStart { task } = event {
            self.task.set(Some(task));
        }
        let record = Record {
            seq: self.seq.replace(self.seq.get() + 1),
            time: self.clock.elapsed(),
            task: self.task.get(),
            place,
            event,
        };
        if let Event::PollEnd { .. } = record.event {
            self.task.set(None);
        }
        self.ring.borrow_mut().push(record);
    }

    /// The task that is being polled, as far as the events say.
    pub(crate) fn task(&self) -> Option<u64> {
        self.task.get()
    }

    /// Who is waking somebody right now.
    pub(crate) fn cause(&self) -> Cause {
        self.task.get().map_or(self.cause.get(), Cause::Task)
    }

    /// Says on whose behalf the wakes that follow happen. [`Cause::Owner`] ends it.
    #[inline]
    pub(crate) fn on_behalf_of(&self, cause: Cause) {
        if self.is_on() {
            self.cause.set(cause);
        }
    }
}

impl Ring {
    fn push(&mut self, record: Record) {
        if self.records.len() >= self.capacity {
            self.records.pop_front();
            self.lost += 1;
        }
        self.records.push_back(record);
    }
}

/// Observes one runtime: starts and stops the recording, and hands it out.
///
/// Made by [`Runtime::trace`](crate::runtime::Runtime::trace). Without the crate feature
/// `trace` nothing is ever recorded.
#[derive(Clone)]
pub struct Trace {
    recorder: Rc<Recorder>,
}

impl Trace {
    pub(crate) fn new(recorder: Rc<Recorder>) -> Trace {
        Trace { recorder }
    }

    /// Records from now on, keeping the last `capacity` events (at least one).
    ///
    /// What was recorded before stays, as far as it fits.
    ///
    /// ```
    /// let runtime = runtime::runtime::Runtime::new()?;
    /// runtime.trace().start(2);
    /// runtime.block_on(async {});
    /// assert_eq!(runtime.trace().take().len(), 2);
    /// assert!(runtime.trace().lost() > 0);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn start(&self, capacity: usize) {
        let mut ring = self.recorder.ring.borrow_mut();
        ring.capacity = capacity.max(1);
        while ring.records.len() > ring.capacity {
            ring.records.pop_front();
            ring.lost += 1;
        }
        self.recorder.set_on(true);
    }

    /// Stops recording. What was recorded stays until it is taken.
    ///
    /// ```
    /// let runtime = runtime::runtime::Runtime::new()?;
    /// runtime.trace().start(100);
    /// runtime.trace().stop();
    /// runtime.block_on(async {});
    /// assert!(runtime.trace().take().is_empty());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn stop(&self) {
        self.recorder.set_on(false);
        self.recorder.task.set(None);
    }

    /// Whether events are being recorded.
    ///
    /// ```
    /// let runtime = runtime::runtime::Runtime::new()?;
    /// assert!(!runtime.trace().is_recording());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn is_recording(&self) -> bool {
        self.recorder.is_on()
    }

    /// Takes out what has been recorded so far, the oldest event first.
    ///
    /// ```
    /// let runtime = runtime::runtime::Runtime::new()?;
    /// runtime.trace().start(100);
    /// runtime.block_on(async {});
    /// let records = runtime.trace().take();
    /// assert_eq!(records[0].seq, 0);
    /// assert!(runtime.trace().take().is_empty());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn take(&self) -> Vec<Record> {
        let records = std::mem::take(&mut self.recorder.ring.borrow_mut().records);
        records.into()
    }

    /// How many events fell out of the ring because it was full.
    ///
    /// ```
    /// let runtime = runtime::runtime::Runtime::new()?;
    /// assert_eq!(runtime.trace().lost(), 0);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn lost(&self) -> u64 {
        self.recorder.ring.borrow().lost
    }
}

impl fmt::Debug for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trace")
            .field("recording", &self.is_recording())
            .field("lost", &self.lost())
            .finish_non_exhaustive()
    }
}
