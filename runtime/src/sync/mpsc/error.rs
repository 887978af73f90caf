//! What can go wrong with a channel: it is full, it is empty, or the other end is gone.
//!
//! A value that could not be sent is in the error: nothing that was given is lost.

use std::error::Error;
use std::fmt;

/// The receiver is gone or has closed the channel; the value that was to be sent is in it.
///
/// ```
/// # #[runtime::main] async fn main() {
/// let (tx, rx) = runtime::sync::mpsc::channel(1);
/// drop(rx);
/// assert_eq!(tx.send("hello").await.unwrap_err().0, "hello");
/// # }
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SendError<T>(pub T);

impl<T> fmt::Debug for SendError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SendError").finish_non_exhaustive()
    }
}

impl<T> fmt::Display for SendError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("channel closed")
    }
}

impl<T> Error for SendError<T> {}

/// Why [`try_send`](super::Sender::try_send) could not send; the value is in it.
///
/// ```
/// use runtime::sync::mpsc::{channel, error::TrySendError};
///
/// let (tx, _rx) = channel(1);
/// tx.try_send(1).unwrap();
/// assert_eq!(tx.try_send(2), Err(TrySendError::Full(2)));
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum TrySendError<T> {
    /// No place is free at the moment.
    Full(T),
    /// The receiver is gone or has closed the channel.
    Closed(T),
}

impl<T> TrySendError<T> {
    /// The value that was not sent.
    pub fn into_inner(self) -> T {
        match self {
            TrySendError::Full(value) | TrySendError::Closed(value) => value,
        }
    }
}

impl<T> fmt::Debug for TrySendError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // In quotation marks, as Tokio's.
        f.write_str(match self {
            TrySendError::Full(_) => r#""Full(..)""#,
            TrySendError::Closed(_) => r#""Closed(..)""#,
        })
    }
}

impl<T> fmt::Display for TrySendError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TrySendError::Full(_) => "no available capacity",
            TrySendError::Closed(_) => "channel closed",
        })
    }
}

impl<T> Error for TrySendError<T> {}

impl<T> From<SendError<T>> for TrySendError<T> {
    fn from(error: SendError<T>) -> TrySendError<T> {
        TrySendError::Closed(error.0)
    }
}

/// Why [`send_timeout`](super::Sender::send_timeout) did not send; the value is in it.
///
/// ```
/// # #[runtime::main(start_paused = true)] async fn main() {
/// use runtime::sync::mpsc::{channel, error::SendTimeoutError};
/// use std::time::Duration;
///
/// let (tx, _rx) = channel(1);
/// tx.try_send(1).unwrap();
/// let late = tx.send_timeout(2, Duration::from_secs(1)).await;
/// assert_eq!(late, Err(SendTimeoutError::Timeout(2)));
/// # }
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum SendTimeoutError<T> {
    /// No place became free in time.
    Timeout(T),
    /// The receiver is gone or has closed the channel.
    Closed(T),
}

impl<T> SendTimeoutError<T> {
    /// The value that was not sent.
    pub fn into_inner(self) -> T {
        match self {
            SendTimeoutError::Timeout(value) | SendTimeoutError::Closed(value) => value,
        }
    }
}

impl<T> fmt::Debug for SendTimeoutError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // In quotation marks, as Tokio's.
        f.write_str(match self {
            SendTimeoutError::Timeout(_) => r#""Timeout(..)""#,
            SendTimeoutError::Closed(_) => r#""Closed(..)""#,
        })
    }
}

impl<T> fmt::Display for SendTimeoutError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            SendTimeoutError::Timeout(_) => "timed out waiting on send operation",
            SendTimeoutError::Closed(_) => "channel closed",
        })
    }
}

impl<T> Error for SendTimeoutError<T> {}

/// Why [`try_recv`](super::Receiver::try_recv) has no message.
///
/// ```
/// use runtime::sync::mpsc::{channel, error::TryRecvError};
///
/// let (tx, mut rx) = channel::<u32>(1);
/// assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
/// drop(tx);
/// assert_eq!(rx.try_recv(), Err(TryRecvError::Disconnected));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TryRecvError {
    /// No message is here now; one may come.
    Empty,
    /// No message will come any more.
    Disconnected,
}

impl fmt::Display for TryRecvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            TryRecvError::Empty => "receiving on an empty channel",
            TryRecvError::Disconnected => "receiving on a closed channel",
        })
    }
}

impl Error for TryRecvError {}
