//! When the loop gives back the memory that a burst took.
//!
//! Before the thread parks, when `block_on` returns, and after 1,024 rounds without either. At
//! these moments the loop polls no task.

use super::Runtime;

/// A machine that never rests gives back after so many rounds.
const MANY_ROUNDS: u32 = 1024;

impl Runtime {
    /// A round of the loop begins.
    #[inline]
    pub(super) fn count_round(&self) {
        let rounds = self.rounds.get() + 1;
        self.rounds.set(rounds);
        if rounds == MANY_ROUNDS {
            self.give_back();
        }
    }

    #[inline(never)]
    pub(super) fn give_back(&self) {
        self.rounds.set(0);
        self.machine.give_back();
    }
}
