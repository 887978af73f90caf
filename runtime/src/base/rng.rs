//! The one source of chance.
//!
//! `select!` starts looking at its branches in a random place, so that a branch which is
//! always ready cannot starve the ones written below it. Chance makes a program hard to
//! step through twice, so there is exactly one generator per runtime, and it can be
//! seeded (`Builder::rng_seed`): the same seed gives the same choices.
//!
//! The generator is Marsaglia's xorshift with 64 bits of state and a multiplication at
//! the end (xorshift64*): three shifts and a product, which is plenty for fairness and
//! nothing like enough for secrets.

use std::cell::Cell;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

thread_local! {
    /// The state of the runtime that this thread is in; never zero once used.
    static STATE: Cell<u64> = const { Cell::new(0) };
}

/// A seed that differs from run to run, for runtimes that were given none.
pub(crate) fn random_seed() -> u64 {
    RandomState::new().hash_one(0_u8)
}

/// Turns any number into a state that the generator accepts.
pub(crate) fn state_of(seed: u64) -> u64 {
    // An odd constant spreads small seeds (1, 2, 3...) over all the bits.
    (seed ^ 0x9E37_79B9_7F4A_7C15).wrapping_mul(0xD129_0D3D_9A4B_5C47) | 1
}

/// Installs a runtime's state for as long as the thread is in it; returns the previous.
pub(crate) fn swap(state: u64) -> u64 {
    STATE.replace(state)
}

/// The state of the runtime that this thread is in.
pub(crate) fn state() -> u64 {
    STATE.get()
}

/// A number in `0..n`, from the generator of the runtime that this thread is in.
#[cfg_attr(
    not(feature = "macros"),
    allow(dead_code, reason = "only `select!` draws")
)]
pub(crate) fn next_below(n: u32) -> u32 {
    let high = (next() >> 32) as u32;
    // Lemire's multiplication: maps 32 random bits to the range without a division.
    ((u64::from(high) * u64::from(n)) >> 32) as u32
}

fn next() -> u64 {
    let mut state = STATE.get();
    if state == 0 {
        state = state_of(random_seed());
    }
    let drawn = draw(&mut state);
    STATE.set(state);
    drawn
}

/// The next number of a generator in this state, which is not zero.
pub(crate) fn draw(state: &mut u64) -> u64 {
    let mut x = *state;
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    *state = x;
    x.wrapping_mul(0x2545_F491_4F6C_DD1D)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_numbers_and_all_are_in_range() {
        let draw = |seed| {
            swap(state_of(seed));
            (0..100).map(|_| next_below(7)).collect::<Vec<_>>()
        };
        assert_eq!(draw(42), draw(42));
        assert_ne!(draw(42), draw(43));
        let seen = draw(1);
        assert!((0..7).all(|n| seen.contains(&n)), "{seen:?}");
    }
}
