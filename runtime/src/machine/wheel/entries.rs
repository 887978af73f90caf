//! The wheel's entries: a slab whose entries hang in rings.
//!
//! A slot of the wheel is a list of entries, and an entry must leave it in O(1) from
//! anywhere in the middle. The classical answer is a list linked in both directions by
//! pointers, which needs unsafe code, or reference counts. Here all entries live in one
//! vector, and a link is an index into it: half as wide as a pointer, and a wrong one meets the
//! bounds of the vector, not foreign memory.
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
//! Each ring is closed by a **head**, a node at the front of the same vector which is no
//! entry. Thus every entry has a neighbour on both sides, and hanging it up or taking it
//! down is four stores without a special case for the first or the last. When the two
//! neighbours of an entry are the same node, this node is the head: the ring is empty now,
//! and the head's index says which ring it was. So an entry does not store its slot.
//!
//! Why not the `slab` crate? It keeps an enum per entry (vacant or not), which with the
//! generation would make 48 bytes; and the heads would need a vector of their own, with a
//! branch at each link. The free list is ten lines. An entry has 40 bytes and nothing beside
//! it: no allocation of its own. The vector grows by doubling, and what a burst of timers took is given
//! back by the rule of `room.rs`.
//!
//! How it can go wrong: a key is used after its entry was removed, when the index may belong
//! to another entry. So an index has a **generation**, which goes up at every removal, and a
//! key names both: a stale one finds nothing. A generation that has run out of numbers (after
//! four thousand million removals) would make old keys fit again; its index is not used any
//! more. 40 bytes are the price of "never".

use std::num::NonZeroU32;
use std::task::Waker;

use crate::machine::room::{KEPT, Patience};

/// Timers that have fired, and who is to be woken.
pub(crate) type Fired = Vec<(TimerKey, Option<Waker>)>;

/// No node: the end of the free list, and the links of what hangs in no ring.
const NONE: u32 = u32::MAX;

/// The mark of a node in the free list, where others have their neighbour.
const FREE: u32 = u32::MAX - 1;

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

struct Node {
    /// When it is due. It has a meaning only while the node hangs in a ring, or has fired.
    tick: u64,
    /// Whom to wake. None once fired, until another waker is set; none in heads and free nodes.
    // No `WakerCell`: the wheel lies in a `RefCell` and hands its wakers out, so a second cell around
    // each of them would guard nothing. `Timers::keep_waker` registers.
    waker: Option<Waker>,
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
}

impl Node {
    /// Whether it has more than half of its generations before it. Only such a node is given back:
    /// all that are added later begin with its generation.
    fn is_young(&self) -> bool {
        self.generation.get() < u32::MAX / 2
    }

    fn can_be_cut(&self) -> bool {
        self.prev == FREE && self.is_young()
    }

    fn hangs(&self) -> bool {
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

    /// Gives back what no entry uses, as far as it can: see `room.rs`.
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
            let node = self.nodes.pop();
            self.first = self
                .first
                .max(node.map_or(NonZeroU32::MIN, |node| node.generation));
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
        let generation = self.nodes[index as usize].generation;
        TimerKey { index, generation }
    }

    #[inline]
    pub(super) fn tick(&self, index: u32) -> u64 {
        self.nodes[index as usize].tick
    }

    #[inline]
    pub(super) fn waker(&self, index: u32) -> Option<&Waker> {
        self.nodes[index as usize].waker.as_ref()
    }

    #[inline]
    pub(super) fn waker_mut(&mut self, index: u32) -> &mut Option<Waker> {
        &mut self.nodes[index as usize].waker
    }

    /// Whether an entry hangs in a ring.
    #[inline]
    pub(super) fn hangs(&self, index: u32) -> bool {
        self.nodes[index as usize].hangs()
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

    /// The entries of one ring in their order, with the links checked both ways.
    #[cfg(test)]
    pub(super) fn in_ring(&self, ring: u32) -> Vec<TimerKey> {
        let mut keys = Vec::new();
        let mut at = ring;
        loop {
            let next = self.nodes[at as usize].next;
            assert_eq!(self.nodes[next as usize].prev, at, "the links disagree");
            if next == ring {
                return keys;
            }
            keys.push(self.key(next));
            at = next;
        }
    }

    /// Makes the free index that is used next as old as can be.
    #[cfg(test)]
    pub(super) fn age_free(&mut self) {
        let node = &mut self.nodes[self.free as usize];
        node.generation = NonZeroU32::new(u32::MAX - 1).expect("not zero");
    }

    #[cfg(test)]
    pub(super) const NODE_SIZE: usize = size_of::<Node>();
}

#[cfg(test)]
mod tests;
