//! The recorder: what observes a runtime.
//!
//! One for each runtime. It gets events while the runtime is observed: those that count, and during a
//! recording all. It stamps each with a number, the time and the task that is being polled, and notes
//! it in the [live stats](super::live_stats). During a recording the event also goes to a file, to
//! another thread, or, if to neither, to the ring.

use std::cell::{Cell, RefCell};
#[cfg(feature = "serde")]
use std::io::{self, Write};
use std::rc::Rc;
use std::time::Instant;

use super::Recording;
use super::counts::Counts;
use super::cpu::CpuTime;
use super::feed::Outlet;
#[cfg(feature = "serde")]
use super::file::Sink;
use super::live_stats::{LiveStats, Thresholds};
use super::ring::Ring;
use crate::base::clock::Clock;
use crate::machine::inspect::snapshot::{Complete, Doing, Snapshot};
use crate::trace::{Cause, Event, Observer, Place, Record, WaitView};

/// How the recorder, which knows of nothing above it, gets to see the whole machine.
pub(crate) type Look = dyn Fn() -> Option<Snapshot>;

/// See the file's heading.
pub(crate) struct Recorder {
    clock: Rc<Clock>,
    /// The number of the next event.
    seq: Cell<u64>,
    /// How many shared things have a number.
    numbers: Cell<u32>,
    /// The task that is being polled, as far as the events say.
    task: Cell<Option<u64>>,
    /// The runtime is observed.
    observing: Cell<bool>,
    /// Events are kept, written or handed over, and not only noted.
    recording: Rc<Cell<bool>>,
    ring: RefCell<Ring>,
    /// Where events are written, instead of being kept.
    #[cfg(feature = "serde")]
    sink: Cell<Option<Box<Sink>>>,
    /// Where events are handed over to another thread, instead of being kept.
    outlet: RefCell<Option<Outlet>>,
    stats: RefCell<LiveStats>,
    cpu: CpuTime,
    thresholds: Thresholds,
    /// When the last poll ended, unless the loop did something else since.
    polled: Cell<Option<Instant>>,
    /// Looks into the machine.
    look: RefCell<Option<Rc<Look>>>,
}

impl Recorder {
    pub(crate) fn new(clock: Rc<Clock>, thresholds: Thresholds) -> Recorder {
        Recorder {
            clock,
            seq: Cell::new(0),
            numbers: Cell::new(0),
            task: Cell::new(None),
            observing: Cell::new(false),
            recording: Rc::default(),
            ring: RefCell::default(),
            #[cfg(feature = "serde")]
            sink: Cell::default(),
            outlet: RefCell::default(),
            stats: RefCell::default(),
            cpu: CpuTime::default(),
            thresholds,
            polled: Cell::new(None),
            look: RefCell::default(),
        }
    }

    /// Tells the recorder how to look into the machine.
    pub(crate) fn set_look(&self, look: Rc<Look>) {
        *self.look.borrow_mut() = Some(look);
    }

    /// Keeps events from now on, at most `capacity` of them. `base` is the state before the first one, if
    /// a recording begins.
    pub(super) fn start(&self, capacity: usize, base: Option<Snapshot>) {
        self.recording.set(true);
        self.ring.borrow_mut().start(capacity, base);
    }

    /// Writes events from now on.
    #[cfg(feature = "serde")]
    pub(super) fn write_to(&self, out: Box<dyn Write>, base: &Snapshot) {
        self.recording.set(true);
        self.sink.set(Some(Box::new(Sink::new(out, base))));
    }

    /// Hands events over from now on.
    pub(super) fn hand_over(&self, outlet: Outlet) {
        self.recording.set(true);
        *self.outlet.borrow_mut() = Some(outlet);
    }

    /// Hands nothing over from now on.
    pub(super) fn end_feed(&self) {
        if self.outlet.take().is_some() {
            self.recording.set(self.is_writing());
        }
    }

    /// Hands over the state as it is now, if events are handed over.
    pub(super) fn hand_over_state(&self) {
        let look = self.look.borrow().clone();
        if let Some(outlet) = &*self.outlet.borrow() {
            let state = look.and_then(|look| look());
            state.into_iter().for_each(|state| outlet.begin(state));
        }
    }

    /// The machine as it is now, for an observer that begins. What happened before is noted: the
    /// observer and the machine go on from the same state.
    pub(super) fn look(&self) -> Option<Snapshot> {
        self.observing.set(cfg!(feature = "trace"));
        let look = self.look.borrow().clone()?;
        self.stats.borrow_mut().begin(self.clock.now());
        if !self.recording.get() {
            self.stats.borrow_mut().forget_stretches();
        }
        let base = look()?;
        self.stats.borrow_mut().take_over(&base);
        if let Doing::Polling { task, .. } = base.doing {
            self.task.set(Some(task));
        }
        Some(base)
    }

    /// Whether events are written.
    fn is_writing(&self) -> bool {
        #[cfg(feature = "serde")]
        if let Some(sink) = self.sink.take() {
            self.sink.set(Some(sink));
            return true;
        }
        false
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

    /// The number of the next event.
    #[cfg(feature = "sim")]
    pub(super) fn next_seq(&self) -> u64 {
        self.seq.get()
    }

    /// How many records fell out of the ring.
    pub(super) fn lost(&self) -> u64 {
        self.ring.borrow().lost()
    }

    /// What has happened since the runtime is observed.
    pub(super) fn counts(&self) -> Counts {
        self.stats.borrow().counting.counts()
    }

    /// The last observer has gone: the live stats are empty.
    pub(super) fn forget(&self) {
        self.observing.set(false);
        self.recording.set(false);
        self.task.set(None);
        drop(self.outlet.take());
        drop(self.stats.take());
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

    /// Takes note of an event and keeps it; and the warning, if the event gives cause for one.
    #[cold]
    #[inline(never)]
    fn keep(&self, seq: u64, event: Event, place: Place) {
        let now = self.clock.now();
        let task = self.whose(&event);
        let mut warning = self.note(&event, place, task, now);
        if !self.clock.is_paused() {
            self.cpu.note(&event, now);
            let told = warning.as_mut();
            told.into_iter().for_each(|it| self.cpu.complete(it, now));
        }
        self.put_down(Record {
            seq,
            time: self.clock.since_start(now),
            task,
            place,
            event,
        });
        if let Some(warning) = warning {
            self.observe(warning, Place::here(file!(), line!()));
        }
    }

    /// The live stats take note of an event.
    #[inline(always)]
    fn note(&self, event: &Event, place: Place, task: Option<u64>, now: Instant) -> Option<Event> {
        if let Event::Mark { .. } = event {
            let time = self.clock.since_start(now);
            self.stats.borrow_mut().marked(event, place, task, time);
        }
        LiveStats::note(&self.stats, event, task, now, self.thresholds)
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

    /// Writes a record and hands it over, if that is asked for; keeps it if neither is.
    fn put_down(&self, record: Record) {
        let written = self.write(&record);
        let handed_over = match &*self.outlet.borrow() {
            Some(outlet) => outlet.push(record),
            None if written => return,
            None => return self.ring.borrow_mut().push(record),
        };
        if handed_over.is_err() {
            // The other end is gone.
            self.end_feed();
        }
    }

    /// Writes a record. Whether there is a writer is the answer. It is foreign code: it is taken out for
    /// that, and what it does in this runtime meanwhile goes to the ring.
    #[cfg(feature = "serde")]
    fn write(&self, record: &Record) -> bool {
        let Some(mut sink) = self.sink.take() else {
            return false;
        };
        sink.write(record);
        self.sink.set(Some(sink));
        true
    }

    #[cfg(not(feature = "serde"))]
    #[allow(clippy::unused_self, reason = "as the one that writes")]
    fn write(&self, _: &Record) -> bool {
        false
    }
}

impl Observer for Recorder {
    #[inline(never)]
    fn observe(&self, event: Event, place: Place) {
        let seq = self.seq.replace(self.seq.get() + 1);
        if self.recording.get() {
            return self.keep(seq, event, place);
        }
        if let Event::Waiting { on, at } = event {
            // The most frequent event: neither its time nor its task is of use.
            return self.stats.borrow_mut().waiting(on, at);
        }
        let task = self.whose(&event);
        // A warning is not read here.
        self.note(&event, place, task, self.about(&event));
    }

    fn polled(&self) -> Option<u64> {
        self.task.get()
    }

    fn poll_of(&self, task: u64) -> (Option<Cause>, Vec<WaitView>) {
        self.stats.borrow().poll_of(task)
    }

    fn between_polls(&self) {
        self.polled.set(None);
    }

    fn next_number(&self) -> u32 {
        self.numbers.set(self.numbers.get().wrapping_add(1).max(1));
        self.numbers.get()
    }

    fn keeping(&self) -> Rc<Cell<bool>> {
        Rc::clone(&self.recording)
    }

    fn timer_number(&self, key: u64) -> u64 {
        self.stats.borrow_mut().numbers.of(key)
    }

    fn forget_timer(&self, key: u64) {
        self.stats.borrow_mut().numbers.forget(key);
    }

    fn is_stranded(&self, task: u64) -> bool {
        self.stats.borrow().is_stranded(task)
    }

    fn give_back(&self) {
        self.stats.borrow_mut().give_back();
    }
}

impl Complete for Recorder {
    fn complete(&self, snapshot: &mut Snapshot) {
        let observing = self.observing.get();
        let recording = observing && self.recording.get();
        snapshot.observed = observing;
        if observing {
            // The events say more of the waits than the machine found by looking at wakers.
            let tasks = snapshot.tasks.values_mut();
            tasks.for_each(|view| view.waits.clear());
        }
        let stats = self.stats.borrow();
        stats.complete(snapshot, &self.clock, recording);
    }
}
