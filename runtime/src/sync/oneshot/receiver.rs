//! The receiving end: a future of the message.

use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use super::error::{RecvError, TryRecvError};
use super::shared::{Shared, Stage};
use crate::machine::coop;

/// The right to one value: a future of it; made by [`channel`](super::channel()).
///
/// It is ready with an error if the sender is dropped without sending.
///
/// # Cancel safety
///
/// Awaiting `&mut receiver` in `select!` is cancel safe: the value stays until it is taken.
///
/// # Panics
///
/// When polled again after it gave its value or its error.
///
/// ```
/// # #[runtime::main] async fn main() {
/// let (tx, rx) = runtime::sync::oneshot::channel();
/// runtime::spawn(async move { tx.send(42) });
/// assert_eq!(rx.await, Ok(42));
/// # }
/// ```
pub struct Receiver<T> {
    /// `None` once it has given its value or its error.
    shared: Option<Rc<Shared<T>>>,
}

impl<T> Receiver<T> {
    #[inline]
    pub(super) fn new(shared: Rc<Shared<T>>) -> Receiver<T> {
        Receiver {
            shared: Some(shared),
        }
    }

    /// Wants nothing any more. A value that was sent before can still be received; the sender
    /// can send none from now on, and hears of it in [`closed`](super::Sender::closed).
    ///
    /// ```
    /// let (tx, mut rx) = runtime::sync::oneshot::channel();
    /// rx.close();
    /// assert_eq!(tx.send("too late"), Err("too late"));
    /// assert!(rx.try_recv().is_err());
    /// ```
    pub fn close(&mut self) {
        if let Some(shared) = &self.shared {
            shared.close();
        }
    }

    /// Whether it has given its value or its error; polled again it would panic.
    pub fn is_terminated(&self) -> bool {
        self.shared.is_none()
    }

    /// Whether there is no value to be taken now. It does not say whether one may still come.
    pub fn is_empty(&self) -> bool {
        let stage = self.shared.as_ref().map(|shared| shared.stage());
        stage != Some(Stage::Full)
    }

    /// Takes the value if it is here, without waiting.
    ///
    /// # Errors
    ///
    /// [`Empty`](TryRecvError::Empty) if it may still come, [`Closed`](TryRecvError::Closed) if
    /// it never will or has been taken.
    ///
    /// ```
    /// use runtime::sync::oneshot::{channel, error::TryRecvError};
    ///
    /// let (tx, mut rx) = channel();
    /// assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
    /// tx.send(1).unwrap();
    /// assert_eq!(rx.try_recv(), Ok(1));
    /// assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
    /// ```
    pub fn try_recv(&mut self) -> Result<T, TryRecvError> {
        match &self.shared {
            Some(shared) if shared.may_fill() => Err(TryRecvError::Empty),
            _ => self.part().map_err(|RecvError(())| TryRecvError::Closed),
        }
    }

    /// Nothing can come any more. The result is handed out, and what is left of the channel is not
    /// needed.
    #[inline]
    fn part(&mut self) -> Result<T, RecvError> {
        let shared = self.shared.take().ok_or(RecvError(()))?;
        shared.receiver.clear();
        shared.receive().ok_or(RecvError(()))
    }
}

impl<T> Future for Receiver<T> {
    type Output = Result<T, RecvError>;

    /// A receiver may be awaited far from where the channel was made, so its wait has the line of
    /// the `.await`.
    #[inline]
    #[track_caller]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(shared) = &self.shared else {
            panic!("a oneshot::Receiver was polled again after it gave its result");
        };
        let polled_at = Location::caller();
        let budget = ready!(coop::poll_proceed(cx));
        ready!(shared.poll_over(cx, polled_at));
        budget.made_progress();
        Poll::Ready(self.part())
    }
}

impl<T> Drop for Receiver<T> {
    /// A value that was not taken is dropped with it.
    #[inline]
    fn drop(&mut self) {
        if let Some(shared) = self.shared.take() {
            shared.receiver_left();
        }
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver")
            .field("terminated", &self.is_terminated())
            .field("empty", &self.is_empty())
            .finish()
    }
}
