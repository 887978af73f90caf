//! A list of tasks that are woken together: all of them wait for the same thing to happen.
//!
//! Nothing is handed over. Each task is woken, looks for itself, and waits again if nothing has
//! changed for it. So a waiter that is dropped after it was woken has nothing to pass on.
//!
//! How it can go wrong:
//!
//! - *The thing happens between the look and the wait.* Cloning the task's waker is foreign code,
//!   and may make it happen. So [`register`](WakeAll::register) looks once more after the clone.
//! - *A waker comes back*, and waits here again. All wakers are taken out of the list first, and
//!   called when it is no longer borrowed.

use std::cell::RefCell;
use std::panic::Location;
use std::task::{Poll, Waker};

use crate::base::foreign::for_each_quietly;
use crate::machine::wait_list::{WaitKey, WaitList};
use crate::machine::waker_cell::register;
use crate::trace::{self, Shared as Kind};

/// See the file's heading.
pub(super) struct WakeAll(RefCell<WaitList>);

impl Default for WakeAll {
    fn default() -> Self {
        WakeAll(RefCell::new(WaitList::new()))
    }
}

impl WakeAll {
    /// The task of `waker` waits under `key`, unless `is_ready` says at the second look that there
    /// is nothing to wait for: see [`register`].
    pub(super) fn register(
        &self,
        key: &mut Option<WaitKey>,
        waker: &Waker,
        is_ready: impl FnOnce() -> bool,
    ) -> Poll<()> {
        let look = || is_ready().then_some(());
        register(waker, look, |waker| self.0.borrow_mut().wait(key, waker))
    }

    /// The task waits no more.
    #[inline]
    pub(super) fn leave(&self, key: &mut Option<WaitKey>) {
        if let Some(key) = key.take() {
            let waker = self.0.borrow_mut().remove(key);
            drop(waker);
        }
    }

    /// Wakes all, in the order in which they came. A waker that panics keeps no other from its
    /// call.
    #[inline]
    pub(super) fn wake_all(&self) {
        if !self.0.borrow().is_empty() {
            for_each_quietly(self.take_all(), Waker::wake);
        }
    }

    /// Emits that the task that is being polled waits here, if it does: see [`trace::waiting`].
    #[track_caller]
    pub(super) fn emit_waiting(&self, waits: bool, kind: Kind, at: &'static Location<'static>) {
        trace::waiting(waits, kind, || self.0.borrow().number().tell(), at);
    }

    /// Takes all out, for a caller that has more to do before it wakes them.
    pub(super) fn take_all(&self) -> impl Iterator<Item = Waker> + use<> {
        self.0.borrow_mut().take_all()
    }
}
