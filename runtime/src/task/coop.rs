//! The budget, for programs that write futures of their own.
//!
//! Each poll of a task may complete 128 operations; then every leaf future answers `Pending`
//! and the task goes to the back of the queue, so that the other tasks have their turn. The leaf
//! futures of this crate do that by themselves. What follows is for code that does not
//! await any of them: a loop that computes, or a channel of another crate, which knows no
//! budget.
//!
//! How it can go wrong:
//!
//! - *A future takes a message first, and then finds that the budget is spent.* The message would
//!   be lost with the `Pending`. So a future asks first ([`poll_proceed`]), and gives the unit
//!   back if there was nothing to take.
//! - *A program takes a `Pending` for "not ready"*, as `now_or_never` does. When
//!   [`has_budget_remaining`] said no before the poll, the operation was not tried.
//!
//! Outside of a task nothing is counted: everything may always go on.

use std::cell::Cell;
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use crate::machine::coop;

/// Spends one unit of the budget; when none is left, lets the other tasks have their turn first.
///
/// For a loop that computes for long: a call in each round makes it share the thread.
///
/// # Cancel safety
///
/// Cancel safe.
///
/// ```
/// # #[runtime::main] async fn main() {
/// let other = runtime::spawn(async {});
/// for _ in 0..1000 {
///     // ... a piece of the work ...
///     runtime::task::coop::consume_budget().await;
/// }
/// assert!(other.is_finished());
/// # }
/// ```
pub fn consume_budget() -> impl Future<Output = ()> {
    poll_fn(|cx| {
        ready!(coop::poll_proceed(cx)).made_progress();
        Poll::Ready(())
    })
}

/// Whether the running task may complete another operation in this poll. Outside of a task
/// it always may.
///
/// ```
/// use runtime::task::coop::has_budget_remaining;
/// assert!(has_budget_remaining());
/// ```
pub fn has_budget_remaining() -> bool {
    coop::has_budget()
}

/// Lets `inner` go on for as long as it finds something to do, without a budget.
///
/// Everything else on this thread waits meanwhile. It is for a future that keeps its own
/// measure.
///
/// # Cancel safety
///
/// As cancel safe as `inner` is.
///
/// ```
/// # #[runtime::main] async fn main() {
/// use runtime::task::coop::{consume_budget, unconstrained};
///
/// let other = runtime::spawn(async {});
/// unconstrained(async {
///     for _ in 0..1000 {
///         consume_budget().await;
///     }
/// })
/// .await;
/// assert!(!other.is_finished());
/// # }
/// ```
pub fn unconstrained<F>(inner: F) -> Unconstrained<F> {
    Unconstrained { inner }
}

pin_project! {
    /// The future that [`unconstrained`] returns.
    #[derive(Debug)]
    #[must_use = "a future does nothing unless it is polled: await it"]
    pub struct Unconstrained<F> {
        #[pin]
        inner: F,
    }
}

impl<F: Future> Future for Unconstrained<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let inner = self.project().inner;
        coop::unconstrained(|| inner.poll(cx))
    }
}

/// Makes `future` share the thread: its completion spends a unit of the budget, and it is
/// not polled when none is left.
///
/// # Cancel safety
///
/// As cancel safe as `future` is.
///
/// ```
/// # #[runtime::main] async fn main() {
/// use runtime::task::coop::cooperative;
///
/// let other = runtime::spawn(async {});
/// for n in 0..1000 {
///     assert_eq!(cooperative(std::future::ready(n)).await, n);
/// }
/// assert!(other.is_finished());
/// # }
/// ```
pub fn cooperative<F: Future>(future: F) -> Coop<F> {
    Coop { future }
}

pin_project! {
    /// The future that [`cooperative`] returns.
    #[derive(Debug)]
    #[must_use = "a future does nothing unless it is polled: await it"]
    pub struct Coop<F> {
        #[pin]
        future: F,
    }
}

impl<F: Future> Future for Coop<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let unit = ready!(coop::poll_proceed(cx));
        let output = ready!(self.project().future.poll(cx));
        unit.made_progress();
        Poll::Ready(output)
    }
}

/// Spends one unit on trial; when none is left, wakes the task and answers `Pending`.
///
/// Ask before the operation, and call [`made_progress`](RestoreOnPending::made_progress)
/// when it has completed. Otherwise the unit comes back when the answer is dropped.
///
/// ```
/// # #[runtime::main] async fn main() {
/// use runtime::task::coop::poll_proceed;
/// use std::collections::VecDeque;
/// use std::future::poll_fn;
/// use std::task::{Poll, ready};
///
/// let mut messages = VecDeque::from([1, 2, 3]);
/// let first = poll_fn(|cx| {
///     let unit = ready!(poll_proceed(cx));
///     let message = messages.pop_front(); // or `Pending`, with a waker left somewhere
///     unit.made_progress();
///     Poll::Ready(message)
/// });
/// assert_eq!(first.await, Some(1));
/// # }
/// ```
pub fn poll_proceed(cx: &mut Context<'_>) -> Poll<RestoreOnPending> {
    let counts = coop::counts();
    let unit = coop::poll_proceed(cx);
    unit.map(|unit| {
        let unit = RestoreOnPending(Cell::new(Some(unit)));
        if !counts {
            // It must not be given back where it would count.
            unit.made_progress();
        }
        unit
    })
}

/// A unit that has been spent on trial; made by [`poll_proceed`].
#[must_use = "dropping it gives the unit back: call made_progress when the operation completed"]
pub struct RestoreOnPending(Cell<Option<coop::RestoreOnPending>>);

impl RestoreOnPending {
    /// The operation completed: the unit is spent for good.
    pub fn made_progress(&self) {
        if let Some(unit) = self.0.take() {
            unit.made_progress();
        }
    }
}

impl Drop for RestoreOnPending {
    fn drop(&mut self) {
        if let Some(unit) = self.0.take() {
            unit.come_back_late();
        }
    }
}

impl fmt::Debug for RestoreOnPending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RestoreOnPending").finish_non_exhaustive()
    }
}
