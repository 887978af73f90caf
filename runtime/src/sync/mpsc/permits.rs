//! A permit: a place in the channel that is taken before there is a message. Sending by it neither
//! waits nor fails.
//!
//! To wait for a place *before* there is a value is often what a program means: do not start
//! the work before there is room for its result, or do not lose the value when the wait is
//! given up.
//!
//! How it can go wrong: *a permit is kept and not used.* Its place stays taken, and the other
//! senders wait. So a permit that is dropped gives its place to the next sender in line.

use std::fmt;
use std::mem;
use std::rc::Rc;

use super::capacity::Capacity;
use super::channel::Channel;
use super::sender::Sender;

/// A place for one message; made by [`Sender::reserve`] and [`Sender::try_reserve`].
///
/// Dropped without sending, it gives the place back.
///
/// ```
/// let (tx, mut rx) = runtime::sync::mpsc::channel(1);
/// let permit = tx.try_reserve().unwrap();
/// assert!(tx.try_send("no room").is_err());
/// permit.send("reserved");
/// assert_eq!(rx.try_recv(), Ok("reserved"));
/// ```
pub struct Permit<'a, T> {
    channel: &'a Channel<T, Capacity>,
}

impl<'a, T> Permit<'a, T> {
    /// For a place that was taken.
    #[inline]
    pub(super) fn new(channel: &'a Channel<T, Capacity>) -> Permit<'a, T> {
        Permit { channel }
    }

    /// Sends. If the receiver is gone, the value is dropped.
    ///
    /// ```
    /// let (tx, mut rx) = runtime::sync::mpsc::channel(1);
    /// tx.try_reserve().unwrap().send(1);
    /// assert_eq!(rx.try_recv(), Ok(1));
    /// ```
    #[inline]
    pub fn send(self, value: T) {
        let channel = self.channel;
        // The place is the message's now.
        mem::forget(self);
        channel.push_or_drop(value);
    }
}

impl<T> Drop for Permit<'_, T> {
    fn drop(&mut self) {
        self.channel.give_back();
    }
}

impl<T> fmt::Debug for Permit<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Permit").finish_non_exhaustive()
    }
}

/// As [`Permit`], with the sender inside, so that it borrows nothing; made by
/// [`Sender::reserve_owned`] and [`Sender::try_reserve_owned`].
///
/// Dropped without sending, it gives the place back and drops the sender.
///
/// ```
/// # #[runtime::main] async fn main() {
/// let (tx, mut rx) = runtime::sync::mpsc::channel(1);
/// let permit = tx.reserve_owned().await.unwrap();
/// runtime::spawn(async move { permit.send("from a task") });
/// assert_eq!(rx.recv().await, Some("from a task"));
/// # }
/// ```
pub struct OwnedPermit<T> {
    /// `None` once it has been used.
    sender: Option<Sender<T>>,
}

impl<T> OwnedPermit<T> {
    /// For a place that was taken.
    pub(super) fn new(sender: Sender<T>) -> OwnedPermit<T> {
        let sender = Some(sender);
        OwnedPermit { sender }
    }

    fn channel(&self) -> Option<&Rc<Channel<T, Capacity>>> {
        self.sender.as_ref().map(|sender| &sender.channel)
    }

    fn take(&mut self) -> Sender<T> {
        match self.sender.take() {
            Some(sender) => sender,
            None => unreachable!("an owned permit has its sender until it is used up"),
        }
    }

    /// Sends, and gives the sender back. If the receiver is gone, the value is dropped.
    ///
    /// ```
    /// let (tx, mut rx) = runtime::sync::mpsc::channel(1);
    /// let tx = tx.try_reserve_owned().unwrap().send(1);
    /// assert_eq!(rx.try_recv(), Ok(1));
    /// assert_eq!(tx.capacity(), 1);
    /// ```
    pub fn send(mut self, value: T) -> Sender<T> {
        let sender = self.take();
        sender.channel.push_or_drop(value);
        sender
    }

    /// Gives the place and the sender back.
    ///
    /// ```
    /// let (tx, _rx) = runtime::sync::mpsc::channel::<u32>(1);
    /// let tx = tx.try_reserve_owned().unwrap().release();
    /// assert_eq!(tx.capacity(), 1);
    /// ```
    pub fn release(mut self) -> Sender<T> {
        let sender = self.take();
        sender.channel.give_back();
        sender
    }

    /// Whether both are places in the same channel.
    pub fn same_channel(&self, other: &Self) -> bool {
        match (self.channel(), other.channel()) {
            (Some(mine), Some(theirs)) => Rc::ptr_eq(mine, theirs),
            _ => false,
        }
    }

    /// Whether the sender sends into the channel of this place.
    pub fn same_channel_as_sender(&self, sender: &Sender<T>) -> bool {
        let mine = self.channel();
        mine.is_some_and(|mine| Rc::ptr_eq(mine, &sender.channel))
    }
}

impl<T> Drop for OwnedPermit<T> {
    fn drop(&mut self) {
        if let Some(sender) = self.sender.take() {
            sender.channel.give_back();
        }
    }
}

impl<T> fmt::Debug for OwnedPermit<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OwnedPermit").finish_non_exhaustive()
    }
}
