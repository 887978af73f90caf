//! One poll, from the front of the run queue to the place in the slab.
//!
//! The future and its header are taken *out* of the slab, polled, and put back if the task
//! waits. While the user's code runs, nothing of the machine's is borrowed, so that a poll may
//! spawn, wake, abort, or drop anything. (Moving the header out is also faster than keeping a
//! second reference to it: counting an `Arc` up and down costs more than everything else in a
//! poll together.)

use std::mem;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_task::waker_ref;

use super::Executor;
use super::root::Root;
use crate::machine::coop;
use crate::machine::run_queue::Key;
use crate::machine::task::{Header, TaskFuture};
use crate::trace::{End, Event, emit};

impl Executor {
    /// Polls the task that has waited longest: its number, and whether it has ended. `None`
    /// if no task is ready.
    #[inline(always)]
    pub(crate) fn poll_next<const WATCHED: bool>(
        &self,
        root: &mut Option<Root<'_>>,
    ) -> Option<(u64, bool)> {
        loop {
            let key = self.queue.pop()?;
            let ready = match key.index {
                Key::ROOT => self.poll_root::<WATCHED>(key, root),
                _ => self.poll_task::<WATCHED>(key),
            };
            match ready {
                Some(ready) => return Some((key.task, ready)),
                None => self.pass(key),
            }
        }
    }

    /// A key that finds no task is a leftover of one that has ended, or asks for a job to be
    /// aborted.
    #[cold]
    #[inline(never)]
    fn pass(&self, key: Key) {
        let task = key.task;
        self.trace.between_polls();
        emit!(self.trace, Event::Passed { task });
        if key.index == Key::JOB {
            coop::unconstrained(|| self.jobs.abort(key.task));
        }
    }

    #[inline(always)]
    fn poll_task<const WATCHED: bool>(&self, key: Key) -> Option<bool> {
        let (header, mut future) = self.take(key)?;
        match self.poll::<WATCHED, _>(&header, |cx| future.as_mut().poll(cx)) {
            Poll::Pending => {
                if WATCHED && self.trace.is_recording() {
                    self.report_if_stranded(&header);
                }
                self.put_back(key, header, future);
                Some(false)
            }
            Poll::Ready(end) => {
                self.ended(key, header, future, end);
                Some(true)
            }
        }
    }

    fn poll_root<const WATCHED: bool>(
        &self,
        key: Key,
        root: &mut Option<Root<'_>>,
    ) -> Option<bool> {
        let Root { header, poll } = root.as_mut().filter(|root| root.header.key() == key)?;
        self.count_root();
        self.root_is_out.set(true);
        let polled = self.poll::<WATCHED, _>(header, |cx| match poll(cx) {
            true => Poll::Ready(()),
            false => Poll::Pending,
        });
        self.root_is_out.set(false);
        if WATCHED && polled.is_pending() && self.trace.is_recording() {
            self.report_if_stranded(header);
        }
        Some(polled.is_ready())
    }

    /// One poll, with a full budget and a waker of the task.
    #[inline(always)]
    fn poll<const WATCHED: bool, R>(
        &self,
        header: &Arc<Header>,
        poll: impl FnOnce(&mut Context<'_>) -> Poll<R>,
    ) -> Poll<R> {
        header.dequeued();
        coop::refill();
        self.queue.set_polling(header.task());
        let waker = waker_ref(header);
        let mut cx = Context::from_waker(&waker);
        if WATCHED && self.trace.is_on() {
            self.report_start(header.task());
        }
        let polled = poll(&mut cx);
        // Observing may have begun in this very poll: its end is an event.
        if self.trace.is_on() {
            self.report_end(header.task(), polled.is_ready());
        }
        polled
    }

    fn count_root(&self) {
        let counted = self.root.get().map(|(task, meta)| (task, meta.polled()));
        self.root.set(counted);
    }

    /// Takes a task out for a poll.
    #[inline(always)]
    fn take(&self, key: Key) -> Option<(Arc<Header>, TaskFuture)> {
        let mut tasks = self.tasks.borrow_mut();
        let slot = tasks.get_mut(key.index as usize)?;
        if slot.header.as_ref()?.task() != key.task {
            return None;
        }
        slot.meta.polls = slot.meta.polled().polls;
        slot.header.take().zip(slot.future.take())
    }

    #[inline(always)]
    fn put_back(&self, key: Key, header: Arc<Header>, future: TaskFuture) {
        if let Some(slot) = self.tasks.borrow_mut().get_mut(key.index as usize) {
            // Its places are empty: there is nothing to drop, and nothing to ask whether there is.
            mem::forget(slot.header.replace(header));
            mem::forget(slot.future.replace(future));
        }
    }

    /// The future has delivered its result and is empty; its place is free.
    #[inline(always)]
    fn ended(&self, key: Key, header: Arc<Header>, future: TaskFuture, how: End) {
        self.tasks.borrow_mut().try_remove(key.index as usize);
        drop(future);
        self.retire(header);
        emit!(self.trace => self.report_ended(key.task, how));
    }
}
