//! How often something may happen: so many times at once, and then once in a while.

use std::time::Duration;

use runtime::time::Instant;

/// Each time moves `full_at` by `each` into the future. When it is further away than the whole burst, it is too early.
pub(super) struct Rate {
    burst: u32,
    each: Duration,
    full_at: Instant,
}

impl Rate {
    /// `burst` times at once, and then once each `each`.
    pub(super) fn new(burst: u32, each: Duration) -> Self {
        let full_at = Instant::now();
        Rate {
            burst,
            each,
            full_at,
        }
    }

    /// Whether it may happen now; if so, it has.
    pub(super) fn allows(&mut self) -> bool {
        let now = Instant::now();
        let next = self.full_at.max(now) + self.each;
        let fits = next <= now + self.each * self.burst;
        if fits {
            self.full_at = next;
        }
        fits
    }
}
