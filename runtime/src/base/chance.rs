//! A simulation's source of chance: with the same seed it gives the same numbers.
//!
//! It is not the runtime's (`rng.rs`): what the network and the disks draw must not change what a program's `select!`
//! draws. Crate feature `sim`.

use std::time::Duration;

use super::rng;

/// See the file's heading.
#[derive(Debug)]
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new(seed: u64) -> Chance {
        Chance(rng::state_of(seed))
    }

    /// A number from 0 to `n` - 1; 0 if `n` is 0.
    pub(crate) fn below(&mut self, n: u64) -> u64 {
        let high = u128::from(rng::draw(&mut self.0)) * u128::from(n);
        (high >> 64) as u64
    }

    /// True for this part of a million.
    pub(crate) fn is_in(&mut self, of_a_million: u32) -> bool {
        of_a_million > 0 && self.below(1_000_000) < u64::from(of_a_million)
    }

    /// True once in `n` times.
    pub(crate) fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    /// A number from 1 to `len` - 1; 1 if there is none.
    pub(crate) fn less_than(&mut self, len: usize) -> usize {
        1 + self.below((len as u64).saturating_sub(1)) as usize
    }

    /// A time between two bounds.
    pub(crate) fn time(&mut self, Bounds { least, most }: Bounds) -> Duration {
        let nanos = |duration: Duration| u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        let spread = nanos(most).saturating_sub(nanos(least));
        least + Duration::from_nanos(self.below(spread.saturating_add(1)))
    }
}

/// How long something takes, at least and at most.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    least: Duration,
    most: Duration,
}

impl Bounds {
    /// # Panics
    ///
    /// If `least` is more than `most`.
    #[track_caller]
    pub(crate) fn new(least: Duration, most: Duration) -> Bounds {
        assert!(
            least <= most,
            "the least latency is more than the most: {least:?}, {most:?}"
        );
        Bounds { least, most }
    }

    /// The most grows with it, if it must.
    pub(crate) fn set_least(&mut self, least: Duration) {
        *self = Bounds::new(least, self.most.max(least));
    }

    /// The least shrinks with it, if it must.
    pub(crate) fn set_most(&mut self, most: Duration) {
        *self = Bounds::new(self.least.min(most), most);
    }
}
