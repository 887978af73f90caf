//! The sender: the end of a broadcast channel that speaks to all receivers.

use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::rc::Rc;

use super::error::SendError;
use super::receiver::Receiver;
use super::shared::Shared;

/// Sends messages to all receivers; made by [`channel`](super::channel()) or [`Sender::new`].
///
/// Clones send into the same channel. When the last of them is dropped the receivers take what
/// is left, and then hear that nothing more will come.
///
/// ```
/// let (tx, mut one) = runtime::sync::broadcast::channel(8);
/// let mut two = tx.subscribe();
/// tx.send("hello, both").unwrap();
/// assert_eq!(one.try_recv(), Ok("hello, both"));
/// assert_eq!(two.try_recv(), Ok("hello, both"));
/// ```
pub struct Sender<T> {
    shared: Rc<Shared<T>>,
}

impl<T> Sender<T> {
    /// A channel that has no receiver yet; see [`subscribe`](Sender::subscribe).
    ///
    /// # Panics
    ///
    /// As [`channel`](super::channel()).
    ///
    /// ```
    /// let tx = runtime::sync::broadcast::Sender::new(8);
    /// assert!(tx.send(1).is_err()); // there is no receiver
    /// let mut rx = tx.subscribe();
    /// tx.send(2).unwrap();
    /// assert_eq!(rx.try_recv(), Ok(2));
    /// ```
    #[track_caller]
    pub fn new(capacity: usize) -> Sender<T> {
        assert!(
            capacity > 0,
            "a broadcast channel of capacity 0 could carry no message: it must be at least 1"
        );
        assert!(
            capacity <= usize::MAX >> 1,
            "the capacity of a broadcast channel must be at most `usize::MAX / 2`"
        );
        Sender::of(Rc::new(Shared::new(capacity.next_power_of_two())))
    }

    fn of(shared: Rc<Shared<T>>) -> Sender<T> {
        shared.endpoints.add_sender();
        Sender { shared }
    }

    /// Sends to all receivers there are now, and returns how many that is. It never waits: if
    /// there is no room, the oldest message is dropped, and a receiver that has not taken it
    /// hears that it [lagged](super::error::RecvError::Lagged).
    ///
    /// # Errors
    ///
    /// If there is no receiver: the value comes back. Another call may succeed, after a
    /// [`subscribe`](Sender::subscribe).
    ///
    /// ```
    /// let (tx, _one) = runtime::sync::broadcast::channel(8);
    /// let _two = tx.subscribe();
    /// assert_eq!(tx.send("hello").unwrap(), 2);
    /// ```
    pub fn send(&self, value: T) -> Result<usize, SendError<T>> {
        let receivers = self.receiver_count();
        if receivers == 0 {
            return Err(SendError(value));
        }
        self.shared.push(value);
        Ok(receivers)
    }

    /// Another receiver, of what is sent from now on.
    ///
    /// ```
    /// let (tx, _rx) = runtime::sync::broadcast::channel(8);
    /// tx.send(1).unwrap();
    /// let mut late = tx.subscribe();
    /// tx.send(2).unwrap();
    /// assert_eq!(late.try_recv(), Ok(2));
    /// ```
    pub fn subscribe(&self) -> Receiver<T> {
        Receiver::new(Rc::clone(&self.shared))
    }

    /// How many messages are kept because a receiver has yet to take them.
    ///
    /// ```
    /// let (tx, mut rx) = runtime::sync::broadcast::channel(8);
    /// tx.send(1).unwrap();
    /// tx.send(2).unwrap();
    /// rx.try_recv().unwrap();
    /// assert_eq!(tx.len(), 1);
    /// ```
    pub fn len(&self) -> usize {
        self.shared.len()
    }

    /// Whether all receivers have taken all messages.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many receivers there are.
    pub fn receiver_count(&self) -> usize {
        self.shared.endpoints.receivers()
    }

    /// Whether both send into the same channel.
    pub fn same_channel(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.shared, &other.shared)
    }

    /// Waits until there is no receiver.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: nothing is lost.
    ///
    /// ```
    /// # #[runtime::main] async fn main() {
    /// let (tx, rx) = runtime::sync::broadcast::channel::<u32>(8);
    /// runtime::spawn(async move { drop(rx) });
    /// tx.closed().await;
    /// # }
    /// ```
    #[track_caller]
    pub fn closed(&self) -> impl Future<Output = ()> {
        self.shared.endpoints.closed(Location::caller())
    }

    /// How many senders there are.
    pub fn strong_count(&self) -> usize {
        self.shared.endpoints.senders()
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Sender<T> {
        Sender::of(Rc::clone(&self.shared))
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        self.shared.endpoints.remove_sender();
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("broadcast::Sender")
            .field("len", &self.len())
            .field("receivers", &self.receiver_count())
            .finish()
    }
}
