//! When the memory of a burst is given back.
//!
//! A queue grows with what is put into it, by doubling. When that is taken out again the queue keeps
//! its room, for the next load is likely to be as large. But a load that came once should not be paid
//! for until the program ends. So there is one rule for all that grows in this crate:
//!
//! > **If less than a quarter of the room is in use, the room is cut to twice what is in use.** A small
//! > room is kept in any case. **A room that is asked for again after a cut waits longer before the
//! > next one.**
//!
//! Each cut has been paid for: before it moves what is left, at least as much has been taken out.
//! And a steady load does not feel the rule. It needs a quarter of its peak all the time, or its
//! peaks come again: then the room is soon as large as it was before the cut, and the cut was a
//! mistake. The first cut comes at the first look; after each mistake the room waits for twice as
//! many looks, at most for as many as it has places. A load that goes all the way up and down for
//! ever so meets a cut now and then, and pays for one place per look.
//!
//! A **look** is one call of [`give_back`](Roomy::give_back). Channels and lists look whenever
//! something is taken out. The tables of tasks, timers and sources are looked at when the loop has
//! nothing to do, and after 1,024 busy rounds. The end of a task does not look, so a task costs no
//! more.
//!
//! How it can go wrong: a machine that parks does not look again before it is woken. What a load that
//! came many times has left stays until then.
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
//! looks do nothing. From a thousand in use to none that makes ten cuts. When few places are in use,
//! the next cut comes soon. And a slab is only cut if at least an eighth of it is free behind the last
//! place in use: when a hundred thousand waiters leave in random order, the last place in use is
//! near the end nearly to the last, and there is nothing to be had for all that order.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, Hash};
use std::ops::{Deref, DerefMut};

use slab::Slab;

/// So many places of what the machine has one of are always kept.
pub(crate) const KEPT: usize = 1024;

/// So many bytes of what a program has many of are always kept.
const KEPT_BYTES: usize = 8 * 1024;

/// A slab is cut by at least this part of it.
const LEAST_PART: usize = 8;

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
    /// After how many looks the next cut has been paid for.
    fn price(&self) -> usize {
        0
    }
}

/// How full it is, for what has a `len` and a `capacity`.
macro_rules! counted {
    () => {
        #[inline]
        fn used(&self) -> usize {
            self.len()
        }

        #[inline]
        fn room(&self) -> usize {
            self.capacity()
        }
    };
}

/// What moves its values when it is cut: no look has to wait for the next cut.
macro_rules! movable {
    ($([$($generic:tt)*] $room:ty;)*) => {$(
        impl<$($generic)*> Room for $room {
            counted!();

            fn cut(&mut self, places: usize) {
                self.shrink_to(places);
            }
        }
    )*};
}

movable! {
    [T] Vec<T>;
    [T] VecDeque<T>;
    [K: Eq + Hash, V, S: BuildHasher] HashMap<K, V, S>;
}

impl<T> Room for Slab<T> {
    counted!();

    fn cut(&mut self, places: usize) {
        let room = self.capacity();
        let mut end = room - room / LEAST_PART..room;
        if end.any(|place| self.contains(place)) {
            return;
        }
        self.shrink_to_fit();
        self.reserve_exact(places.saturating_sub(self.len()));
    }

    fn price(&self) -> usize {
        self.len()
    }
}

/// A room that gives back; see the file's heading.
#[derive(Default)]
pub(crate) struct Roomy<R> {
    inner: R,
    patience: Patience,
}

/// A slab that gives back.
pub(crate) type Slots<T> = Roomy<Slab<T>>;

impl<T> Slots<T> {
    pub(crate) const fn new() -> Slots<T> {
        Roomy {
            inner: Slab::new(),
            patience: Patience::new(),
        }
    }
}

impl<R> Roomy<R> {
    pub(crate) fn into_inner(self) -> R {
        self.inner
    }
}

impl<R: Room> Roomy<R> {
    /// Looks at the room and keeps the rule, but for `kept` places. Says whether it was cut.
    #[inline(always)]
    pub(crate) fn give_back(&mut self, kept: usize) -> bool {
        self.give_back_after(1, kept)
    }

    /// The same when `taken` values have been taken out at once: that counts as so many looks.
    #[inline(always)]
    pub(crate) fn give_back_after(&mut self, taken: usize, kept: usize) -> bool {
        self.inner.room() > kept && self.consider(taken, kept)
    }

    /// The same for what is looked at whenever one value is taken out. A room that is in use needs
    /// no look then: the look at which its use falls below a quarter finds that it was in use.
    #[inline(always)]
    pub(crate) fn give_back_one(&mut self, kept: usize) -> bool {
        self.inner.room() > kept && self.consider_one(kept)
    }

    /// Stands apart, as [`consider`](Roomy::consider).
    #[inline(never)]
    fn consider_one(&mut self, kept: usize) -> bool {
        is_roomy(self.inner.used(), self.inner.room()) && self.consider(1, kept)
    }

    /// Stands apart, so that what has a small room pays for one comparison.
    #[inline(never)]
    fn consider(&mut self, looks: usize, kept: usize) -> bool {
        let (used, room) = (self.inner.used(), self.inner.room());
        let ends = self.patience.ends(used, room, looks, self.inner.price());
        if ends {
            self.inner.cut(kept.max(used * 2));
            self.patience.was_cut(room, self.inner.room());
        }
        ends
    }
}

impl<R> Deref for Roomy<R> {
    type Target = R;

    #[inline(always)]
    fn deref(&self) -> &R {
        &self.inner
    }
}

impl<R> DerefMut for Roomy<R> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut R {
        &mut self.inner
    }
}

/// When a room is cut.
pub(crate) struct Patience {
    /// So many looks do nothing yet, because the room is likely to be asked for again.
    left: u32,
    /// How often it was looked at since the last cut; as often as can be if it was in use since then.
    looks: u32,
    /// How many cuts were mistakes.
    mistakes: u8,
    /// The size of the room before the last cut, as a power of two.
    before: u8,
}

impl Patience {
    /// No cut is remembered.
    const NEVER: u8 = u8::MAX;

    pub(crate) const fn new() -> Patience {
        Patience {
            left: 0,
            looks: u32::MAX,
            mistakes: 0,
            before: Patience::NEVER,
        }
    }

    /// Looks at the room, which counts as so many looks: whether it is to be cut now. A cut is paid
    /// for after `price` looks.
    pub(crate) fn ends(&mut self, used: usize, room: usize, looks: usize, price: usize) -> bool {
        // What has just been taken out was in use until now.
        if !is_roomy(used.saturating_add(looks), room) {
            self.wait(room);
        }
        if !is_roomy(used, room) {
            return false;
        }
        let looks = u32::try_from(looks).unwrap_or(u32::MAX);
        if !self.is_waited_for(looks) {
            return false;
        }
        self.looks = self.looks.saturating_add(looks);
        if (self.looks as usize) < price {
            return false;
        }
        let was_mistake = size(room) >= self.before;
        if was_mistake {
            self.before = Patience::NEVER;
            self.mistakes = self.mistakes.saturating_add(1);
            self.wait(room);
        }
        !was_mistake || self.is_waited_for(looks)
    }

    /// Whether more looks have been made than do nothing.
    fn is_waited_for(&mut self, looks: u32) -> bool {
        let is_over = looks > self.left;
        self.left = self.left.saturating_sub(looks);
        is_over
    }

    /// The room has been cut, as far as it could be.
    pub(crate) fn was_cut(&mut self, from: usize, to: usize) {
        if size(to) < size(from) {
            self.before = size(from);
        }
        self.looks = 0;
    }

    /// The room is in use, or was a moment ago.
    fn wait(&mut self, room: usize) {
        self.left = self.longest(room);
        self.looks = u32::MAX;
    }

    /// How many looks a room waits that has not been cut since it was in use.
    fn longest(&self, room: usize) -> u32 {
        let places = u32::try_from(room).unwrap_or(u32::MAX);
        let doubled = 1u32.checked_shl(self.mistakes.into()).unwrap_or(places);
        places.min(doubled.saturating_sub(1))
    }
}

/// The size of a room, as a power of two.
fn size(room: usize) -> u8 {
    room.checked_ilog2().unwrap_or(0) as u8
}

impl Default for Patience {
    fn default() -> Patience {
        Patience::new()
    }
}

/// Whether less than a quarter is in use.
fn is_roomy(used: usize, room: usize) -> bool {
    used < room / 4
}

#[cfg(test)]
#[path = "room/tests.rs"]
mod tests;
