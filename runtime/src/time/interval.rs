//! `interval`: a tick every so often.
//!
//! The ticks are counted from the beginning, not from the last one that was seen: an
//! interval of 10 ms whose user needs 3 ms for each tick still ticks every 10 ms. If the
//! user is late by several ticks, they come in a burst until it has caught up.

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use super::{Instant, Sleep, sleep};

/// Ticks every `period`, the first time at once.
///
/// # Panics
///
/// If `period` is zero; if there is no runtime on this thread, or it was built without
/// [`enable_time`](crate::runtime::Builder::enable_time).
///
/// ```
/// # runtime::runtime::Builder::new_current_thread().enable_all().start_paused(true).build()?
/// # .block_on(async {
/// use runtime::time::{Duration, Instant, interval};
///
/// let start = Instant::now();
/// let mut interval = interval(Duration::from_millis(10));
/// for tick in 0..3 {
///     interval.tick().await;
///     assert_eq!(start.elapsed(), tick * Duration::from_millis(10));
/// }
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
#[track_caller]
pub fn interval(period: Duration) -> Interval {
    assert!(
        !period.is_zero(),
        "the period of an interval must not be zero"
    );
    Interval {
        // It has ended already: the first tick is not to wait for the wheel's next millisecond.
        delay: sleep(Duration::ZERO),
        period,
    }
}

/// Ticks every so often; made by [`interval`].
///
/// ```
/// # runtime::runtime::Builder::new_current_thread().enable_all().start_paused(true).build()?
/// # .block_on(async {
/// let mut interval = runtime::time::interval(std::time::Duration::from_secs(1));
/// let first = interval.tick().await;
/// assert_eq!(interval.tick().await - first, interval.period());
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Interval {
    delay: Sleep,
    period: Duration,
}

impl Interval {
    /// Waits for the next tick, and returns when it was due.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: no tick is lost.
    ///
    /// ```
    /// # runtime::runtime::Builder::new_current_thread().enable_all().start_paused(true).build()?
    /// # .block_on(async {
    /// use runtime::time::{Instant, interval};
    /// let now = Instant::now();
    /// assert_eq!(interval(std::time::Duration::from_secs(1)).tick().await, now);
    /// # });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn tick(&mut self) -> impl Future<Output = Instant> {
        poll_fn(|cx| self.poll_tick(cx))
    }

    /// As [`tick`](Interval::tick), for those who write `poll` by hand.
    ///
    /// ```
    /// # runtime::runtime::Builder::new_current_thread().enable_all().start_paused(true).build()?
    /// # .block_on(async {
    /// let mut interval = runtime::time::interval(std::time::Duration::from_secs(1));
    /// std::future::poll_fn(|cx| interval.poll_tick(cx)).await;
    /// # });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn poll_tick(&mut self, cx: &mut Context<'_>) -> Poll<Instant> {
        ready!(Pin::new(&mut self.delay).poll(cx));
        let due = self.delay.deadline();
        let next = due.checked_add(self.period);
        let next = next.unwrap_or_else(|| Instant::after(Duration::MAX));
        Pin::new(&mut self.delay).reset(next);
        Poll::Ready(due)
    }

    /// Lets the next tick come one period from now.
    ///
    /// ```
    /// # runtime::runtime::Builder::new_current_thread().enable_all().start_paused(true).build()?
    /// # .block_on(async {
    /// use runtime::time::{Duration, Instant, interval};
    /// let mut interval = interval(Duration::from_secs(1));
    /// interval.reset();
    /// assert_eq!(interval.tick().await, Instant::now());
    /// # });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn reset(&mut self) {
        Pin::new(&mut self.delay).reset(Instant::after(self.period));
    }

    /// The time between two ticks.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// let second = std::time::Duration::from_secs(1);
    /// assert_eq!(runtime::time::interval(second).period(), second);
    /// # });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn period(&self) -> Duration {
        self.period
    }
}

impl fmt::Debug for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Interval")
            .field("next", &self.delay.deadline())
            .field("period", &self.period)
            .finish()
    }
}
