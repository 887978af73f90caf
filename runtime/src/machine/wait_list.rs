//! Who waits for something, in the order in which they came.
//!
//! There are two parts. The **line** is a queue of keys, first in, first out. The **nodes** lie in a
//! slab: each holds the waker of one waiter. A waiter that leaves takes its node with it, in constant time: a
//! future that is dropped while it waits must take its waker along, or the list would grow for ever and wake
//! tasks that have long gone on to something else.
//!
//! ```text
//!     line    a ── b ── c ── d      b has left: its key is stale, and is skipped
//!             │         │    │      when it comes to the front
//!     nodes  [a]  [ ]  [c]  [d]
//! ```
//!
//! The key of a waiter that leaves stays in the line. Nothing else is touched, neither the node
//! before it nor the one behind it: with very many waiters each would be a cache miss. When the line
//! has no room for one more, and more of its keys are stale than not, it forgets all stale ones. So it has room for at
//! most about four times those who waited at once, and each departure pays for one or two keys. When the slab
//! gives memory back, the line does so, too.
//!
//! There are two ways out of the line. [`pop`](WaitList::pop) forgets the waiter: it is woken,
//! looks around, and finds out for itself what has changed. [`call`](WaitList::call) leaves it
//! an answer ("the permit is yours") in its node. No other waiter can come between
//! the answer and the waiter that hears it, and a waiter that is dropped with an answer not heard finds
//! it there and can pass on what it was given.
//!
//! Every method that lets go of a waker hands it to the caller. A waker is foreign
//! code, and neither its call nor its drop may happen while the list is borrowed. So is its
//! clone: only [`register`](crate::machine::waker_cell::register) brings wakers in, and it looks again after the clone.

use std::collections::VecDeque;
use std::num::NonZeroU32;
use std::task::Waker;

use crate::base::room::{Slots, kept};
use crate::machine::waker_cell::Rechecked;
use crate::trace::Number;

/// So many stale keys are no reason to go through the line.
const FEW: usize = 16;

/// Names a waiter. Its holder removes it, exactly once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct WaitKey {
    index: u32,
    /// Tells those that use one place of the slab after another apart.
    number: NonZeroU32,
}

/// It has 24 bytes: a line of very many is bound by the memory that a random waiter touches when it leaves.
struct Node {
    /// `None` once it has been called.
    // No `WakerCell`: the list is for many wakers, lies in a cell itself, and takes only what
    // `register` has rechecked.
    waker: Option<Waker>,
    /// Never zero, so that the slab can tell a node from a free place without a word more.
    number: NonZeroU32,
    /// In the line: how much it needs. Called: the answer.
    word: u32,
}

/// See the file's heading.
pub(crate) struct WaitList {
    /// All waiters, those too that have been called and have not heard it.
    nodes: Slots<Node>,
    /// In the order in which they came; some keys are stale.
    line: VecDeque<WaitKey>,
    /// How many keys of the line are not.
    waiting: usize,
    next_number: NonZeroU32,
    /// What a trace calls that which is waited for.
    number: Number,
}

impl WaitList {
    pub(crate) const fn new() -> WaitList {
        WaitList {
            nodes: Slots::new(),
            line: VecDeque::new(),
            waiting: 0,
            next_number: NonZeroU32::MIN,
            number: Number::new(),
        }
    }

    pub(crate) fn number(&self) -> &Number {
        &self.number
    }

    /// The wakers of those who wait and have not been called, the first one first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Waker> {
        let nodes = self.line.iter().filter_map(|&key| self.find(key));
        nodes.filter_map(|node| node.waker.as_ref())
    }

    /// Whether the line is empty.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.waiting == 0
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
        };
        let index = u32::try_from(self.nodes.insert(node)).unwrap_or(u32::MAX);
        let key = WaitKey { index, number };
        if self.line.len() == self.line.capacity() {
            self.forget_stale();
        }
        self.line.push_back(key);
        self.waiting += 1;
        key
    }

    /// Whether the waiter is still in the line.
    pub(crate) fn contains(&self, key: WaitKey) -> bool {
        self.find(key).is_some_and(|node| node.waker.is_some())
    }

    /// What the waiter was told when it was called. `None`: it is still in the line, or has
    /// been taken out without a word.
    pub(crate) fn answer(&self, key: WaitKey) -> Option<u32> {
        let called = self.find(key).filter(|node| node.waker.is_none());
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
        let node = self.take_out(key);
        if node.waker.is_none() {
            return (Some(node.word), None);
        }
        self.waiting -= 1;
        if self.is_empty() {
            self.line.clear();
        }
        (None, node.waker)
    }

    /// What the one who has waited longest needs.
    pub(crate) fn first_need(&mut self) -> Option<u32> {
        let first = self.first()?;
        self.find(first).map(|node| node.word)
    }

    /// Takes out the one who has waited longest.
    pub(crate) fn pop(&mut self) -> Option<Waker> {
        let first = self.first()?;
        self.line.pop_front();
        self.waiting -= 1;
        self.take_out(first).waker
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
        let first = self.first()?;
        self.line.pop_front();
        self.answer_to(first, answer)
    }

    /// As [`call`](WaitList::call), for the one who came last.
    pub(crate) fn call_last(&mut self, answer: u32) -> Option<Waker> {
        while let Some(last) = self.line.pop_back() {
            if self.contains(last) {
                return self.answer_to(last, answer);
            }
        }
        None
    }

    /// Calls all waiters, with the same answer.
    pub(crate) fn call_all(&mut self, answer: u32) -> Vec<Waker> {
        std::iter::from_fn(|| self.call(answer)).collect()
    }

    /// The one who has waited longest. Those before it have left.
    fn first(&mut self) -> Option<WaitKey> {
        while let Some(&key) = self.line.front() {
            if self.contains(key) {
                return Some(key);
            }
            self.line.pop_front();
        }
        None
    }

    fn find(&self, key: WaitKey) -> Option<&Node> {
        let node = self.nodes.get(key.index as usize);
        node.filter(|node| node.number == key.number)
    }

    /// Answers one whose key has been taken out of the line.
    fn answer_to(&mut self, key: WaitKey, answer: u32) -> Option<Waker> {
        self.waiting -= 1;
        let node = self.nodes.get_mut(key.index as usize)?;
        node.word = answer;
        node.waker.take()
    }

    /// Empties a place of the slab.
    #[inline]
    fn take_out(&mut self, key: WaitKey) -> Node {
        let node = self.nodes.remove(key.index as usize);
        let room = self.nodes.capacity();
        if self.nodes.give_back_one(kept::<Node>()) && self.nodes.capacity() < room {
            self.forget_stale();
            self.line.shrink_to(2 * self.waiting);
        }
        node
    }

    /// Forgets the stale keys, if they are more than those of waiters.
    #[cold]
    fn forget_stale(&mut self) {
        if self.line.len() > 2 * self.waiting + FEW {
            let mut line = std::mem::take(&mut self.line);
            line.retain(|&key| self.contains(key));
            self.line = line;
        }
    }
}

#[cfg(test)]
#[path = "wait_list/tests.rs"]
mod tests;
