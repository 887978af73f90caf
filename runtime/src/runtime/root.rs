//! The future that `block_on` was given, as a task of its own kind.
//!
//! It has a number and a header like any task, so that wakers of it work alike and events
//! can speak of it; it is the future alone that lives elsewhere. However `block_on` ends, by
//! a value or by a panic, its number is retired.

use std::sync::Arc;

use crate::executor::Executor;
use crate::task::Header;

/// Retires the root's number when dropped.
pub(super) struct RootGuard<'a> {
    executor: &'a Executor,
    task: u64,
    finished: bool,
}

impl<'a> RootGuard<'a> {
    pub(super) fn new(executor: &'a Executor, task: u64) -> RootGuard<'a> {
        RootGuard {
            executor,
            task,
            finished: false,
        }
    }

    /// The future has given its value. (A guard that is dropped without is so by a panic.
    /// Whether the thread is panicking would be no answer: a `block_on` in a drop may end
    /// well while its thread unwinds for another reason.)
    pub(super) fn finish(mut self, header: Arc<Header>) {
        self.finished = true;
        self.executor.retire(header);
    }
}

impl Drop for RootGuard<'_> {
    fn drop(&mut self) {
        self.executor.root_ended(self.task, !self.finished);
    }
}
