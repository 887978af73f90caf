//! Sending, with a limit to the wait: a [`timeout()`] around [`Sender::reserve`].
//!
//! The value does not go into the wait. So it is not lost when the time is up: the error gives it
//! back.

use std::future::Future;
use std::time::Duration;

use super::timeout;
use crate::sync::mpsc::Sender;
use crate::sync::mpsc::error::{SendError, SendTimeoutError};

impl<T> Sender<T> {
    /// Sends as soon as there is a place, but waits no longer than `timeout`, counted from this
    /// call.
    ///
    /// # Errors
    ///
    /// The value comes back: [`Timeout`](SendTimeoutError::Timeout), or
    /// [`Closed`](SendTimeoutError::Closed) if the receiver is gone or has closed the channel.
    ///
    /// # Panics
    ///
    /// If there is no runtime on this thread, or it was built without
    /// [`enable_time`](crate::runtime::Builder::enable_time).
    ///
    /// # Cancel safety
    ///
    /// As [`send`](Sender::send).
    ///
    /// ```
    /// # #[runtime::main(start_paused = true)] async fn main() {
    /// use runtime::sync::mpsc::{channel, error::SendTimeoutError};
    /// use std::time::Duration;
    ///
    /// let (tx, _rx) = channel(1);
    /// let second = Duration::from_secs(1);
    /// assert_eq!(tx.send_timeout(1, second).await, Ok(()));
    /// assert_eq!(tx.send_timeout(2, second).await, Err(SendTimeoutError::Timeout(2)));
    /// # }
    /// ```
    #[track_caller]
    pub fn send_timeout(
        &self,
        value: T,
        timeout: Duration,
    ) -> impl Future<Output = Result<(), SendTimeoutError<T>>> {
        let place = self::timeout(timeout, self.reserve());
        async move {
            match place.await {
                Ok(Ok(permit)) => {
                    permit.send(value);
                    Ok(())
                }
                Ok(Err(SendError(()))) => Err(SendTimeoutError::Closed(value)),
                Err(_) => Err(SendTimeoutError::Timeout(value)),
            }
        }
    }
}
