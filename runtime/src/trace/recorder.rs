//! The recorder: where events go.
//!
//! One for each runtime, shared by its parts. It is off until the runtime is observed. Then each event
//! is taken note of in the tables of what is known of the present; and during a recording it
//! is kept in the ring.
//!
//! It also knows who is at work: which task is being polled, and on whose behalf a wake is
//! happening.

use std::cell::{Cell, Ref, RefCell};
#[cfg(feature = "serde")]
use std::io::{self, Write};
use std::rc::Rc;
use std::time::Instant;

use super::present::{Present, Thresholds};
use super::ring::Ring;
#[cfg(feature = "serde")]
use super::sink::Sink;
use super::{Cause, Doing, Event, Place, Record, Recording, Snapshot};
use crate::machine::clock::Clock;

/// How the recorder, which knows of nothing above it, gets to see the whole machine.
pub(crate) type Look = dyn Fn() -> Option<Snapshot>;

pub(crate) struct Recorder {
    on: Cell<bool>,
    /// A program has asked for the gate between the steps.
    gated: Cell<bool>,
    /// One of the two: all that the loop asks at each step.
    watched: Cell<bool>,
    /// The runtime is being shut down.
    closing: Cell<bool>,
    /// On, or closing: all that a spawn and a timer ask, so that being told of costs them
    /// nothing that refusing had not cost them anyway.
    special: Cell<bool>,
    clock: Rc<Clock>,
    /// The number of the next event.
    seq: Cell<u64>,
    /// How many shared things have a number.
    numbers: Cell<u32>,
    /// The task that is being polled.
    task: Cell<Option<u64>>,
    /// On whose behalf the machine acts when it wakes a task between polls.
    cause: Cell<Cause>,
    /// Events are kept, not only taken note of.
    recording: Cell<bool>,
    ring: RefCell<Ring>,
    /// Where events are written, instead of being kept.
    #[cfg(feature = "serde")]
    sink: Cell<Option<Box<Sink>>>,
    present: RefCell<Present>,
    thresholds: Cell<Thresholds>,
    /// When the last poll ended, unless the loop did something else since.
    polled: Cell<Option<Instant>>,
    /// Looks into the machine.
    look: RefCell<Option<Rc<Look>>>,
}

impl Recorder {
    pub(crate) fn new(clock: Rc<Clock>) -> Recorder {
        Recorder {
            on: Cell::new(false),
            gated: Cell::new(false),
            watched: Cell::new(false),
            closing: Cell::new(false),
            special: Cell::new(false),
            clock,
            seq: Cell::new(0),
            numbers: Cell::new(0),
            task: Cell::new(None),
            cause: Cell::new(Cause::Owner),
            recording: Cell::new(false),
            ring: RefCell::default(),
            #[cfg(feature = "serde")]
            sink: Cell::default(),
            present: RefCell::default(),
            thresholds: Cell::default(),
            polled: Cell::default(),
            look: RefCell::default(),
        }
    }

    /// Whether the loop must go step by step: the runtime is observed, or may be held at the gate.
    #[inline(always)]
    pub(crate) fn is_watched(&self) -> bool {
        self.watched.get()
    }

    /// From now on the loop passes the gate.
    pub(crate) fn set_gated(&self) {
        self.gated.set(true);
        self.watched.set(true);
    }

    /// Whether the runtime is observed or being shut down: not the usual case.
    #[inline(always)]
    pub(crate) fn needs_slow_path(&self) -> bool {
        self.special.get()
    }

    /// The runtime is being shut down.
    pub(crate) fn set_closing(&self) {
        self.closing.set(true);
        self.special.set(true);
    }

    pub(super) fn set_on(&self, on: bool) {
        self.on.set(on);
        self.special.set(on || self.closing.get());
        self.watched.set(on || self.gated.get());
    }

    /// Tells the recorder how to look into the machine, and when to warn.
    pub(crate) fn set_up(&self, look: Rc<Look>, thresholds: Thresholds) {
        *self.look.borrow_mut() = Some(look);
        self.thresholds.set(thresholds);
    }

    /// Keeps events from now on, at most `capacity` of them.
    pub(super) fn keep(&self, capacity: usize) {
        let base = (!self.recording.get()).then(|| self.look()).flatten();
        self.recording.set(true);
        self.ring.borrow_mut().start(capacity, base);
    }

    /// Writes events from now on.
    #[cfg(feature = "serde")]
    pub(super) fn write_to(&self, out: Box<dyn Write>) {
        let base = self.look().unwrap_or_default();
        self.recording.set(true);
        self.sink.set(Some(Box::new(Sink::new(out, &base))));
    }

    /// The machine as it is now, for an observer that begins. What happened before is taken note of: the
    /// observer and the machine go on from the same state.
    pub(super) fn look(&self) -> Option<Snapshot> {
        let look = self.look.borrow().clone()?;
        self.present.borrow_mut().begin(self.clock.now());
        let base = look()?;
        self.present.borrow_mut().take_over(&base);
        if let Doing::Polling { task, .. } = base.doing {
            self.task.set(Some(task));
        }
        Some(base)
    }

    /// Ends the writing.
    #[cfg(feature = "serde")]
    pub(super) fn finish_writing(&self) -> io::Result<()> {
        match self.sink.take() {
            Some(sink) => sink.finish(),
            None => Ok(()),
        }
    }

    /// Takes out what has been recorded so far.
    pub(super) fn take(&self) -> Recording {
        self.ring.borrow_mut().take()
    }

    /// A copy of what has been recorded so far.
    pub(super) fn copy(&self) -> Recording {
        self.ring.borrow().copy()
    }

    /// How many records fell out of the ring.
    pub(super) fn lost(&self) -> u64 {
        self.ring.borrow().lost()
    }

    /// Whether events are kept or written, and not only taken note of.
    #[inline(always)]
    pub(crate) fn is_recording(&self) -> bool {
        cfg!(feature = "trace") && self.recording.get()
    }

    /// The last observer has gone: nothing is known of the present.
    pub(super) fn forget(&self) {
        self.recording.set(false);
        self.task.set(None);
        self.cause.set(Cause::Owner);
        drop(self.present.take());
    }

    /// Gives back what a burst took of the tables that are kept while the runtime is observed.
    pub(crate) fn give_back(&self) {
        if self.is_on() {
            self.present.borrow_mut().give_back();
        }
    }

    /// What is known of the present.
    pub(crate) fn present(&self) -> Ref<'_, Present> {
        self.present.borrow()
    }

    /// What events call the timer that has this key in the wheel.
    #[inline]
    pub(crate) fn timer_number(&self, key: u64) -> u64 {
        self.present.borrow_mut().numbers.of(key)
    }

    /// The timer that had this key has fired or was dropped.
    pub(crate) fn forget_timer(&self, key: u64) {
        self.present.borrow_mut().numbers.forget(key);
    }

    /// A number for a thing that tasks share: 1, 2, 3, ... in the order in which they are first
    /// waited for.
    pub(super) fn next_number(&self) -> u32 {
        self.numbers.set(self.numbers.get().wrapping_add(1).max(1));
        self.numbers.get()
    }

    /// Whether the runtime is observed.
    #[inline(always)]
    pub(crate) fn is_on(&self) -> bool {
        cfg!(feature = "trace") && self.on.get()
    }

    /// Something happened.
    ///
    /// Each line that emits an event knows which one it is, so without a recording there
    /// remains of this what is to be noted in that event: of most, nothing.
    #[inline(always)]
    pub(crate) fn record(&self, event: Event, place: Place) {
        let seq = self.seq.replace(self.seq.get() + 1);
        if self.recording.get() {
            return self.write_down(seq, event, place);
        }
        self.whose(&event);
        self.note(&event, self.about(&event)); // A warning is not read here.
    }

    #[cold]
    #[inline(never)]
    fn write_down(&self, seq: u64, event: Event, place: Place) {
        let now = self.clock.now();
        let task = self.whose(&event);
        let warning = self.note(&event, now);
        self.put_down(Record {
            seq,
            time: self.clock.since_start(now),
            task,
            place,
            event,
        });
        if let Some(warning) = warning {
            self.record(warning, Place::here(file!(), line!()));
        }
    }

    /// The time of an event, as exactly as observing without a recording wants it. One reading of the clock
    /// a poll is enough: polls follow upon one another, and each begins where the last one ended.
    #[inline(always)]
    fn about(&self, event: &Event) -> Instant {
        match event {
            Event::PollStart { .. } => self.polled.take().unwrap_or_else(|| self.clock.now()),
            Event::PollEnd { .. } => {
                let now = self.clock.now();
                self.polled.set(Some(now));
                now
            }
            _ => self.clock.turn(),
        }
    }

    /// The loop does something else than poll, or nothing.
    #[inline(always)]
    pub(crate) fn between_polls(&self) {
        self.polled.set(None);
    }

    #[inline(always)]
    fn note(&self, event: &Event, now: Instant) -> Option<Event> {
        Present::note(&self.present, event, now, &self.thresholds)
    }

    /// The task that is being polled. An event may begin the poll, or end it.
    #[inline(always)]
    fn whose(&self, event: &Event) -> Option<u64> {
        match event {
            Event::PollStart { task } => self.task.set(Some(*task)),
            Event::PollEnd { .. } => return self.task.take(),
            _ => {}
        }
        self.task.get()
    }

    /// Keeps a record, or writes it. The writer is foreign code: it is taken out for
    /// that, and what it does in this runtime meanwhile goes to the ring.
    fn put_down(&self, record: Record) {
        #[cfg(feature = "serde")]
        if let Some(mut sink) = self.sink.take() {
            sink.write(&record);
            return self.sink.set(Some(sink));
        }
        self.ring.borrow_mut().push(record);
    }

    /// The task that is being polled, as far as the events say.
    pub(crate) fn task(&self) -> Option<u64> {
        self.task.get()
    }

    /// On whose behalf a task is woken right now.
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
