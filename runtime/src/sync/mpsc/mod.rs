//! A channel for a stream of messages: many send, one receives.
//!
//! Tasks that share nothing but messages need no lock and no order among locks: one task owns
//! the state, the others tell it what they want. A channel is the mailbox of such a task.
//!
//! [`channel()`] has a **bound**. When it is full, [`send`](Sender::send) waits, and that is its
//! most useful property: a sender that is faster than the receiver is slowed down to the
//! receiver's pace, and nothing grows. [`unbounded_channel`] has no bound and its senders never
//! wait; it is for where something else limits the messages.
//!
//! ```
//! use runtime::sync::mpsc;
//!
//! # #[runtime::main] async fn main() {
//! let (tx, mut rx) = mpsc::channel(2); // at most two messages are on their way
//! let producer = runtime::spawn(async move {
//!     for n in 0..5 {
//!         tx.send(n).await.expect("the receiver is there");
//!     }
//! });
//! let mut sum = 0;
//! while let Some(n) = rx.recv().await {
//!     sum += n;
//! }
//! assert_eq!(sum, 10); // the loop has ended because the last sender is gone
//! producer.await.unwrap();
//! # }
//! ```
//!
//! From send to receive, in the order in which to read:
//!
//! | file | what it is |
//! |---|---|
//! | `capacity` | the bound: its places, and the senders that wait for one |
//! | `channel` | what the ends share: the ring of messages, and the tasks that wait |
//! | `waker_cache` | the receiver's waker, kept from one wait to the next |
//! | `waits` | the waits as futures, and what they undo when they are dropped |
//! | `receiver` | the receiving end, of a bounded channel and of one without a bound |
//! | `sender` | the sending end of a bounded channel |
//! | `emits` | what places say while the runtime is observed |
//! | `permits`, `reserve` | a place that is taken before there is a message |
//! | `unbounded` | the sending end of a channel without a bound |
//!
//! How it can go wrong:
//!
//! - *Two tasks that send to each other over full channels* wait for each other for ever. A
//!   bound is back-pressure, and back-pressure must not run in a circle.
//! - *A sender is forgotten somewhere*, in the receiver's own task for instance: then `recv`
//!   never says `None`. [`close`](Receiver::close) ends the channel from the other side.
//! - *A wait is given up.* A dropped `recv` has taken nothing. A dropped `send` has sent
//!   nothing and its value is gone; [`reserve`](Sender::reserve) lets one wait without a value.
//! - *The receiver is gone.* Sending gives the value back, in the [error].

mod capacity;
mod channel;
mod emits;
pub mod error;
mod permits;
mod receiver;
mod reserve;
mod sender;
mod unbounded;
mod waits;
mod waker_cache;

use std::panic::{RefUnwindSafe, UnwindSafe};
use std::rc::Rc;

pub use permits::{OwnedPermit, Permit};
pub use receiver::Receiver;
pub use sender::Sender;
pub use unbounded::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use capacity::{Bound, Capacity};
use channel::Channel;

use crate::sync::semaphore::Semaphore;

/// Makes a channel in which at most `buffer` messages are on their way.
///
/// # Panics
///
/// If `buffer` is 0, or more than
/// [`Semaphore::MAX_PERMITS`](crate::sync::Semaphore::MAX_PERMITS).
#[track_caller]
pub fn channel<T>(buffer: usize) -> (Sender<T>, Receiver<T>) {
    assert!(
        buffer > 0,
        "mpsc::channel(0) could carry no message: the buffer must be at least 1"
    );
    assert!(
        buffer <= Semaphore::MAX_PERMITS,
        "mpsc::channel can have a buffer of at most Semaphore::MAX_PERMITS messages"
    );
    let channel = Rc::new(Channel::new(Capacity::new(buffer)));
    let sender = Sender::new(Rc::clone(&channel));
    (sender, Receiver::new(channel))
}

// A panic in the middle of one of their methods leaves nothing half-done: what is not ours
// is called only when the channel is as it should be.
impl<T> UnwindSafe for Sender<T> {}
impl<T> RefUnwindSafe for Sender<T> {}
impl<T, B: Bound> UnwindSafe for Receiver<T, B> {}
impl<T, B: Bound> RefUnwindSafe for Receiver<T, B> {}
impl<T> UnwindSafe for Permit<'_, T> {}
impl<T> RefUnwindSafe for Permit<'_, T> {}
impl<T> UnwindSafe for OwnedPermit<T> {}
impl<T> RefUnwindSafe for OwnedPermit<T> {}
impl<T> UnwindSafe for UnboundedSender<T> {}
impl<T> RefUnwindSafe for UnboundedSender<T> {}
