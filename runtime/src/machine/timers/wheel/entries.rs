//! The wheel's entries, and where they hang: a slab whose entries hang in rings.
//!
//! A slot of the wheel is a list of entries, and an entry must leave it in O(1) from anywhere in the
//! middle. The classical answer is a list linked in both directions by pointers, which needs unsafe code,
//! or reference counts. Here all entries live in one vector, and a link is an index into it: half as wide
//! as a pointer, and a wrong one meets the bounds of the vector, not foreign memory.
//!
//! ```text
//!  nodes   [ 0 | 1 | ... | 384 ][ 385 | 386 | 387 | 388 | ... ]
//!            heads, one a ring    entries, in use or free
//!
//!  ring 1    head 1 <-> 386 <-> 388 <-> back to head 1
//!  ring 0    head 0 <-> itself: empty
//!  free      387 -> end
//! ```
//!
//! Each ring is closed by a **head**, a node at the front of the same vector which is no entry. Thus every
//! entry has a neighbour on both sides, and hanging it up or taking it down is four stores without a
//! special case for the first or the last. When the two neighbours of an entry are the same node, this node
//! is the head: the ring is empty now, and the head's index says which ring it was. So an entry does not
//! store its slot.
//!
//! Why not the `slab` crate? It keeps an enum per entry (vacant or not), which with the generation would
//! make 48 bytes; and the heads would need a vector of their own, with a branch at each link. The free list
//! is ten lines. An entry has 40 bytes and nothing beside it: no allocation of its own. The vector grows by
//! doubling, and what a burst of timers took is given back by the rule of `base/room.rs`.
//!
//! How it can go wrong: a key is used after its entry was removed, when the index may belong to another
//! entry. So an index has a **generation**, which goes up at every removal, and a key names both: a stale
//! one finds nothing. A generation that has run out of numbers (after four thousand million removals) would
//! make old keys fit again; its index is not used any more. 40 bytes are the price of "never".

use std::num::NonZeroU32;
use std::task::Waker;

use crate::base::room::{KEPT, Patience};

/// Timers that have fired, and who is to be woken.
pub(crate) type Fired = Vec<(TimerKey, Option<Waker>)>;

/// No node: the end of the free list, and the links of what hangs in no ring.
const NONE: u32 = u32::MAX;

/// The mark of a node in the free list, where others have their neighbour.
const FREE: u32 = u32::MAX - 1;

/// Bits of one base-64 digit.
pub(super) const DIGIT: u32 = 6;

/// Slots on a level.
const SLOTS: u32 = 1 << DIGIT;

/// Levels that have slots.
pub(super) const LEVELS: u32 = 6;

/// The number that stands for the far ring: one level above the last, with one slot.
pub(super) const FAR: u32 = LEVELS;

/// The rings in which entries hang: one per slot, and the far one.
pub(super) const RINGS: u32 = LEVELS * SLOTS + 1;

/// Where an entry hangs: a slot of a level; `level` is [`FAR`] and `slot` 0 for the far ring.
/// A replay computes it again and finds the same. The heading of the wheel tells how.
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
        let (level, slot) = match highest_bit / DIGIT {
            FAR.. => (FAR, 0),
            level => (level, (tick >> (level * DIGIT)) as u32 % SLOTS),
        };
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
        let (level, slot) = (ring / SLOTS, ring % SLOTS);
        Place { level, slot }
    }
}

/// What finds an entry of the wheel, and only that entry: its index is reused, the key never.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct TimerKey {
    pub(super) index: u32,
    generation: NonZeroU32,
}

impl TimerKey {
    /// One number for both: the lower half is the index, the upper one its generation.
    pub(crate) fn id(self) -> u64 {
        (u64::from(self.generation.get()) << 32) | u64::from(self.index)
    }
}

pub(super) struct Node {
    /// When it is due. It has a meaning only while the node hangs in a ring, or has fired.
    pub(super) tick: u64,
    /// Whom to wake. None once fired, until another waker is set; none in heads and free nodes.
    // No `WakerCell`: the wheel lies in a `RefCell` and hands its wakers out, so a second cell around
    // each of them would guard nothing. `Timers::keep_waker` registers.
    pub(super) waker: Option<Waker>,
    /// The neighbour in the ring, or the next free node.
    next: u32,
    /// The other neighbour; `NONE` or `FREE` says that the node hangs in no ring: the first that it
    /// has fired or is out of use, the second that it is free.
    prev: u32,
    /// Tells the entries that have this index one after another apart.
    generation: NonZeroU32,
}

impl Node {
    fn new(waker: Option<Waker>, link: u32, generation: NonZeroU32) -> Node {
        Node {
            tick: 0,
            waker,
            next: link,
            prev: link,
            generation,
        }
    }

    /// Whether it is free and has more than half of its generations before it. Only such a node is given
    /// back: all that are added later begin with its generation.
    fn can_be_cut(&self) -> bool {
        self.prev == FREE && self.generation.get() < u32::MAX / 2
    }

    /// Whether it hangs in a ring.
    pub(super) fn hangs(&self) -> bool {
        self.prev < FREE
    }
}

/// What was cut off a ring: a list on its way to another place.
pub(super) struct Chain {
    next: u32,
    /// The head that the chain hung on, where it still ends.
    end: u32,
}

/// All entries of a wheel, and the rings that they hang in.
pub(super) struct Entries {
    nodes: Vec<Node>,
    /// The free node to use next.
    free: u32,
    /// How many entries there are: those that hang, and those that have fired and are still kept.
    used: usize,
    /// The generation of a node that is added: no node that was given back had a higher one.
    first: NonZeroU32,
    patience: Patience,
}

impl Entries {
    pub(super) fn with_rings(rings: u32) -> Entries {
        // A power of two, so that doubling lands on round sizes.
        let mut nodes = Vec::with_capacity((rings as usize + 1).next_power_of_two());
        nodes.extend((0..rings).map(|ring| Node::new(None, ring, NonZeroU32::MIN)));
        Entries {
            nodes,
            free: NONE,
            used: 0,
            first: NonZeroU32::MIN,
            patience: Patience::new(),
        }
    }

    /// Adds an entry that hangs nowhere yet.
    #[inline]
    pub(super) fn add(&mut self, waker: Waker) -> TimerKey {
        self.used += 1;
        let index = self.free;
        if index == NONE {
            return self.add_at_end(waker);
        }
        let node = &mut self.nodes[index as usize];
        self.free = node.next;
        node.prev = NONE;
        node.waker = Some(waker);
        self.key(index)
    }

    /// Not inlined, so that the common case above is.
    #[inline(never)]
    fn add_at_end(&mut self, waker: Waker) -> TimerKey {
        let index = u32::try_from(self.nodes.len()).unwrap_or(NONE);
        assert!(index < FREE, "more than four thousand million timers");
        self.nodes.push(Node::new(Some(waker), NONE, self.first));
        self.key(index)
    }

    /// Gives up an entry that hangs in no ring. All its keys are stale from now on.
    #[inline]
    pub(super) fn free(&mut self, index: u32) -> Option<Waker> {
        self.used -= 1;
        let node = &mut self.nodes[index as usize];
        node.generation = node.generation.saturating_add(1);
        // No key has the last generation: an index that has come to it is out of use.
        if node.generation != NonZeroU32::MAX {
            node.next = self.free;
            node.prev = FREE;
            self.free = index;
        }
        node.waker.take()
    }

    /// Gives back what no entry uses, as far as it can: see `base/room.rs`.
    #[inline]
    pub(super) fn give_back(&mut self, rings: u32) {
        let room = self.nodes.capacity();
        if room > KEPT && self.patience.ends(self.used, room, 1, self.used) {
            self.cut_off(rings);
            let left = self.nodes.capacity();
            self.patience.was_cut(room, left);
        }
    }

    /// Cuts off the free nodes at the end. Those that stay are used from the lowest one on.
    #[cold]
    fn cut_off(&mut self, rings: u32) {
        // Without this, each look would go through all nodes and cut nothing.
        if !self.nodes.last().is_some_and(Node::can_be_cut) {
            return;
        }
        while self.nodes.last().is_some_and(Node::can_be_cut) {
            let generation = self.nodes.pop().map(|node| node.generation);
            self.first = self.first.max(generation.unwrap_or(NonZeroU32::MIN));
        }
        self.nodes.shrink_to(KEPT);
        self.free = NONE;
        let end = u32::try_from(self.nodes.len()).unwrap_or(NONE);
        for index in (rings..end).rev() {
            if self.nodes[index as usize].prev == FREE {
                self.nodes[index as usize].next = self.free;
                self.free = index;
            }
        }
    }

    /// The index that a key stands for, unless it is stale.
    #[inline]
    pub(super) fn find(&self, key: TimerKey) -> Option<u32> {
        let node = self.nodes.get(key.index as usize)?;
        (node.generation == key.generation).then_some(key.index)
    }

    /// The key of an entry.
    #[inline]
    pub(super) fn key(&self, index: u32) -> TimerKey {
        let generation = self.node(index).generation;
        TimerKey { index, generation }
    }

    #[inline]
    pub(super) fn node(&self, index: u32) -> &Node {
        &self.nodes[index as usize]
    }

    #[inline]
    pub(super) fn node_mut(&mut self, index: u32) -> &mut Node {
        &mut self.nodes[index as usize]
    }

    /// Hangs an entry at the end of a ring.
    #[inline]
    pub(super) fn hang(&mut self, index: u32, tick: u64, ring: u32) {
        let last = std::mem::replace(&mut self.nodes[ring as usize].prev, index);
        self.nodes[last as usize].next = index;
        let node = &mut self.nodes[index as usize];
        node.tick = tick;
        node.next = ring;
        node.prev = last;
    }

    /// Takes an entry out of the ring in which it hangs. Returns the ring if it was the last.
    #[inline]
    pub(super) fn unhang(&mut self, index: u32) -> Option<u32> {
        let node = &mut self.nodes[index as usize];
        let next = node.next;
        let prev = std::mem::replace(&mut node.prev, NONE);
        self.nodes[prev as usize].next = next;
        self.nodes[next as usize].prev = prev;
        (next == prev).then_some(next)
    }

    /// Empties a ring; what hung in it is the chain.
    #[inline]
    pub(super) fn cut(&mut self, ring: u32) -> Chain {
        let head = &mut self.nodes[ring as usize];
        head.prev = ring;
        let next = std::mem::replace(&mut head.next, ring);
        Chain { next, end: ring }
    }

    /// The next entry of a chain, which then hangs in no ring and may be hung in any.
    #[inline]
    pub(super) fn take_next(&mut self, chain: &mut Chain) -> Option<u32> {
        let index = chain.next;
        if index == chain.end {
            return None;
        }
        let node = &mut self.nodes[index as usize];
        chain.next = node.next;
        node.prev = NONE;
        Some(index)
    }

    /// The entries that hang in rings, with their ticks.
    pub(super) fn hanging(&self, rings: u32) -> impl Iterator<Item = (TimerKey, u64)> + '_ {
        (rings..)
            .zip(&self.nodes[rings as usize..])
            .filter(|(_, node)| node.hangs())
            .map(|(index, node)| (self.key(index), node.tick))
    }

    /// The ticks of the entries that hang in one ring.
    pub(super) fn ticks(&self, ring: u32) -> impl Iterator<Item = u64> + '_ {
        let first = self.nodes[ring as usize].next;
        std::iter::successors(Some(first), |&at| Some(self.nodes[at as usize].next))
            .take_while(move |&at| at != ring)
            .map(|at| self.nodes[at as usize].tick)
    }
}

#[cfg(test)]
mod tests;
