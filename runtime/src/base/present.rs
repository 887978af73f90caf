//! What a thread works for at present: a value that is set for a while, and then put back.
//!
//! A simulation runs its hosts by turns on one thread. What a program makes meanwhile, a socket or a call of a disk, belongs
//! to the host that runs. Crate feature `sim`.
//!
//! How it can go wrong: a thread that is ending has lost its thread-locals. Then nothing is present, and nothing is set.

use std::cell::RefCell;
use std::thread::LocalKey;

/// Where the value is kept.
pub(crate) type Present<T> = LocalKey<RefCell<Option<T>>>;

/// While it lives, a value is the present one.
pub(crate) struct During<T: 'static> {
    present: &'static Present<T>,
    before: Option<T>,
}

/// Makes `value` the present one, until what is returned is dropped.
pub(crate) fn set<T>(present: &'static Present<T>, value: T) -> During<T> {
    let before = present.try_with(|present| present.replace(Some(value)));
    During {
        present,
        before: before.ok().flatten(),
    }
}

/// The present value, if there is one.
pub(crate) fn get<T: Clone>(present: &'static Present<T>) -> Option<T> {
    let value = present.try_with(|present| present.borrow().clone());
    value.ok().flatten()
}

impl<T> Drop for During<T> {
    fn drop(&mut self) {
        let before = self.before.take();
        let _ = self.present.try_with(|present| present.replace(before));
    }
}
