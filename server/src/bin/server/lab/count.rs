//! A number that goes up while something is under way, and down when it has ended.
//!
//! How it can go wrong: a caller is dropped in the middle and the number is never brought down. So
//! the guard brings it down when it is dropped, whatever the reason.

use std::cell::Cell;

/// How many are under way.
#[derive(Default)]
pub(crate) struct Count(Cell<usize>);

/// One of them. Dropping it ends it.
pub(crate) struct Counted<'a>(&'a Count);

impl Count {
    pub(crate) fn get(&self) -> usize {
        self.0.get()
    }

    /// One more, until the guard is dropped.
    pub(crate) fn begin(&self) -> Counted<'_> {
        self.0.set(self.0.get() + 1);
        Counted(self)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        let count = &self.0.0;
        count.set(count.get() - 1);
    }
}
