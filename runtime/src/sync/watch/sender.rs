//! The sender: the end of a watch channel that changes the value.

use std::fmt;
use std::future::Future;
use std::mem;
use std::panic::Location;
use std::rc::Rc;

use super::error::SendError;
use super::receiver::Receiver;
use super::shared::{Ref, Shared};

/// Changes the value that the receivers watch; made by [`channel`](super::channel()) or [`Sender::new`].
///
/// When the last of its clones is dropped the receivers hear that the value will not change any
/// more.
pub struct Sender<T> {
    shared: Rc<Shared<T>>,
}

impl<T> Sender<T> {
    /// A value that has no receiver yet; see [`subscribe`](Sender::subscribe).
    ///
    /// ```
    /// let tx = runtime::sync::watch::Sender::new(1);
    /// let rx = tx.subscribe();
    /// assert_eq!(*rx.borrow(), 1);
    /// ```
    pub fn new(init: T) -> Sender<T> {
        Sender::of(Rc::new(Shared::new(init)))
    }

    fn of(shared: Rc<Shared<T>>) -> Sender<T> {
        shared.endpoints.add_sender();
        Sender { shared }
    }

    /// Puts a new value in the place of the old one, which is dropped, and wakes the receivers that
    /// wait for a change.
    ///
    /// # Errors
    ///
    /// If there is no receiver: the value comes back, and the old one stays.
    /// [`send_replace`](Sender::send_replace) does not ask for receivers.
    ///
    /// # Panics
    ///
    /// If the value is borrowed at the moment.
    ///
    /// ```
    /// let (tx, rx) = runtime::sync::watch::channel(1);
    /// tx.send(2).unwrap();
    /// assert_eq!(*rx.borrow(), 2);
    /// ```
    #[track_caller]
    pub fn send(&self, value: T) -> Result<(), SendError<T>> {
        if self.is_closed() {
            return Err(SendError(value));
        }
        drop(self.send_replace(value));
        Ok(())
    }

    /// Changes the value where it is, with or without receivers, and wakes the receivers that
    /// wait for a change. If `modify` panics, no receiver is woken.
    ///
    /// # Panics
    ///
    /// If the value is borrowed at the moment, or is borrowed by `modify` through the channel.
    ///
    /// ```
    /// let (tx, rx) = runtime::sync::watch::channel(vec![1]);
    /// tx.send_modify(|list| list.push(2));
    /// assert_eq!(*rx.borrow(), [1, 2]);
    /// ```
    #[track_caller]
    pub fn send_modify<F>(&self, modify: F)
    where
        F: FnOnce(&mut T),
    {
        self.shared.change(|value| {
            modify(value);
            true
        });
    }

    /// As [`send_modify`](Sender::send_modify), and wakes only if `modify` returns `true`;
    /// returns what it returned.
    ///
    /// # Panics
    ///
    /// As [`send_modify`](Sender::send_modify).
    ///
    /// ```
    /// let (tx, rx) = runtime::sync::watch::channel(5);
    /// let highest = |n: u32| tx.send_if_modified(|value| std::mem::replace(value, n.max(*value)) < n);
    /// assert!(!highest(3));
    /// assert!(!rx.has_changed().unwrap());
    /// assert!(highest(7));
    /// assert!(rx.has_changed().unwrap());
    /// ```
    #[track_caller]
    pub fn send_if_modified<F>(&self, modify: F) -> bool
    where
        F: FnOnce(&mut T) -> bool,
    {
        self.shared.change(modify)
    }

    /// Puts a new value in the place of the old one, with or without receivers, wakes the
    /// receivers that wait for a change, and returns the old one.
    ///
    /// # Panics
    ///
    /// If the value is borrowed at the moment.
    ///
    /// ```
    /// let tx = runtime::sync::watch::Sender::new(1);
    /// assert_eq!(tx.send_replace(2), 1);
    /// ```
    #[track_caller]
    pub fn send_replace(&self, mut value: T) -> T {
        self.shared.change(|current| {
            mem::swap(current, &mut value);
            true
        });
        value
    }

    /// Looks at the value. Nothing can be sent as long as the look lasts.
    #[track_caller]
    pub fn borrow(&self) -> Ref<'_, T> {
        self.shared.borrow(self.shared.version())
    }

    /// Waits until there is no receiver.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: nothing is lost.
    ///
    /// ```
    /// # #[runtime::main] async fn main() {
    /// let (tx, rx) = runtime::sync::watch::channel(1);
    /// runtime::spawn(async move { drop(rx) });
    /// tx.closed().await;
    /// # }
    /// ```
    #[track_caller]
    pub fn closed(&self) -> impl Future<Output = ()> {
        self.shared.endpoints.closed(Location::caller())
    }

    /// Whether there is no receiver. One may still [subscribe](Sender::subscribe).
    pub fn is_closed(&self) -> bool {
        self.receiver_count() == 0
    }

    /// Another receiver. The value that is there counts as seen.
    ///
    /// ```
    /// let tx = runtime::sync::watch::Sender::new(1);
    /// let rx = tx.subscribe();
    /// assert!(!rx.has_changed().unwrap());
    /// tx.send(2).unwrap();
    /// assert!(rx.has_changed().unwrap());
    /// ```
    pub fn subscribe(&self) -> Receiver<T> {
        Receiver::new(Rc::clone(&self.shared), self.shared.version())
    }

    /// How many receivers there are.
    pub fn receiver_count(&self) -> usize {
        self.shared.endpoints.receivers()
    }

    /// How many senders there are.
    pub fn sender_count(&self) -> usize {
        self.shared.endpoints.senders()
    }

    /// Whether both change the same value.
    pub fn same_channel(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.shared, &other.shared)
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Sender<T> {
        Sender::of(Rc::clone(&self.shared))
    }
}

impl<T: Default> Default for Sender<T> {
    fn default() -> Sender<T> {
        Sender::new(T::default())
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        self.shared.endpoints.remove_sender();
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender")
            .field("version", &self.shared.version())
            .field("receivers", &self.receiver_count())
            .finish_non_exhaustive()
    }
}
