//! Asking for a permit, with and without waiting: the first half of sending.
//!
//! The four methods differ in two things only: whether they wait, and whether the permit borrows
//! the sender or owns it.

use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use super::capacity::{Asked, Capacity};
use super::channel::Channel;
use super::error::{SendError, TrySendError};
use super::permits::{OwnedPermit, Permit};
use super::sender::Sender;
use super::waits::ForPlace;

impl<T> Sender<T> {
    /// Waits for a place, and reserves it.
    ///
    /// # Errors
    ///
    /// If the receiver is gone or has closed the channel.
    ///
    /// # Cancel safety
    ///
    /// If it is dropped before it is ready, its place in the line is lost. A permit that it had
    /// been given and not handed out goes to the next.
    ///
    /// ```
    /// # #[runtime::main] async fn main() {
    /// let (tx, mut rx) = runtime::sync::mpsc::channel(1);
    /// let permit = tx.reserve().await.unwrap();
    /// permit.send(6 * 7); // there is room, whatever happened in between
    /// assert_eq!(rx.recv().await, Some(42));
    /// # }
    /// ```
    #[track_caller]
    pub fn reserve(&self) -> impl Future<Output = Result<Permit<'_, T>, SendError<()>>> {
        Reserve {
            channel: &self.channel,
            place: ForPlace::new(Location::caller()),
        }
    }

    /// As [`reserve`](Sender::reserve), and moves the sender into the permit.
    ///
    /// # Errors
    ///
    /// If the receiver is gone or has closed the channel.
    ///
    /// # Cancel safety
    ///
    /// As [`reserve`](Sender::reserve); the sender is dropped too.
    ///
    /// ```
    /// # #[runtime::main] async fn main() {
    /// let (tx, mut rx) = runtime::sync::mpsc::channel(1);
    /// let permit = tx.clone().reserve_owned().await.unwrap();
    /// let _tx = permit.send(1);
    /// assert_eq!(rx.recv().await, Some(1));
    /// # }
    /// ```
    #[track_caller]
    pub fn reserve_owned(self) -> impl Future<Output = Result<OwnedPermit<T>, SendError<()>>> {
        ReserveOwned {
            sender: Some(self),
            place: ForPlace::new(Location::caller()),
        }
    }

    /// Reserves a place if one is free and no other task waits for one.
    ///
    /// # Errors
    ///
    /// [`Full`](TrySendError::Full), or [`Closed`](TrySendError::Closed) if the receiver is gone
    /// or has closed the channel.
    ///
    /// ```
    /// use runtime::sync::mpsc::{channel, error::TrySendError};
    ///
    /// let (tx, _rx) = channel::<u32>(1);
    /// let permit = tx.try_reserve().unwrap();
    /// assert_eq!(tx.try_reserve().unwrap_err(), TrySendError::Full(()));
    /// drop(permit);
    /// assert!(tx.try_reserve().is_ok());
    /// ```
    #[track_caller]
    pub fn try_reserve(&self) -> Result<Permit<'_, T>, TrySendError<()>> {
        match self.channel.bound.try_reserve(Location::caller()) {
            Asked::Granted => Ok(Permit::new(&self.channel)),
            Asked::InLine => Err(TrySendError::Full(())),
            Asked::Refused => Err(TrySendError::Closed(())),
        }
    }

    /// As [`try_reserve`](Sender::try_reserve), and moves the sender into the permit.
    ///
    /// # Errors
    ///
    /// As [`try_reserve`](Sender::try_reserve); the sender comes back in the error.
    ///
    /// ```
    /// use runtime::sync::mpsc::{channel, error::TrySendError};
    ///
    /// let (tx, _rx) = channel::<u32>(1);
    /// let _permit = tx.clone().try_reserve_owned().unwrap();
    /// let full = tx.try_reserve_owned().unwrap_err();
    /// assert!(matches!(full, TrySendError::Full(_tx)));
    /// ```
    #[track_caller]
    pub fn try_reserve_owned(self) -> Result<OwnedPermit<T>, TrySendError<Self>> {
        match self.channel.bound.try_reserve(Location::caller()) {
            Asked::Granted => Ok(OwnedPermit::new(self)),
            Asked::InLine => Err(TrySendError::Full(self)),
            Asked::Refused => Err(TrySendError::Closed(self)),
        }
    }
}

/// See [`Sender::reserve`].
struct Reserve<'a, T> {
    channel: &'a Channel<T, Capacity>,
    place: ForPlace,
}

impl<'a, T> Future for Reserve<'a, T> {
    type Output = Result<Permit<'a, T>, SendError<()>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let granted = ready!(this.place.poll(this.channel, cx));
        this.place.emit_taken(this.channel, granted.is_ok());
        Poll::Ready(granted.map(|()| Permit::new(this.channel)))
    }
}

impl<T> Drop for Reserve<'_, T> {
    fn drop(&mut self) {
        self.place.leave(self.channel);
    }
}

/// See [`Sender::reserve_owned`].
struct ReserveOwned<T> {
    /// `None` once it is in the permit.
    sender: Option<Sender<T>>,
    place: ForPlace,
}

impl<T> Future for ReserveOwned<T> {
    type Output = Result<OwnedPermit<T>, SendError<()>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let Some(sender) = &this.sender else {
            panic!("a reserve_owned was polled again after it was done");
        };
        let granted = ready!(this.place.poll(&sender.channel, cx));
        this.place.emit_taken(&sender.channel, granted.is_ok());
        let sender = this.sender.take();
        Poll::Ready(match (granted, sender) {
            (Ok(()), Some(sender)) => Ok(OwnedPermit::new(sender)),
            _ => Err(SendError(())),
        })
    }
}

impl<T> Drop for ReserveOwned<T> {
    fn drop(&mut self) {
        if let Some(sender) = &self.sender {
            self.place.leave(&sender.channel);
        }
    }
}
