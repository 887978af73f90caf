//! The values of a watch, as a stream.
//!
//! A watch keeps the last value only, so the stream gives what is there when it is polled,
//! and skips what came and went in between. As in `broadcast.rs`, receiver and wait are in one
//! box while it waits.

use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;

use crate::sync::watch::Receiver;
use crate::trace::with_line;

/// The receiver again, unless all senders are gone.
type Wait<T> = Pin<Box<dyn Future<Output = Option<Receiver<T>>>>>;

/// The values of a watch, the present one first, until all senders are gone.
///
/// ```
/// # #[runtime::main] async fn main() {
/// use futures_lite::StreamExt;
/// use runtime::stream::wrappers::WatchStream;
///
/// let (sender, receiver) = runtime::sync::watch::channel("cold");
/// let mut values = WatchStream::new(receiver);
/// assert_eq!(values.next().await, Some("cold"));
/// sender.send("warm").unwrap();
/// sender.send("hot").unwrap();
/// assert_eq!(values.next().await, Some("hot"));
/// drop(sender);
/// assert_eq!(values.next().await, None);
/// # }
/// ```
#[must_use = "a stream does nothing unless it is polled"]
pub struct WatchStream<T> {
    /// `None` after the end.
    wait: Option<Wait<T>>,
    /// The line that made it.
    at: &'static Location<'static>,
}

impl<T: Clone + 'static> WatchStream<T> {
    /// Gives the present value first, seen or not.
    #[track_caller]
    pub fn new(receiver: Receiver<T>) -> Self {
        WatchStream {
            wait: Some(Box::pin(async move { Some(receiver) })),
            at: Location::caller(),
        }
    }

    /// Gives only values that `receiver` has not seen yet.
    ///
    /// ```
    /// # #[runtime::main] async fn main() {
    /// use futures_lite::StreamExt;
    /// use runtime::stream::wrappers::WatchStream;
    ///
    /// let (sender, receiver) = runtime::sync::watch::channel("cold");
    /// let mut values = WatchStream::from_changes(receiver);
    /// sender.send("hot").unwrap();
    /// assert_eq!(values.next().await, Some("hot"));
    /// # }
    /// ```
    #[track_caller]
    pub fn from_changes(receiver: Receiver<T>) -> Self {
        WatchStream {
            wait: Some(changed(receiver)),
            at: Location::caller(),
        }
    }
}

impl<T: Clone + 'static> From<Receiver<T>> for WatchStream<T> {
    #[track_caller]
    fn from(receiver: Receiver<T>) -> Self {
        Self::new(receiver)
    }
}

impl<T: Clone + 'static> Stream for WatchStream<T> {
    type Item = T;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        let me = self.get_mut();
        let Some(wait) = &mut me.wait else {
            return Poll::Ready(None);
        };
        let at = me.at;
        let Poll::Ready(receiver) = with_line(at, || wait.as_mut().poll(cx)) else {
            return Poll::Pending;
        };
        me.wait = None;
        let Some(mut receiver) = receiver else {
            return Poll::Ready(None);
        };
        let value = receiver.borrow_and_update().clone();
        me.wait = Some(changed(receiver));
        Poll::Ready(Some(value))
    }
}

fn changed<T: 'static>(mut receiver: Receiver<T>) -> Wait<T> {
    Box::pin(async move {
        let changed = receiver.changed().await;
        changed.ok().map(|()| receiver)
    })
}

impl<T> fmt::Debug for WatchStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WatchStream").finish_non_exhaustive()
    }
}
