//! Which runtime this thread is in.
//!
//! `spawn(...)` and `sleep(...)` take no runtime as an argument. They find it here, in a
//! thread-local that is set while a runtime runs on this thread, and for as long as a guard
//! of `enter` lives. One thread may hold several runtimes and be in one inside another;
//! entering puts the previous one aside and leaving puts it back.
//!
//! To be in a runtime means five things at once, each kept by its owner: the machine (here),
//! the run queue that wakers push on, the clock that `Instant::now` asks, the generator that
//! `select!` draws from, and the recorder that leaf futures report to. [`Entered`] swaps all
//! five.
//!
//! A [`Handle`](crate::runtime::Handle) may be entered on a *foreign* thread too. Nothing of
//! the machine can be touched from there, so all that is known there is what lies outside of it:
//! the inbox, and the pool of threads ([`RemoteHandle`]). A job on that pool is such a thread.

use std::cell::{Cell, RefCell};
use std::io;
use std::rc::{Rc, Weak};
use std::sync::Arc;

use crate::base::clock::{self, Clock};
use crate::base::rng;
use crate::machine::inbox::Inbox;
use crate::machine::reactor::Reactor;
use crate::machine::run_queue::{self, RunQueue};
use crate::machine::task::Message;
use crate::machine::timers::Timers;
use crate::machine::turn::{Machine, RemoteHandle};
use crate::trace::{self, Switch};

thread_local! {
    static CURRENT: RefCell<Current> = const { RefCell::new(Current::NotEntered) };
    /// The runtimes that were built on this thread and live.
    static HOMES: RefCell<Vec<Weak<Machine>>> = const { RefCell::new(Vec::new()) };
    /// How many times this thread has entered a runtime and not yet left it.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
}

enum Current {
    NotEntered,
    /// On the runtime's own thread.
    Local(Rc<Machine>),
    /// On another thread, under a handle's guard.
    Remote(RemoteHandle),
}

/// Being in a runtime, until dropped. What was before is put aside in here.
pub(crate) struct Entered {
    current: Option<Current>,
    queue: Option<Rc<RunQueue>>,
    clock: Option<Rc<Clock>>,
    trace: Option<Rc<Switch>>,
    /// The generator's state outside of all runtimes.
    rng: u64,
    /// How many times this thread had entered a runtime, this time included.
    depth: usize,
}

/// Enters a runtime on its own thread.
pub(crate) fn enter(machine: Rc<Machine>) -> Entered {
    keep_generator();
    Entered {
        queue: run_queue::swap(Some(Rc::clone(machine.executor.queue()))),
        clock: clock::swap(Some(Rc::clone(&machine.clock))),
        trace: trace::swap(Some(Rc::clone(&machine.trace))),
        rng: rng::swap(machine.rng.get()),
        current: swap(Current::Local(machine)),
        depth: deeper(),
    }
}

/// Enters a runtime by what other threads know of it: as a local runtime if it was built on this thread.
pub(crate) fn enter_remotely(remote: &RemoteHandle) -> Entered {
    if let Some(machine) = home_of(&remote.inbox) {
        return enter(machine);
    }
    keep_generator();
    Entered {
        queue: run_queue::swap(None),
        clock: clock::swap(None),
        trace: trace::swap(None),
        rng: rng::swap(0),
        current: swap(Current::Remote(remote.clone())),
        depth: deeper(),
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        if DEPTH.get() != self.depth {
            // Putting back now would put back what is not due yet. In a panic it is not
            // worth another one.
            assert!(std::thread::panicking(), "{OUT_OF_ORDER}");
            return;
        }
        DEPTH.set(self.depth - 1);
        keep_generator();
        let left = self.current.take().and_then(swap);
        let queue = run_queue::swap(self.queue.take());
        let clock = clock::swap(self.clock.take());
        let trace = trace::swap(self.trace.take());
        rng::swap(generator().unwrap_or(self.rng));
        // What is let go of here may be the last of its kind, and run its drop.
        drop((left, queue, clock, trace));
    }
}

/// Makes `next` current; returns what was before. `None`: this thread is dying and has lost
/// its thread-locals. A runtime that is dropped that late drops its tasks without a context.
fn swap(next: Current) -> Option<Current> {
    CURRENT.try_with(|current| current.replace(next)).ok()
}

fn deeper() -> usize {
    DEPTH.set(DEPTH.get() + 1);
    DEPTH.get()
}

/// Writes the generator's state back to the runtime that this thread is in. It stays there
/// while the thread is elsewhere, and a second way into the same runtime finds it.
fn keep_generator() {
    at_home(|machine| machine.rng.set(rng::state()));
}

fn generator() -> Option<u64> {
    at_home(|machine| machine.rng.get())
}

/// Calls `work` with the runtime that this thread is in, if it was built on this thread.
fn at_home<R>(work: impl FnOnce(&Machine) -> R) -> Option<R> {
    let worked = CURRENT.try_with(|current| match &*current.borrow() {
        Current::Local(machine) => Some(work(machine)),
        _ => None,
    });
    worked.ok().flatten()
}

/// Makes a runtime known to this thread.
///
/// # Errors
///
/// If the thread is ending, and has dropped the thread-local that knows them.
pub(crate) fn settle(machine: &Rc<Machine>) -> Result<(), &'static str> {
    let settled = HOMES.try_with(|homes| {
        let mut homes = homes.borrow_mut();
        homes.retain(|home| home.strong_count() > 0);
        homes.push(Rc::downgrade(machine));
    });
    settled.map_err(|_| ENDING)
}

/// Whether the runtime with the inbox at this address was built on this thread, and lives.
pub(crate) fn is_home_of(inbox: usize) -> bool {
    let found = HOMES.try_with(|homes| {
        let homes = homes.borrow();
        let mut machines = homes.iter().filter_map(Weak::upgrade);
        machines.any(|machine| Arc::as_ptr(machine.inbox()).addr() == inbox)
    });
    found.unwrap_or(false)
}

fn home_of(inbox: &Arc<Inbox<Message>>) -> Option<Rc<Machine>> {
    let found = HOMES.try_with(|homes| {
        let homes = homes.borrow();
        let mut machines = homes.iter().filter_map(Weak::upgrade);
        machines.find(|machine| Arc::ptr_eq(machine.inbox(), inbox))
    });
    found.ok().flatten()
}

/// The runtime that this thread is in, local or remote, as other threads know it; or why there is
/// none.
pub(crate) fn remote_handle() -> Result<RemoteHandle, &'static str> {
    let remote = CURRENT.try_with(|current| match &*current.borrow() {
        Current::NotEntered => Err(NOT_ENTERED),
        Current::Local(machine) => Ok(machine.remote.clone()),
        Current::Remote(remote) => Ok(remote.clone()),
    });
    remote.unwrap_or(Err(ENDING))
}

/// The runtime that this thread is in.
///
/// # Panics
///
/// If it is in none, or in one by a handle from another thread.
#[track_caller]
pub(crate) fn machine() -> Rc<Machine> {
    with(Rc::clone)
}

/// Calls `work` with the runtime that this thread is in. It must not run foreign code.
#[track_caller]
#[inline]
fn with<R>(work: impl FnOnce(&Rc<Machine>) -> R) -> R {
    let found = CURRENT.try_with(|current| match &*current.borrow() {
        Current::Local(machine) => Ok(work(machine)),
        Current::Remote(_) => Err(REMOTE),
        Current::NotEntered => Err(NOT_ENTERED),
    });
    match found.unwrap_or(Err(ENDING)) {
        Ok(result) => result,
        Err(message) => lost(message),
    }
}

/// Nothing can be done from here. A future's poll was called by the machinery of `.await`, so the
/// line of the program that made the future is in the message.
#[cold]
#[track_caller]
fn lost(message: &str) -> ! {
    match trace::line() {
        Some(line) => panic!("{message} (it was called at {line})"),
        None => panic!("{message}"),
    }
}

pub(crate) const NOT_ENTERED: &str = "there is no runtime on this thread: call this from inside \
    `Runtime::block_on`, from a task, or under a guard of `Runtime::enter` (`#[runtime::main]` \
    and `#[runtime::test]` put a whole function inside one)";

pub(crate) const ENDING: &str = "this thread is ending, and has dropped the thread-locals by which a \
    runtime is found: in the destructor of a thread-local no runtime can be built or used; give the \
    work to another thread, or do it before the thread ends";

const OUT_OF_ORDER: &str = "a guard of `enter` was dropped before one that was made later: \
    guards must be dropped in the reverse order of their making";

const REMOTE: &str = "this thread has only entered the handle of a runtime that lives on \
    another thread, or is gone: tasks, timers and sockets cannot be made from here; if it \
    lives, send a future there with `Handle::spawn`, what makes one with `Handle::spawn_with`, or a \
    job with `Handle::spawn_blocking`";

/// The timers of the runtime that this thread is in.
#[track_caller]
pub(crate) fn timers() -> Rc<Timers> {
    let timers = with(|machine| {
        let timers = machine.time_enabled.then_some(&machine.driver.timers);
        timers.map(Rc::clone)
    });
    match timers {
        Some(timers) => timers,
        None => lost(
            "this runtime was built without timers: call `enable_time` or `enable_all` on its Builder",
        ),
    }
}

/// Asks whether there is a descriptor, before one is made.
///
/// # Errors
///
/// If an odd system has none left.
#[inline]
pub(crate) fn ask_for_descriptor() -> io::Result<()> {
    #[cfg(feature = "sim")]
    if let Some(reactor) = local_reactor() {
        reactor.odd.give_descriptor()?;
    }
    Ok(())
}

/// The reactor of the runtime that this thread is in, if it is in one.
#[cfg(feature = "sim")]
fn local_reactor() -> Option<Rc<Reactor>> {
    let found = CURRENT.try_with(|current| match &*current.borrow() {
        Current::Local(machine) => Some(Rc::clone(&machine.driver.reactor)),
        _ => None,
    });
    found.ok().flatten()
}

/// The reactor of the runtime that this thread is in.
#[track_caller]
pub(crate) fn reactor() -> Rc<Reactor> {
    let reactor = with(|machine| {
        let reactor = machine.io_enabled.then_some(&machine.driver.reactor);
        reactor.map(Rc::clone)
    });
    match reactor {
        Some(reactor) => reactor,
        None => lost(
            "this runtime was built without I/O: call `enable_io` or `enable_all` on its Builder",
        ),
    }
}
