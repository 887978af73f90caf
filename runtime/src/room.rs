//! When the memory of a burst is given back.
//!
//! A queue grows with what is put into it, by doubling. When that is taken out again the queue keeps
//! its room, for the next load is likely to be as large. But a load that came once should not be paid
//! for until the program ends. So there is one rule for all that grows in this crate:
//!
//! > **If less than a quarter of the room is in use, the room is cut to twice what is in use.** A small
//! > room is kept in any case.
//!
//! A steady load never meets the rule: it needs at least a quarter of what its peaks have made. And
//! each cut has been paid for: before it moves what is left, at least as much has been taken out.
//!
//! Channels and lists look whenever something is taken out ([`give_back`]). The tables of
//! tasks, timers and sources are checked when the loop has nothing to do, and after 1,024 busy rounds.
//! The end of a task does not check them, so a task costs no more.
//!
//! # Slots
//!
//! What lies in a slab cannot be moved: its index is the key by which others know it. So a slab is cut
//! behind the last place that is in use. Then the free places are used again from the lowest one on,
//! so that the next cut is likely to get further. A place near the end that stays in use keeps all
//! those before it.
//!
//! How it can go wrong: the places at the end become free one by one, and for each of them the slab is
//! cut and all its free places are put in order anew. So after a cut with N places in use, the next N
//! checks do nothing ([`Patience`]). From a thousand in use to none that makes ten cuts. When few
//! places are in use, the next cut comes soon.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, Hash};
use std::ops::{Deref, DerefMut};

use slab::Slab;

/// So many places of what the machine has one of are always kept.
pub(crate) const KEPT: usize = 1024;

/// So many bytes of what a program has many of are always kept.
const KEPT_BYTES: usize = 8 * 1024;

/// How many values of this type are kept by what a program has many of.
pub(crate) const fn kept<T>() -> usize {
    match size_of::<T>() {
        // What has no size has room without end, and takes none.
        0 => usize::MAX,
        size => KEPT_BYTES / size + 1,
    }
}

/// What grows by doubling and can be cut.
pub(crate) trait Room {
    /// How many places are in use.
    fn used(&self) -> usize;
    /// How many places there are.
    fn room(&self) -> usize;
    /// Cuts the room to `places`, or as far as it can be cut.
    fn cut(&mut self, places: usize);
}

/// Keeps the rule, but for `kept` places.
#[inline(always)]
pub(crate) fn give_back(room: &mut impl Room, kept: usize) {
    if room.room() > kept {
        consider(room, kept);
    }
}

/// Stands apart, so that what has a small room pays for one comparison.
#[inline(never)]
fn consider(room: &mut impl Room, kept: usize) {
    if is_roomy(room.used(), room.room()) {
        room.cut(kept.max(room.used() * 2));
    }
}

/// Whether less than a quarter is in use.
fn is_roomy(used: usize, room: usize) -> bool {
    used < room / 4
}

impl<K: Eq + Hash, V, S: BuildHasher> Room for HashMap<K, V, S> {
    fn used(&self) -> usize {
        self.len()
    }

    fn room(&self) -> usize {
        self.capacity()
    }

    fn cut(&mut self, places: usize) {
        self.shrink_to(places);
    }
}

impl<T> Room for Vec<T> {
    #[inline]
    fn used(&self) -> usize {
        self.len()
    }

    #[inline]
    fn room(&self) -> usize {
        self.capacity()
    }

    fn cut(&mut self, places: usize) {
        self.shrink_to(places);
    }
}

impl<T> Room for VecDeque<T> {
    #[inline]
    fn used(&self) -> usize {
        self.len()
    }

    #[inline]
    fn room(&self) -> usize {
        self.capacity()
    }

    fn cut(&mut self, places: usize) {
        self.shrink_to(places);
    }
}

/// A slab that can give back; see the file's heading.
pub(crate) struct Slots<T> {
    slab: Slab<T>,
    patience: Patience,
}

impl<T> Slots<T> {
    pub(crate) const fn new() -> Slots<T> {
        Slots {
            slab: Slab::new(),
            patience: Patience::new(),
        }
    }

    /// Keeps the rule as far as it can, but for `kept` places.
    #[inline]
    pub(crate) fn give_back(&mut self, kept: usize) {
        if self.slab.capacity() > kept {
            self.consider(kept);
        }
    }

    #[inline(never)]
    fn consider(&mut self, kept: usize) {
        let (used, room) = (self.slab.len(), self.slab.capacity());
        if self.patience.ends(used, room) {
            self.slab.shrink_to_fit();
            self.slab.reserve_exact(kept.saturating_sub(used));
        }
    }
}

impl<T> Default for Slots<T> {
    fn default() -> Slots<T> {
        Slots::new()
    }
}

impl<T> Deref for Slots<T> {
    type Target = Slab<T>;

    #[inline(always)]
    fn deref(&self) -> &Slab<T> {
        &self.slab
    }
}

impl<T> DerefMut for Slots<T> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut Slab<T> {
        &mut self.slab
    }
}

impl<T> IntoIterator for Slots<T> {
    type Item = (usize, T);
    type IntoIter = slab::IntoIter<T>;

    fn into_iter(self) -> slab::IntoIter<T> {
        self.slab.into_iter()
    }
}

/// When a room whose places cannot be moved is asked for a cut.
pub(crate) struct Patience {
    /// How often it was looked at since it was asked; as often as can be if it was in use since then.
    looks: u32,
}

impl Patience {
    pub(crate) const fn new() -> Patience {
        Patience { looks: u32::MAX }
    }

    /// Looks at the room: whether a cut is to be tried now.
    pub(crate) fn ends(&mut self, used: usize, room: usize) -> bool {
        if !is_roomy(used, room) {
            self.looks = u32::MAX;
            return false;
        }
        self.looks = self.looks.saturating_add(1);
        let ends = self.looks as usize >= used;
        if ends {
            self.looks = 0;
        }
        ends
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queue_that_is_used_by_less_than_a_quarter_is_cut_to_twice_its_use() {
        let mut queue: VecDeque<u64> = (0..100_000).collect();
        let room = queue.capacity();
        while queue.len() >= room / 4 {
            queue.pop_front();
            assert_eq!(queue.capacity(), room);
            give_back(&mut queue, KEPT);
        }
        let left = queue.len();
        assert!(queue.capacity() >= 2 * left && queue.capacity() < room);
        while queue.len() > 1 {
            queue.pop_front();
            give_back(&mut queue, KEPT);
        }
        assert_eq!(queue.capacity(), KEPT, "a small room is kept");
        assert_eq!(queue, [99_999]);
    }

    /// The longest row of cuts: from a full queue down to nothing.
    #[test]
    fn cuts_move_fewer_values_than_were_taken_out() {
        let mut queue: VecDeque<u64> = (0..1_000_000).collect();
        let (mut moved, mut room) = (0, queue.capacity());
        for taken in 1..=1_000_000 {
            queue.pop_front();
            give_back(&mut queue, KEPT);
            if queue.capacity() != room {
                room = queue.capacity();
                moved += queue.len();
            }
            assert!(moved <= taken, "{moved} moved, {taken} taken");
        }
    }

    #[test]
    fn a_load_that_goes_up_and_down_by_less_than_four_moves_nothing() {
        let mut queue: VecDeque<u64> = (0..32_768).collect();
        let room = queue.capacity();
        for _ in 0..10 {
            while queue.len() > room / 4 {
                queue.pop_front();
                give_back(&mut queue, KEPT);
            }
            while queue.len() < room {
                queue.push_back(0);
            }
            assert_eq!(queue.capacity(), room);
        }
    }

    #[test]
    fn what_has_no_size_is_never_cut() {
        let mut queue = VecDeque::from(vec![(); 10]);
        give_back(&mut queue, kept::<()>());
        assert_eq!(queue.len(), 10);
    }

    #[test]
    fn slots_are_cut_behind_the_last_that_is_in_use_and_filled_from_the_lowest() {
        let mut slots = Slots::new();
        (0..10_000).for_each(|n| assert_eq!(slots.insert(n), n));
        for place in (0..10_000).filter(|place| ![40, 3_000].contains(place)) {
            slots.remove(place);
            slots.give_back(KEPT);
        }
        slots.give_back(KEPT);
        assert!(slots.capacity() < 10_000 && slots.capacity() > 3_000);
        assert_eq!((slots[40], slots[3_000]), (40, 3_000));
        assert_eq!([slots.insert(0), slots.insert(1)], [0, 1]);
        for place in [3_000, 40, 0, 1] {
            slots.remove(place);
            slots.give_back(KEPT);
        }
        assert_eq!(slots.capacity(), KEPT);
    }

    #[test]
    fn a_cut_is_tried_again_after_as_many_looks_as_there_are_places_in_use() {
        let mut patience = Patience::new();
        let mut tried = |used: usize, looks: usize| {
            let looks = (0..looks).filter(|_| patience.ends(used, 8192));
            looks.count()
        };
        assert_eq!(tried(2048, 1000), 0, "a quarter is in use");
        assert_eq!(tried(2047, 1), 1, "the first time at once");
        assert_eq!(tried(1000, 2000), 2);
        assert_eq!(tried(0, 3), 3, "what is empty can be cut");
    }
}
