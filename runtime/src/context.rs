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
//! the inbox, and the pool of threads ([`Outside`]). A job on that pool is such a thread.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::panic::Location;
use std::rc::{Rc, Weak};
use std::sync::Arc;

use crate::blocking::Pool;
use crate::boxed::box_if_large;
use crate::clock::{self, Clock};
use crate::driver::Driver;
use crate::executor::Executor;
use crate::inbox::Inbox;
use crate::queue::{self, RunQueue};
use crate::reactor::Reactor;
use crate::rng;
use crate::round::Round;
use crate::task::{JoinHandle, JoinState, Message, Outcome};
use crate::time::Timers;
use crate::trace::{self, Recorder};

thread_local! {
    static CURRENT: RefCell<Current> = const { RefCell::new(Current::Nowhere) };
    /// The runtimes that were built on this thread and live.
    static HOMES: RefCell<Vec<Weak<Machine>>> = const { RefCell::new(Vec::new()) };
    /// How many times this thread has entered a runtime and not yet left it.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
}

/// All parts of one runtime, as its own thread sees them.
pub(crate) struct Machine {
    pub(crate) executor: Executor,
    pub(crate) driver: Driver,
    /// What other threads may know of it.
    pub(crate) outside: Outside,
    pub(crate) clock: Rc<Clock>,
    pub(crate) trace: Rc<Recorder>,
    /// The generator's state while the thread is elsewhere.
    pub(crate) rng: Cell<u64>,
    /// The polls that may still be made before the driver is looked at.
    pub(crate) round: Round,
    pub(crate) io_enabled: bool,
    pub(crate) time_enabled: bool,
}

impl Machine {
    pub(crate) fn inbox(&self) -> &Arc<Inbox<Message>> {
        &self.outside.inbox
    }

    /// Gives back what a burst took: see `room.rs`.
    pub(crate) fn give_back(&self) {
        self.executor.give_back();
        self.driver.give_back();
        self.trace.give_back();
    }

    /// Has the loop look at the driver before it polls anybody else.
    pub(crate) fn look_at_driver_soon(&self) {
        self.round.end();
    }
}

/// A runtime as other threads reach it: what a handle holds.
#[derive(Clone)]
pub(crate) struct Outside {
    /// Brings wakes, futures and news to its own thread.
    pub(crate) inbox: Arc<Inbox<Message>>,
    /// Its threads for work that blocks.
    pub(crate) pool: Pool,
}

enum Current {
    Nowhere,
    /// On the runtime's own thread.
    Home(Rc<Machine>),
    /// On another thread, under a handle's guard.
    Abroad(Outside),
}

/// Being in a runtime, until dropped. What was before is put aside in here.
pub(crate) struct Entered {
    current: Option<Current>,
    queue: Option<Rc<RunQueue>>,
    clock: Option<Rc<Clock>>,
    trace: Option<Rc<Recorder>>,
    /// The generator's state outside of all runtimes.
    rng: u64,
    /// How many times this thread had entered a runtime, this time included.
    depth: usize,
}

/// Enters a runtime on its own thread.
pub(crate) fn enter(machine: Rc<Machine>) -> Entered {
    keep_generator();
    Entered {
        queue: queue::swap(Some(Rc::clone(machine.executor.queue()))),
        clock: clock::swap(Some(Rc::clone(&machine.clock))),
        trace: trace::swap(Some(Rc::clone(&machine.trace))),
        rng: rng::swap(machine.rng.get()),
        current: swap(Current::Home(machine)),
        depth: deeper(),
    }
}

/// Enters a runtime by what other threads know of it: at home if it was built on this thread.
pub(crate) fn enter_from_outside(outside: &Outside) -> Entered {
    if let Some(machine) = home_of(&outside.inbox) {
        return enter(machine);
    }
    keep_generator();
    Entered {
        queue: queue::swap(None),
        clock: clock::swap(None),
        trace: trace::swap(None),
        rng: rng::swap(0),
        current: swap(Current::Abroad(outside.clone())),
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
        let queue = queue::swap(self.queue.take());
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

/// Calls `work` with the runtime that this thread is in, if it is at home there.
fn at_home<R>(work: impl FnOnce(&Machine) -> R) -> Option<R> {
    let worked = CURRENT.try_with(|current| match &*current.borrow() {
        Current::Home(machine) => Some(work(machine)),
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

/// The runtime that this thread is in, at home or abroad, as other threads know it; or why there is
/// none.
pub(crate) fn outside() -> Result<Outside, &'static str> {
    let outside = CURRENT.try_with(|current| match &*current.borrow() {
        Current::Nowhere => Err(NOWHERE),
        Current::Home(machine) => Ok(machine.outside.clone()),
        Current::Abroad(outside) => Ok(outside.clone()),
    });
    outside.unwrap_or(Err(ENDING))
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
        Current::Home(machine) => Ok(work(machine)),
        Current::Abroad(_) => Err(ABROAD),
        Current::Nowhere => Err(NOWHERE),
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

pub(crate) const NOWHERE: &str = "there is no runtime on this thread: call this from inside \
    `Runtime::block_on`, from a task, or under a guard of `Runtime::enter` (`#[runtime::main]` \
    and `#[runtime::test]` put a whole function inside one)";

pub(crate) const ENDING: &str = "this thread is ending, and has dropped the thread-locals by which a \
    runtime is found: in the destructor of a thread-local no runtime can be built or used; give the \
    work to another thread, or do it before the thread ends";

const OUT_OF_ORDER: &str = "a guard of `enter` was dropped before one that was made later: \
    guards must be dropped in the reverse order of their making";

const ABROAD: &str = "this thread has only entered the handle of a runtime that lives on \
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

/// Makes a task of `future`, which starts at its first turn, not before.
///
/// The future need be neither `Send` nor `Sync`; it must own what it uses (`'static`),
/// because it may outlive the function that spawns it. The task runs whether or not the
/// handle is awaited; dropping the handle detaches it.
///
/// # Panics
///
/// If there is no runtime on this thread.
///
/// ```
/// # runtime::runtime::Runtime::new()?.block_on(async {
/// use std::rc::Rc;
///
/// let shared = Rc::new(20); // not Send: everything stays on this thread
/// let theirs = Rc::clone(&shared);
/// let task = runtime::spawn(async move { *theirs + 1 });
/// assert_eq!(*shared + task.await.unwrap(), 41);
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
#[track_caller]
pub fn spawn<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    // Outside of `with`: should the runtime be shutting down, the future is dropped at once,
    // and its drop is foreign code.
    let at = Location::caller();
    box_if_large!(F: future = Box::pin(future); machine().executor.spawn(future, at))
}

/// Makes a task with a name.
#[track_caller]
pub(crate) fn spawn_named<F>(
    future: F,
    name: &str,
    at: &'static Location<'static>,
) -> JoinHandle<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    let machine = machine();
    let future = machine.executor.named(future, name);
    machine.executor.spawn(future, at)
}

/// Makes a task whose result goes to what `outcome` makes of its join state.
#[track_caller]
pub(crate) fn spawn_for<F, O>(
    future: F,
    outcome: impl FnOnce(Rc<JoinState<F::Output>>) -> O,
    name: Option<&str>,
    at: &'static Location<'static>,
) -> JoinHandle<F::Output>
where
    F: Future + 'static,
    O: Outcome<F::Output> + 'static,
{
    let executor = &machine().executor;
    match name {
        Some(name) => executor.spawn_for(executor.named(future, name), outcome, at),
        None => executor.spawn_for(future, outcome, at),
    }
}

/// Another name of [`spawn`], for programs that say where they need no `Send`.
///
/// # Panics
///
/// If there is no runtime on this thread.
///
/// ```
/// # runtime::runtime::Runtime::new()?.block_on(async {
/// assert_eq!(runtime::task::spawn_local(async { 1 }).await.unwrap(), 1);
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
#[track_caller]
pub fn spawn_local<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    box_if_large!(F: future = Box::pin(future); spawn(future))
}
