//! Waiting for a task's end, and asking for it.
//!
//! A [`JoinHandle`] takes the result out of the join cell (`join_cell.rs`) that it shares with the task.
//!
//! Aborting is a request, as it is in Tokio: `abort` raises a flag and queues the task;
//! when its turn comes the future is dropped instead of polled. So `abort` returns before
//! the task is gone. A program that needs to know that it is awaits the handle.

use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use super::join_cell::{Abortable, JoinCell};
use super::{Id, JoinError};
use crate::base::stays::{STAYS, Stays};
use crate::machine::coop;

/// The right to wait for a task's end: a future of its result.
///
/// Dropping the handle **detaches** the task: it runs on, and its result is dropped. To
/// end it, [`abort`](JoinHandle::abort).
///
/// The result is `Err` if the task panicked, was aborted, or was dropped because its
/// runtime was shut down.
///
/// # Cancel safety
///
/// Awaiting `&mut handle` in `select!` is cancel safe: the result stays until taken.
///
/// # Panics
///
/// When polled again after it returned the result.
///
/// ```
/// # #[runtime::main] async fn main() {
/// let handle = runtime::spawn(async { 6 * 7 });
/// assert_eq!(handle.await.unwrap(), 42);
/// # }
/// ```
pub struct JoinHandle<T> {
    state: Rc<JoinCell<T>>,
    _stays: Stays,
}

impl<T> JoinHandle<T> {
    pub(crate) fn new(state: Rc<JoinCell<T>>) -> JoinHandle<T> {
        JoinHandle {
            state,
            _stays: STAYS,
        }
    }

    /// Asks for the task to be dropped at its next turn, instead of being polled.
    ///
    /// Awaiting the handle then gives an error that [is a
    /// cancellation](JoinError::is_cancelled), unless the task ends in its own way first:
    /// one that aborts itself and returns a value in the same poll has that value. A task
    /// that has ended is not affected.
    ///
    /// ```
    /// # #[runtime::main] async fn main() {
    /// let handle = runtime::spawn(std::future::pending::<()>());
    /// handle.abort();
    /// assert!(!handle.is_finished()); // a request: it has not had its turn yet
    /// assert!(handle.await.unwrap_err().is_cancelled());
    /// # }
    /// ```
    pub fn abort(&self) {
        Abortable::abort(&*self.state);
    }

    /// Whether the task has ended, in whatever way.
    ///
    /// ```
    /// # #[runtime::main] async fn main() {
    /// let handle = runtime::spawn(async {});
    /// assert!(!handle.is_finished());
    /// runtime::task::yield_now().await;
    /// assert!(handle.is_finished());
    /// # }
    /// ```
    pub fn is_finished(&self) -> bool {
        self.state.has_ended()
    }

    /// A handle that can abort the task but not await it.
    ///
    /// ```
    /// # #[runtime::main] async fn main() {
    /// let handle = runtime::spawn(std::future::pending::<()>());
    /// let abort = handle.abort_handle();
    /// abort.abort();
    /// assert!(handle.await.unwrap_err().is_cancelled());
    /// # }
    /// ```
    pub fn abort_handle(&self) -> AbortHandle
    where
        T: 'static,
    {
        let state: Rc<JoinCell<T>> = Rc::clone(&self.state);
        AbortHandle {
            state,
            _stays: STAYS,
        }
    }

    /// The task's number.
    ///
    /// ```
    /// # #[runtime::main] async fn main() {
    /// let handle = runtime::spawn(async {});
    /// assert_eq!(handle.id(), handle.abort_handle().id());
    /// # }
    /// ```
    pub fn id(&self) -> Id {
        Id::new(self.state.task)
    }
}

impl<T> Future for JoinHandle<T> {
    type Output = Result<T, JoinError>;

    /// A handle is made by `spawn` and may be awaited far from there, so its wait has the line
    /// of the `.await`: what the compiler writes for it calls `poll`, and is at that line.
    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let budget = ready!(coop::poll_proceed(cx));
        let state = &self.state;
        ready!(state.poll_joined(cx.waker(), Location::caller()));
        budget.made_progress();
        match self.take() {
            Some(result) => Poll::Ready(result),
            None => panic!("a JoinHandle was polled again after it gave its result"),
        }
    }
}

impl<T> JoinHandle<T> {
    /// The result, if it is there and has not been taken.
    #[inline]
    pub(crate) fn take(&self) -> Option<Result<T, JoinError>> {
        self.state.take()
    }
}

impl<T> Drop for JoinHandle<T> {
    #[inline]
    fn drop(&mut self) {
        self.state.detach();
    }
}

impl<T> fmt::Debug for JoinHandle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JoinHandle")
            .field("id", &self.id())
            .finish()
    }
}

/// The right to end a task, without the right to its result.
///
/// Any number of them may exist; dropping one does nothing.
///
/// ```
/// # #[runtime::main] async fn main() {
/// let task = runtime::spawn(std::future::pending::<()>());
/// let abort = task.abort_handle();
/// abort.abort();
/// assert!(task.await.is_err());
/// assert!(abort.is_finished());
/// # }
/// ```
#[derive(Clone)]
pub struct AbortHandle {
    state: Rc<dyn Abortable>,
    _stays: Stays,
}

impl AbortHandle {
    /// As [`JoinHandle::abort`].
    ///
    /// ```
    /// # #[runtime::main] async fn main() {
    /// let task = runtime::spawn(std::future::pending::<()>());
    /// task.abort_handle().abort();
    /// assert!(task.await.unwrap_err().is_cancelled());
    /// # }
    /// ```
    pub fn abort(&self) {
        self.state.abort();
    }

    /// As [`JoinHandle::is_finished`].
    ///
    /// ```
    /// # #[runtime::main] async fn main() {
    /// assert!(!runtime::spawn(async {}).abort_handle().is_finished());
    /// # }
    /// ```
    pub fn is_finished(&self) -> bool {
        self.state.is_finished()
    }

    /// The task's number.
    ///
    /// ```
    /// # #[runtime::main] async fn main() {
    /// let task = runtime::spawn(async {});
    /// assert_eq!(task.abort_handle().id(), task.id());
    /// # }
    /// ```
    pub fn id(&self) -> Id {
        self.state.id()
    }
}

impl fmt::Debug for AbortHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AbortHandle")
            .field("id", &self.id())
            .finish()
    }
}
