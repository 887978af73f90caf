//! The recorder: what the switch hands its events to.
//!
//! One for each runtime. While the runtime is observed, each event is noted in the
//! [live stats](super::live_stats). During a recording it is also kept in the ring, or written.

use std::cell::{Cell, RefCell};
#[cfg(feature = "serde")]
use std::io::{self, Write};
use std::rc::Rc;
use std::time::Instant;

use super::Recording;
#[cfg(feature = "serde")]
use super::file::Sink;
use super::live_stats::{LiveStats, Thresholds};
use super::ring::Ring;
use crate::machine::clock::Clock;
use crate::machine::snapshot::{Complete, Snapshot};
use crate::trace::{Event, Observer, Record, Stamped};

/// How the recorder, which knows of nothing above it, gets to see the whole machine.
pub(crate) type Look = dyn Fn() -> Option<Snapshot>;

/// See the file's heading.
pub(crate) struct Recorder {
    clock: Rc<Clock>,
    ring: RefCell<Ring>,
    /// Where events are written, instead of being kept.
    #[cfg(feature = "serde")]
    sink: Cell<Option<Box<Sink>>>,
    stats: RefCell<LiveStats>,
    /// The stats must be those of a recording.
    recording: Cell<bool>,
    thresholds: Thresholds,
    /// When the last poll ended.
    polled: Cell<Instant>,
    /// Looks into the machine.
    look: RefCell<Option<Rc<Look>>>,
}

impl Recorder {
    pub(crate) fn new(clock: Rc<Clock>, thresholds: Thresholds) -> Recorder {
        Recorder {
            polled: Cell::new(clock.turn()),
            clock,
            ring: RefCell::default(),
            #[cfg(feature = "serde")]
            sink: Cell::default(),
            stats: RefCell::default(),
            recording: Cell::new(false),
            thresholds,
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

    /// The machine as it is now, for an observer that begins. What happened before is noted: the
    /// observer and the machine go on from the same state.
    pub(super) fn look(&self) -> Option<Snapshot> {
        let look = self.look.borrow().clone()?;
        self.stats.borrow_mut().begin(self.clock.now());
        let base = look()?;
        self.stats.borrow_mut().take_over(&base);
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

    /// The last observer has gone: the live stats are empty.
    pub(super) fn forget(&self) {
        self.recording.set(false);
        drop(self.stats.take());
    }

    /// The time of an event, as exactly as observing without a recording wants it. One reading of the clock
    /// a poll is enough: polls follow upon one another, and each begins where the last one ended.
    #[inline(always)]
    fn about(&self, event: &Event, follows_poll: bool) -> Instant {
        match event {
            Event::PollStart { .. } if follows_poll => self.polled.get(),
            Event::PollStart { .. } => self.clock.now(),
            Event::PollEnd { .. } => {
                self.polled.set(self.clock.now());
                self.polled.get()
            }
            _ => self.clock.turn(),
        }
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
}

impl Observer for Recorder {
    fn note(&self, event: &Event, follows_poll: bool) {
        let now = self.about(event, follows_poll);
        // A warning is not read here.
        LiveStats::note(&self.stats, event, now, self.thresholds);
    }

    fn keep(&self, stamped: Stamped) -> Option<Event> {
        let now = self.clock.now();
        let warning = LiveStats::note(&self.stats, &stamped.event, now, self.thresholds);
        self.put_down(Record {
            seq: stamped.seq,
            time: self.clock.since_start(now),
            task: stamped.task,
            place: stamped.place,
            event: stamped.event,
        });
        warning
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
        let recording = self.recording.get();
        self.stats
            .borrow()
            .complete(snapshot, &self.clock, recording);
    }
}
