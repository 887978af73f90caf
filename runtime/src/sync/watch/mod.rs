//! A value that senders change and receivers watch.
//!
//! A configuration, a state of health, "are we shutting down": of such things only the present
//! counts, not the history. A watch channel keeps the last value only. A receiver looks at it when
//! it likes, and can wait until there is one that it has not seen. A receiver that is slow misses
//! the values in between, and costs no memory for that.
//!
//! ```
//! use runtime::sync::watch;
//!
//! # #[runtime::main] async fn main() {
//! let (tx, mut rx) = watch::channel("starting");
//! let watcher = runtime::spawn(async move {
//!     rx.wait_for(|state| *state == "ready").await.unwrap();
//!     rx.changed().await.unwrap();
//!     *rx.borrow_and_update()
//! });
//! tx.send("ready").unwrap();
//! runtime::task::yield_now().await;
//! tx.send("stopping").unwrap();
//! assert_eq!(watcher.await.unwrap(), "stopping");
//! # }
//! ```
//!
//! The value has a **version**, a number that grows with each change; a receiver remembers the
//! number that it has seen. That is all there is to "has it changed".
//!
//! How it can go wrong:
//!
//! - *A value is sent while a receiver looks.* A look ([`Ref`]) borrows the value. Where there are
//!   threads the sender would wait; here there is only one, and it would wait for itself. So
//!   sending panics with a message. Look, take what is needed, let go; never hold a look across
//!   an `.await`.
//! - *A value is missed between a look and a wait.* [`borrow`](Receiver::borrow) does not mark
//!   the value as seen, [`borrow_and_update`](Receiver::borrow_and_update) does: in a loop with
//!   [`changed`](Receiver::changed), take the latter.
//! - *The last value before the end.* When all senders are gone, `changed` gives the value that
//!   was not seen yet first, and the error after it.

pub mod error;
mod receiver;
mod sender;
mod shared;

pub use receiver::Receiver;
pub use sender::Sender;
pub use shared::Ref;

/// A value, a sender that changes it, and a receiver that watches it. The receiver has seen the
/// first value.
///
/// ```
/// let (_tx, rx) = runtime::sync::watch::channel(1);
/// assert_eq!(*rx.borrow(), 1);
/// assert!(!rx.has_changed().unwrap());
/// ```
pub fn channel<T>(init: T) -> (Sender<T>, Receiver<T>) {
    let sender = Sender::new(init);
    let receiver = sender.subscribe();
    (sender, receiver)
}
