//! The receiver: an end of a broadcast channel that gets every message.
//!
//! A receiver remembers the position of the message that it takes next. If the channel has dropped
//! that message already, the receiver is told how many it missed, and goes on with the oldest that
//! is left.

use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use super::error::{RecvError, TryRecvError};
use super::shared::Shared;
use crate::machine::coop;
use crate::machine::wait_list::WaitKey;

/// Takes every message that was sent since it was made; made by [`channel`](super::channel()),
/// [`Sender::subscribe`](super::Sender::subscribe) and [`Receiver::resubscribe`].
pub struct Receiver<T> {
    shared: Rc<Shared<T>>,
    /// The position of the message that it takes next.
    next: u64,
}

impl<T> Receiver<T> {
    pub(super) fn new(shared: Rc<Shared<T>>) -> Receiver<T> {
        shared.endpoints.add_receiver();
        let next = shared.next();
        Receiver { shared, next }
    }

    /// How many messages were sent that it has not taken, those that it has missed included.
    pub fn len(&self) -> usize {
        (self.shared.next() - self.next) as usize
    }

    /// Whether it has taken everything.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether both listen to the same channel.
    pub fn same_channel(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.shared, &other.shared)
    }

    /// How many senders there are.
    pub fn sender_strong_count(&self) -> usize {
        self.shared.endpoints.senders()
    }

    /// Whether all senders are gone. What they sent can still be received.
    pub fn is_closed(&self) -> bool {
        self.shared.endpoints.senders() == 0
    }
}

impl<T: Clone> Receiver<T> {
    /// Another receiver, of what is sent from now on: it does not get what this one has yet to
    /// take.
    ///
    /// ```
    /// let (tx, rx) = runtime::sync::broadcast::channel(8);
    /// tx.send(1).unwrap();
    /// let mut other = rx.resubscribe();
    /// tx.send(2).unwrap();
    /// assert_eq!(other.try_recv(), Ok(2));
    /// ```
    pub fn resubscribe(&self) -> Self {
        Receiver::new(Rc::clone(&self.shared))
    }

    /// Waits for the next message.
    ///
    /// # Errors
    ///
    /// [`Closed`](RecvError::Closed) if all senders are gone and everything was taken;
    /// [`Lagged`](RecvError::Lagged) if messages were dropped before this receiver got to them:
    /// it says how many, and the next call goes on with the oldest that is left.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a message is taken only when the future is ready with it.
    ///
    /// ```
    /// # #[runtime::main] async fn main() {
    /// let (tx, mut rx) = runtime::sync::broadcast::channel(8);
    /// runtime::spawn(async move { tx.send("hello").unwrap() });
    /// assert_eq!(rx.recv().await, Ok("hello"));
    /// # }
    /// ```
    #[track_caller]
    pub fn recv(&mut self) -> impl Future<Output = Result<T, RecvError>> {
        Recv {
            receiver: self,
            key: None,
            at: Location::caller(),
        }
    }

    /// Takes the next message if there is one.
    ///
    /// # Errors
    ///
    /// [`Empty`](TryRecvError::Empty) if everything was taken, and otherwise as
    /// [`recv`](Receiver::recv).
    ///
    /// ```
    /// use runtime::sync::broadcast::{channel, error::TryRecvError};
    ///
    /// let (tx, mut rx) = channel(8);
    /// assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
    /// tx.send(1).unwrap();
    /// assert_eq!(rx.try_recv(), Ok(1));
    /// ```
    pub fn try_recv(&mut self) -> Result<T, TryRecvError> {
        let value = self.shared.take(&mut self.next)?;
        Ok(T::clone(&value))
    }
}

impl<T> Drop for Receiver<T> {
    /// A task that is woken for it may send, and so may the drop of a message. In what they send
    /// this receiver has no part: it is off the count, and done with its own messages, by then.
    fn drop(&mut self) {
        let endpoints = &self.shared.endpoints;
        let done = self.shared.forsake(self.next);
        endpoints.emit_gone(done.len());
        endpoints.remove_receiver();
        drop(done);
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("broadcast::Receiver")
            .field("len", &self.len())
            .field("closed", &self.is_closed())
            .finish()
    }
}

/// See [`Receiver::recv`].
struct Recv<'a, T> {
    receiver: &'a mut Receiver<T>,
    key: Option<WaitKey>,
    at: &'static Location<'static>,
}

impl<T> Recv<'_, T> {
    /// Waits until there is anything to take or to hear. Look again when it is ready.
    fn poll_changed(&mut self, cx: &Context<'_>) -> Poll<()> {
        let receiver = &*self.receiver;
        let is_new = || !receiver.is_empty() || receiver.is_closed();
        let endpoints = &receiver.shared.endpoints;
        endpoints.poll_changed(&mut self.key, cx, self.at, is_new)
    }
}

impl<T: Clone> Future for Recv<'_, T> {
    type Output = Result<T, RecvError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let budget = ready!(coop::poll_proceed(cx));
        let result = loop {
            break match this.receiver.try_recv() {
                Ok(value) => Ok(value),
                Err(TryRecvError::Closed) => Err(RecvError::Closed),
                Err(TryRecvError::Lagged(missed)) => Err(RecvError::Lagged(missed)),
                Err(TryRecvError::Empty) => {
                    ready!(this.poll_changed(cx));
                    continue;
                }
            };
        };
        budget.made_progress();
        this.receiver.shared.endpoints.leave_changed(&mut this.key);
        Poll::Ready(result)
    }
}

impl<T> Drop for Recv<'_, T> {
    fn drop(&mut self) {
        self.receiver.shared.endpoints.leave_changed(&mut self.key);
    }
}
