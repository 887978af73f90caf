//! A queue, first in, first out, that costs little at both ends.
//!
//! The values lie in a ring of 1,024 places. A push and a pop are a load, a store and a count each:
//! every place is a cell of its own, so nothing is borrowed, and the number of places is a power of
//! two, so the rest of a division tells the place, and the compiler sees that it is one of the ring.
//!
//! What finds the ring full waits in a line behind it. When the ring is empty, the line moves in.
//!
//! How it can go wrong: a value that comes while the line moves up overtakes it. So while there is a line, a new
//! value goes to its end, even if the ring has room.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::mem;

use crate::base::room::{KEPT, Roomy};

const PLACES: usize = 1024;

/// See the file's heading. The default value of `T` stands for an empty place: its drop must do nothing.
pub(crate) struct Ring<T> {
    places: Box<[Cell<T>; PLACES]>,
    /// How many have ever come into the ring, and how many have left it.
    come: Cell<usize>,
    gone: Cell<usize>,
    line: RefCell<Roomy<VecDeque<T>>>,
    has_line: Cell<bool>,
}

impl<T: Default> Ring<T> {
    pub(crate) fn new() -> Ring<T> {
        let places: Box<[_]> = (0..PLACES).map(|_| Cell::default()).collect();
        Ring {
            places: places
                .try_into()
                .unwrap_or_else(|_| unreachable!("as many as PLACES")),
            come: Cell::new(0),
            gone: Cell::new(0),
            line: RefCell::default(),
            has_line: Cell::new(false),
        }
    }

    /// Puts a value at the back.
    #[inline(always)]
    pub(crate) fn push(&self, value: T) {
        if self.len() == PLACES || self.has_line.get() {
            return self.push_behind(value);
        }
        self.move_in(value);
    }

    /// Takes the value at the front; the default value, if there is none.
    #[inline(always)]
    pub(crate) fn pop(&self) -> T {
        let gone = self.gone.get();
        if gone == self.come.get() {
            return self.pop_behind();
        }
        self.gone.set(gone.wrapping_add(1));
        self.places[gone % PLACES].take()
    }

    #[inline(always)]
    pub(crate) fn is_empty(&self) -> bool {
        self.come.get() == self.gone.get() && !self.has_line.get()
    }

    /// How many are in the ring.
    #[inline(always)]
    fn len(&self) -> usize {
        self.come.get().wrapping_sub(self.gone.get())
    }

    #[inline(always)]
    fn move_in(&self, value: T) {
        let come = self.come.get();
        // The place is empty: there is nothing to drop, and nothing to ask whether there is.
        mem::forget(self.places[come % PLACES].replace(value));
        self.come.set(come.wrapping_add(1));
    }

    #[inline(never)]
    fn push_behind(&self, value: T) {
        self.has_line.set(true);
        self.line.borrow_mut().push_back(value);
    }

    /// The ring is empty.
    #[inline(never)]
    fn pop_behind(&self) -> T {
        if !self.has_line.get() {
            return T::default();
        }
        let mut line = self.line.borrow_mut();
        let moving = line.len().min(PLACES);
        line.drain(..moving).for_each(|value| self.move_in(value));
        self.has_line.set(!line.is_empty());
        drop(line);
        self.pop()
    }

    /// Calls `show` for each value, from the front. It must not push or pop.
    pub(crate) fn each(&self, mut show: impl FnMut(&T)) {
        for nth in 0..self.len() {
            let place = &self.places[self.gone.get().wrapping_add(nth) % PLACES];
            let value = place.take();
            show(&value);
            mem::forget(place.replace(value));
        }
        self.line.borrow().iter().for_each(show);
    }

    /// Gives back what a burst took.
    pub(crate) fn give_back(&self) {
        self.line.borrow_mut().give_back(KEPT);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bursts larger and smaller than the ring come and go in part, and each value leaves in its order.
    #[test]
    fn what_came_first_leaves_first_however_long_the_line_is() {
        let (ring, mut model) = (Ring::<usize>::new(), VecDeque::new());
        let mut next = 1;
        for round in 0..if cfg!(miri) { 3 } else { 200 } {
            for _ in 0..(round * 37) % 2500 {
                ring.push(next);
                model.push_back(next);
                next += 1;
            }
            for _ in 0..(round * 53) % 2600 {
                assert_eq!(ring.pop(), model.pop_front().unwrap_or_default());
            }
            let mut shown = Vec::new();
            ring.each(|value| shown.push(*value));
            assert_eq!(VecDeque::from(shown), model);
            assert_eq!(ring.is_empty(), model.is_empty());
        }
    }
}
