//! `interval`: a tick every so often.
//!
//! The ticks are counted from the beginning, not from the last one that was seen: an
//! interval of 10 ms whose user needs 3 ms for each tick still ticks every 10 ms.
//!
//! How it can go wrong: the user is late by several ticks. What becomes of those is a choice, and
//! each answer is wrong for some programs: [`MissedTickBehavior`].

use std::fmt;
use std::future::{Future, poll_fn};
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use super::{Instant, MissedTickBehavior, Sleep, sleep, sleep_until};
use crate::trace::with_line;

/// Ticks every `period`, the first time at once.
///
/// # Panics
///
/// If `period` is zero; if there is no runtime on this thread, or it was built without
/// [`enable_time`](crate::runtime::Builder::enable_time).
///
/// ```
/// # #[runtime::main(start_paused = true)] async fn main() {
/// use runtime::time::{Duration, Instant, interval};
///
/// let start = Instant::now();
/// let mut interval = interval(Duration::from_millis(10));
/// for tick in 0..3 {
///     interval.tick().await;
///     assert_eq!(start.elapsed(), tick * Duration::from_millis(10));
/// }
/// # }
/// ```
#[track_caller]
pub fn interval(period: Duration) -> Interval {
    // It has ended already: the first tick is not to wait for the wheel's next millisecond.
    Interval::new(sleep(Duration::ZERO), period)
}

/// Ticks every `period`, the first time at `start`; at once if that has passed.
///
/// # Panics
///
/// As [`interval`].
///
/// ```
/// # #[runtime::main(start_paused = true)] async fn main() {
/// use runtime::time::{Duration, Instant, interval_at};
///
/// let start = Instant::now() + Duration::from_secs(5);
/// let mut interval = interval_at(start, Duration::from_secs(1));
/// assert_eq!(interval.tick().await, start);
/// assert_eq!(interval.tick().await, start + Duration::from_secs(1));
/// # }
/// ```
#[track_caller]
pub fn interval_at(start: Instant, period: Duration) -> Interval {
    Interval::new(sleep_until(start), period)
}

/// Ticks every so often; made by [`interval`] and [`interval_at`].
pub struct Interval {
    /// Ends when the next tick is due.
    delay: Sleep,
    period: Duration,
    missed: MissedTickBehavior,
}

impl Interval {
    #[track_caller]
    fn new(delay: Sleep, period: Duration) -> Interval {
        assert!(
            !period.is_zero(),
            "the period of an interval must not be zero"
        );
        Interval {
            delay,
            period,
            missed: MissedTickBehavior::default(),
        }
    }

    /// Waits for the next tick, and returns when it was due.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: no tick is lost.
    #[track_caller]
    pub fn tick(&mut self) -> impl Future<Output = Instant> {
        let at = Location::caller();
        poll_fn(move |cx| with_line(at, || self.poll_tick(cx)))
    }

    /// As [`tick`](Interval::tick), for a future written by hand.
    ///
    /// ```
    /// # #[runtime::main(start_paused = true)] async fn main() {
    /// let mut interval = runtime::time::interval(std::time::Duration::from_secs(1));
    /// std::future::poll_fn(|cx| interval.poll_tick(cx)).await;
    /// # }
    /// ```
    pub fn poll_tick(&mut self, cx: &mut Context<'_>) -> Poll<Instant> {
        ready!(Pin::new(&mut self.delay).poll(cx));
        let due = self.delay.deadline();
        self.reset_at(self.missed.next(due, Instant::now(), self.period));
        Poll::Ready(due)
    }

    /// Lets the next tick come one period from now.
    ///
    /// ```
    /// # #[runtime::main(start_paused = true)] async fn main() {
    /// use runtime::time::{Duration, Instant, interval};
    /// let mut interval = interval(Duration::from_secs(1));
    /// interval.reset();
    /// assert_eq!(interval.tick().await, Instant::now());
    /// # }
    /// ```
    pub fn reset(&mut self) {
        self.reset_after(self.period);
    }

    /// Lets the next tick come now, and the others in periods from now.
    ///
    /// ```
    /// # #[runtime::main(start_paused = true)] async fn main() {
    /// use runtime::time::{Duration, Instant, interval, sleep};
    /// let mut interval = interval(Duration::from_secs(10));
    /// interval.tick().await;
    /// sleep(Duration::from_secs(3)).await;
    /// interval.reset_immediately();
    /// assert_eq!(interval.tick().await, Instant::now());
    /// # }
    /// ```
    pub fn reset_immediately(&mut self) {
        self.reset_at(Instant::now());
    }

    /// Lets the next tick come `after` from now, and the others in periods from there.
    ///
    /// ```
    /// # #[runtime::main(start_paused = true)] async fn main() {
    /// use runtime::time::{Duration, Instant, interval};
    /// let start = Instant::now();
    /// let mut interval = interval(Duration::from_secs(10));
    /// interval.reset_after(Duration::from_secs(3));
    /// interval.tick().await;
    /// assert_eq!(start.elapsed(), Duration::from_secs(3));
    /// # }
    /// ```
    pub fn reset_after(&mut self, after: Duration) {
        self.reset_at(Instant::after(after));
    }

    /// Lets the next tick come at `deadline`, at once if that has passed, and the others in
    /// periods from there.
    ///
    /// ```
    /// # #[runtime::main(start_paused = true)] async fn main() {
    /// use runtime::time::{Duration, Instant, interval};
    /// let deadline = Instant::now() + Duration::from_secs(3);
    /// let mut interval = interval(Duration::from_secs(10));
    /// interval.reset_at(deadline);
    /// assert_eq!(interval.tick().await, deadline);
    /// # }
    /// ```
    pub fn reset_at(&mut self, deadline: Instant) {
        Pin::new(&mut self.delay).reset(deadline);
    }

    /// What becomes of ticks that were not taken in time.
    pub fn missed_tick_behavior(&self) -> MissedTickBehavior {
        self.missed
    }

    /// Chooses what becomes of ticks that are not taken in time.
    ///
    /// ```
    /// # #[runtime::main(start_paused = true)] async fn main() {
    /// use runtime::time::{Duration, Instant, MissedTickBehavior, advance, interval};
    ///
    /// let start = Instant::now();
    /// let mut interval = interval(Duration::from_secs(10));
    /// interval.set_missed_tick_behavior(MissedTickBehavior::Skip);
    /// interval.tick().await;
    /// advance(Duration::from_secs(25)).await;
    /// interval.tick().await; // the one of second 10, late
    /// interval.tick().await; // second 20 is skipped
    /// assert_eq!(start.elapsed(), Duration::from_secs(30));
    /// # }
    /// ```
    pub fn set_missed_tick_behavior(&mut self, behavior: MissedTickBehavior) {
        self.missed = behavior;
    }

    /// The time between two ticks.
    pub fn period(&self) -> Duration {
        self.period
    }
}

impl fmt::Debug for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Interval")
            .field("next", &self.delay.deadline())
            .field("period", &self.period)
            .field("missed_tick_behavior", &self.missed)
            .finish()
    }
}
