//! Code that is not ours, called so that its panic goes no further.
//!
//! The machine calls what belongs to others: it wakes wakers and drops futures, results and
//! the payloads of panics. Such a call may panic, and often the panic belongs to no task in
//! particular: a timer fires in the middle of a turn, and the one whose waker is bad has
//! nothing to do with the others that are due. If the panic were let through, it would unwind
//! the loop, and take with it the wakers that had been collected and not yet called: their
//! tasks would wait for ever.
//!
//! So it is caught here. The panic hook has printed it by then; the payload is forgotten, for
//! its own drop is foreign code too.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::Waker;

/// Calls one waker.
#[inline]
pub(crate) fn wake_quietly(waker: Waker) {
    forget_panic(|| waker.wake());
}

/// Drops what belongs to the user.
#[inline]
pub(crate) fn drop_quietly<T>(value: T) {
    forget_panic(|| drop(value));
}

/// Calls `foreign` with each of `items`: a panic keeps no later one from its turn. Caught
/// once for all of them, it costs next to nothing where none panics.
#[inline]
pub(crate) fn for_each_quietly<T>(items: impl IntoIterator<Item = T>, mut foreign: impl FnMut(T)) {
    let mut items = items.into_iter();
    while forget_panic(|| items.by_ref().for_each(&mut foreign)).is_none() {}
}

/// What `foreign` returns, unless it panics.
#[inline]
fn forget_panic<R>(foreign: impl FnOnce() -> R) -> Option<R> {
    match catch_unwind(AssertUnwindSafe(foreign)) {
        Ok(result) => Some(result),
        Err(payload) => {
            std::mem::forget(payload);
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic::resume_unwind;

    #[test]
    fn a_panic_keeps_no_later_one_from_its_turn() {
        let mut called = Vec::new();
        for_each_quietly(0..5, |n| {
            called.push(n);
            if n % 2 == 0 {
                resume_unwind(Box::new(n));
            }
        });
        assert_eq!(called, [0, 1, 2, 3, 4]);
    }
}
