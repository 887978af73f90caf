//! The numbers of timers: 1, 2, 3, ... in the order in which they were first spoken of.
//!
//! A timer's key is its slot in the wheel and a generation, for slots are used again. The slots are
//! few, so the table is a plain list by slot. A task that waits for the same timer in poll after poll
//! is looked up in it at each of them.
//!
//! Here is also the table that is looked up by such numbers. The standard table defends itself against
//! an enemy who chooses the keys, and pays for it at each look. Numbers of tasks and timers come from the
//! machine; multiplying them by an odd constant spreads them well enough. (Knuth, *The Art of Computer
//! Programming* 3, 6.4.)

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use crate::base::room::{KEPT, Roomy};

/// Which number each timer has.
#[derive(Default)]
pub(super) struct Numbers {
    /// By slot: the key whose number it is, and the number; 0 if there is none.
    slots: Roomy<Vec<(u64, u64)>>,
    /// The numbers of timers whose slot another one has taken before they were forgotten: of those
    /// that fire together, one may free the slot of the next one.
    displaced: Roomy<ByNumber<u64>>,
    given: u64,
}

impl Numbers {
    /// The number of a timer, by its key: the slot is the lower half of it.
    #[inline]
    pub(super) fn of(&mut self, key: u64) -> u64 {
        match self.slots.get(slot(key)) {
            Some(&(owner, number)) if owner == key && number > 0 => number,
            _ => self.find_or_give(key),
        }
    }

    #[cold]
    #[inline(never)]
    fn find_or_give(&mut self, key: u64) -> u64 {
        if let Some(number) = self.displaced.get(&key) {
            return *number;
        }
        let slot = slot(key);
        if self.slots.len() <= slot {
            self.slots.resize(slot + 1, (0, 0));
        }
        self.given += 1;
        let before = std::mem::replace(&mut self.slots[slot], (key, self.given));
        if before.1 > 0 {
            self.displaced.insert(before.0, before.1);
        }
        self.given
    }

    /// The timer has fired or was dropped. (Set again, it is another timer to an observer.)
    pub(super) fn forget(&mut self, key: u64) {
        match self.slots.get_mut(slot(key)) {
            Some((owner, number)) if *owner == key => *number = 0,
            _ => drop(self.displaced.remove(&key)),
        }
    }

    /// Gives back what a burst of timers took: the slots at the end that have no number.
    pub(super) fn give_back(&mut self) {
        while self.slots.len() > KEPT && self.slots.last().is_some_and(|last| last.1 == 0) {
            self.slots.pop();
        }
        self.slots.give_back(KEPT);
        self.displaced.give_back(KEPT);
    }
}

fn slot(key: u64) -> usize {
    // A slot is a number of 32 bits.
    (key & u64::from(u32::MAX)) as usize
}

pub(super) type ByNumber<T> = HashMap<u64, T, BuildHasherDefault<Spread>>;

/// 2⁶⁴ divided by the golden ratio.
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

#[derive(Default)]
pub(super) struct Spread(u64);

impl Hasher for Spread {
    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_u64(u64::from(byte));
        }
    }

    fn write_u64(&mut self, number: u64) {
        // The table looks at the highest bits and at the lowest ones.
        self.0 = (self.0 ^ number).wrapping_mul(GOLDEN).rotate_left(32);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timer_keeps_its_number_until_it_is_forgotten() {
        let mut numbers = Numbers::default();
        assert_eq!((numbers.of(5), numbers.of(3), numbers.of(5)), (1, 2, 1));
        numbers.forget(5);
        numbers.forget(5);
        assert_eq!((numbers.of(5), numbers.of(3)), (3, 2));
    }

    #[test]
    fn two_timers_may_have_had_the_same_slot() {
        let (mut numbers, first, second) = (Numbers::default(), 5, (2 << 32) | 5);
        assert_eq!((numbers.of(first), numbers.of(second)), (1, 2));
        assert_eq!((numbers.of(first), numbers.of(second)), (1, 2));
        numbers.forget(first);
        assert_eq!(numbers.of(second), 2);
        numbers.forget(second);
        assert_eq!(numbers.of(second), 3);
        assert!(numbers.displaced.is_empty());
    }
}
