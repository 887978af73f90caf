//! Where a timer hangs: the arithmetic of the wheel, with no wheel in it.
//!
//! The place of a timer is a function of two numbers, its tick and the tick up to which
//! everything has been fired. It need not be remembered: the wheel computes it when it hangs an
//! entry, and a replay that rebuilds the wheel from a recording computes it again and finds the
//! same. The heading of the wheel tells how.

/// Bits of one base-64 digit.
const DIGIT: u32 = 6;

/// Slots on a level.
pub(super) const SLOTS: u32 = 1 << DIGIT;

/// Levels that have slots.
pub(super) const LEVELS: u32 = 6;

/// The number that stands for the far ring: one level above the last, with one slot.
pub(super) const FAR: u32 = LEVELS;

/// The rings in which entries hang: one per slot, and the far one.
pub(super) const RINGS: u32 = LEVELS * SLOTS + 1;

/// The low bits of a tick that the levels can tell apart.
pub(super) const SPAN_MASK: u64 = (1 << (DIGIT * LEVELS)) - 1;

/// A slot of a level; `level` is [`FAR`] and `slot` 0 for the far ring.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Place {
    pub(crate) level: u32,
    pub(crate) slot: u32,
}

impl Place {
    /// Where an entry for `tick` belongs: at the highest digit that differs from `elapsed`.
    #[inline]
    pub(crate) fn of(tick: u64, elapsed: u64) -> Place {
        // The 1 gives a tick that does not differ at all a place on level 0.
        let highest_bit = ((tick ^ elapsed) | 1).ilog2();
        let level = highest_bit / DIGIT;
        if level >= FAR {
            return Place {
                level: FAR,
                slot: 0,
            };
        }
        let slot = (tick >> (level * DIGIT)) as u32 % SLOTS;
        Place { level, slot }
    }

    /// The first tick of this slot: `elapsed` down to the level's digit, which is replaced by
    /// the slot's number, and zeros below. Not for the far ring.
    #[inline]
    pub(super) fn starts_at(self, elapsed: u64) -> u64 {
        let below = self.level * DIGIT;
        let above = below + DIGIT;
        (elapsed >> above << above) | (u64::from(self.slot) << below)
    }

    /// The number of its ring; [`with_ring`](Place::with_ring) is the way back.
    #[inline]
    pub(super) fn ring(self) -> u32 {
        self.level * SLOTS + self.slot
    }

    #[inline]
    pub(super) fn with_ring(ring: u32) -> Place {
        Place {
            level: ring / SLOTS,
            slot: ring % SLOTS,
        }
    }
}
