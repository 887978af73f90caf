//! A line of tasks that are woken together: all who wait for one and the same thing to happen.
//!
//! Nobody is given anything. Each is woken and looks for itself, and goes back into the line if
//! it finds that nothing has changed for it. So a waiter that is dropped after it was woken has
//! nothing to pass on.

use std::cell::RefCell;
use std::task::{Context, Waker};

use crate::foreign::for_each_quietly;
use crate::wait_list::{WaitKey, WaitList};

/// See the file's heading.
pub(super) struct Crowd(RefCell<WaitList>);

impl Default for Crowd {
    fn default() -> Self {
        Crowd(RefCell::new(WaitList::new()))
    }
}

impl Crowd {
    /// The task of `cx` waits under `key`.
    pub(super) fn wait(&self, key: &mut Option<WaitKey>, cx: &Context<'_>) {
        let waker = cx.waker().clone();
        let old = self.0.borrow_mut().wait(key, waker);
        drop(old);
    }

    /// Waits no more.
    #[inline]
    pub(super) fn leave(&self, key: &mut Option<WaitKey>) {
        if let Some(key) = key.take() {
            let waker = self.0.borrow_mut().remove(key);
            drop(waker);
        }
    }

    /// Wakes everybody, in the order in which they came. A waker that panics keeps no other
    /// from its call.
    #[inline]
    pub(super) fn wake_all(&self) {
        if !self.0.borrow().is_empty() {
            let wakers = self.0.borrow_mut().take_all();
            for_each_quietly(wakers, Waker::wake);
        }
    }
}
