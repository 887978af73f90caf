//! A channel in which every receiver gets every message.
//!
//! A sender speaks and all receivers hear it: an event, a shutdown, a line of chat. Each receiver
//! takes the messages at its own pace, from the moment when it was made.
//!
//! ```
//! use runtime::sync::broadcast;
//!
//! # #[runtime::main] async fn main() {
//! let (tx, _) = broadcast::channel(16);
//! let listeners: Vec<_> = (0..3)
//!     .map(|_| {
//!         let mut rx = tx.subscribe();
//!         runtime::spawn(async move { rx.recv().await })
//!     })
//!     .collect();
//! assert_eq!(tx.send("hello, all").unwrap(), 3);
//! for listener in listeners {
//!     assert_eq!(listener.await.unwrap(), Ok("hello, all"));
//! }
//! # }
//! ```
//!
//! The sender never waits. If it did, one receiver that sleeps would hold up all others. But
//! neither can messages be kept without end for it: the channel keeps the last so many, and a
//! receiver that is further behind is **told how many it missed**, and goes on with the oldest
//! that is left. Whether that matters the receiver knows: a chart skips a point, a copy of a
//! table is fetched again. For a value of which only the last counts there is
//! [`watch`](super::watch); for messages of which none may be lost, an
//! [`mpsc`](super::mpsc) channel for each receiver.
//!
//! How it can go wrong:
//!
//! - *A receiver is kept and not asked.* It makes the channel keep messages for it, up to the
//!   capacity. Keep the sender, and [`subscribe`](Sender::subscribe) when it is time.
//! - *Lagging is taken for the end.* [`RecvError::Lagged`](error::RecvError::Lagged) is no end:
//!   the next call succeeds. A `while let Ok(..)` stops there.
//! - *A message sent before `subscribe`* is not for the receiver that came later.

pub mod error;
mod receiver;
mod sender;
mod shared;

pub use receiver::Receiver;
pub use sender::Sender;

/// Makes a channel that keeps the last `capacity` messages (rounded up to a power of two).
///
/// # Panics
///
/// If `capacity` is 0 or larger than `usize::MAX / 2`.
///
/// ```
/// let (tx, mut rx) = runtime::sync::broadcast::channel(16);
/// tx.send(1).unwrap();
/// assert_eq!(rx.try_recv(), Ok(1));
/// ```
#[track_caller]
pub fn channel<T: Clone>(capacity: usize) -> (Sender<T>, Receiver<T>) {
    let sender = Sender::new(capacity);
    let receiver = sender.subscribe();
    (sender, receiver)
}
