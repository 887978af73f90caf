//! The recorder: where events go.
//!
//! One for each runtime, shared by its parts. It is off until somebody
//! observes, and then keeps the last so many events in a bounded ring: a program
//! that runs for days must not fill the memory with its own biography. What fell out of
//! the ring is counted.
//!
//! The recorder also keeps what is known of the present only while somebody observes:
//! which task is being polled, and on whose behalf a wake is happening.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
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
    /// How many shared things have a number.
    numbers: Cell<u32>,
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
            numbers: Cell::new(0),
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

    pub(super) fn set_on(&self, on: bool) {
        self.on.set(on);
        self.watched.set(on || self.gated.get());
    }

    /// From now on the ring keeps at most `capacity` records.
    pub(super) fn set_capacity(&self, capacity: usize) {
        self.ring.borrow_mut().set_capacity(capacity);
    }

    /// Takes out what has been recorded so far.
    pub(super) fn take(&self) -> Vec<Record> {
        std::mem::take(&mut self.ring.borrow_mut().records).into()
    }

    /// How many records fell out of the ring.
    pub(super) fn lost(&self) -> u64 {
        self.ring.borrow().lost
    }

    /// Nothing more is known of the present.
    pub(super) fn forget(&self) {
        self.task.set(None);
    }

    /// A number for a thing that tasks share: 1, 2, 3, ... in the order in which they are first
    /// waited for.
    pub(super) fn next_number(&self) -> u32 {
        self.numbers.set(self.numbers.get().wrapping_add(1).max(1));
        self.numbers.get()
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
    fn set_capacity(&mut self, capacity: usize) {
        self.capacity = capacity.max(1);
        while self.records.len() > self.capacity {
            self.records.pop_front();
            self.lost += 1;
        }
    }

    fn push(&mut self, record: Record) {
        if self.records.len() >= self.capacity {
            self.records.pop_front();
            self.lost += 1;
        }
        self.records.push_back(record);
    }
}
