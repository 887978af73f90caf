//! What can go wrong with a message to all: there is no receiver, all senders are gone, or the
//! receiver was too slow and missed it.

use std::error::Error;
use std::fmt;

/// There is no receiver; the value that was to be sent is in it.
///
/// ```
/// let (tx, rx) = runtime::sync::broadcast::channel(1);
/// drop(rx);
/// assert_eq!(tx.send("hello").unwrap_err().0, "hello");
/// ```
#[derive(Debug)]
pub struct SendError<T>(pub T);

impl<T> fmt::Display for SendError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("channel closed")
    }
}

impl<T: fmt::Debug> Error for SendError<T> {}

/// Why [`recv`](super::Receiver::recv) has no message.
///
/// ```
/// # #[runtime::main] async fn main() {
/// use runtime::sync::broadcast::{channel, error::RecvError};
///
/// let (tx, mut rx) = channel(2);
/// (1..=5).for_each(|n| drop(tx.send(n)));
/// assert_eq!(rx.recv().await, Err(RecvError::Lagged(3)));
/// assert_eq!(rx.recv().await, Ok(4)); // it goes on with the oldest that is left
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecvError {
    /// All senders are gone, and all messages were received.
    Closed,
    /// The receiver was too slow: so many messages were dropped before it got to them. The next
    /// call goes on with the oldest that is left.
    Lagged(u64),
}

impl fmt::Display for RecvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RecvError::Closed => f.write_str("channel closed"),
            RecvError::Lagged(missed) => write!(f, "channel lagged by {missed}"),
        }
    }
}

impl Error for RecvError {}

/// Why [`try_recv`](super::Receiver::try_recv) has no message.
///
/// ```
/// use runtime::sync::broadcast::{channel, error::TryRecvError};
///
/// let (tx, mut rx) = channel::<u32>(1);
/// assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
/// drop(tx);
/// assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TryRecvError {
    /// All messages were received; another may come.
    Empty,
    /// All senders are gone, and all messages were received.
    Closed,
    /// As [`RecvError::Lagged`].
    Lagged(u64),
}

impl fmt::Display for TryRecvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TryRecvError::Empty => f.write_str("channel empty"),
            TryRecvError::Closed => f.write_str("channel closed"),
            TryRecvError::Lagged(missed) => write!(f, "channel lagged by {missed}"),
        }
    }
}

impl Error for TryRecvError {}
