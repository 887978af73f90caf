//! Room for one waker.
//!
//! Where only one task can wait (a channel has one receiver) there is no line to stand in: a
//! cell is enough. The last who waited is the one who is woken.
//!
//! The waker is in a plain [`Cell`] and not under a borrow, because whatever is done with a
//! waker, cloning it included, is somebody else's code, and may come back to this very slot.
//!
//! To clone a waker and to drop it are two locked instructions, more than all the rest of a
//! message. Where the same task comes back again and again, a [`Seat`] remembers the waker after
//! it was called, for the next wait. It is not called a second time without one, and it is
//! forgotten with the one who waits.

use std::cell::Cell;
use std::task::{Context, Waker};

use crate::foreign::drop_quietly;

/// Room for the waker of somebody who waits once.
#[derive(Default)]
pub(super) struct Slot(Cell<Option<Waker>>);

impl Slot {
    /// The task of `cx` is the one to wake. If the answer is true, look once more at what is waited
    /// for: a waker was cloned, and perhaps one was dropped, which is foreign code and may have
    /// brought it about.
    #[inline]
    #[must_use]
    pub(super) fn wait(&self, cx: &Context<'_>) -> bool {
        match self.0.take() {
            Some(same) if same.will_wake(cx.waker()) => {
                self.0.set(Some(same));
                false
            }
            other => {
                self.0.set(Some(cx.waker().clone()));
                drop(other);
                true
            }
        }
    }

    /// Wakes who waits, once. It is foreign code and may panic: call this last.
    #[inline]
    pub(super) fn wake(&self) {
        if let Some(waker) = self.0.take() {
            waker.wake();
        }
    }

    /// Nobody waits here any more. The drop of the waker is foreign code; if it panics, whoever
    /// leaves has other things to do yet.
    #[inline]
    pub(super) fn leave(&self) {
        if let Some(waker) = self.0.take() {
            drop_quietly(waker);
        }
    }
}

/// Room for the waker of somebody who comes back.
#[derive(Default)]
pub(super) struct Seat {
    slot: Slot,
    /// Whether the waker is to be called. If not, it is only remembered.
    waiting: Cell<bool>,
    /// Whoever waited has left since the waker was called last.
    left: Cell<bool>,
}

impl Seat {
    /// As [`Slot::wait`].
    #[inline]
    #[must_use]
    pub(super) fn wait(&self, cx: &Context<'_>) -> bool {
        let look_again = self.slot.wait(cx);
        self.waiting.set(true);
        look_again
    }

    /// Wakes who waits, once, and remembers the waker. It is foreign code and may panic: call
    /// this last.
    #[inline(always)]
    pub(super) fn wake(&self) {
        if self.waiting.replace(false) {
            self.call();
        }
    }

    /// Wakes who waits, for the last time, and remembers nothing.
    pub(super) fn wake_last(&self) {
        match self.waiting.replace(false) {
            true => self.slot.wake(),
            false => self.slot.leave(),
        }
    }

    #[inline(always)]
    fn call(&self) {
        let Some(waker) = self.slot.0.take() else {
            return;
        };
        self.left.set(false);
        waker.wake_by_ref();
        if self.left.get() {
            return; // Who waited is not there any more, and is not remembered.
        }
        match self.slot.0.take() {
            None => self.slot.0.set(Some(waker)),
            // Whoever came back to the seat meanwhile has put it there.
            newer => {
                self.slot.0.set(newer);
                drop(waker);
            }
        }
    }

    /// Nobody waits here any more.
    #[inline]
    pub(super) fn leave(&self) {
        self.waiting.set(false);
        self.left.set(true);
        self.slot.leave();
    }
}
