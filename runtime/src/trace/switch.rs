//! The switch: whether the machine is observed, and by what.
//!
//! One for each runtime, shared by its parts. It is off until a program observes the runtime. Then it
//! stamps each event with a number and with the task that was being polled, and hands it to the
//! [`Observer`], of which this room knows no more than what it must be able to do.
//!
//! It also knows who is at work: which task is being polled, and on whose behalf a wake is
//! happening.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::{Cause, Event, Place};

thread_local! {
    /// The switch of the runtime that this thread is in.
    static CURRENT: RefCell<Option<Rc<Switch>>> = const { RefCell::new(None) };
    /// Whether that switch is on. Outside of all runtimes it is set too: what needs a runtime
    /// panics there, and its message has the line.
    static OBSERVED: Cell<bool> = const { Cell::new(true) };
}

/// What observes a runtime. It gets each event while the switch is on, and no other call of the machine
/// depends on it.
pub(crate) trait Observer {
    /// Takes note of an event. `follows_poll`: the loop has done nothing since the last poll ended.
    fn note(&self, event: &Event, follows_poll: bool);

    /// Takes note of an event and keeps it. The answer is a warning, if the event gives cause for one.
    fn keep(&self, event: Stamped) -> Option<Event>;

    /// What events call the timer that has this key in the wheel.
    fn timer_number(&self, key: u64) -> u64;

    /// The timer that had this key has fired or was dropped.
    fn forget_timer(&self, key: u64);

    /// Whether an event has said that a task is stranded.
    fn is_stranded(&self, task: u64) -> bool;

    /// Gives back what a burst took.
    fn give_back(&self);
}

/// An event, and all that the machine knows of its circumstances. The observer adds the time.
pub(crate) struct Stamped {
    pub(crate) seq: u64,
    pub(crate) task: Option<u64>,
    pub(crate) place: Place,
    pub(crate) event: Event,
}

/// See the file's heading.
pub(crate) struct Switch {
    on: Cell<bool>,
    /// Events are kept, not only taken note of.
    recording: Cell<bool>,
    /// A program has asked for the gate between the steps.
    gated: Cell<bool>,
    /// One of the two: all that the loop asks at each step.
    watched: Cell<bool>,
    /// The runtime is being shut down.
    closing: Cell<bool>,
    /// On, or closing: all that a spawn and a timer ask, so that observing costs them
    /// nothing that refusing had not cost them anyway.
    special: Cell<bool>,
    /// The number of the next event.
    seq: Cell<u64>,
    /// How many shared things have a number.
    numbers: Cell<u32>,
    /// The task that is being polled.
    task: Cell<Option<u64>>,
    /// On whose behalf the machine acts when it wakes a task between polls.
    cause: Cell<Cause>,
    /// The loop has done nothing since the last poll ended.
    follows_poll: Cell<bool>,
    observer: Rc<dyn Observer>,
}

impl Switch {
    pub(crate) fn new(observer: Rc<dyn Observer>) -> Switch {
        Switch {
            on: Cell::new(false),
            recording: Cell::new(false),
            gated: Cell::new(false),
            watched: Cell::new(false),
            closing: Cell::new(false),
            special: Cell::new(false),
            seq: Cell::new(0),
            numbers: Cell::new(0),
            task: Cell::new(None),
            cause: Cell::new(Cause::Owner),
            follows_poll: Cell::new(false),
            observer,
        }
    }

    /// Whether the runtime is observed.
    #[inline(always)]
    pub(crate) fn is_on(&self) -> bool {
        cfg!(feature = "trace") && self.on.get()
    }

    /// Whether events are kept or written, and not only taken note of.
    #[inline(always)]
    pub(crate) fn is_recording(&self) -> bool {
        cfg!(feature = "trace") && self.recording.get()
    }

    /// Observing begins.
    pub(crate) fn set_on(&self) {
        self.set(true);
    }

    /// The observer keeps events from now on.
    pub(crate) fn set_recording(&self) {
        self.recording.set(true);
    }

    /// The last observer has gone.
    pub(crate) fn set_off(&self) {
        self.set(false);
        self.recording.set(false);
        self.task.set(None);
        self.cause.set(Cause::Owner);
    }

    fn set(&self, on: bool) {
        self.on.set(on);
        self.special.set(on || self.closing.get());
        self.watched.set(on || self.gated.get());
        switched(self);
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

    /// Something happened.
    ///
    /// Each line that emits an event knows which one it is, so without a recording there remains of
    /// the stamping what is to be noted in that event: of most, nothing.
    #[inline(always)]
    pub(crate) fn record(&self, event: Event, place: Place) {
        let seq = self.seq.replace(self.seq.get() + 1);
        if self.recording.get() {
            return self.keep(seq, event, place);
        }
        self.whose(&event);
        self.observer.note(&event, self.follows_poll(&event));
    }

    #[cold]
    #[inline(never)]
    fn keep(&self, seq: u64, event: Event, place: Place) {
        let stamped = Stamped {
            seq,
            task: self.whose(&event),
            place,
            event,
        };
        if let Some(warning) = self.observer.keep(stamped) {
            self.record(warning, Place::here(file!(), line!()));
        }
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

    /// Whether a poll begins where the last one ended.
    #[inline(always)]
    fn follows_poll(&self, event: &Event) -> bool {
        match event {
            Event::PollStart { .. } => self.follows_poll.take(),
            Event::PollEnd { .. } => self.follows_poll.replace(true),
            _ => false,
        }
    }

    /// The loop does something else than poll, or nothing.
    #[inline(always)]
    pub(crate) fn between_polls(&self) {
        self.follows_poll.set(false);
    }

    /// The task that is being polled, as far as the events say.
    pub(crate) fn task(&self) -> Option<u64> {
        self.task.get()
    }

    /// Observing has begun in the poll of a task.
    pub(crate) fn set_task(&self, task: u64) {
        self.task.set(Some(task));
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

    /// A number for a thing that tasks share: 1, 2, 3, ... in the order in which they are first
    /// waited for.
    pub(super) fn next_number(&self) -> u32 {
        self.numbers.set(self.numbers.get().wrapping_add(1).max(1));
        self.numbers.get()
    }

    /// What events call the timer that has this key in the wheel.
    pub(crate) fn timer_number(&self, key: u64) -> u64 {
        self.observer.timer_number(key)
    }

    /// The timer that had this key has fired or was dropped.
    pub(crate) fn forget_timer(&self, key: u64) {
        self.observer.forget_timer(key);
    }

    /// Whether an event has said that a task is stranded.
    pub(crate) fn is_stranded(&self, task: u64) -> bool {
        self.observer.is_stranded(task)
    }

    /// Gives back what a burst took of the tables that are kept while the runtime is observed.
    pub(crate) fn give_back(&self) {
        if self.is_on() {
            self.observer.give_back();
        }
    }
}

/// Whether the runtime that this thread is in is observed.
#[inline(always)]
pub(super) fn is_observed() -> bool {
    cfg!(feature = "trace") && OBSERVED.get()
}

/// Makes `switch` this thread's; returns the previous one. On a thread that has lost its
/// thread-locals there is neither.
pub(crate) fn swap(switch: Option<Rc<Switch>>) -> Option<Rc<Switch>> {
    OBSERVED.set(switch.as_ref().is_none_or(|switch| switch.is_on()));
    let swapped = CURRENT.try_with(|current| current.replace(switch));
    swapped.ok().flatten()
}

/// A runtime was switched: if it is this thread's, the flag follows.
fn switched(switch: &Switch) {
    with_current(|current| {
        if std::ptr::eq(current, switch) {
            OBSERVED.set(switch.is_on());
        }
    });
}

pub(super) fn with_current(work: impl FnOnce(&Switch)) {
    let current = CURRENT.try_with(|current| current.borrow().clone());
    if let Some(switch) = current.ok().flatten() {
        work(&switch);
    }
}
