//! Waiting to be cancelled, and working until then.
//!
//! Every clone of a token may wait, in any number of futures. All of them wait in one list, at the
//! token's node in the tree, and all are woken together. Nothing is handed over, so a wait that is
//! dropped has nothing to pass on: it only takes its waker out of the list.

use std::fmt;
use std::future::{Future, poll_fn};
use std::panic::Location;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker, ready};

use super::CancellationToken;
use super::tree::Node;
use crate::machine::coop;
use crate::machine::wait_list::WaitKey;
use crate::trace::Shared;

impl CancellationToken {
    /// Waits until the token is cancelled; ready at once if it is.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    #[track_caller]
    pub fn cancelled(&self) -> WaitForCancellationFuture<'_> {
        WaitForCancellationFuture {
            token: self,
            wait: Wait::new(),
        }
    }

    /// As [`cancelled`](CancellationToken::cancelled), for a future that is moved into a task.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    ///
    /// ```
    /// # #[runtime::main] async fn main() {
    /// let token = runtime::sync::CancellationToken::new();
    /// let task = runtime::spawn(token.clone().cancelled_owned());
    /// token.cancel();
    /// task.await.unwrap();
    /// # }
    /// ```
    #[track_caller]
    pub fn cancelled_owned(self) -> WaitForCancellationFutureOwned {
        WaitForCancellationFutureOwned {
            token: self,
            wait: Wait::new(),
        }
    }

    /// Works on `future` until it is ready, or the token is cancelled: then it is dropped, and
    /// the result is `None`. If both happen in the same poll, the work has won; but a token that
    /// was cancelled before the first poll lets it not even begin.
    ///
    /// # Cancel safety
    ///
    /// That of `future`.
    ///
    /// ```
    /// # #[runtime::main] async fn main() {
    /// let token = runtime::sync::CancellationToken::new();
    /// assert_eq!(token.run_until_cancelled(async { 5 }).await, Some(5));
    /// token.cancel();
    /// assert_eq!(token.run_until_cancelled(async { 5 }).await, None);
    /// # }
    /// ```
    #[track_caller]
    pub fn run_until_cancelled<F: Future>(
        &self,
        future: F,
    ) -> impl Future<Output = Option<F::Output>> {
        run(self.cancelled(), future)
    }

    /// As [`run_until_cancelled`](CancellationToken::run_until_cancelled), for a future that is
    /// moved into a task.
    ///
    /// # Cancel safety
    ///
    /// That of `future`.
    ///
    /// ```
    /// # #[runtime::main] async fn main() {
    /// let token = runtime::sync::CancellationToken::new();
    /// let work = std::future::pending::<()>();
    /// let task = runtime::spawn(token.clone().run_until_cancelled_owned(work));
    /// token.cancel();
    /// assert_eq!(task.await.unwrap(), None);
    /// # }
    /// ```
    #[track_caller]
    pub fn run_until_cancelled_owned<F: Future>(
        self,
        future: F,
    ) -> impl Future<Output = Option<F::Output>> {
        run(self.cancelled_owned(), future)
    }
}

/// `cancelled` knows whether it is over before it is polled: it is one of the two below.
async fn run<C, F>(mut cancelled: C, future: F) -> Option<F::Output>
where
    C: Future<Output = ()> + Unpin + Asks,
    F: Future,
{
    if cancelled.is_cancelled() {
        return None;
    }
    let mut future = pin!(future);
    poll_fn(|cx| {
        // Work that the budget refused has not had its chance to win.
        ready!(coop::poll_available(cx));
        match future.as_mut().poll(cx) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending => Pin::new(&mut cancelled).poll(cx).map(|()| None),
        }
    })
    .await
}

/// What both kinds of wait can say at once.
trait Asks {
    fn is_cancelled(&self) -> bool;
}

/// Waits until a token is cancelled: see [`CancellationToken::cancelled`].
#[must_use = "futures do nothing unless polled"]
pub struct WaitForCancellationFuture<'a> {
    token: &'a CancellationToken,
    wait: Wait,
}

/// As a [`WaitForCancellationFuture`], with a token of its own: see
/// [`CancellationToken::cancelled_owned`].
#[must_use = "futures do nothing unless polled"]
pub struct WaitForCancellationFutureOwned {
    token: CancellationToken,
    wait: Wait,
}

/// What both kinds are, but for how they hold on to the token.
struct Wait {
    key: Option<WaitKey>,
    at: &'static Location<'static>,
}

impl Wait {
    #[track_caller]
    fn new() -> Wait {
        Wait {
            key: None,
            at: Location::caller(),
        }
    }

    fn poll(&mut self, node: &Node, waker: &Waker) -> Poll<()> {
        let is_cancelled = || node.is_cancelled();
        let (waiters, key) = (&node.waiters, &mut self.key);
        let waits = !is_cancelled() && waiters.register(key, waker, is_cancelled).is_pending();
        waiters.emit_waiting(waits, Shared::CancellationToken, self.at);
        if waits {
            return Poll::Pending;
        }
        waiters.leave(key);
        Poll::Ready(())
    }
}

macro_rules! wait_for_cancellation {
    ($wait:ty, $name:literal) => {
        impl Future for $wait {
            type Output = ();

            fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
                let this = self.get_mut();
                this.wait.poll(&this.token.node, cx.waker())
            }
        }

        impl Asks for $wait {
            fn is_cancelled(&self) -> bool {
                self.token.is_cancelled()
            }
        }

        impl Drop for $wait {
            fn drop(&mut self) {
                self.token.node.waiters.leave(&mut self.wait.key);
            }
        }

        impl fmt::Debug for $wait {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct($name).finish_non_exhaustive()
            }
        }
    };
}

wait_for_cancellation!(WaitForCancellationFuture<'_>, "WaitForCancellationFuture");
wait_for_cancellation!(
    WaitForCancellationFutureOwned,
    "WaitForCancellationFutureOwned"
);
