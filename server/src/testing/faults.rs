//! What goes wrong on a connection in memory: a plan, drawn from a seed.
//!
//! A network delivers bytes in pieces of any size, late, and sometimes not at all. A program that
//! reads one whole request per read works for years on a fast network and fails on a slow one. So
//! a test asks for faults, and the seed says where they happen: the same seed, the same places.
//!
//! Each end of a connection draws from a generator of its own for each of its two directions. So
//! the places do not depend on which end is polled first.

use std::time::Duration;

use super::transcript::{Ending, Side};

/// Faults of connections in memory, drawn from a seed. Give them to
/// [`Builder::faults`](super::Builder::faults).
///
/// With a seed alone, reads and writes are split at random places, and every answer must still be
/// right. Stalls take virtual time. A connection that is cut or reset gives its client an error
/// or a whole answer, and nothing between the two.
///
/// ```
/// use std::time::Duration;
/// use server::testing::Faults;
///
/// let slow = Faults::seed(7).stall(Duration::from_secs(2));
/// let broken = Faults::seed(7).cut(20).reset(20); // of a hundred connections
/// # let _ = (slow, broken);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Faults {
    seed: u64,
    stall: Duration,
    cut: u64,
    reset: u64,
}

impl Faults {
    /// Splits what is read and written at places that `seed` gives. Its example is [`Faults`]'.
    #[must_use]
    pub fn seed(seed: u64) -> Self {
        Faults {
            seed,
            stall: Duration::ZERO,
            cut: 0,
            reset: 0,
        }
    }

    /// Holds back every eighth piece, for `longest` at most. Its example is [`Faults`]'.
    ///
    /// Stalls longer than the server's timeouts end in those timeouts.
    #[must_use]
    pub fn stall(self, longest: Duration) -> Self {
        Faults {
            stall: longest,
            ..self
        }
    }

    /// Cuts so many of a hundred connections: after some bytes, both ends read what had been
    /// written, and then the end. A write fails with `BrokenPipe`. Its example is [`Faults`]'.
    #[must_use]
    pub fn cut(self, of_hundred: u8) -> Self {
        Faults {
            cut: of_hundred.into(),
            ..self
        }
    }

    /// Resets so many of a hundred connections: after some bytes, reads and writes of both ends
    /// fail with `ConnectionReset`. Its example is [`Faults`]'.
    #[must_use]
    pub fn reset(self, of_hundred: u8) -> Self {
        Faults {
            reset: of_hundred.into(),
            ..self
        }
    }

    /// How the connection with this number breaks off: the direction, and after how many of its
    /// bytes. `None`: it does not.
    pub(super) fn breaking(&self, connection: usize) -> Option<(Side, u64, Ending)> {
        let mut dice = Dice::new(self.seed, connection, 0);
        let drawn = dice.below(100);
        let ending = match drawn {
            _ if drawn < self.cut => Ending::Cut,
            _ if drawn < self.cut + self.reset => Ending::Reset,
            _ => return None,
        };
        let side = match dice.below(2) {
            0 => Side::Client,
            _ => Side::Server,
        };
        // As many between 1 and 2 as between 4,096 and 8,192: heads are short, bodies may be long.
        let scale = 1 << dice.below(13);
        Some((side, scale + dice.below(scale), ending))
    }

    /// What one end of a connection draws from, for one of its directions.
    pub(super) fn dice(&self, connection: usize, side: Side, direction: u64) -> FaultyHalf {
        FaultyHalf {
            dice: Dice::new(self.seed, connection, 1 + 2 * side as u64 + direction),
            longest: self.stall,
        }
    }
}

/// One direction at one end: how large its next piece is, and whether it is late.
#[derive(Debug)]
pub(super) struct FaultyHalf {
    dice: Dice,
    longest: Duration,
}

impl FaultyHalf {
    /// Bytes of the next piece at most.
    pub(super) fn piece(&mut self) -> usize {
        let most = match self.dice.below(4) {
            0 => 1,
            1 => 16,
            2 => 512,
            _ => 64 * 1024,
        };
        let drawn = 1 + self.dice.below(most);
        usize::try_from(drawn).unwrap_or(usize::MAX)
    }

    /// How long the next piece is held back, if it is.
    pub(super) fn stall(&mut self) -> Option<Duration> {
        let longest = u64::try_from(self.longest.as_millis()).unwrap_or(u64::MAX);
        if longest == 0 || self.dice.below(8) > 0 {
            return None;
        }
        Some(Duration::from_millis(1 + self.dice.below(longest)))
    }
}

/// A generator of numbers (SplitMix64: a counter whose bits are mixed). They are no secret.
#[derive(Debug)]
struct Dice(u64);

impl Dice {
    fn new(seed: u64, connection: usize, use_for: u64) -> Self {
        let mut dice = Dice(seed);
        for salt in [connection as u64, use_for] {
            dice = Dice(dice.next() ^ salt.wrapping_mul(STEP));
        }
        dice
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number in `0..n`; 0 if there is none.
    fn below(&mut self, n: u64) -> u64 {
        self.next().checked_rem(n).unwrap_or(0)
    }
}

/// The odd number nearest to 2^64 divided by the golden ratio.
const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_says_where_faults_happen_and_each_connection_has_its_own() {
        let draw = |seed, connection| {
            let faults = Faults::seed(seed).stall(Duration::from_secs(1)).cut(50);
            let mut half = faults.dice(connection, Side::Client, 0);
            let pieces: Vec<_> = (0..20).map(|_| (half.piece(), half.stall())).collect();
            (faults.breaking(connection), pieces)
        };
        assert_eq!(draw(1, 1), draw(1, 1));
        assert_ne!(draw(1, 1), draw(2, 1));
        assert_ne!(draw(1, 1), draw(1, 2));
    }

    #[test]
    fn so_many_of_a_hundred_connections_break_off_and_by_both_directions() {
        let faults = Faults::seed(3).cut(30).reset(20);
        let broken: Vec<_> = (0..1000).filter_map(|at| faults.breaking(at)).collect();
        let count = |wanted| broken.iter().filter(|(_, _, it)| *it == wanted).count();
        assert!((250..350).contains(&count(Ending::Cut)));
        assert!((150..250).contains(&count(Ending::Reset)));
        assert!(broken.iter().any(|(side, ..)| *side == Side::Client));
        assert!(broken.iter().any(|(side, ..)| *side == Side::Server));
        assert!(broken.iter().all(|(_, after, _)| *after > 0));
        assert!((0..1000).all(|at| Faults::seed(3).breaking(at).is_none()));
    }
}
