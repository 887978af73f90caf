//! A source of chance for what the lab simulates: a call that fails, a pause that varies.
//!
//! It need not be hard to guess, only even. The steps are those of SplitMix64, a counter whose
//! value is stirred. Tests give it a seed.

use std::cell::Cell;
use std::hash::{BuildHasher, RandomState};

pub(crate) struct Chance(Cell<u64>);

impl Chance {
    /// Another one each time the program runs.
    pub(crate) fn new() -> Self {
        Chance::seeded(RandomState::new().hash_one(0))
    }

    pub(crate) fn seeded(seed: u64) -> Self {
        Chance(Cell::new(seed))
    }

    /// From 0 to `most`, both included.
    pub(crate) fn up_to(&self, most: u64) -> u64 {
        let wide = u128::from(self.next()) * (u128::from(most) + 1);
        (wide >> 64) as u64
    }

    /// True in so many of a hundred cases.
    pub(crate) fn percent(&self, of_hundred: u32) -> bool {
        self.up_to(99) < u64::from(of_hundred)
    }

    fn next(&self) -> u64 {
        let count = self.0.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
        self.0.set(count);
        let mixed = (count ^ (count >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn never_and_always_are_meant_literally_and_the_rest_is_even() {
        let chance = Chance::seeded(7);
        let hits = |percent| (0..10_000).filter(|_| chance.percent(percent)).count();
        assert_eq!((hits(0), hits(100)), (0, 10_000));
        assert!((2_700..3_300).contains(&hits(30)));
        let drawn: Vec<_> = (0..100).map(|_| chance.up_to(2)).collect();
        assert!((0..=2).all(|number| drawn.contains(&number)));
        assert!(drawn.iter().all(|number| *number <= 2));
    }
}
