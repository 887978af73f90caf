//! A waker whose clone does something.
//!
//! `std::task::Wake` makes wakers of an `Arc`, and its clone counts: no code of ours can run in
//! it. Other executors write the four functions of a waker by hand, and may do what they like in
//! each. `cooked-waker` makes such a waker of any type that can be cloned, without `unsafe` here.

#![allow(dead_code, reason = "each test file uses its own part of these")]

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Waker;

use cooked_waker::{IntoWaker, Wake, WakeRef};

thread_local! {
    static WORK: RefCell<Option<Box<dyn FnMut() -> bool>>> = const { RefCell::new(None) };
}

/// Counts how often it was called; its clone does this thread's work.
struct Cloning(Arc<AtomicUsize>);

impl Clone for Cloning {
    fn clone(&self) -> Cloning {
        let work = WORK.take();
        #[allow(clippy::collapsible_if, reason = "the runtime is for Rust 1.85 too")]
        if let Some(mut work) = work {
            if !work() {
                WORK.set(Some(work));
            }
        }
        Cloning(Arc::clone(&self.0))
    }
}

impl WakeRef for Cloning {
    fn wake_by_ref(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

impl Wake for Cloning {}

/// A waker that does `work` when it is cloned for the first time, and the count of its calls.
///
/// No two of its clones are the same waker, so each wait clones it anew.
pub(crate) fn works_when_cloned(work: impl FnOnce() + 'static) -> (Waker, Arc<AtomicUsize>) {
    let mut work = Some(work);
    tries_when_cloned(move || {
        if let Some(work) = work.take() {
            work();
        }
        true
    })
}

/// As [`works_when_cloned`], for work that each clone does until it says that it is done.
pub(crate) fn tries_when_cloned(work: impl FnMut() -> bool + 'static) -> (Waker, Arc<AtomicUsize>) {
    WORK.set(Some(Box::new(work)));
    let count = Arc::new(AtomicUsize::new(0));
    (Box::new(Cloning(Arc::clone(&count))).into_waker(), count)
}

/// Whether the work has been done.
pub(crate) fn has_worked() -> bool {
    WORK.with_borrow(Option::is_none)
}
