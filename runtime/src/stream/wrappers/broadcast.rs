//! What is broadcast, as a stream.
//!
//! A receiver waits by a future that borrows it, and the wait's place in the line is the
//! future's: to drop it at each poll would be to go to the back of the line. So while it
//! waits, receiver and future are in one box together; the box gives the receiver back with
//! the answer. What is there already needs no box.

use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;

use crate::machine::coop;
use crate::sync::broadcast::Receiver;
use crate::sync::broadcast::error::{RecvError, TryRecvError};
use crate::trace::with_line;

/// What can go wrong in a stream.
pub mod errors {
    use std::fmt;

    /// An item of a [`BroadcastStream`](super::BroadcastStream) that is no message.
    ///
    /// ```
    /// use runtime::stream::wrappers::errors::BroadcastStreamRecvError;
    /// let error = BroadcastStreamRecvError::Lagged(3);
    /// assert_eq!(error.to_string(), "the receiver was too slow, and missed 3 messages");
    /// ```
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub enum BroadcastStreamRecvError {
        /// The receiver was too slow: so many messages were overwritten before it came.
        Lagged(u64),
    }

    impl fmt::Display for BroadcastStreamRecvError {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            let BroadcastStreamRecvError::Lagged(missed) = self;
            write!(f, "the receiver was too slow, and missed {missed} messages")
        }
    }

    impl std::error::Error for BroadcastStreamRecvError {}
}

use errors::BroadcastStreamRecvError;

type Answer<T> = (Result<T, RecvError>, Receiver<T>);

/// The messages of a broadcast channel, until all senders are gone. One that was missed is an
/// error, after which the stream goes on.
///
/// ```
/// # #[runtime::main] async fn main() {
/// use futures_lite::StreamExt;
/// use runtime::stream::wrappers::BroadcastStream;
/// use runtime::stream::wrappers::errors::BroadcastStreamRecvError::Lagged;
///
/// let (sender, receiver) = runtime::sync::broadcast::channel(2);
/// for n in 1..=3 {
///     sender.send(n).unwrap();
/// }
/// drop(sender);
/// let all: Vec<_> = BroadcastStream::new(receiver).collect().await;
/// assert_eq!(all, [Err(Lagged(1)), Ok(2), Ok(3)]);
/// # }
/// ```
#[must_use = "a stream does nothing unless it is polled"]
pub struct BroadcastStream<T> {
    state: State<T>,
    /// The line that made it.
    at: &'static Location<'static>,
}

enum State<T> {
    Idle(Receiver<T>),
    Waiting(Pin<Box<dyn Future<Output = Answer<T>>>>),
    /// All senders are gone.
    Ended,
}

impl<T: Clone + 'static> BroadcastStream<T> {
    /// Makes a stream of it.
    #[track_caller]
    pub fn new(receiver: Receiver<T>) -> Self {
        BroadcastStream {
            state: State::Idle(receiver),
            at: Location::caller(),
        }
    }
}

impl<T: Clone + 'static> From<Receiver<T>> for BroadcastStream<T> {
    #[track_caller]
    fn from(receiver: Receiver<T>) -> Self {
        Self::new(receiver)
    }
}

impl<T: Clone + 'static> Stream for BroadcastStream<T> {
    type Item = Result<T, BroadcastStreamRecvError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let me = self.get_mut();
        with_line(me.at, || me.state.poll(cx))
    }
}

impl<T: Clone + 'static> State<T> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<<BroadcastStream<T> as Stream>::Item>> {
        let received = match std::mem::replace(self, State::Ended) {
            State::Ended => return Poll::Ready(None),
            State::Idle(receiver) => ready!(self.poll_idle(cx, receiver)),
            State::Waiting(wait) => ready!(self.poll_wait(cx, wait)),
        };
        Poll::Ready(match received {
            Ok(message) => Some(Ok(message)),
            Err(RecvError::Lagged(missed)) => Some(Err(BroadcastStreamRecvError::Lagged(missed))),
            Err(RecvError::Closed) => {
                *self = State::Ended;
                None
            }
        })
    }

    /// Takes what is there; waits for what is not.
    fn poll_idle(
        &mut self,
        cx: &mut Context<'_>,
        mut receiver: Receiver<T>,
    ) -> Poll<Result<T, RecvError>> {
        let Poll::Ready(unit) = coop::poll_proceed(cx) else {
            *self = State::Idle(receiver);
            return Poll::Pending;
        };
        let received = match receiver.try_recv() {
            Ok(message) => Ok(message),
            Err(TryRecvError::Lagged(missed)) => Err(RecvError::Lagged(missed)),
            Err(TryRecvError::Closed) => Err(RecvError::Closed),
            Err(TryRecvError::Empty) => {
                drop(unit);
                let wait = async move { (receiver.recv().await, receiver) };
                return self.poll_wait(cx, Box::pin(wait));
            }
        };
        unit.made_progress();
        *self = State::Idle(receiver);
        Poll::Ready(received)
    }

    fn poll_wait(
        &mut self,
        cx: &mut Context<'_>,
        mut wait: Pin<Box<dyn Future<Output = Answer<T>>>>,
    ) -> Poll<Result<T, RecvError>> {
        let Poll::Ready((received, receiver)) = wait.as_mut().poll(cx) else {
            *self = State::Waiting(wait);
            return Poll::Pending;
        };
        *self = State::Idle(receiver);
        Poll::Ready(received)
    }
}

impl<T> fmt::Debug for BroadcastStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BroadcastStream").finish_non_exhaustive()
    }
}
