//! The sending end: says its one message, or nothing.

use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use super::shared::Shared;
use crate::machine::coop;
use crate::trace::{self, Shared as Kind};

/// The right to send one value; made by [`channel`](super::channel()).
///
/// Dropping it without sending tells the receiver that nothing will come.
pub struct Sender<T> {
    shared: Rc<Shared<T>>,
}

impl<T> Sender<T> {
    #[inline]
    pub(super) fn new(shared: Rc<Shared<T>>) -> Sender<T> {
        Sender { shared }
    }

    /// Sends the value. It never waits: there is room for one, and one is all there is.
    ///
    /// That it was sent does not mean that it is received: the receiver may be dropped before
    /// it looks, and the value is dropped with it.
    ///
    /// # Errors
    ///
    /// The value comes back if the receiver is gone or has closed the channel.
    ///
    /// ```
    /// let (tx, mut rx) = runtime::sync::oneshot::channel();
    /// assert_eq!(tx.send(1), Ok(()));
    /// assert_eq!(rx.try_recv(), Ok(1));
    ///
    /// let (tx, rx) = runtime::sync::oneshot::channel();
    /// drop(rx);
    /// assert_eq!(tx.send(1), Err(1));
    /// ```
    #[inline]
    pub fn send(self, value: T) -> Result<(), T> {
        if self.shared.is_closed() {
            return Err(value);
        }
        self.shared.fill(value);
        Ok(())
    }

    /// Waits until the receiver is dropped or closes the channel: the value is not wanted any
    /// more, and the work on it can stop.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: nothing is lost.
    ///
    /// ```
    /// # #[runtime::main] async fn main() {
    /// let (mut tx, rx) = runtime::sync::oneshot::channel::<u32>();
    /// runtime::spawn(async move { drop(rx) });
    /// runtime::select! {
    ///     _ = tx.closed() => {} // the receiver is gone: stop the work
    ///     () = std::future::pending() => unreachable!(),
    /// }
    /// # }
    /// ```
    #[track_caller]
    pub fn closed(&mut self) -> impl Future<Output = ()> {
        Closed {
            at: Location::caller(),
            sender: self,
        }
    }

    /// Whether the receiver is gone or has closed the channel.
    pub fn is_closed(&self) -> bool {
        self.shared.is_closed()
    }

    /// As [`closed`](Sender::closed), for a future written by hand. The task of the last
    /// call is the one that is woken.
    ///
    /// ```
    /// # #[runtime::main] async fn main() {
    /// let (mut tx, rx) = runtime::sync::oneshot::channel::<u32>();
    /// drop(rx);
    /// std::future::poll_fn(|cx| tx.poll_closed(cx)).await;
    /// # }
    /// ```
    pub fn poll_closed(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.poll_closed_at(cx, self.shared.at.get())
    }

    fn poll_closed_at(&self, cx: &mut Context<'_>, at: &'static Location<'static>) -> Poll<()> {
        let budget = ready!(coop::poll_proceed(cx));
        let shared = &self.shared;
        let is_closed = || shared.is_closed();
        let waits = !is_closed() && shared.sender.register(cx, is_closed).is_pending();
        trace::waiting(waits, Kind::Oneshot, || shared.number.tell(), at);
        if waits {
            return Poll::Pending;
        }
        shared.sender.clear();
        budget.made_progress();
        Poll::Ready(())
    }
}

impl<T> Drop for Sender<T> {
    #[inline]
    fn drop(&mut self) {
        self.shared.sender_left();
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let closed = self.is_closed();
        f.debug_struct("Sender").field("closed", &closed).finish()
    }
}

/// The wait for the receiver's end; see [`Sender::closed`].
struct Closed<'a, T> {
    sender: &'a mut Sender<T>,
    at: &'static Location<'static>,
}

impl<T> Future for Closed<'_, T> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.sender.poll_closed_at(cx, self.at)
    }
}

impl<T> Drop for Closed<'_, T> {
    fn drop(&mut self) {
        self.sender.shared.sender.clear();
    }
}
