//! When the nodes of a burst are given back, and when nothing is tried.

use super::*;

/// What the tests of the wheel ask.
impl Entries {
    /// The entries of one ring in their order, with the links checked both ways.
    pub(in super::super) fn in_ring(&self, ring: u32) -> Vec<TimerKey> {
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
    pub(in super::super) fn age_free(&mut self) {
        let node = &mut self.nodes[self.free as usize];
        node.generation = NonZeroU32::new(u32::MAX - 1).expect("not zero");
    }

    pub(in super::super) const NODE_SIZE: usize = size_of::<Node>();
}

#[test]
fn a_key_of_a_node_that_was_given_back_never_finds_the_next_one_of_its_index() {
    let mut entries = Entries::with_rings(3);
    let mut many = || -> Vec<TimerKey> {
        let add = |_| entries.add(Waker::noop().clone());
        let keys: Vec<_> = (0..5000).map(add).collect();
        keys.iter().for_each(|key| drop(entries.free(key.index)));
        // The second burst shows that the first cut was a mistake: this one comes three looks later.
        (0..4).for_each(|_| entries.give_back(3));
        assert_eq!((entries.nodes.len(), entries.nodes.capacity()), (3, KEPT));
        keys
    };
    let (old, new) = (many(), many());
    assert!(
        old.iter()
            .zip(&new)
            .all(|(old, new)| old.index == new.index)
    );
    let add = |_| entries.add(Waker::noop().clone());
    let again: Vec<_> = (0..5000).map(add).collect();
    assert!(
        old.iter()
            .chain(&new)
            .all(|key| entries.find(*key).is_none())
    );
    assert!(again.iter().all(|key| entries.find(*key).is_some()));
}

const RINGS: u32 = 3;

/// So many entries, of which only the last is kept. None hangs: all have fired.
fn only_the_last_is_used() -> (Entries, TimerKey) {
    let mut entries = Entries::with_rings(RINGS);
    let keys: Vec<_> = (0..5000)
        .map(|_| entries.add(Waker::noop().clone()))
        .collect();
    let (last, others) = keys.split_last().expect("many");
    others.iter().for_each(|key| drop(entries.free(key.index)));
    (entries, *last)
}

/// Whether a look goes through the nodes: that puts the free ones in order, the lowest first.
fn goes_through_all(entries: &mut Entries) -> bool {
    let before = entries.free;
    assert_ne!(before, RINGS, "they are in order already");
    entries.give_back(RINGS);
    entries.free != before
}

#[test]
fn nothing_is_tried_while_the_last_node_has_fired_and_is_kept() {
    let (mut entries, last) = only_the_last_is_used();
    assert_eq!(entries.used, 1);
    assert!((0..100).all(|_| !goes_through_all(&mut entries)));
    drop(entries.free(last.index));
    entries.give_back(RINGS);
    assert_eq!((entries.used, entries.nodes.len()), (0, RINGS as usize));
}

#[test]
fn nothing_is_tried_while_the_last_node_is_old_or_out_of_use() {
    for generation in [u32::MAX / 2, u32::MAX - 2, u32::MAX - 1] {
        let (mut entries, last) = only_the_last_is_used();
        entries.nodes[last.index as usize].generation = NonZeroU32::new(generation).unwrap();
        drop(entries.free(last.index));
        assert_eq!(entries.used, 0);
        assert!((0..100).all(|_| !goes_through_all(&mut entries)));
    }
}

#[test]
fn entries_that_have_fired_count_as_used() {
    let (mut entries, last) = only_the_last_is_used();
    for _ in 0..100 {
        entries.add(Waker::noop().clone());
    }
    assert_eq!(entries.used, 101);
    entries.give_back(RINGS);
    drop(entries.free(last.index));
    let full = entries.nodes.len();
    let tries = (0..100).filter(|_| {
        entries.give_back(RINGS);
        entries.nodes.len() < full
    });
    assert_eq!(tries.count(), 1, "only the hundredth look tries");
}
