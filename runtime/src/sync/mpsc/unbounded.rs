//! A channel without a bound.
//!
//! Sending never waits, and so nothing tells a sender that is faster than the receiver to slow
//! down: what has not been received yet stays in memory, however much it is. Take it where
//! something else limits the messages, a reply to each request for instance. What a peer can
//! fill must have a bound.

use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::rc::Rc;
use std::task::{Context, Poll};

use super::channel::Channel;
use super::error::{SendError, TryRecvError};
use super::places::Endless;
use super::waits::{Closed, Recv, RecvMany};

/// Makes a channel without a bound.
///
/// ```
/// # runtime::runtime::Runtime::new()?.block_on(async {
/// let (tx, mut rx) = runtime::sync::mpsc::unbounded_channel();
/// tx.send("no await here").unwrap();
/// assert_eq!(rx.recv().await, Some("no await here"));
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn unbounded_channel<T>() -> (UnboundedSender<T>, UnboundedReceiver<T>) {
    let channel = Rc::new(Channel::new(Endless));
    let sender = UnboundedSender {
        channel: Rc::clone(&channel),
    };
    (sender, UnboundedReceiver { channel })
}

/// Sends messages into an unbounded channel; made by [`unbounded_channel`].
///
/// Clones send into the same channel. When the last of them is dropped the receiver takes out
/// what is left, and then hears that nothing more will come.
///
/// ```
/// let (tx, mut rx) = runtime::sync::mpsc::unbounded_channel();
/// tx.clone().send(1).unwrap();
/// tx.send(2).unwrap();
/// assert_eq!((rx.try_recv(), rx.try_recv()), (Ok(1), Ok(2)));
/// ```
pub struct UnboundedSender<T> {
    channel: Rc<Channel<T, Endless>>,
}

impl<T> UnboundedSender<T> {
    /// Sends, without waiting.
    ///
    /// # Errors
    ///
    /// The value comes back if the receiver is gone or has closed the channel.
    ///
    /// ```
    /// let (tx, rx) = runtime::sync::mpsc::unbounded_channel();
    /// assert!(tx.send(1).is_ok());
    /// drop(rx);
    /// assert_eq!(tx.send(2).unwrap_err().0, 2);
    /// ```
    #[inline]
    pub fn send(&self, message: T) -> Result<(), SendError<T>> {
        if self.channel.is_closed() {
            return Err(SendError(message));
        }
        self.channel.push(message);
        Ok(())
    }

    /// As [`Sender::closed`](super::Sender::closed).
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// let (tx, rx) = runtime::sync::mpsc::unbounded_channel::<u32>();
    /// runtime::spawn(async move { drop(rx) });
    /// tx.closed().await;
    /// # });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn closed(&self) -> impl Future<Output = ()> {
        Closed::new(&*self.channel, Location::caller())
    }

    /// Whether the receiver is gone or has closed the channel.
    ///
    /// ```
    /// let (tx, rx) = runtime::sync::mpsc::unbounded_channel::<u32>();
    /// drop(rx);
    /// assert!(tx.is_closed());
    /// ```
    pub fn is_closed(&self) -> bool {
        self.channel.is_closed()
    }

    /// Whether both send into the same channel.
    ///
    /// ```
    /// let (tx, _rx) = runtime::sync::mpsc::unbounded_channel::<u32>();
    /// assert!(tx.same_channel(&tx.clone()));
    /// ```
    pub fn same_channel(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.channel, &other.channel)
    }

    /// How many senders the channel has.
    ///
    /// ```
    /// let (tx, _rx) = runtime::sync::mpsc::unbounded_channel::<u32>();
    /// assert_eq!(tx.strong_count(), 1);
    /// ```
    pub fn strong_count(&self) -> usize {
        self.channel.senders()
    }
}

impl<T> Clone for UnboundedSender<T> {
    fn clone(&self) -> UnboundedSender<T> {
        self.channel.add_sender();
        let channel = Rc::clone(&self.channel);
        UnboundedSender { channel }
    }
}

impl<T> Drop for UnboundedSender<T> {
    fn drop(&mut self) {
        self.channel.remove_sender();
    }
}

impl<T> fmt::Debug for UnboundedSender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let closed = self.is_closed();
        f.debug_struct("UnboundedSender")
            .field("closed", &closed)
            .finish()
    }
}

/// Takes messages out of an unbounded channel, in the order in which they were sent; made by
/// [`unbounded_channel`].
///
/// Dropping it closes the channel and drops what is in it. Its methods are those of
/// [`Receiver`](super::Receiver).
///
/// ```
/// # runtime::runtime::Runtime::new()?.block_on(async {
/// let (tx, mut rx) = runtime::sync::mpsc::unbounded_channel();
/// tx.send(1).unwrap();
/// drop(tx);
/// assert_eq!(rx.recv().await, Some(1));
/// assert_eq!(rx.recv().await, None);
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct UnboundedReceiver<T> {
    channel: Rc<Channel<T, Endless>>,
}

impl<T> UnboundedReceiver<T> {
    /// As [`Receiver::recv`](super::Receiver::recv).
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a message is taken only when the future is ready with it.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// let (tx, mut rx) = runtime::sync::mpsc::unbounded_channel();
    /// runtime::spawn(async move { tx.send("hello") });
    /// assert_eq!(rx.recv().await, Some("hello"));
    /// # });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[inline]
    #[track_caller]
    pub fn recv(&mut self) -> impl Future<Output = Option<T>> {
        Recv::new(&*self.channel, Location::caller())
    }

    /// As [`Receiver::recv_many`](super::Receiver::recv_many).
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: messages are taken only when the future is ready.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// let (tx, mut rx) = runtime::sync::mpsc::unbounded_channel();
    /// (0..3).for_each(|n| tx.send(n).unwrap());
    /// let mut some = Vec::new();
    /// assert_eq!(rx.recv_many(&mut some, 8).await, 3);
    /// # });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn recv_many<'a>(
        &'a mut self,
        buffer: &'a mut Vec<T>,
        limit: usize,
    ) -> impl Future<Output = usize> + use<'a, T> {
        RecvMany::new(&*self.channel, buffer, limit, Location::caller())
    }

    /// As [`Receiver::try_recv`](super::Receiver::try_recv).
    ///
    /// # Errors
    ///
    /// [`Empty`](TryRecvError::Empty) if one may still come,
    /// [`Disconnected`](TryRecvError::Disconnected) if none will.
    ///
    /// ```
    /// let (tx, mut rx) = runtime::sync::mpsc::unbounded_channel();
    /// tx.send(1).unwrap();
    /// assert_eq!(rx.try_recv(), Ok(1));
    /// assert!(rx.try_recv().is_err());
    /// ```
    #[inline]
    pub fn try_recv(&mut self) -> Result<T, TryRecvError> {
        self.channel.try_recv()
    }

    /// As [`recv`](UnboundedReceiver::recv), for those who write `poll` by hand. The task of the
    /// last call is the one that is woken.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// let (tx, mut rx) = runtime::sync::mpsc::unbounded_channel();
    /// tx.send(1).unwrap();
    /// assert_eq!(std::future::poll_fn(|cx| rx.poll_recv(cx)).await, Some(1));
    /// # });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[inline]
    #[track_caller]
    pub fn poll_recv(&mut self, cx: &mut Context<'_>) -> Poll<Option<T>> {
        self.channel.poll_recv(cx, Location::caller())
    }

    /// As [`recv_many`](UnboundedReceiver::recv_many), for those who write `poll` by hand.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// let (tx, mut rx) = runtime::sync::mpsc::unbounded_channel();
    /// tx.send(1).unwrap();
    /// let mut some = Vec::new();
    /// assert_eq!(std::future::poll_fn(|cx| rx.poll_recv_many(cx, &mut some, 8)).await, 1);
    /// # });
    /// # Ok::<(), std::io::Error>(())
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

    /// Accepts nothing more. What was sent before can still be received.
    ///
    /// ```
    /// let (tx, mut rx) = runtime::sync::mpsc::unbounded_channel();
    /// tx.send("in time").unwrap();
    /// rx.close();
    /// assert!(tx.send("too late").is_err());
    /// assert_eq!(rx.try_recv(), Ok("in time"));
    /// ```
    pub fn close(&mut self) {
        self.channel.close();
    }

    /// Whether no new message can be sent: the channel was closed, or all senders are gone.
    ///
    /// ```
    /// let (tx, rx) = runtime::sync::mpsc::unbounded_channel::<u32>();
    /// drop(tx);
    /// assert!(rx.is_closed());
    /// ```
    pub fn is_closed(&self) -> bool {
        self.channel.is_closed() || self.channel.senders() == 0
    }

    /// Whether no message is here now.
    ///
    /// ```
    /// let (_tx, rx) = runtime::sync::mpsc::unbounded_channel::<u32>();
    /// assert!(rx.is_empty());
    /// ```
    pub fn is_empty(&self) -> bool {
        self.channel.len() == 0
    }

    /// How many messages are here now.
    ///
    /// ```
    /// let (tx, rx) = runtime::sync::mpsc::unbounded_channel();
    /// tx.send(1).unwrap();
    /// assert_eq!(rx.len(), 1);
    /// ```
    pub fn len(&self) -> usize {
        self.channel.len()
    }

    /// How many senders the channel has.
    ///
    /// ```
    /// let (_tx, rx) = runtime::sync::mpsc::unbounded_channel::<u32>();
    /// assert_eq!(rx.sender_strong_count(), 1);
    /// ```
    pub fn sender_strong_count(&self) -> usize {
        self.channel.senders()
    }
}

impl<T> Drop for UnboundedReceiver<T> {
    fn drop(&mut self) {
        self.channel.close();
        self.channel.abandon();
    }
}

impl<T> fmt::Debug for UnboundedReceiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnboundedReceiver")
            .field("len", &self.len())
            .field("closed", &self.is_closed())
            .finish()
    }
}
