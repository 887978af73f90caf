//! The hierarchical timer wheel: a million deadlines, and none of them costs more than
//! the first.
//!
//! A runtime asks its timers one question over and over: *who is due, and if no timer is,
//! how long may I sleep?* A heap answers well but takes `log n` steps to set a
//! timer, and most timers are never fired: a timeout that guards a read is set, and taken
//! away again when the read succeeds. So setting and removing must be nearly free, and
//! sorting should be put off until it can no longer be avoided. That is what a wheel does.
//! (Varghese and Lauck, *Hashed and Hierarchical Timing Wheels*, 1987, scheme 7. Placing
//! by digit, as below, also makes it a radix heap: Ahuja, Mehlhorn, Orlin and Tarjan, 1990.)
//!
//! # The picture
//!
//! Time is counted in **ticks** of one millisecond since the wheel was made. Read a tick
//! as a number in base 64: six bits are one digit, and each digit has a **level** of 64
//! **slots**, like the wheels of a combination lock.
//!
//! ```text
//!            one slot is       the level spans   digit = bits
//! level 5    12 d 10 h         2.18 years        30..36   [ | | | | | | ... | | ] 64 slots
//! level 4    4 h 39 min        12 d 10 h         24..30   [ | | | | | | ... | | ]
//! level 3    4 min 22 s        4 h 39 min        18..24   [ | | | | | | ... | | ]
//! level 2    4.096 s           4 min 22 s        12..18   [ | | | | | | ... | | ]
//! level 1    64 ms             4.096 s            6..12   [ | | | | | | ... | | ]
//! level 0    1 ms              64 ms              0..6    [ | | | | | | ... | | ]
//!                                                            ^ elapsed's digit; slots to
//!                                                              its right are the future
//! ```
//!
//! Why these widths? 64 slots, because one `u64` per level then says which are occupied,
//! and one instruction (count trailing zeros) finds the next. Six levels, because 64⁶ ms
//! are 2.18 years, and hardly a program waits longer. A deadline that lies further off is
//! still right: it hangs in the **far ring**, a list without order, until its time comes
//! into range. (Eleven levels would hold every `u64`; five of them would never see an
//! entry.)
//!
//! # Which level
//!
//! `elapsed` is the tick up to which everything has been fired. An entry hangs on the level
//! of the **highest digit in which its tick differs from `elapsed`**, in the slot that this
//! digit of its tick names. Say `elapsed` is 1000, in base 64 the digits (15, 40):
//!
//! - 1010 is (15, 50). Only the last digit differs: level 0, slot 50.
//! - 1030 is (16, 6). The digit before it differs: level 1, slot 16, although it is only
//!   30 ms away, nearer than many that level 0 may hold. Distance does not matter.
//! - 5000 is (1, 14, 8): level 2, slot 1.
//!
//! Three things follow, and all the code below leans on them:
//!
//! 1. *Nothing wraps around.* On its level an entry agrees with `elapsed` in all higher
//!    digits and is larger in this one, so the occupied slots lie to the right of
//!    `elapsed`'s digit, and a slot never mixes two laps. (Only on level 0 may the slot of
//!    `elapsed` itself be occupied: by timers that were set when they were already due.)
//! 2. *The lowest level comes first.* Whatever hangs on level 2 differs from `elapsed` in a
//!    higher digit, and so is later than all of level 1. The next work is in the first
//!    occupied slot of the lowest occupied level: a comparison per level, no search.
//! 3. *The place is a function of tick and `elapsed`* and need not be stored. Entries of one
//!    tick are always in one slot, first come first served, so they also fire in that order.
//!
//! # Cascade
//!
//! When `elapsed` reaches the first tick of a slot above level 0, that slot's digit no longer
//! differs: its entries **cascade**, that is, they are placed anew by the same rule, on a
//! lower level. In the example the wheel has work at 1024, (16, 0): the entry for 1030 now
//! differs in the last digit only, and moves to level 0, slot 6. An entry moves at most once
//! per level; sorting is paid by those few timers that live long enough. The far ring
//! cascades in the same way, whenever `elapsed` enters a span of 2.18 years in which one of
//! its entries may be due. Advancing goes from one occupied slot to the next and never visits
//! an empty one: a clock that jumps by years costs what it fires and moves on the way.
//!
//! # Never early
//!
//! An entry fires only out of a slot of level 0, when `elapsed` *is* its tick, and `elapsed`
//! never passes the `now` that the caller gave. The caller, in turn, rounds deadlines up to
//! whole ticks and the clock down.
//!
//! # How it can go wrong
//!
//! - *`elapsed` steps over an occupied slot.* Its entries would hang behind the hand for
//!   ever. So `elapsed` moves in two functions only: in [`Wheel::expire`], from one piece of work to the next, where it
//!   comes to rest at `now` when no work is left before it; and in [`Wheel::pass`], if no timer hangs at all.
//! - *A foreign waker runs in here.* Waking or dropping one may call back into the runtime,
//!   which is busy with this wheel. So no waker is woken or dropped inside: each is handed
//!   to the caller, who first lets go of the wheel.
//! - *An old key meets a new entry.* Keys carry a generation; see [`entries`].

pub(crate) mod entries;
#[cfg(test)]
mod tests;

use std::task::Waker;

use entries::{DIGIT, Entries, FAR, LEVELS, RINGS};
pub(crate) use entries::{Fired, Place, TimerKey};

/// The low bits of a tick that the levels can tell apart.
const SPAN_MASK: u64 = (1 << (DIGIT * LEVELS)) - 1;

/// Timers by deadline. It knows ticks and wakers, and nothing of clocks or tasks.
pub(crate) struct Wheel {
    /// All ticks up to this one have been fired.
    elapsed: u64,
    /// Per level, a bit for each slot that has entries; last, bit 0 for the far ring.
    occupied: [u64; LEVELS as usize + 1],
    /// No entry of the far ring comes into range before this tick. It may be too low after
    /// a removal, which costs one needless cascade. Means nothing while that ring is empty.
    far_from: u64,
    /// Entries that hang in a ring: neither fired nor removed.
    pending: usize,
    entries: Entries,
}

impl Wheel {
    pub(crate) fn new() -> Wheel {
        Wheel {
            elapsed: 0,
            occupied: [0; LEVELS as usize + 1],
            far_from: 0,
            pending: 0,
            entries: Entries::with_rings(RINGS),
        }
    }

    /// The tick up to which everything has been fired.
    pub(crate) fn elapsed(&self) -> u64 {
        self.elapsed
    }

    /// How many entries wait to be fired.
    pub(crate) fn len(&self) -> usize {
        self.pending
    }

    /// Sets a timer: `waker` is handed out by the first [`expire`](Wheel::expire) that reaches
    /// `tick`, or by the very next one if `tick` has passed.
    ///
    /// The entry stays, fired or not, until it is [removed](Wheel::remove).
    #[inline(always)]
    pub(crate) fn insert(&mut self, tick: u64, waker: Waker) -> TimerKey {
        let key = self.entries.add(waker);
        self.hang(key.index, tick);
        key
    }

    /// Sets the timer to another tick, whether it has fired or not.
    ///
    /// A timer that has fired has given its waker away: see [`set_waker`](Wheel::set_waker).
    #[inline]
    pub(crate) fn reset(&mut self, key: TimerKey, tick: u64) {
        if let Some(index) = self.entries.find(key) {
            self.unhang(index);
            self.hang(index, tick);
        }
    }

    /// Stores another waker and returns the old one, for the caller to drop once the wheel is
    /// no longer borrowed. If the key is stale it is the new one that comes back.
    #[inline]
    pub(crate) fn set_waker(&mut self, key: TimerKey, waker: Waker) -> Option<Waker> {
        match self.entries.find(key) {
            Some(index) => self.entries.node_mut(index).waker.replace(waker),
            None => Some(waker),
        }
    }

    /// Whether firing this timer would wake the same task as `waker`.
    #[inline]
    pub(crate) fn wakes(&self, key: TimerKey, waker: &Waker) -> bool {
        let stored = self
            .entries
            .find(key)
            .and_then(|index| self.entries.node(index).waker.as_ref());
        stored.is_some_and(|stored| stored.will_wake(waker))
    }

    /// Whether the timer has fired and has not been reset since.
    #[inline]
    pub(crate) fn is_fired(&self, key: TimerKey) -> bool {
        self.entries
            .find(key)
            .is_some_and(|index| !self.entries.node(index).hangs())
    }

    /// When the timer will fire; `None` if it has fired or is gone.
    pub(crate) fn tick(&self, key: TimerKey) -> Option<u64> {
        let node = self.entries.node(self.entries.find(key)?);
        node.hangs().then_some(node.tick)
    }

    /// Forgets the timer and returns its waker, if it still has one, for the caller to drop
    /// once the wheel is no longer borrowed.
    #[inline]
    pub(crate) fn remove(&mut self, key: TimerKey) -> Option<Waker> {
        let index = self.entries.find(key)?;
        self.unhang(index);
        self.entries.free(index)
    }

    /// The next tick at which there is something to do: a timer fires or a slot cascades.
    ///
    /// It is never later than the earliest timer, so a thread that sleeps until then is in time. It
    /// is `elapsed` itself if a timer was set for a tick that had passed.
    #[inline]
    pub(crate) fn next_work(&self) -> Option<u64> {
        self.next_place().map(|(tick, _)| tick)
    }

    /// The earliest timer's tick. It looks at every timer of the next occupied slot, which
    /// may be many: for a paused clock, which must jump to the deadline and not merely near.
    pub(crate) fn earliest(&self) -> Option<u64> {
        let (tick, place) = self.next_place()?;
        match place.level {
            0 => Some(tick),
            _ => self.entries.ticks(place.ring()).min(),
        }
    }

    /// Advances `to` a tick and hands out the wakers of all timers up to that tick, the earliest
    /// first, those of one tick in the order in which they were set.
    ///
    /// A tick in the past moves nothing back; it fires only what was due when it was set. `tell` hears of
    /// each slot that cascades, with the number of its timers.
    pub(crate) fn expire(&mut self, to: u64, due: &mut Fired, mut tell: impl FnMut(Place, usize)) {
        let now = to.max(self.elapsed);
        while let Some((tick, place)) = self.next_place() {
            if tick > now {
                break;
            }
            self.elapsed = tick;
            match place.level {
                0 => self.fire(place, due),
                _ => tell(place, self.cascade(place)),
            }
        }
        self.elapsed = now;
    }

    /// Advances to `now` if no timer hangs, and says whether that is so.
    #[inline]
    pub(crate) fn pass(&mut self, now: u64) -> bool {
        let is_empty = self.pending == 0;
        if is_empty {
            self.elapsed = self.elapsed.max(now);
        }
        is_empty
    }

    /// Every timer that waits, with the place where it hangs, in no particular order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (TimerKey, Place, u64)> + '_ {
        self.entries
            .hanging(RINGS)
            .map(|(key, tick)| (key, Place::of(tick, self.elapsed), tick))
    }

    /// Whom a timer will wake.
    pub(crate) fn waker(&self, key: TimerKey) -> Option<&Waker> {
        self.entries.node(self.entries.find(key)?).waker.as_ref()
    }

    /// Gives back what a burst of timers took.
    #[inline]
    pub(crate) fn give_back(&mut self) {
        self.entries.give_back(RINGS);
    }

    /// The first occupied slot of the lowest occupied level, and the tick that reaches it.
    #[inline]
    fn next_place(&self) -> Option<(u64, Place)> {
        let level = self.occupied.iter().position(|&slots| slots != 0)?;
        let place = Place {
            level: level as u32,
            slot: self.occupied[level].trailing_zeros(),
        };
        let tick = match place.level {
            FAR => self.far_from,
            _ => place.starts_at(self.elapsed),
        };
        Some((tick, place))
    }

    /// Hangs an entry where its tick belongs now, behind those that are there.
    #[inline]
    fn hang(&mut self, index: u32, tick: u64) {
        // How late a timer was set does not matter: all that has passed is due now.
        let tick = tick.max(self.elapsed);
        let place = Place::of(tick, self.elapsed);
        if place.level == FAR {
            self.note_far(tick);
        }
        self.entries.hang(index, tick, place.ring());
        self.occupied[place.level as usize] |= 1 << place.slot;
        self.pending += 1;
    }

    /// Takes an entry out of its ring; one that has fired hangs in none.
    #[inline]
    fn unhang(&mut self, index: u32) {
        if !self.entries.node(index).hangs() {
            return;
        }
        self.pending -= 1;
        if let Some(ring) = self.entries.unhang(index) {
            self.vacate(Place::with_ring(ring));
        }
    }

    /// Keeps `far_from` at or below the tick where the first far entry comes into range.
    #[cold]
    fn note_far(&mut self, tick: u64) {
        let in_range = tick & !SPAN_MASK;
        self.far_from = match self.occupied[FAR as usize] {
            0 => in_range,
            _ => in_range.min(self.far_from),
        };
    }

    /// Hands out the wakers of a slot of level 0, whose tick has come.
    fn fire(&mut self, place: Place, fired: &mut Fired) {
        self.vacate(place);
        let mut chain = self.entries.cut(place.ring());
        while let Some(index) = self.entries.take_next(&mut chain) {
            self.pending -= 1;
            let waker = self.entries.node_mut(index).waker.take();
            fired.push((self.entries.key(index), waker));
        }
    }

    /// Places the entries of a slot anew, now that `elapsed` has reached it. Those of the far
    /// ring that are still out of range go back to it, behind the end of the chain. Returns how many.
    fn cascade(&mut self, place: Place) -> usize {
        self.vacate(place);
        let mut chain = self.entries.cut(place.ring());
        let mut count = 0;
        while let Some(index) = self.entries.take_next(&mut chain) {
            count += 1;
            self.pending -= 1;
            self.hang(index, self.entries.node(index).tick);
        }
        count
    }

    /// Notes that a slot has no entries any more.
    #[inline]
    fn vacate(&mut self, place: Place) {
        self.occupied[place.level as usize] &= !(1 << place.slot);
    }
}
