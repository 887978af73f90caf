//! A cache for the receiver's waker: it is kept from one wait to the next.
//!
//! To clone a waker and to drop it are two atomic instructions, more than all the rest of a
//! message. A receiver usually waits in the same task again and again. So its waker is kept after
//! it was called, and the next wait finds it here. It is not called a second time without a wait.
//!
//! A waker holds memory, so **only the waker of the task that is being polled is kept**: behind it is the
//! task's header, a few bytes. A waker of other code may hold anything: that of a
//! `FuturesUnordered` holds the whole future. Such a waker is used up by the call.
//!
//! How it can go wrong: *the receiver is dropped while its waker is called*, and the waker is put
//! back for a receiver that is not there. So [`clear`](WakerCache::clear) sets a flag, which the call
//! looks at before it puts the waker back.

use std::cell::Cell;
use std::task::{Context, Poll};

use crate::machine::run_queue::is_own;
use crate::machine::waker_cell::{WakerCell, register};

/// See the file's heading.
#[derive(Default)]
pub(super) struct WakerCache {
    cell: WakerCell,
    /// The waker is to be called. If not, it is only kept.
    waiting: Cell<bool>,
    /// The waker is the task's own, and its receiver is there: it is kept after the call.
    keeps: Cell<bool>,
}

impl WakerCache {
    /// As [`WakerCell::register`].
    #[inline]
    pub(super) fn register(&self, cx: &Context<'_>, is_ready: impl FnOnce() -> bool) -> Poll<()> {
        if !self.cell.holds(cx.waker()) {
            return self.replace(cx, is_ready);
        }
        self.waiting.set(true);
        Poll::Pending
    }

    #[cold]
    fn replace(&self, cx: &Context<'_>, is_ready: impl FnOnce() -> bool) -> Poll<()> {
        let look = || is_ready().then_some(());
        let polled = register(cx.waker(), look, |waker| {
            self.waiting.set(true);
            self.keeps.set(is_own(cx.waker()));
            self.cell.put(waker)
        });
        if polled.is_ready() {
            self.clear();
        }
        polled
    }

    /// Wakes the receiver, if it waits. It is foreign code and may panic: call this last.
    #[inline(always)]
    pub(super) fn wake(&self) {
        if self.waiting.replace(false) {
            self.call();
        }
    }

    /// Wakes the receiver, if it waits, for the last time: nothing is kept.
    pub(super) fn wake_last(&self) {
        match self.waiting.replace(false) {
            true => self.cell.wake(),
            false => self.cell.clear(),
        }
    }

    #[inline(always)]
    fn call(&self) {
        if !self.keeps.get() {
            return self.cell.wake();
        }
        if let Some(waker) = self.cell.take() {
            waker.wake_by_ref();
            if self.keeps.get() {
                self.cell.put_back(waker);
            }
        }
    }

    /// The receiver waits no more.
    #[inline]
    pub(super) fn clear(&self) {
        self.waiting.set(false);
        self.keeps.set(false);
        self.cell.clear();
    }
}
