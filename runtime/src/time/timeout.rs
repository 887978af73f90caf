//! `timeout`: a future that may take only so long.
//!
//! It polls the future first and its timer second, so that a future which is ready at the
//! last moment still wins. With a limit of zero the timer has ended before it began: one poll
//! is all that the future gets.
//!
//! How it can go wrong: a task whose budget is spent gets `Pending` from everything. If that
//! counted as "not ready", a limit of zero would elapse for ever, however much there is to take.
//! So the time is up only for a future that was asked while there was budget.

use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use pin_project_lite::pin_project;

use super::error::Elapsed;
use super::{Instant, Sleep, sleep, sleep_until};
use crate::machine::coop;

/// Gives `future` at most `duration` to end: its value, or [`Elapsed`].
///
/// When the time has run out, the future is polled once more: a value that is ready by then is
/// returned. Otherwise the answer is [`Elapsed`], and the future is dropped together with the
/// `Timeout`. A future that never gives the thread back cannot be timed out: the timer
/// is never polled.
///
/// # Cancel safety
///
/// As cancel safe as `future` is.
///
/// # Panics
///
/// If there is no runtime on this thread, or it was built without
/// [`enable_time`](crate::runtime::Builder::enable_time).
///
/// ```
/// # #[runtime::main(start_paused = true)] async fn main() {
/// use runtime::time::{Duration, timeout};
///
/// let second = Duration::from_secs(1);
/// assert_eq!(timeout(second, async { 7 }).await, Ok(7));
/// assert!(timeout(second, std::future::pending::<()>()).await.is_err());
/// # }
/// ```
#[track_caller]
pub fn timeout<F>(duration: Duration, future: F) -> Timeout<F::IntoFuture>
where
    F: IntoFuture,
{
    Timeout {
        future: future.into_future(),
        delay: sleep(duration),
    }
}

/// Gives `future` until `deadline` to end: its value, or [`Elapsed`].
///
/// See [`timeout`] for everything else.
///
/// ```
/// # #[runtime::main(start_paused = true)] async fn main() {
/// use runtime::time::{Duration, Instant, timeout_at};
///
/// let deadline = Instant::now() + Duration::from_secs(1);
/// assert!(timeout_at(deadline, std::future::pending::<()>()).await.is_err());
/// # }
/// ```
#[track_caller]
pub fn timeout_at<F>(deadline: Instant, future: F) -> Timeout<F::IntoFuture>
where
    F: IntoFuture,
{
    Timeout {
        future: future.into_future(),
        delay: sleep_until(deadline),
    }
}

pin_project! {
    /// The future that [`timeout`] and [`timeout_at`] return.
    #[must_use = "a future does nothing unless it is polled: await it"]
    #[derive(Debug)]
    pub struct Timeout<F> {
        #[pin]
        future: F,
        delay: Sleep,
    }
}

impl<F> Timeout<F> {
    /// The future.
    pub fn get_ref(&self) -> &F {
        &self.future
    }

    /// The future, to be changed.
    ///
    /// ```
    /// # #[runtime::main] async fn main() {
    /// use runtime::time::{Duration, timeout};
    /// let mut guarded = timeout(Duration::from_secs(1), std::future::ready(7));
    /// *guarded.get_mut() = std::future::ready(8);
    /// assert_eq!(guarded.get_ref().clone().into_inner(), 8);
    /// assert_eq!(guarded.await, Ok(8));
    /// # }
    /// ```
    pub fn get_mut(&mut self) -> &mut F {
        &mut self.future
    }

    /// The future, without the limit.
    pub fn into_inner(self) -> F {
        self.future
    }
}

impl<F: Future> Future for Timeout<F> {
    type Output = Result<F::Output, Elapsed>;

    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let had_budget = coop::has_budget();
        if let Poll::Ready(value) = this.future.poll(cx) {
            return Poll::Ready(Ok(value));
        }
        let delay = Pin::new(this.delay);
        // Without budget the future was not asked, and neither is the timer: it wakes the task,
        // and both have their turn. But a future that spends the whole budget each time must not
        // keep the clock from being looked at.
        let elapsed = match had_budget && !coop::has_budget() {
            true => coop::unconstrained(|| delay.poll(cx)),
            false => delay.poll(cx),
        };
        elapsed.map(|()| Err(Elapsed::new()))
    }
}
