//! The future that `block_on` was given, as a task of its own kind.
//!
//! It has a number and a header like any task, so that wakers of it work alike and events
//! can speak of it; it is the future alone that lives elsewhere. However `block_on` ends, by
//! a value or by a panic, its number is retired.

use std::panic::Location;
use std::sync::Arc;
use std::task::Context;

use futures_task::waker_ref;

use super::Executor;
use crate::machine::coop;
use crate::machine::run_queue::Ready;
use crate::machine::task::{Header, Key, Polled};
use crate::trace::{End, emit};

/// The future that `block_on` was given. It is polled like a task but lives on the
/// caller's stack, not in a slot, because it may borrow from there.
pub(crate) struct Root<'a> {
    pub(crate) header: &'a Arc<Header>,
    /// Polls once; true when the future is at its end.
    pub(crate) poll: &'a mut dyn FnMut(&mut Context<'_>) -> bool,
}

impl Executor {
    /// A header for a future that lives elsewhere, queued.
    pub(crate) fn new_root(&self, at: &'static Location<'static>) -> Arc<Header> {
        let key = self.new_key(Key::ROOT);
        let task = key.task;
        self.queue.set_root(task);
        self.root.set(Some((task, self.meta(at))));
        self.root_polls.set(0);
        let header = self.new_header(key);
        self.root_header.replace(Arc::downgrade(&header));
        self.queue.push(Ready::Number(task));
        emit!(self.trace => self.report_spawned(task, at));
        header
    }

    /// Polls the root, if it has this number: whether it has ended. Otherwise a job has the number.
    #[inline(never)]
    pub(super) fn take_number<const WATCHED: bool>(
        &self,
        number: u64,
        root: &mut Option<Root<'_>>,
    ) -> Option<bool> {
        match root {
            Some(root) if root.header.task() == number => Some(self.poll_root::<WATCHED>(root)),
            _ => {
                self.abort_job(number);
                None
            }
        }
    }

    /// One poll of the future that `block_on` was given. If it waits, there is nothing to put into a slot.
    fn poll_root<const WATCHED: bool>(&self, root: &mut Root<'_>) -> bool {
        let Root { header, poll } = root;
        let (number, running) = (header.task(), self.queue.running());
        let polls = self.root_polls.get().wrapping_add(1);
        self.root_polls.set(polls);
        running.begin(header, polls);
        emit!(WATCHED, self.trace => self.report_start(header, polls));
        let ready = self.run_root(header, poll);
        emit!(WATCHED || ready, self.trace => self.report_end(number, ready, !ready && header.is_stranded()));
        running.end();
        ready
    }

    fn run_root(
        &self,
        header: &Arc<Header>,
        poll: &mut dyn FnMut(&mut Context<'_>) -> bool,
    ) -> bool {
        coop::refill();
        let waker = waker_ref(header);
        let ready = poll(&mut Context::from_waker(&waker));
        if !ready && matches!(header.poll_ends(self.queue.running()), Polled::WokenAgain) {
            self.queue.push(Ready::Number(header.task()));
        }
        ready
    }

    /// The future that `block_on` was given has come to its end, or panicked.
    pub(crate) fn root_ended(&self, task: u64, panicked: bool) {
        self.root.set(None);
        if let Some(header) = self.root_header.take().upgrade() {
            header.never_again();
        }
        let how = match panicked {
            true => End::Panicked,
            false => End::Finished,
        };
        // The panic came out of its poll, whose end is not an event yet.
        let is_in_poll = self.in_poll() == Some(task);
        emit!(is_in_poll, self.trace => self.report_end(task, true, false));
        self.queue.set_root(0);
        emit!(self.trace => self.report_ended(task, how));
    }
}

/// Retires the root's number when dropped.
pub(crate) struct RootGuard<'a> {
    executor: &'a Executor,
    task: u64,
    finished: bool,
}

impl<'a> RootGuard<'a> {
    pub(crate) fn new(executor: &'a Executor, task: u64) -> RootGuard<'a> {
        RootGuard {
            executor,
            task,
            finished: false,
        }
    }

    /// The future has given its value. (A guard that is dropped without is so by a panic.
    /// Whether the thread is panicking would be no answer: a `block_on` in a drop may end
    /// well while its thread unwinds for another reason.)
    pub(crate) fn finish(mut self, header: Arc<Header>) {
        self.finished = true;
        self.executor.spare.retire(header);
    }
}

impl Drop for RootGuard<'_> {
    fn drop(&mut self) {
        self.executor.root_ended(self.task, !self.finished);
    }
}
