//! The switch: whether the machine is observed.
//!
//! One for each runtime, shared by its parts. It is off until a program observes the runtime. Then each
//! event that is of use goes to the [`Observer`], of which this room knows no more than what it must be
//! able to do. Nothing that the machine does depends on the switch, but for what it says.

use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;

use super::{Cause, Event, Place, WaitView};

thread_local! {
    /// The switch of the runtime that this thread is in.
    static CURRENT: RefCell<Option<Rc<Switch>>> = const { RefCell::new(None) };
    /// Whether that switch is on. Outside of all runtimes it is set too: what needs a runtime
    /// panics there, and its message has the line.
    static OBSERVED: Cell<bool> = const { Cell::new(true) };
}

/// What observes a runtime.
pub(crate) trait Observer {
    /// Something happened; the line at `place` says so.
    fn observe(&self, event: Event, place: Place);

    /// The task that is being polled, as far as the events say.
    fn polled(&self) -> Option<u64>;

    /// What is known of the poll that is under way: who has woken the task, and what it has come to wait for.
    fn poll_of(&self, task: u64) -> (Option<Cause>, Vec<WaitView>);

    /// The loop does something else than poll, or nothing.
    fn between_polls(&self);

    /// A number for a thing that tasks share: 1, 2, 3, ... in the order in which they are first
    /// spoken of.
    fn next_number(&self) -> u32;

    /// What events call the timer that has this key in the wheel.
    fn timer_number(&self, key: u64) -> u64;

    /// The timer that had this key has fired or was dropped.
    fn forget_timer(&self, key: u64);

    /// What tells whether events are kept: see [`Switch::keeps_events`].
    fn keeping(&self) -> Rc<Cell<bool>>;

    /// Whether an event has said that a task is stranded.
    fn is_stranded(&self, task: u64) -> bool;

    /// Gives back what a burst took.
    fn give_back(&self);
}

/// How the machine hears that it must go step by step from now on, or need not any more. So what is done
/// all the time does not ask.
pub(crate) type Follower = dyn Fn(bool);

/// See the file's heading.
pub(crate) struct Switch {
    on: Cell<bool>,
    /// A program has asked for the gate between the steps.
    gated: Cell<bool>,
    /// One of the two.
    watched: Cell<bool>,
    /// Hears when that changes.
    follower: OnceCell<Box<Follower>>,
    /// On whose behalf the machine acts when it wakes a task between polls.
    cause: Cell<Cause>,
    /// Events are kept. The observer says so.
    keeping: Rc<Cell<bool>>,
    observer: Rc<dyn Observer>,
}

impl Switch {
    pub(crate) fn new(observer: Rc<dyn Observer>) -> Switch {
        Switch {
            on: Cell::new(false),
            gated: Cell::new(false),
            watched: Cell::new(false),
            follower: OnceCell::new(),
            cause: Cell::new(Cause::Owner),
            keeping: observer.keeping(),
            observer,
        }
    }

    /// Whether the runtime is observed.
    #[inline(always)]
    pub(crate) fn is_on(&self) -> bool {
        cfg!(feature = "trace") && self.on.get()
    }

    /// Observing begins, or ends.
    pub(crate) fn set(&self, on: bool) {
        self.on.set(on);
        self.watch();
        if !on {
            self.cause.set(Cause::Owner);
        }
        with_current(|current| {
            if std::ptr::eq(current, self) {
                OBSERVED.set(current.is_on());
            }
        });
    }

    /// Whether the loop must go step by step: the runtime is observed, or may be held at the gate.
    #[inline(always)]
    pub(crate) fn is_watched(&self) -> bool {
        self.watched.get()
    }

    /// From now on the loop passes the gate.
    pub(crate) fn set_gated(&self) {
        self.gated.set(true);
        self.watch();
    }

    /// Sets who is told that the machine must go step by step, or need not any more.
    pub(crate) fn set_follower(&self, follower: Box<Follower>) {
        let _ = self.follower.set(follower);
    }

    fn watch(&self) {
        self.watched.set(self.is_on() || self.gated.get());
        if let Some(follower) = self.follower.get() {
            follower(self.watched.get());
        }
    }

    /// Something happened.
    #[inline(always)]
    pub(crate) fn record(&self, event: Event, place: Place) {
        // Each line that emits an event knows which one it is, so the first half is known to the compiler.
        if is_for_recordings(&event) && !self.keeps_events() {
            return;
        }
        self.observer.observe(event, place);
    }

    /// Whether events are kept: in a recording, a file, a feed. Only then is it found out which tasks are
    /// stranded, and what the program works on.
    #[inline(always)]
    pub(crate) fn keeps_events(&self) -> bool {
        self.keeping.get()
    }

    /// What observes the runtime; asked only while it is observed.
    pub(crate) fn observer(&self) -> &dyn Observer {
        &*self.observer
    }

    /// On whose behalf a task is woken right now.
    pub(crate) fn cause(&self) -> Cause {
        let polled = self.observer.polled();
        polled.map_or(self.cause.get(), Cause::Task)
    }

    /// Says on whose behalf the wakes that follow happen, and who it was before. [`Cause::Owner`] ends it.
    #[inline]
    pub(crate) fn on_behalf_of(&self, cause: Cause) -> Cause {
        match self.is_on() {
            true => self.cause.replace(cause),
            false => Cause::Owner,
        }
    }
}

/// Whether this event happens often, and only a recording has a use for it: it changes no live stats, and
/// is not counted. Rare events of which that is true are not listed: to skip them saves nothing.
#[inline(always)]
fn is_for_recordings(event: &Event) -> bool {
    matches!(
        event,
        Event::Ready { .. }
            | Event::ReadinessCleared { .. }
            | Event::WaiterAdded { .. }
            | Event::WaiterRemoved { .. }
            | Event::IoDone { .. }
            | Event::WouldBlock { .. }
            | Event::Turned { .. }
            | Event::WheelAdvanced { .. }
    )
}

/// Whether the runtime that this thread is in is observed. Without a runtime the answer says nothing.
///
/// For a program that [marks](super::mark()) its work and has to find out first what there is to say.
///
/// ```
/// let runtime = runtime::runtime::Runtime::new()?;
/// runtime.block_on(async { assert!(!runtime::trace::is_observed()) });
/// runtime.trace().observe();
/// runtime.block_on(async { assert!(runtime::trace::is_observed()) });
/// # Ok::<(), std::io::Error>(())
/// ```
#[inline(always)]
pub fn is_observed() -> bool {
    cfg!(feature = "trace") && OBSERVED.get()
}

/// Makes `switch` this thread's; returns the previous one. On a thread that has lost its
/// thread-locals there is neither.
pub(crate) fn swap(switch: Option<Rc<Switch>>) -> Option<Rc<Switch>> {
    OBSERVED.set(switch.as_ref().is_none_or(|switch| switch.is_on()));
    let swapped = CURRENT.try_with(|current| current.replace(switch));
    swapped.ok().flatten()
}

/// Whether the runtime that this thread is in is observed, and its events are kept.
pub(super) fn are_events_kept() -> bool {
    let kept = CURRENT.try_with(|current| {
        let current = current.borrow();
        current.as_ref().is_some_and(|switch| switch.keeps_events())
    });
    kept.unwrap_or(false)
}

pub(super) fn with_current(work: impl FnOnce(&Switch)) {
    let current = CURRENT.try_with(|current| current.borrow().clone());
    if let Some(switch) = current.ok().flatten() {
        work(&switch);
    }
}
