//! The sending end of a bounded channel.
//!
//! To send is two steps: take a place (`capacity`), put the message into the ring (`channel`).
//! Only the first can wait. A wait that is dropped gives its place to the next sender in line.

use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use super::capacity::{Asked, Capacity};
use super::channel::Channel;
use super::error::{SendError, TrySendError};
use super::waits::{Closed, ForPlace};
use crate::base::stays::{STAYS, Stays};

/// Sends messages into a bounded channel; made by [`channel`](super::channel()).
///
/// Clones send into the same channel. When the last of them is dropped the receiver takes out
/// what is left, and then hears that nothing more will come.
pub struct Sender<T> {
    pub(super) channel: Rc<Channel<T, Capacity>>,
    _stays: Stays,
}

impl<T> Sender<T> {
    pub(super) fn new(channel: Rc<Channel<T, Capacity>>) -> Sender<T> {
        Sender {
            channel,
            _stays: STAYS,
        }
    }

    /// Waits for a place and sends.
    ///
    /// Places are given in the order in which they were asked for.
    ///
    /// # Errors
    ///
    /// The value comes back if the receiver is gone or has closed the channel. `Ok` does not
    /// mean that it is received: the receiver may be dropped before it gets there.
    ///
    /// # Cancel safety
    ///
    /// If it is dropped before it is ready, nothing was sent: the value is dropped with it, and
    /// the place in the line is lost. A place that it had been given and not used goes to the
    /// next. To keep the value, [`reserve`](Sender::reserve) first.
    ///
    /// ```
    /// # #[runtime::main] async fn main() {
    /// let (tx, mut rx) = runtime::sync::mpsc::channel(1);
    /// runtime::spawn(async move {
    ///     tx.send("one").await.unwrap();
    ///     tx.send("two").await.unwrap(); // waits until "one" was received
    /// });
    /// assert_eq!(rx.recv().await, Some("one"));
    /// assert_eq!(rx.recv().await, Some("two"));
    /// # }
    /// ```
    #[inline]
    #[track_caller]
    pub fn send(&self, value: T) -> impl Future<Output = Result<(), SendError<T>>> {
        Send {
            channel: &self.channel,
            value: Some(value),
            place: ForPlace::new(Location::caller()),
        }
    }

    /// Sends if a place is free and no other task waits for one.
    ///
    /// # Errors
    ///
    /// The value comes back: [`Full`](TrySendError::Full), or
    /// [`Closed`](TrySendError::Closed) if the receiver is gone or has closed the channel.
    ///
    /// ```
    /// use runtime::sync::mpsc::{channel, error::TrySendError};
    ///
    /// let (tx, rx) = channel(1);
    /// assert_eq!(tx.try_send(1), Ok(()));
    /// assert_eq!(tx.try_send(2), Err(TrySendError::Full(2)));
    /// drop(rx);
    /// assert_eq!(tx.try_send(3), Err(TrySendError::Closed(3)));
    /// ```
    #[inline]
    pub fn try_send(&self, message: T) -> Result<(), TrySendError<T>> {
        match self.channel.bound.try_take() {
            Asked::Granted => {
                self.channel.push(message);
                Ok(())
            }
            Asked::InLine => Err(TrySendError::Full(message)),
            Asked::Refused => Err(TrySendError::Closed(message)),
        }
    }

    /// Waits until the receiver is dropped or closes the channel: a producer can stop.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: nothing is lost.
    ///
    /// ```
    /// # #[runtime::main] async fn main() {
    /// let (tx, rx) = runtime::sync::mpsc::channel::<u32>(1);
    /// runtime::spawn(async move { drop(rx) });
    /// tx.closed().await;
    /// # }
    /// ```
    #[track_caller]
    pub fn closed(&self) -> impl Future<Output = ()> {
        Closed::new(&*self.channel, Location::caller())
    }

    /// Whether the receiver is gone or has closed the channel.
    pub fn is_closed(&self) -> bool {
        self.channel.is_closed()
    }

    /// Whether both send into the same channel.
    pub fn same_channel(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.channel, &other.channel)
    }

    /// How many places are free now. Permits count as taken.
    pub fn capacity(&self) -> usize {
        self.channel.bound.free()
    }

    /// How many places there are: what [`channel`](super::channel()) was given.
    pub fn max_capacity(&self) -> usize {
        self.channel.bound.places()
    }

    /// How many senders the channel has.
    pub fn strong_count(&self) -> usize {
        self.channel.senders()
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Sender<T> {
        self.channel.add_sender();
        Sender::new(Rc::clone(&self.channel))
    }
}

impl<T> Drop for Sender<T> {
    #[inline]
    fn drop(&mut self) {
        self.channel.remove_sender();
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender")
            .field("capacity", &self.capacity())
            .field("max_capacity", &self.max_capacity())
            .field("closed", &self.is_closed())
            .finish()
    }
}

/// See [`Sender::send`].
struct Send<'a, T> {
    channel: &'a Channel<T, Capacity>,
    /// `None` once it has been sent or has come back.
    value: Option<T>,
    place: ForPlace,
}

// The value is moved, never pinned.
impl<T> Unpin for Send<'_, T> {}

impl<T> Future for Send<'_, T> {
    type Output = Result<(), SendError<T>>;

    #[inline(always)]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let granted = ready!(this.place.poll(this.channel, cx));
        let Some(value) = this.value.take() else {
            panic!("a send was polled again after it was done");
        };
        Poll::Ready(match granted {
            Ok(()) => {
                this.channel.push(value);
                Ok(())
            }
            Err(SendError(())) => Err(SendError(value)),
        })
    }
}

impl<T> Drop for Send<'_, T> {
    #[inline]
    fn drop(&mut self) {
        self.place.leave(self.channel);
    }
}
