//! What can go wrong with one message: it will never come, or it is not there yet.

use std::error::Error;
use std::fmt;

/// The sender was dropped without sending, or the receiver had closed the channel.
///
/// ```
/// # #[runtime::main] async fn main() {
/// let (tx, rx) = runtime::sync::oneshot::channel::<u32>();
/// drop(tx);
/// assert_eq!(rx.await.unwrap_err().to_string(), "channel closed");
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecvError(pub(super) ());

impl fmt::Display for RecvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("channel closed")
    }
}

impl Error for RecvError {}

/// Why [`try_recv`](super::Receiver::try_recv) has no value.
///
/// ```
/// use runtime::sync::oneshot::{channel, error::TryRecvError};
///
/// let (tx, mut rx) = channel::<u32>();
/// assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
/// drop(tx);
/// assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TryRecvError {
    /// The value has not been sent yet.
    Empty,
    /// The value will never come: the sender was dropped, or the value has been taken already.
    Closed,
}

impl fmt::Display for TryRecvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TryRecvError::Empty => "channel empty",
            TryRecvError::Closed => "channel closed",
        })
    }
}

impl Error for TryRecvError {}
