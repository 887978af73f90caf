//! The receiving end of a channel, with a bound or without.
//!
//! To receive is the same for both. There is one difference: in a bounded channel a message that
//! is taken out frees a place. So there is one type, and the bound is a parameter of it:
//! [`Capacity`] for a bounded channel, [`Endless`](super::capacity::Endless) for the
//! [`UnboundedReceiver`](super::UnboundedReceiver). The methods that only a bounded channel has
//! (how many places there are) stand apart, at the end.

use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::rc::Rc;
use std::task::{Context, Poll};

use super::capacity::{Bound, Capacity};
use super::channel::Channel;
use super::error::TryRecvError;
use super::waits::{Recv, RecvMany};

/// Takes messages out of a channel, in the order in which they were sent; made by
/// [`channel`](super::channel()), or by [`unbounded_channel`](super::unbounded_channel) as an
/// [`UnboundedReceiver`](super::UnboundedReceiver).
///
/// Dropping it closes the channel and drops what is in it.
///
/// ```
/// # #[runtime::main] async fn main() {
/// let (tx, mut rx) = runtime::sync::mpsc::channel(2);
/// tx.send(1).await.unwrap();
/// tx.send(2).await.unwrap();
/// drop(tx);
/// assert_eq!(rx.recv().await, Some(1));
/// assert_eq!(rx.recv().await, Some(2));
/// assert_eq!(rx.recv().await, None);
/// # }
/// ```
pub struct Receiver<T, B: Bound = Capacity> {
    channel: Rc<Channel<T, B>>,
}

impl<T, B: Bound> Receiver<T, B> {
    pub(super) fn new(channel: Rc<Channel<T, B>>) -> Receiver<T, B> {
        Receiver { channel }
    }

    /// Waits for the next message. `None`: no message is left and none will come, because all
    /// senders are gone, or the channel was [closed](Receiver::close) and no permit is out.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a message is taken only when the future is ready with it.
    ///
    /// ```
    /// # #[runtime::main] async fn main() {
    /// let (tx, mut rx) = runtime::sync::mpsc::channel(1);
    /// runtime::spawn(async move { tx.send("hello").await });
    /// assert_eq!(rx.recv().await, Some("hello"));
    /// assert_eq!(rx.recv().await, None);
    /// # }
    /// ```
    #[inline]
    #[track_caller]
    pub fn recv(&mut self) -> impl Future<Output = Option<T>> {
        Recv::new(&*self.channel, Location::caller())
    }

    /// Waits for at least one message and appends up to `limit` to `buffer`; returns how many.
    /// 0: none is left and none will come, or `limit` is 0.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: messages are taken only when the future is ready.
    ///
    /// ```
    /// # #[runtime::main] async fn main() {
    /// let (tx, mut rx) = runtime::sync::mpsc::channel(3);
    /// for n in 0..3 {
    ///     tx.send(n).await.unwrap();
    /// }
    /// let mut some = Vec::new();
    /// assert_eq!(rx.recv_many(&mut some, 2).await, 2);
    /// assert_eq!(some, [0, 1]);
    /// # }
    /// ```
    #[track_caller]
    pub fn recv_many<'a>(
        &'a mut self,
        buffer: &'a mut Vec<T>,
        limit: usize,
    ) -> impl Future<Output = usize> + use<'a, T, B> {
        RecvMany::new(&*self.channel, buffer, limit, Location::caller())
    }

    /// Takes the next message if one is here.
    ///
    /// # Errors
    ///
    /// [`Empty`](TryRecvError::Empty) if one may still come,
    /// [`Disconnected`](TryRecvError::Disconnected) if none will.
    ///
    /// ```
    /// use runtime::sync::mpsc::{channel, error::TryRecvError};
    ///
    /// let (tx, mut rx) = channel(1);
    /// assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
    /// tx.try_send(1).unwrap();
    /// drop(tx);
    /// assert_eq!(rx.try_recv(), Ok(1));
    /// assert_eq!(rx.try_recv(), Err(TryRecvError::Disconnected));
    /// ```
    #[inline]
    pub fn try_recv(&mut self) -> Result<T, TryRecvError> {
        self.channel.try_recv()
    }

    /// As [`recv`](Receiver::recv), for a future written by hand. The task of the last
    /// call is the one that is woken.
    ///
    /// ```
    /// # #[runtime::main] async fn main() {
    /// let (tx, mut rx) = runtime::sync::mpsc::channel(1);
    /// tx.send(1).await.unwrap();
    /// assert_eq!(std::future::poll_fn(|cx| rx.poll_recv(cx)).await, Some(1));
    /// # }
    /// ```
    #[inline]
    #[track_caller]
    pub fn poll_recv(&mut self, cx: &mut Context<'_>) -> Poll<Option<T>> {
        self.channel.poll_recv(cx, Location::caller())
    }

    /// As [`recv_many`](Receiver::recv_many), for a future written by hand.
    ///
    /// ```
    /// # #[runtime::main] async fn main() {
    /// let (tx, mut rx) = runtime::sync::mpsc::channel(1);
    /// tx.send(1).await.unwrap();
    /// let mut some = Vec::new();
    /// assert_eq!(std::future::poll_fn(|cx| rx.poll_recv_many(cx, &mut some, 8)).await, 1);
    /// # }
    /// ```
    #[track_caller]
    pub fn poll_recv_many(
        &mut self,
        cx: &mut Context<'_>,
        buffer: &mut Vec<T>,
        limit: usize,
    ) -> Poll<usize> {
        let at = Location::caller();
        self.channel.poll_recv_many(cx, buffer, limit, at)
    }

    /// Accepts nothing more. What was sent before can still be received, and so can what comes
    /// by a permit that was given before. Senders that wait are refused, and hear of it in
    /// [`closed`](super::Sender::closed).
    ///
    /// ```
    /// let (tx, mut rx) = runtime::sync::mpsc::channel(2);
    /// tx.try_send("in time").unwrap();
    /// rx.close();
    /// assert!(tx.try_send("too late").is_err());
    /// assert_eq!(rx.try_recv(), Ok("in time"));
    /// assert!(rx.try_recv().is_err());
    /// ```
    pub fn close(&mut self) {
        self.channel.close();
    }

    /// Whether no new message can be sent: the channel was closed, or all senders are gone.
    pub fn is_closed(&self) -> bool {
        self.channel.is_closed() || self.channel.senders() == 0
    }

    /// Whether no message is here now.
    pub fn is_empty(&self) -> bool {
        self.channel.len() == 0
    }

    /// How many messages are here now.
    pub fn len(&self) -> usize {
        self.channel.len()
    }

    /// How many senders the channel has.
    pub fn sender_strong_count(&self) -> usize {
        self.channel.senders()
    }
}

impl<T> Receiver<T> {
    /// How many places are free now. Permits count as taken.
    pub fn capacity(&self) -> usize {
        self.channel.bound.free()
    }

    /// How many places there are: what [`channel`](super::channel()) was given.
    pub fn max_capacity(&self) -> usize {
        self.channel.bound.places()
    }
}

impl<T, B: Bound> Drop for Receiver<T, B> {
    fn drop(&mut self) {
        self.channel.close();
        self.channel.abandon();
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver")
            .field("len", &self.len())
            .field("max_capacity", &self.max_capacity())
            .field("closed", &self.is_closed())
            .finish()
    }
}
