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

use super::capacity::Endless;
use super::channel::Channel;
use super::error::SendError;
use super::receiver::Receiver;
use super::waits::Closed;
use crate::base::stays::{STAYS, Stays};

/// Makes a channel without a bound.
///
/// ```
/// let (tx, mut rx) = runtime::sync::mpsc::unbounded_channel();
/// tx.send("no await here").unwrap();
/// assert_eq!(rx.try_recv(), Ok("no await here"));
/// ```
pub fn unbounded_channel<T>() -> (UnboundedSender<T>, UnboundedReceiver<T>) {
    let channel = Rc::new(Channel::new(Endless::default()));
    let sender = UnboundedSender {
        channel: Rc::clone(&channel),
        _stays: STAYS,
    };
    (sender, Receiver::new(channel))
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
    _stays: Stays,
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
    /// # #[runtime::main] async fn main() {
    /// let (tx, rx) = runtime::sync::mpsc::unbounded_channel::<u32>();
    /// runtime::spawn(async move { drop(rx) });
    /// tx.closed().await;
    /// # }
    /// ```
    // Twice, because the two senders are types of their own, as Tokio's: `send` waits in one of them
    // only. What is the same is one call of the channel each.
    #[track_caller]
    pub fn closed(&self) -> impl Future<Output = ()> {
        Closed::new(&*self.channel, Location::caller())
    }

    /// Whether the receiver is gone or has closed the channel.
    pub fn is_closed(&self) -> bool {
        self.channel.is_closed()
    }

    /// Whether both send into the same channel.
    pub fn same_channel(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.channel, &other.channel)
    }

    /// How many senders the channel has.
    pub fn strong_count(&self) -> usize {
        self.channel.senders()
    }
}

impl<T> Clone for UnboundedSender<T> {
    fn clone(&self) -> UnboundedSender<T> {
        self.channel.add_sender();
        let channel = Rc::clone(&self.channel);
        UnboundedSender {
            channel,
            _stays: STAYS,
        }
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
/// It is a [`Receiver`], with all that one can do, but for what is known of places: it has none.
///
/// ```
/// # #[runtime::main] async fn main() {
/// use runtime::sync::mpsc::error::TryRecvError;
///
/// let (tx, mut rx) = runtime::sync::mpsc::unbounded_channel();
/// (1..=5).for_each(|n| tx.send(n).unwrap());
/// drop(tx);
/// assert_eq!((rx.len(), rx.recv().await, rx.try_recv()), (5, Some(1), Ok(2)));
/// let mut rest = Vec::new();
/// assert_eq!(rx.recv_many(&mut rest, 8).await, 3);
/// assert_eq!((rx.recv().await, rx.try_recv()), (None, Err(TryRecvError::Disconnected)));
/// # }
/// ```
pub type UnboundedReceiver<T> = Receiver<T, Endless>;

impl<T> fmt::Debug for UnboundedReceiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnboundedReceiver")
            .field("len", &self.len())
            .field("closed", &self.is_closed())
            .finish()
    }
}
