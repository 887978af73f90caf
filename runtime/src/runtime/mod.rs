//! The runtime, as a program sees it: built, run, stepped, entered, observed, and dropped.
//!
//! What it runs is a machine (`machine/`): the loop is in `machine/turn.rs`. [`Runtime::block_on`]
//! is a loop of [`Runtime::step`] and [`Runtime::park`]. A [`Handle`] reaches a runtime from other
//! threads, and a [`Gate`] holds its loop between two steps.

mod builder;
mod handle;
mod identity;
mod join_elsewhere;
mod local;
#[cfg(feature = "sim")]
mod odd;
mod running;
mod shutdown;
#[cfg(feature = "sim")]
mod simulated;

use std::cell::Cell;
use std::fmt;
use std::future::Future;
use std::io;
use std::panic::Location;
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use crate::base::boxed::box_if_large;
use crate::blocking;
use crate::glass::{Recorder, Trace};
use crate::machine::context;
use crate::machine::executor::{Root, RootGuard};
use crate::machine::inspect::snapshot::Snapshot;
use crate::machine::task::JoinHandle;
use crate::machine::turn::Machine;
use crate::time::Instant;

pub use crate::machine::inspect::gate::Gate;
#[cfg(feature = "sim")]
pub use crate::machine::reactor::OddAnswers;
pub use crate::machine::turn::Step;
pub use builder::Builder;
pub use handle::{EnterGuard, Handle};
pub use identity::{Id, RuntimeFlavor, TryCurrentError};
pub use local::{LocalOptions, LocalRuntime};
pub use shutdown::is_rt_shutdown_err;

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
    recorder: Rc<Recorder>,
    handle: Handle,
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
        self.machine.drive(&mut root, task);
        guard.finish(header);
        self.machine.give_back();
        match output {
            Some(output) => output,
            None => unreachable!("the loop ends when the future has given its value"),
        }
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
        self.machine.ignore_time();
        self.machine.transition(&mut None, true)
    }

    /// Waits until `until`, or until a source becomes ready, or until a wake or a task comes
    /// from another thread; `None` waits without a limit. A paused clock does not wait but
    /// jumps to `until`, unless a [job](crate::task::spawn_blocking) is in flight: then it stands
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
            self.machine.park_until(until, &None);
        }
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
    /// The loop of this runtime hands the result over. If the runtime is not run while the result is awaited, give
    /// the job by [`Handle::spawn_blocking`].
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
        Trace::new(Rc::clone(&self.machine.trace), Rc::clone(&self.recorder))
    }

    /// The state of the machine: tasks, queue, wheel, sources. Plain data, a copy.
    ///
    /// What a task waits for, who woke it and how long its polls took are in it only while
    /// the runtime is [observed](Trace::observe).
    ///
    /// ```
    /// let runtime = runtime::runtime::Runtime::new()?;
    /// let task = runtime.spawn(async {});
    /// assert_eq!(runtime.snapshot().tasks.len(), 1);
    /// # drop(task);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn snapshot(&self) -> Snapshot {
        self.machine.snapshot()
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
        self.machine.gate.clone()
    }
}

impl fmt::Debug for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runtime")
            .field("tasks", &self.machine.executor.len())
            .finish_non_exhaustive()
    }
}
