//! Room for one waker.
//!
//! Where only one task can wait (a channel has one receiver) there is no line to stand in: a
//! cell is enough. The last who waited is the one who is woken.
//!
//! The waker is in a plain [`Cell`] and not under a borrow, because whatever is done with a
//! waker, cloning it included, is somebody else's code, and may come back to this very slot.
//!
//! To clone a waker and to drop it are two locked instructions, more than all the rest of a
//! message. So a slot that was [kept](Slot::wake_and_keep) remembers the waker after it was
//! called: the same task will most likely wait here again. It is not called a second time
//! without a wait, and it is forgotten with the one who waits.

use std::cell::Cell;
use std::task::{Context, Waker};

/// See the file's heading.
#[derive(Default)]
pub(super) struct Slot {
    waker: Cell<Option<Waker>>,
    /// Whether the waker is to be called. If not, it is only remembered.
    waiting: Cell<bool>,
}

impl Slot {
    /// The task of `cx` is the one to wake.
    #[inline]
    pub(super) fn wait(&self, cx: &Context<'_>) {
        match self.waker.take() {
            Some(same) if same.will_wake(cx.waker()) => self.waker.set(Some(same)),
            other => {
                self.waker.set(Some(cx.waker().clone()));
                drop(other);
            }
        }
        self.waiting.set(true);
    }

    /// Wakes who waits, once. It is foreign code and may panic: call this last.
    #[inline]
    pub(super) fn wake(&self) {
        if !self.waiting.replace(false) {
            return;
        }
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }

    /// As [`wake`](Slot::wake), and remembers the waker.
    #[inline(always)]
    pub(super) fn wake_and_keep(&self) {
        if self.waiting.replace(false) {
            self.call_and_keep();
        }
    }

    #[inline(never)]
    fn call_and_keep(&self) {
        let Some(waker) = self.waker.take() else {
            return;
        };
        waker.wake_by_ref();
        if let Some(newer) = self.waker.replace(Some(waker)) {
            // Whoever came back to the slot meanwhile has left it.
            drop(self.waker.replace(Some(newer)));
        }
    }

    /// Nobody waits here any more.
    #[inline]
    pub(super) fn leave(&self) {
        self.waiting.set(false);
        drop(self.waker.take());
    }
}
