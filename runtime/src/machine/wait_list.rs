//! Who waits for something, in the order in which they came.
//!
//! A list of wakers, first in, first out. Its nodes lie in one slab and are linked by
//! index, so that a waiter in the middle leaves in constant time: a future that is dropped
//! while it waits must take its waker with it, or the list would grow for ever and wake
//! tasks that have long gone on to something else.
//!
//! There are two ways out of the line. [`pop`](WaitList::pop) forgets the waiter: it is woken,
//! looks around, and finds out for itself what has changed. [`call`](WaitList::call) leaves it
//! an answer ("the permit is yours") in the place that it had. No other waiter can come between
//! the answer and the waiter that hears it, and a waiter that is dropped with an answer not heard finds
//! it there and can pass on what it was given.
//!
//! Every method that lets go of a waker hands it to the caller. A waker is foreign
//! code, and neither its call nor its drop may happen while the list is borrowed. Its clone was
//! foreign code too: a waker comes in by [`register`](crate::machine::waker_cell::register) only, which
//! has looked once more after it.

use std::num::NonZeroU32;
use std::task::Waker;

use crate::base::room::{Slots, kept};
use crate::machine::waker_cell::Rechecked;
use crate::trace::Number;

const NONE: u32 = u32::MAX;
/// Stands in `before` of a place that is in the line no more: its waiter has been called.
const CALLED: u32 = u32::MAX - 1;

/// A place in the list. Its holder removes it, exactly once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct WaitKey {
    index: u32,
    /// Tells those that use one place after another apart.
    number: NonZeroU32,
}

/// It has 32 bytes, two to a cache line: a line of very many is bound by the memory that a random
/// waiter touches when it leaves, which is its node and the two beside it.
struct Node {
    /// `None` once it has been called.
    // No `WakerCell`: the list is for many wakers, lies in a cell itself, and takes only what
    // `register` has rechecked.
    waker: Option<Waker>,
    /// Never zero, so that the slab can tell a node from a free place without a word more.
    number: NonZeroU32,
    /// In the line: how much it needs. Called: the answer.
    word: u32,
    before: u32,
    after: u32,
}

/// See the file's heading.
pub(crate) struct WaitList {
    nodes: Slots<Node>,
    first: u32,
    last: u32,
    next_number: NonZeroU32,
    /// What a trace calls that which is waited for.
    number: Number,
}

impl WaitList {
    pub(crate) const fn new() -> WaitList {
        WaitList {
            nodes: Slots::new(),
            first: NONE,
            last: NONE,
            next_number: NonZeroU32::MIN,
            number: Number::new(),
        }
    }

    pub(crate) fn number(&self) -> &Number {
        &self.number
    }

    /// The wakers of those who wait and have not been called, the first one first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Waker> {
        let mut next = self.first;
        std::iter::from_fn(move || {
            let node = self.nodes.get(next as usize)?;
            next = node.after;
            node.waker.as_ref()
        })
    }

    /// Whether the line is empty.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.first == NONE
    }

    /// Joins the end of the line.
    pub(crate) fn push(&mut self, waker: Rechecked) -> WaitKey {
        self.push_for(waker, 0)
    }

    /// Joins the end of the line, for `need` of whatever there is.
    pub(crate) fn push_for(&mut self, waker: Rechecked, need: u32) -> WaitKey {
        let number = self.next_number;
        self.next_number = number.checked_add(1).unwrap_or(NonZeroU32::MIN);
        let node = Node {
            waker: Some(waker.into_waker()),
            number,
            word: need,
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

    /// Whether the waiter is still in the line.
    pub(crate) fn contains(&self, key: WaitKey) -> bool {
        self.find(key).is_some_and(|node| node.before != CALLED)
    }

    /// What the waiter was told when it was called. `None`: it is still in the line, or has
    /// been taken out without a word.
    pub(crate) fn answer(&self, key: WaitKey) -> Option<u32> {
        let called = self.find(key).filter(|node| node.before == CALLED);
        called.map(|node| node.word)
    }

    /// Gives a waiter another waker; returns the old one. The new one comes back if the
    /// waiter is no longer in the line.
    pub(crate) fn replace(&mut self, key: WaitKey, waker: Rechecked) -> Waker {
        let waker = waker.into_waker();
        match self.nodes.get_mut(key.index as usize) {
            Some(node) if node.number == key.number => match &mut node.waker {
                Some(old) => std::mem::replace(old, waker),
                None => waker,
            },
            _ => waker,
        }
    }

    /// Waits under `key`: in the same place as before with the waker of this poll, or at the
    /// end of the line. Returns a waker that is not needed any more.
    pub(crate) fn wait(&mut self, key: &mut Option<WaitKey>, waker: Rechecked) -> Option<Waker> {
        match *key {
            Some(key) if self.contains(key) => Some(self.replace(key, waker)),
            _ => {
                *key = Some(self.push(waker));
                None
            }
        }
    }

    /// Leaves the list, called or not. `None`: there is no waker to be had, because it had
    /// been taken out before.
    pub(crate) fn remove(&mut self, key: WaitKey) -> Option<Waker> {
        self.leave(key).1
    }

    /// Leaves the list, called or not: its [answer](WaitList::answer), and its waker. Both are one
    /// look at the node.
    pub(crate) fn leave(&mut self, key: WaitKey) -> (Option<u32>, Option<Waker>) {
        if self.find(key).is_none() {
            return (None, None);
        }
        let node = self.take_out(key.index);
        if node.before == CALLED {
            return (Some(node.word), node.waker);
        }
        self.close_gap(node.before, node.after);
        (None, node.waker)
    }

    /// What the one who has waited longest needs.
    pub(crate) fn first_need(&self) -> Option<u32> {
        let first = self.nodes.get(self.first as usize);
        first.map(|node| node.word)
    }

    /// Takes out the one who has waited longest.
    pub(crate) fn pop(&mut self) -> Option<Waker> {
        let first = self.first;
        if first == NONE {
            return None;
        }
        let node = self.take_out(first);
        self.close_gap(node.before, node.after);
        node.waker
    }

    /// Takes all waiters out, in the order of the line. It allocates nothing if they are fewer
    /// than two.
    pub(crate) fn take_all(&mut self) -> impl Iterator<Item = Waker> + use<> {
        let first = self.pop();
        let rest: Vec<Waker> = std::iter::from_fn(|| self.pop()).collect();
        first.into_iter().chain(rest)
    }

    /// Calls the one who has waited longest out of the line, and leaves it an answer, which
    /// stays until it is [removed](WaitList::remove).
    pub(crate) fn call(&mut self, answer: u32) -> Option<Waker> {
        self.call_at(self.first, answer)
    }

    /// As [`call`](WaitList::call), for the one who came last.
    pub(crate) fn call_last(&mut self, answer: u32) -> Option<Waker> {
        self.call_at(self.last, answer)
    }

    /// Calls all waiters, with the same answer.
    pub(crate) fn call_all(&mut self, answer: u32) -> Vec<Waker> {
        std::iter::from_fn(|| self.call(answer)).collect()
    }

    fn find(&self, key: WaitKey) -> Option<&Node> {
        let node = self.nodes.get(key.index as usize);
        node.filter(|node| node.number == key.number)
    }

    fn call_at(&mut self, index: u32, answer: u32) -> Option<Waker> {
        if index == NONE {
            return None;
        }
        self.unlink(index);
        let node = self.node(index)?;
        node.before = CALLED;
        node.word = answer;
        node.waker.take()
    }

    /// Empties a place.
    #[inline]
    fn take_out(&mut self, index: u32) -> Node {
        let node = self.nodes.remove(index as usize);
        self.nodes.give_back_one(kept::<Node>());
        node
    }

    fn unlink(&mut self, index: u32) {
        let node = &self.nodes[index as usize];
        let (before, after) = (node.before, node.after);
        self.close_gap(before, after);
    }

    /// Links the neighbours of a node that has left the line.
    #[inline]
    fn close_gap(&mut self, before: u32, after: u32) {
        match self.node(before) {
            Some(node) => node.after = after,
            None => self.first = after,
        }
        match self.node(after) {
            Some(node) => node.before = before,
            None => self.last = before,
        }
    }

    fn node(&mut self, index: u32) -> Option<&mut Node> {
        self.nodes.get_mut(index as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_has_half_a_cache_line_in_the_slab_too() {
        let mut list = WaitList::new();
        let keys: Vec<_> = (0..64).map(|_| list.push(Rechecked::noop())).collect();
        let at = |key: &WaitKey| std::ptr::from_ref(&list.nodes[key.index as usize]).addr();
        assert!(keys.windows(2).all(|two| at(&two[1]) - at(&two[0]) == 32));
    }

    #[test]
    fn the_number_after_the_last_one_is_the_first() {
        let mut list = WaitList::new();
        list.next_number = NonZeroU32::MAX;
        let last = list.push(Rechecked::noop());
        assert!(list.remove(last).is_some());
        let first = list.push(Rechecked::noop());
        assert_eq!((last.index, first.number), (first.index, NonZeroU32::MIN));
        assert!(!list.contains(last) && list.contains(first));
    }

    #[test]
    fn a_waiter_in_the_middle_leaves_and_the_order_of_the_rest_stays() {
        let mut list = WaitList::new();
        let keys: Vec<_> = (0..4).map(|_| list.push(Rechecked::noop())).collect();
        assert!(list.remove(keys[1]).is_some());
        assert!(list.remove(keys[1]).is_none());
        let late = list.push(Rechecked::noop());
        assert_ne!(late, keys[1], "the place is the same, the waiter is not");
        for key in [keys[0], keys[2], keys[3], late] {
            assert!(list.contains(key));
            list.pop();
            assert!(!list.contains(key));
        }
        assert!(list.is_empty() && list.pop().is_none());
    }

    #[test]
    fn one_that_was_called_keeps_its_answer_until_it_has_left() {
        let mut list = WaitList::new();
        let keys: Vec<_> = (1..4)
            .map(|n| list.push_for(Rechecked::noop(), n))
            .collect();
        assert_eq!(list.first_need(), Some(1));
        assert!(list.call(70).is_some());
        assert_eq!(list.first_need(), Some(2), "it is out of the line");
        assert!(!list.contains(keys[0]));
        assert_eq!(list.answer(keys[0]), Some(70));
        assert_eq!(list.answer(keys[1]), None);
        assert!(list.remove(keys[0]).is_none(), "its waker has gone");
        assert_eq!(list.answer(keys[0]), None, "it has left");
        assert_eq!(list.call_all(71).len(), 2);
        assert!(list.is_empty() && list.call(72).is_none());
        for key in &keys[1..] {
            assert_eq!(list.answer(*key), Some(71));
            list.remove(*key);
        }
        assert_eq!(list.nodes.len(), 0);
    }

    #[test]
    fn who_waits_again_keeps_its_place_and_who_was_taken_out_joins_the_end() {
        let mut list = WaitList::new();
        let (mut first, mut second) = (None, None);
        assert!(list.wait(&mut first, Rechecked::noop()).is_none());
        assert!(list.wait(&mut second, Rechecked::noop()).is_none());
        let place = first;
        assert!(list.wait(&mut first, Rechecked::noop()).is_some());
        assert_eq!(first, place);
        list.pop();
        assert!(list.wait(&mut first, Rechecked::noop()).is_none());
        assert_ne!(first, place);
        list.pop();
        assert!(first.is_some_and(|key| list.contains(key)));
        assert_eq!(list.take_all().count(), 1);
        assert!(list.is_empty() && list.nodes.is_empty());
    }
}
