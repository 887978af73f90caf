//! Who waits for something, in the order in which they came.
//!
//! A list of wakers, first in, first out. Its nodes lie in one slab and are linked by
//! index, so that a waiter in the middle leaves in constant time: a future that is dropped
//! while it waits must take its waker with it, or the list would grow for ever and wake
//! tasks that have long gone on to something else.
//!
//! Every method that lets go of a waker hands it to the caller. A waker is somebody else's
//! code, and neither its call nor its drop may happen while the list is borrowed.

use std::task::Waker;

use slab::Slab;

use crate::trace::Number;

const NONE: u32 = u32::MAX;

/// A place in the list. Its holder removes it, exactly once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct WaitKey {
    index: u32,
    /// Tells the tenants of one place apart.
    number: u32,
}

struct Node {
    waker: Waker,
    number: u32,
    before: u32,
    after: u32,
}

/// See the file's heading.
pub(crate) struct WaitList {
    nodes: Slab<Node>,
    first: u32,
    last: u32,
    next_number: u32,
    /// What a trace calls that which is waited for.
    number: Number,
}

impl WaitList {
    pub(crate) const fn new() -> WaitList {
        WaitList {
            nodes: Slab::new(),
            first: NONE,
            last: NONE,
            next_number: 0,
            number: Number::new(),
        }
    }

    pub(crate) fn number(&self) -> &Number {
        &self.number
    }

    #[cfg(test)]
    pub(crate) fn is_empty(&self) -> bool {
        self.first == NONE
    }

    /// Joins the end of the list.
    pub(crate) fn push(&mut self, waker: Waker) -> WaitKey {
        let number = self.next_number;
        self.next_number = number.wrapping_add(1);
        let node = Node {
            waker,
            number,
            before: self.last,
            after: NONE,
        };
        let index = u32::try_from(self.nodes.insert(node)).unwrap_or(NONE);
        match self.node(self.last) {
            Some(last) => last.after = index,
            None => self.first = index,
        }
        self.last = index;
        WaitKey { index, number }
    }

    /// Whether the waiter is still in the list (and has not been taken out to be woken).
    pub(crate) fn contains(&self, key: WaitKey) -> bool {
        let node = self.nodes.get(key.index as usize);
        node.is_some_and(|node| node.number == key.number)
    }

    /// Gives a waiter another waker; returns the old one. The new one comes back if the
    /// waiter is no longer in the list.
    pub(crate) fn replace(&mut self, key: WaitKey, waker: Waker) -> Waker {
        match self.nodes.get_mut(key.index as usize) {
            Some(node) if node.number == key.number => std::mem::replace(&mut node.waker, waker),
            _ => waker,
        }
    }

    /// Leaves the list. `None`: it had been taken out before.
    pub(crate) fn remove(&mut self, key: WaitKey) -> Option<Waker> {
        self.contains(key).then(|| self.unlink(key.index))
    }

    /// Takes out the one who has waited longest.
    pub(crate) fn pop(&mut self) -> Option<Waker> {
        (self.first != NONE).then(|| self.unlink(self.first))
    }

    fn unlink(&mut self, index: u32) -> Waker {
        let node = self.nodes.remove(index as usize);
        match self.node(node.before) {
            Some(before) => before.after = node.after,
            None => self.first = node.after,
        }
        match self.node(node.after) {
            Some(after) => after.before = node.before,
            None => self.last = node.before,
        }
        node.waker
    }

    fn node(&mut self, index: u32) -> Option<&mut Node> {
        self.nodes.get_mut(index as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_task::noop_waker;

    #[test]
    fn a_waiter_in_the_middle_leaves_and_the_order_of_the_rest_stays() {
        let mut list = WaitList::new();
        let keys: Vec<_> = (0..4).map(|_| list.push(noop_waker())).collect();
        assert!(list.remove(keys[1]).is_some());
        assert!(list.remove(keys[1]).is_none());
        let late = list.push(noop_waker());
        assert_ne!(late, keys[1], "the place is the same, the waiter is not");
        for key in [keys[0], keys[2], keys[3], late] {
            assert!(list.contains(key));
            list.pop();
            assert!(!list.contains(key));
        }
        assert!(list.is_empty() && list.pop().is_none());
    }
}
