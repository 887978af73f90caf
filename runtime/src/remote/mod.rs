//! A task spawned from another thread.
//!
//! A future that is `Send` may be handed in from anywhere: it travels through the inbox (`parcel.rs`),
//! and its result travels back. Both ends of that way are on different threads, so the
//! join cell is behind a lock here. Everything else is as for a task that the
//! runtime's own thread spawned. The machine knows nothing of this room: for it a parcel is what becomes a
//! task.

mod parcel;

use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Waker, ready};

use crate::base::foreign::{drop_quietly, wake_quietly};
use crate::machine::coop;
use crate::machine::jobs::{JobOutcome, JobResult};
use crate::machine::run_queue;
use crate::machine::task::{Failure, Id, JoinError, Outcome, RemoteSpawn, Spawned};
use crate::machine::waker_cell::register_locked;
use parcel::Closure;

/// The runtime whose loop must run for a result to come, as the run queue knows it (the address of
/// its inbox); `None` for a job, which needs a thread of the pool and no loop.
pub(crate) type Home = Option<usize>;

/// Packs a future for the inbox; the handle gets its result.
pub(crate) fn remote<F>(
    future: F,
    at: &'static Location<'static>,
    home: Home,
) -> (RemoteSpawn, RemoteJoinHandle<F::Output>)
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    let (outcome, handle) = remote_outcome(home);
    let parcel = Box::new(Spawned::new(future, outcome, None));
    (RemoteSpawn { parcel, at }, handle)
}

/// Packs a closure that makes a future; the handle gets the future's result.
pub(crate) fn remote_with<M, F>(
    make: M,
    at: &'static Location<'static>,
    home: Home,
) -> (RemoteSpawn, RemoteJoinHandle<F::Output>)
where
    M: FnOnce() -> F + Send + 'static,
    F: Future + 'static,
    F::Output: Send + 'static,
{
    let (outcome, handle) = remote_outcome(home);
    let parcel = Box::new(Closure::new(make, outcome));
    (RemoteSpawn { parcel, at }, handle)
}

/// Where the result of what another thread gave goes in, and the handle that it comes out of.
pub(crate) fn remote_outcome<T>(home: Home) -> (RemoteOutcome<T>, RemoteJoinHandle<T>) {
    let shared = Arc::new(Shared(Mutex::new(State {
        task: 0,
        stage: Stage::Running,
        aborted: false,
        detached: false,
        joiner: None,
        itself: None,
    })));
    let outcome = RemoteOutcome(Arc::clone(&shared));
    (outcome, RemoteJoinHandle { shared, home })
}

/// The side of a remote join cell that delivers.
pub(crate) struct RemoteOutcome<T>(Arc<Shared<T>>);

struct Shared<T>(Mutex<State<T>>);

struct State<T> {
    /// The task's number, 0 until its first poll.
    task: u64,
    stage: Stage<T>,
    aborted: bool,
    detached: bool,
    /// Who awaits the handle.
    // No `WakerCell`, here and below: that is for one thread. Here the lock guards the wakers, and
    // `register_locked` holds it from the look to the store.
    joiner: Option<Waker>,
    /// The task, by which it is aborted.
    itself: Option<Waker>,
}

enum Stage<T> {
    Running,
    Done(Result<T, Failure>),
    /// It was a job, in which the result lies.
    JobDone(JobResult<T>),
    Taken,
}

impl<T> Shared<T> {
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        match self.0.lock() {
            Ok(guard) => guard,
            Err(poisoned) => poisoned.into_inner(),
        }
    }
}

impl<T> Shared<T> {
    /// Waits for the end of the task, with the waker of the task that awaits the handle. The clone is
    /// made outside the lock; the look and the store are one, for the task's thread runs beside.
    fn poll_ended(&self, waker: &Waker) -> Poll<(u64, Stage<T>)> {
        let look = || {
            let mut state = self.lock();
            match state.stage {
                Stage::Running => Err(state),
                _ => Ok((
                    state.task,
                    std::mem::replace(&mut state.stage, Stage::Taken),
                )),
            }
        };
        register_locked(waker, look, |mut state, waker| {
            state.joiner.replace(waker.into_waker())
        })
    }
}

impl<T> Outcome<T> for RemoteOutcome<T> {
    fn started(&self, waker: &Waker) {
        let mut state = self.0.lock();
        if state.itself.is_none() {
            state.task = run_queue::polling().unwrap_or(0);
            state.itself = Some(waker.clone());
        }
    }

    fn abort_requested(&self) -> bool {
        self.0.lock().aborted
    }

    fn deliver(&self, result: Result<T, Failure>) {
        drop_quietly(self.end(Stage::Done(result)));
    }
}

impl<T> JobOutcome<T> for RemoteOutcome<T> {
    /// Called by the thread that has done the job: what is not wanted may be dropped here.
    fn ended(&self, job: JobResult<T>) {
        if let Some(Stage::JobDone(unwanted)) = self.end(Stage::JobDone(job)) {
            drop_quietly(unwanted.take());
        }
    }

    fn given_up(&self) {
        self.deliver(Err(Failure::Cancelled));
    }

    fn is_detached(&self) -> bool {
        self.0.lock().detached
    }
}

impl<T> RemoteOutcome<T> {
    /// Wakes who waits. The result comes back if the handle is gone.
    fn end(&self, result: Stage<T>) -> Option<Stage<T>> {
        let mut state = self.0.lock();
        let itself = state.itself.take();
        let joiner = state.joiner.take();
        let unwanted = if state.detached {
            Some(result)
        } else {
            state.stage = result;
            None
        };
        drop(state);
        drop(itself);
        if let Some(joiner) = joiner {
            wake_quietly(joiner);
        }
        unwanted
    }
}

/// The right to wait, on any thread, for a task or a job that was given through a
/// [`Handle`](crate::runtime::Handle).
///
/// A future of the task's result, like [`JoinHandle`](crate::task::JoinHandle), but `Send`: it
/// may be awaited on the runtime's own thread, on another runtime, or on an executor that
/// is not ours. Dropping it detaches the task.
///
/// # Errors
///
/// If the task panicked, was aborted, or was dropped with its runtime.
///
/// # Cancel safety
///
/// Awaiting `&mut handle` is cancel safe: the result stays until it is taken.
///
/// # Panics
///
/// When polled again after it returned the result.
///
/// ```
/// let runtime = runtime::runtime::Runtime::new()?;
/// let handle = runtime.handle().clone();
/// let sum = std::thread::spawn(move || handle.spawn(async { 1 + 2 })).join().unwrap();
/// assert_eq!(runtime.block_on(sum).unwrap(), 3);
/// # Ok::<(), std::io::Error>(())
/// ```
#[must_use = "dropping the handle detaches the task: `drop` it where that is meant"]
pub struct RemoteJoinHandle<T> {
    shared: Arc<Shared<T>>,
    home: Home,
}

impl<T> RemoteJoinHandle<T> {
    /// Whose loop has to run for this to end.
    pub(crate) fn home(&self) -> Home {
        self.home
    }

    /// Asks for the task to be dropped at its next turn, from any thread. A job is kept from
    /// beginning; a job that has begun runs to its end.
    ///
    /// ```
    /// let runtime = runtime::runtime::Runtime::new()?;
    /// let task = runtime.handle().spawn(std::future::pending::<()>());
    /// task.abort();
    /// assert!(runtime.block_on(task).unwrap_err().is_cancelled());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn abort(&self) {
        let mut state = self.shared.lock();
        state.aborted = true;
        let itself = state.itself.clone();
        drop(state);
        if let Some(itself) = itself {
            itself.wake();
        }
    }

    /// Whether the task has ended, in whatever way.
    ///
    /// ```
    /// let runtime = runtime::runtime::Runtime::new()?;
    /// let task = runtime.handle().spawn(async {});
    /// assert!(!task.is_finished());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn is_finished(&self) -> bool {
        !matches!(self.shared.lock().stage, Stage::Running)
    }

    /// The task's number; `None` until the runtime has polled it for the first time.
    ///
    /// ```
    /// let runtime = runtime::runtime::Runtime::new()?;
    /// let task = runtime.handle().spawn(async {});
    /// assert!(task.id().is_none());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn id(&self) -> Option<Id> {
        let task = self.shared.lock().task;
        (task != 0).then(|| Id::new(task))
    }
}

impl<T> Future for RemoteJoinHandle<T> {
    type Output = Result<T, JoinError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let budget = ready!(coop::poll_proceed(cx));
        let (task, stage) = ready!(self.shared.poll_ended(cx.waker()));
        budget.made_progress();
        let result = match stage {
            Stage::Done(result) => result,
            Stage::JobDone(job) => job.take(),
            _ => panic!("a RemoteJoinHandle was polled again after it gave its result"),
        };
        Poll::Ready(result.map_err(|failure| JoinError::new(task, failure)))
    }
}

impl<T> Drop for RemoteJoinHandle<T> {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        state.detached = true;
        let joiner = state.joiner.take();
        let result = match state.stage {
            Stage::Running => None,
            _ => Some(std::mem::replace(&mut state.stage, Stage::Taken)),
        };
        drop(state);
        drop(joiner);
        match result {
            Some(Stage::JobDone(job)) => job.discard(),
            result => drop_quietly(result),
        }
    }
}

impl<T> fmt::Debug for RemoteJoinHandle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RemoteJoinHandle")
            .field("id", &self.id())
            .finish()
    }
}
