//! The limit of a body inside another one.
//!
//! A layer may wrap a request's body in a type of its own. Who then sets a limit sets it on the
//! wrapper. It must reach the body inside, which cannot be seen from there. So while a wrapper
//! with a limit is polled, the limit lies in a cell of the thread, and a body that is polled
//! meanwhile takes it over.
//!
//! How it can go wrong: a wrapper inside a wrapper, each with a limit. The outer one's was set
//! later, and the last word counts: so the inner one does not replace what lies in the cell.

use std::cell::Cell;

/// How much may still be read of a body that is made elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Limit {
    /// None was set. If the body wraps one of ours, that one's limit holds.
    Inherited,
    /// The wrapper counts by itself, and its number holds in the place of ours below it.
    OfWrapper,
    /// So many bytes, here and below.
    Bytes(u64),
}

thread_local! {
    /// The limit of the outermost wrapper that is being polled.
    static OUTER: Cell<Option<u64>> = const { Cell::new(None) };
}

/// The limit that a body takes over while it is polled.
#[inline]
pub(super) fn outer_limit() -> Option<u64> {
    OUTER.get()
}

/// Polls a body that may wrap another one: `limit` holds for both.
pub(super) fn read_within<T>(limit: Limit, poll: impl FnOnce() -> T) -> T {
    /// Takes the limit back, also if `poll` panics.
    struct Outermost;
    impl Drop for Outermost {
        fn drop(&mut self) {
            OUTER.set(None);
        }
    }
    let bytes = match limit {
        Limit::Inherited => return poll(),
        Limit::OfWrapper => u64::MAX,
        Limit::Bytes(bytes) => bytes,
    };
    let _outermost = OUTER.get().is_none().then(|| {
        OUTER.set(Some(bytes));
        Outermost
    });
    poll()
}
