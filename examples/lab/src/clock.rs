//! The clock that the machine asks.
//!
//! It counts from the beginning of the program. In a check it is made by the lab: it stands still while the
//! machine works, and jumps to the deadline when the thread sleeps. So no check waits for real time, and each
//! run is like the other.

use std::cell::Cell;
use std::sync::LazyLock;
use std::time::Duration;

static BEGINNING: LazyLock<std::time::Instant> = LazyLock::new(std::time::Instant::now);

thread_local!(static MADE: Cell<Option<Duration>> = const { Cell::new(None) });

/// What the clock shows.
pub fn now() -> Duration {
    MADE.get().unwrap_or_else(|| BEGINNING.elapsed())
}

/// From now on this thread has a made clock. It shows zero.
pub fn pause() {
    MADE.set(Some(Duration::ZERO));
}

/// Whether this thread has a made clock.
pub(crate) fn is_made() -> bool {
    MADE.get().is_some()
}

/// Moves a made clock on, as a task does that computes for so long.
pub fn advance(by: Duration) {
    MADE.set(MADE.get().map(|now| now + by));
}

/// `std::time::Instant`, as far as the program of `tiny_runtime` uses it, on this clock.
#[derive(Clone, Copy, Debug)]
pub struct Instant(Duration);

impl Instant {
    /// What the clock shows.
    pub fn now() -> Instant {
        Instant(now())
    }

    /// How long ago that was.
    pub fn elapsed(self) -> Duration {
        now().saturating_sub(self.0)
    }
}
