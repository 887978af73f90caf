//! A moment by the runtime's clock.
//!
//! It is the standard library's `Instant` with one difference: [`Instant::now`] asks the
//! clock of the runtime that the thread is in, so that it stands still when that does.

use std::fmt;
use std::ops::{Add, AddAssign, Sub, SubAssign};
use std::time::Duration;

use crate::base::clock;

/// A moment by the runtime's clock; see [`pause`](crate::time::pause).
///
/// ```
/// # #[runtime::main(start_paused = true)] async fn main() {
/// use runtime::time::{Duration, Instant, sleep};
///
/// let start = Instant::now();
/// sleep(Duration::from_secs(3)).await;
/// assert_eq!(start.elapsed(), Duration::from_secs(3)); // exactly: the clock is paused
/// # }
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(std::time::Instant);

impl Instant {
    /// What time it is. A clock that is paused is seen on its runtime's own thread, and not in its jobs.
    #[must_use]
    pub fn now() -> Instant {
        Instant(clock::now())
    }

    /// The same moment, from the standard library's type.
    ///
    /// ```
    /// use runtime::time::Instant;
    /// let std = std::time::Instant::now();
    /// assert_eq!(Instant::from_std(std).into_std(), std);
    /// ```
    #[must_use]
    pub fn from_std(std: std::time::Instant) -> Instant {
        Instant(std)
    }

    /// The same moment, as the standard library's type.
    #[must_use]
    pub fn into_std(self) -> std::time::Instant {
        self.0
    }

    /// The time from `earlier` to this moment; zero if that is later.
    ///
    /// ```
    /// use runtime::time::{Duration, Instant};
    /// let now = Instant::now();
    /// assert_eq!((now + Duration::from_secs(1)).duration_since(now).as_secs(), 1);
    /// ```
    #[must_use]
    pub fn duration_since(&self, earlier: Instant) -> Duration {
        self.0.saturating_duration_since(earlier.0)
    }

    /// The time from `earlier` to this moment; `None` if that is later.
    ///
    /// ```
    /// use runtime::time::{Duration, Instant};
    /// let now = Instant::now();
    /// assert_eq!(now.checked_duration_since(now + Duration::from_secs(1)), None);
    /// ```
    #[must_use]
    pub fn checked_duration_since(&self, earlier: Instant) -> Option<Duration> {
        self.0.checked_duration_since(earlier.0)
    }

    /// The time from `earlier` to this moment; zero if that is later.
    ///
    /// ```
    /// use runtime::time::{Duration, Instant};
    /// let now = Instant::now();
    /// assert!(now.saturating_duration_since(now + Duration::from_secs(1)).is_zero());
    /// ```
    #[must_use]
    pub fn saturating_duration_since(&self, earlier: Instant) -> Duration {
        self.0.saturating_duration_since(earlier.0)
    }

    /// The time that has passed since this moment.
    ///
    /// ```
    /// # #[runtime::main(start_paused = true)] async fn main() {
    /// use runtime::time::{Duration, Instant, advance};
    /// let start = Instant::now();
    /// advance(Duration::from_millis(5)).await;
    /// assert_eq!(start.elapsed().as_millis(), 5);
    /// # }
    /// ```
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        Instant::now().duration_since(*self)
    }

    /// A later moment; `None` if the platform cannot express it.
    ///
    /// ```
    /// use runtime::time::{Duration, Instant};
    /// assert_eq!(Instant::now().checked_add(Duration::MAX), None);
    /// ```
    #[must_use]
    pub fn checked_add(&self, duration: Duration) -> Option<Instant> {
        self.0.checked_add(duration).map(Instant)
    }

    /// An earlier moment; `None` if the platform cannot express it.
    ///
    /// ```
    /// use runtime::time::{Duration, Instant};
    /// assert_eq!(Instant::now().checked_sub(Duration::MAX), None);
    /// ```
    #[must_use]
    pub fn checked_sub(&self, duration: Duration) -> Option<Instant> {
        self.0.checked_sub(duration).map(Instant)
    }

    /// The moment `duration` from now; if the platform cannot express that, the moment thirty
    /// years from now, which no program waits for.
    pub(crate) fn after(duration: Duration) -> Instant {
        const THIRTY_YEARS: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);
        let now = Instant::now();
        now.checked_add(duration).unwrap_or(now + THIRTY_YEARS)
    }
}

impl From<std::time::Instant> for Instant {
    fn from(std: std::time::Instant) -> Instant {
        Instant(std)
    }
}

impl From<Instant> for std::time::Instant {
    fn from(instant: Instant) -> std::time::Instant {
        instant.0
    }
}

impl Add<Duration> for Instant {
    type Output = Instant;

    fn add(self, duration: Duration) -> Instant {
        Instant(self.0 + duration)
    }
}

impl AddAssign<Duration> for Instant {
    fn add_assign(&mut self, duration: Duration) {
        self.0 += duration;
    }
}

impl Sub for Instant {
    type Output = Duration;

    fn sub(self, earlier: Instant) -> Duration {
        self.0.saturating_duration_since(earlier.0)
    }
}

impl Sub<Duration> for Instant {
    type Output = Instant;

    fn sub(self, duration: Duration) -> Instant {
        Instant(self.0 - duration)
    }
}

impl SubAssign<Duration> for Instant {
    fn sub_assign(&mut self, duration: Duration) {
        self.0 -= duration;
    }
}

impl fmt::Debug for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
