//! A task spawned from another thread.
//!
//! A future that is `Send` may be handed in from anywhere: it travels through the inbox (`parcel.rs`),
//! and its result travels back. Both ends of that way are on different threads, so the
//! join cell is behind a lock here (`join_cell.rs`). Everything else is as for a task that the
//! runtime's own thread spawned. The machine knows nothing of this room: for it a parcel is what becomes a
//! task.

mod join_cell;
mod parcel;

use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};

use crate::base::foreign::drop_quietly;
use crate::machine::coop;
use crate::machine::jobs::{JobOutcome, JobResult};
use crate::machine::run_queue;
use crate::machine::task::{Failure, Id, JoinError, Outcome, RemoteSpawn, Spawned};
use join_cell::{Found, RemoteJoinCell};
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
    let shared = Arc::new(RemoteJoinCell::new());
    let outcome = RemoteOutcome(Arc::clone(&shared));
    (outcome, RemoteJoinHandle { shared, home })
}

/// The side of a remote join cell that delivers.
pub(crate) struct RemoteOutcome<T>(Arc<RemoteJoinCell<Ended<T>>>);

/// How it ended.
enum Ended<T> {
    Done(Result<T, Failure>),
    /// It was a job, in which the result lies.
    JobDone(JobResult<T>),
}

impl<T> Outcome<T> for RemoteOutcome<T> {
    fn started(&self, waker: &Waker) {
        self.0.started(|| run_queue::polling().unwrap_or(0), waker);
    }

    fn abort_requested(&self) -> bool {
        self.0.abort_requested()
    }

    fn deliver(&self, result: Result<T, Failure>) {
        drop_quietly(self.0.end(Ended::Done(result)));
    }
}

impl<T> JobOutcome<T> for RemoteOutcome<T> {
    /// Called by the thread that has done the job: what is not wanted may be dropped here.
    fn ended(&self, job: JobResult<T>) {
        if let Some(Ended::JobDone(unwanted)) = self.0.end(Ended::JobDone(job)) {
            drop_quietly(unwanted.take());
        }
    }

    fn given_up(&self) {
        self.deliver(Err(Failure::Cancelled));
    }

    fn is_detached(&self) -> bool {
        self.0.is_detached()
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
    shared: Arc<RemoteJoinCell<Ended<T>>>,
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
        self.shared.abort();
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
        self.shared.is_finished()
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
        let task = self.shared.task();
        (task != 0).then(|| Id::new(task))
    }
}

impl<T> Future for RemoteJoinHandle<T> {
    type Output = Result<T, JoinError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let budget = ready!(coop::poll_proceed(cx));
        let Found { task, result } = ready!(self.shared.poll_ended(cx.waker()));
        budget.made_progress();
        let result = match result {
            Some(Ended::Done(result)) => result,
            Some(Ended::JobDone(job)) => job.take(),
            None => panic!("a RemoteJoinHandle was polled again after it gave its result"),
        };
        Poll::Ready(result.map_err(|failure| JoinError::new(task, failure)))
    }
}

impl<T> Drop for RemoteJoinHandle<T> {
    fn drop(&mut self) {
        match self.shared.detach() {
            Some(Ended::JobDone(job)) => job.discard(),
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
