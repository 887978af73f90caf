//! A channel for one message.
//!
//! It is the way to get an answer from another task. The asking task makes such a channel. It
//! sends the question together with the sending end, and awaits the receiving end.
//!
//! ```
//! use runtime::sync::{mpsc, oneshot};
//!
//! # #[runtime::main] async fn main() {
//! let (questions, mut inbox) = mpsc::channel::<(u32, oneshot::Sender<u32>)>(8);
//! runtime::spawn(async move {
//!     while let Some((number, answer)) = inbox.recv().await {
//!         let _ = answer.send(number * number); // the asking task may be gone
//!     }
//! });
//!
//! let (tx, rx) = oneshot::channel();
//! questions.send((7, tx)).await.unwrap();
//! assert_eq!(rx.await, Ok(49));
//! # }
//! ```
//!
//! Both ends share one allocation: a cell for the value, and room for two wakers, because
//! either end can wait for the other. [`Sender::send`] uses the sender up, so the compiler sees
//! to it that there is one message at most.
//!
//! How it can go wrong:
//!
//! - *The sender is dropped, or its task panics.* The receiver hears of it: an error, not a
//!   wait without end.
//! - *The receiver is dropped while the value lies in the channel.* The value is dropped with
//!   it. "Sent" does not mean "received": what must not be lost needs an answer of its own.
//! - *The answer is not wanted any more.* A sender that works for a long time can wait for that
//!   in [`closed`](Sender::closed).

pub mod error;
mod receiver;
mod sender;
mod shared;

use std::panic::Location;
use std::rc::Rc;

pub use receiver::Receiver;
pub use sender::Sender;

use shared::Shared;

/// Makes a channel for one message.
#[inline]
#[track_caller]
pub fn channel<T>() -> (Sender<T>, Receiver<T>) {
    let shared = Shared::new(Location::caller());
    (Sender::new(Rc::clone(&shared)), Receiver::new(shared))
}
