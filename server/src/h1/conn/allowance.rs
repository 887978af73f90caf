//! How slow a peer may be.
//!
//! A limit on *time without a byte* begins anew with each byte. A peer that sends one byte
//! every 29 seconds keeps its connection, and what the connection holds, for years. A limit on
//! the whole time does not help: a large body over a slow line takes long, and is welcome.
//!
//! So a peer has an *allowance* of time to wait for it. It begins with the time-out. While the
//! server waits for the peer, the allowance runs down. Each byte that arrives (or that the
//! peer takes) adds to it: at a minimum rate of 240 bytes a second, 240 bytes add one second.
//! The allowance never grows beyond the time-out, so no peer can save up an hour by beginning
//! fast.
//!
//! ```text
//!   allowance  30 s ┤\        no byte           ┤\   /\   /\  fast enough
//!                   │ \                         │ \_/  \_/  \
//!               0 s ┤  \── too slow             ┤
//! ```
//!
//! Only waiting costs time. While a handler does not read, or makes the next piece of its
//! answer, the clock stands still: the peer is not to blame for that.

use std::time::Duration;

/// The time for which a peer may still be waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Allowance {
    /// `Duration::MAX` is "all that is allowed", whatever that is.
    left: Duration,
}

/// The whole time.
impl Default for Allowance {
    #[inline]
    fn default() -> Self {
        Allowance {
            left: Duration::MAX,
        }
    }
}

impl Allowance {
    /// Nothing of it has been used up.
    #[inline]
    pub(crate) fn is_full(&self) -> bool {
        self.left == Duration::MAX
    }

    /// What is left, of `most` at the beginning.
    pub(crate) fn left(&self, most: Duration) -> Duration {
        self.left.min(most)
    }

    /// A wait is over, and had so much time left.
    pub(crate) fn set(&mut self, left: Duration) {
        self.left = left;
    }

    /// The peer has sent or taken so many bytes. A rate of 0 asks for one byte, no more.
    pub(crate) fn earn(&mut self, bytes: usize, rate: u32, most: Duration) {
        const NANOS: u64 = 1_000_000_000;
        let earned = (bytes as u64)
            .saturating_mul(NANOS)
            .checked_div(u64::from(rate))
            .map_or(most, Duration::from_nanos);
        self.left = self.left.saturating_add(earned);
        if self.left >= most {
            self.left = Duration::MAX;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn bytes_earn_time_and_never_more_than_all_of_it() {
        let mut allowance = Allowance::default();
        assert_eq!(allowance.left(30 * SECOND), 30 * SECOND);
        allowance.set(10 * SECOND);
        allowance.earn(240, 240, 30 * SECOND);
        assert_eq!(allowance.left(30 * SECOND), 11 * SECOND);
        assert!(!allowance.is_full());
        allowance.earn(usize::MAX, 1, 30 * SECOND);
        assert!(allowance.is_full());
    }

    #[test]
    fn without_a_rate_one_byte_earns_all() {
        let mut allowance = Allowance::default();
        allowance.set(SECOND);
        allowance.earn(1, 0, 30 * SECOND);
        assert!(allowance.is_full());
        allowance.set(SECOND);
        allowance.earn(1, 0, Duration::MAX);
        assert!(allowance.is_full());
    }
}
