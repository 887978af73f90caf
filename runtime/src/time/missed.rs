//! When the next tick is due, after one that was late.
//!
//! An interval ticks at 0, 10, 20, 30, ... Its user takes the tick of 10 and is then busy
//! until 35:
//!
//! ```text
//!   time    0    10    20    30   35      40    45    50
//!   Burst   0    10    ── busy ── 20,30   40          50     catches up
//!   Delay   0    10    ── busy ── 20            45           starts anew from now
//!   Skip    0    10    ── busy ── 20      40          50     drops what it missed
//! ```
//!
//! (The number is when the tick was due, the column when it came.)
//!
//! How it can go wrong: every tick is a little late, because the thread was doing something
//! else when it was due. If that counted, `Delay` would drift by the lateness of each. So a
//! tick is late only if it is by more than 5 ms, Tokio's number.

use std::time::Duration;

use super::Instant;

/// A tick that comes no later than this after its time is in time.
const GRACE: Duration = Duration::from_millis(5);

/// What an [`Interval`](super::Interval) does about ticks that were not taken in time.
///
/// Lateness of up to 5 ms does not count.
///
/// ```
/// # #[runtime::main(start_paused = true)] async fn main() {
/// use runtime::time::{Duration, Instant, MissedTickBehavior, advance, interval};
///
/// for (behavior, after) in [
///     (MissedTickBehavior::Burst, 35), // three ticks were missed, and come at once
///     (MissedTickBehavior::Delay, 45), // ten after the late one
///     (MissedTickBehavior::Skip, 40),  // where it would be if it were never late
/// ] {
///     let start = Instant::now();
///     let mut interval = interval(Duration::from_millis(10));
///     interval.set_missed_tick_behavior(behavior);
///     interval.tick().await;
///     advance(Duration::from_millis(35)).await;
///     interval.tick().await;
///     interval.tick().await;
///     assert_eq!(start.elapsed(), Duration::from_millis(after));
/// }
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MissedTickBehavior {
    /// Those that were missed come one after the other without a pause, until it has caught
    /// up: no tick is lost.
    #[default]
    Burst,
    /// The next comes one period after the late one was taken: there is always a period
    /// between two ticks.
    Delay,
    /// Those that were missed are dropped: ticks stay at multiples of the period from the
    /// beginning.
    Skip,
}

impl MissedTickBehavior {
    /// When the next tick is due; the one that was due at `due` is taken `now`.
    pub(super) fn next(self, due: Instant, now: Instant, period: Duration) -> Instant {
        let late = now.saturating_duration_since(due);
        let next = match self {
            Self::Delay if late > GRACE => now.checked_add(period),
            Self::Skip if late > GRACE => now.checked_add(period - remainder(late, period)),
            _ => due.checked_add(period),
        };
        next.unwrap_or_else(|| Instant::after(Duration::MAX))
    }
}

/// What is left of `time` when it has been cut into periods.
fn remainder(time: Duration, period: Duration) -> Duration {
    let nanos = time.as_nanos() % period.as_nanos();
    // Less than the period, so that this many seconds fit.
    let seconds = u64::try_from(nanos / 1_000_000_000).unwrap_or(u64::MAX);
    Duration::from_secs(seconds) + Duration::from_nanos((nanos % 1_000_000_000) as u64)
}
