//! The loop.
//!
//! A runtime is an executor, which polls tasks, and a driver, which knows when the next one
//! will be ready. Neither knows the other. This file alternates them, one **step** at a
//! time:
//!
//! 1. **Take the inbox**: what other threads left there goes on the run queue.
//! 2. **Poll** tasks from the run queue, the one that has waited longest first, until none
//!    is ready, but at most [`event_interval`](Builder::event_interval) of them, and fewer if
//!    they take long (`round.rs`).
//! 3. **Turn** the reactor: without waiting, ask what became ready. (Skipped when no task is
//!    left to be polled: parking asks the same question, with patience.)
//! 4. **Fire** the timers whose time has come, and begin again.
//!
//! When a whole round has found nothing, the thread may **park**. [`Runtime::step`] makes
//! exactly one of these transitions and never blocks; [`Runtime::park`] blocks and does
//! nothing else; [`Runtime::block_on`] is a loop of the two. There is no second loop, so
//! whoever steps sees what a program does. (It is compiled twice from the same lines, with the
//! questions that an observer needs and without them.)
//!
//! The bounds in 2 are why nobody starves: a task that yields for ever is polled 61 times at
//! most, and fewer times once a round has lasted half a millisecond; then sockets and timers have their turn. A thread that sends wakes without
//! end fills the inbox, which is taken once a round, and a task is in the run queue once however
//! often it is woken. A thousand sockets or timers that come at once go to the end of the run
//! queue; the next look comes no later for that.

mod builder;
mod gate;
mod handle;
mod housekeeping;
mod join_elsewhere;
mod local;
mod root;
mod running;
mod shutdown;
mod step;
mod view;

use std::cell::Cell;
use std::fmt;
use std::future::Future;
use std::io;
use std::panic::Location;
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use crate::blocking;
use crate::boxed::box_if_large;
use crate::context::{self, Machine};
use crate::coop;
use crate::executor::Root;
use crate::round::LONG;
use crate::task::JoinHandle;
use crate::time::Instant;
use crate::trace::{Snapshot, Trace};

pub use builder::Builder;
pub use gate::Gate;
pub use handle::{EnterGuard, Handle, Id, RuntimeFlavor, TryCurrentError};
pub use local::{LocalOptions, LocalRuntime};
use root::RootGuard;
pub use shutdown::is_rt_shutdown_err;
use step::Phase;
pub use step::Step;

/// A single-threaded runtime: tasks, timers and sockets, and the loop that drives them.
///
/// It belongs to the thread that built it; a [`Handle`] reaches it from others. Dropping it
/// drops every task, on this thread, and waits for the [jobs](crate::task::spawn_blocking) that
/// have begun.
///
/// ```
/// use runtime::runtime::Runtime;
///
/// let runtime = Runtime::new()?;
/// let answer = runtime.block_on(async { runtime::spawn(async { 42 }).await });
/// assert_eq!(answer.unwrap(), 42);
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Runtime {
    machine: Rc<Machine>,
    handle: Handle,
    gate: Gate,
    phase: Cell<Phase>,
    event_interval: u32,
    /// Rounds since the memory of bursts was given back.
    rounds: Cell<u32>,
    /// The loop is running: it cannot be entered a second time.
    running: Cell<bool>,
    /// How long the drop waits for jobs that run on the pool; `None`: as long as they take.
    patience: Cell<Option<Duration>>,
}

impl Runtime {
    /// A runtime with everything enabled, as `Builder::new_current_thread().enable_all()`
    /// builds it.
    ///
    /// # Errors
    ///
    /// If the operating system refuses the descriptors that the reactor needs.
    ///
    /// ```
    /// runtime::runtime::Runtime::new()?.block_on(async {});
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn new() -> io::Result<Runtime> {
        Builder::new_current_thread().enable_all().build()
    }

    /// Runs `future` to its end on this thread, and every task meanwhile.
    ///
    /// The future may borrow from the caller. When it ends the loop stops: other tasks stay
    /// as they are until the runtime is run again, or dropped.
    ///
    /// # Panics
    ///
    /// If this thread is running a runtime already, this one or another; and whenever
    /// `future` panics.
    ///
    /// ```
    /// let text = String::from("borrowed");
    /// let length = runtime::runtime::Runtime::new()?.block_on(async { text.len() });
    /// assert_eq!(length, 8);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        let at = Location::caller();
        let _running = self.run();
        let mut future = pin!(future);
        let mut output = None;
        let mut poll = |cx: &mut Context<'_>| match future.as_mut().poll(cx) {
            Poll::Pending => false,
            Poll::Ready(value) => {
                output = Some(value);
                true
            }
        };
        let header = self.machine.executor.new_root(at);
        let task = header.task();
        let guard = RootGuard::new(&self.machine.executor, task);
        let mut root = Some(Root {
            header: &header,
            poll: &mut poll,
        });
        self.drive(&mut root, task);
        guard.finish(header);
        self.give_back();
        match output {
            Some(output) => output,
            None => unreachable!("the loop ends when the future has given its value"),
        }
    }

    /// The loop: step, and park when there is nothing to step, until the root is at its end.
    fn drive(&self, root: &mut Option<Root<'_>>, task: u64) {
        loop {
            let step = match self.machine.trace.is_watched() {
                false => self.transition::<false>(root, false),
                true => self.watched_step(root),
            };
            match step {
                Step::Polled {
                    task: polled,
                    ready: true,
                } if polled == task => return,
                Step::WouldPark { until } => self.park_until(until, root),
                _ => {}
            }
        }
    }

    /// A step of a loop that somebody looks at, or may hold.
    #[cold]
    #[inline(never)]
    fn watched_step(&self, root: &mut Option<Root<'_>>) -> Step {
        if self.gate.pass() {
            self.machine.trace.interlude();
            self.machine.round.ignore_time();
        }
        self.transition::<true>(root, false)
    }

    /// Makes exactly one transition, and says which. Never blocks.
    ///
    /// [`Step::WouldPark`] means that there is nothing to do: until the time it names, or
    /// until something happens outside. [`park`](Runtime::park) waits for that.
    ///
    /// # Panics
    ///
    /// If this runtime is running already (a task cannot step the runtime that polls it).
    ///
    /// ```
    /// use runtime::runtime::{Runtime, Step};
    ///
    /// let runtime = Runtime::new()?;
    /// let task = runtime.spawn(async { 1 });
    /// assert!(matches!(runtime.step(), Step::Polled { ready: true, .. }));
    /// assert!(matches!(runtime.step(), Step::WouldPark { until: None }));
    /// assert!(task.is_finished());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn step(&self) -> Step {
        let _running = self.begin_step();
        self.machine.round.ignore_time();
        self.transition::<true>(&mut None, true)
    }

    /// Waits until `until`, or until a source becomes ready, or until a wake or a task comes
    /// from another thread; `None` waits without a limit. A paused clock does not wait but
    /// jumps to `until`, unless a [job](crate::task::spawn_blocking) is away: then it stands
    /// still, and this waits for news of the job. May return early, with nothing to do.
    ///
    /// Returns without waiting if something has come since the last step.
    ///
    /// # Panics
    ///
    /// If this runtime is running already.
    ///
    /// ```
    /// use runtime::runtime::{Builder, Step};
    /// use runtime::time::{Duration, sleep};
    ///
    /// let runtime = Builder::new_current_thread().enable_all().start_paused(true).build()?;
    /// let nap = runtime.spawn(async { sleep(Duration::from_secs(9)).await });
    /// while !nap.is_finished() {
    ///     if let Step::WouldPark { until } = runtime.step() {
    ///         runtime.park(until);
    ///     }
    /// }
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn park(&self, until: Option<Instant>) {
        let _running = self.begin_step();
        if self.machine.executor.queue().is_empty() {
            self.park_until(until, &None);
        }
    }

    fn park_until(&self, until: Option<Instant>, root: &Option<Root<'_>>) {
        if self.machine.trace.is_recording() {
            let root = root.as_ref().map(|root| root.header);
            self.machine.executor.report_stranded(root);
        }
        let away =
            !self.machine.executor.away().is_empty() || self.machine.outside.pool.has_remote();
        let until = until.map(Instant::into_std);
        coop::unconstrained(|| self.machine.driver.park(until, away));
        self.phase.set(Phase::Fire);
    }

    /// The next transition that changes anything.
    ///
    /// `WATCHED`: each poll asks whether it must be reported; the code without the question is
    /// for when nobody looks. `thorough`: before it says that there is nothing to do, it asks
    /// the reactor; without, whoever parks next asks.
    #[inline(always)]
    fn transition<const WATCHED: bool>(&self, root: &mut Option<Root<'_>>, thorough: bool) -> Step {
        let mut asked = !thorough;
        loop {
            if let Some(step) = self.poll_one::<WATCHED>(root) {
                return step;
            }
            let step = match self.phase.get() {
                Phase::Inbox => self.take_inbox(),
                Phase::Turn => self.turn(&mut asked),
                Phase::Fire => self.fire(),
                Phase::Rest => self.rest(asked),
            };
            if let Some(step) = step {
                return step;
            }
        }
    }

    /// Polls a task, if this round may poll one more and one is ready.
    #[inline(always)]
    fn poll_one<const WATCHED: bool>(&self, root: &mut Option<Root<'_>>) -> Option<Step> {
        let machine = &*self.machine;
        let is_long = || {
            machine
                .clock
                .now()
                .saturating_duration_since(machine.clock.turn())
                >= LONG
        };
        if !machine.round.take_poll(is_long) {
            return None;
        }
        match machine.executor.poll_next::<WATCHED>(root) {
            Some((task, ready)) => Some(Step::Polled { task, ready }),
            None => {
                machine.round.end();
                self.phase.set(Phase::Rest);
                None
            }
        }
    }

    fn take_inbox(&self) -> Option<Step> {
        self.machine.round.begin(self.event_interval);
        self.count_round();
        self.machine.trace.interlude();
        self.phase.set(Phase::Turn);
        if !self.machine.inbox().may_have_messages() {
            return None;
        }
        let (wakes, spawns, jobs) = coop::unconstrained(|| self.machine.executor.take_inbox());
        Some(Step::TookInbox {
            wakes,
            spawns,
            jobs,
        })
    }

    fn turn(&self, asked: &mut bool) -> Option<Step> {
        *asked = true;
        self.phase.set(Phase::Fire);
        if self.machine.driver.reactor.is_empty() {
            return None;
        }
        let events = coop::unconstrained(|| self.machine.driver.turn());
        (events > 0).then_some(Step::Turned { events })
    }

    fn fire(&self) -> Option<Step> {
        self.phase.set(Phase::Inbox);
        let timers = coop::unconstrained(|| self.machine.driver.fire());
        (timers > 0).then_some(Step::Fired { timers })
    }

    /// No task is ready. If there is nothing else either, the thread may park.
    fn rest(&self, asked: bool) -> Option<Step> {
        if !asked {
            self.phase.set(Phase::Turn);
            return None;
        }
        self.phase.set(Phase::Inbox);
        if !self.machine.executor.queue().is_empty() || self.machine.inbox().may_have_messages() {
            return None;
        }
        self.give_back();
        let until = self.machine.driver.timers.next().map(Instant::from_std);
        Some(Step::WouldPark { until })
    }

    /// Makes a task of `future`. It runs when the runtime does.
    ///
    /// ```
    /// let runtime = runtime::runtime::Runtime::new()?;
    /// let task = runtime.spawn(async { 1 });
    /// assert_eq!(runtime.block_on(task).unwrap(), 1);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        let at = Location::caller();
        box_if_large!(F: future = Box::pin(future); self.machine.executor.spawn(future, at))
    }

    /// Runs `work` on a thread where it may block: see
    /// [`task::spawn_blocking`](crate::task::spawn_blocking).
    ///
    /// # Panics
    ///
    /// If the operating system gives no thread and the pool has none.
    ///
    /// ```
    /// let runtime = runtime::runtime::Runtime::new()?;
    /// let job = runtime.spawn_blocking(|| 1);
    /// assert_eq!(runtime.block_on(job).unwrap(), 1);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn spawn_blocking<F, R>(&self, work: F) -> JoinHandle<R>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static,
    {
        let at = Location::caller().into();
        box_if_large!(F: work = Box::new(work); blocking::spawn_blocking_in(&self.machine, work, at))
    }

    /// What other threads reach this runtime by.
    ///
    /// ```
    /// let runtime = runtime::runtime::Runtime::new()?;
    /// let handle = runtime.handle().clone();
    /// std::thread::spawn(move || drop(handle.spawn(async {}))).join().unwrap();
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn handle(&self) -> &Handle {
        &self.handle
    }

    /// Puts this thread into the runtime for as long as the guard lives, so that `spawn`,
    /// `sleep` and sockets find it. Nothing runs by that.
    ///
    /// Guards must be dropped in the reverse order of their making. One that is not panics.
    ///
    /// ```
    /// let runtime = runtime::runtime::Runtime::new()?;
    /// let guard = runtime.enter();
    /// let task = runtime::spawn(async { 1 });
    /// drop(guard);
    /// assert_eq!(runtime.block_on(task).unwrap(), 1);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn enter(&self) -> EnterGuard<'_> {
        EnterGuard::new(context::enter(Rc::clone(&self.machine)))
    }

    /// What happens in this runtime, as events.
    ///
    /// ```
    /// let runtime = runtime::runtime::Runtime::new()?;
    /// runtime.trace().start(100);
    /// runtime.block_on(async {});
    /// assert!(!runtime.trace().take().is_empty());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn trace(&self) -> Trace {
        Trace::new(Rc::clone(&self.machine.trace))
    }

    /// The state of the machine: tasks, queue, wheel, sources. Plain data, a copy.
    ///
    /// What a task waits for, who woke it and how long its polls took are in it only while
    /// somebody [observes](Trace::observe).
    ///
    /// ```
    /// let runtime = runtime::runtime::Runtime::new()?;
    /// let task = runtime.spawn(async {});
    /// assert_eq!(runtime.snapshot().tasks.len(), 1);
    /// # drop(task);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn snapshot(&self) -> Snapshot {
        view::snapshot(&self.machine)
    }

    /// A gate between the steps of [`block_on`](Runtime::block_on), by which another thread
    /// can hold the loop and let it go.
    ///
    /// ```
    /// let runtime = runtime::runtime::Runtime::new()?;
    /// let gate = runtime.gate();
    /// gate.hold();
    /// let other = std::thread::spawn(move || gate.release());
    /// runtime.block_on(async {}); // waits to be released
    /// other.join().unwrap();
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn gate(&self) -> Gate {
        self.machine.trace.set_gated();
        self.gate.clone()
    }
}

impl fmt::Debug for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runtime")
            .field("tasks", &self.machine.executor.len())
            .finish_non_exhaustive()
    }
}
