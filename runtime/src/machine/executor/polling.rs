//! One poll, from the front of the run queue to the task's slot.
//!
//! The executor has the task while it polls it: the task is neither on the queue nor in its slot. While the
//! user's code runs, nothing of the machine's is borrowed, so that a poll may
//! spawn, wake, abort, or drop anything. (To move a task is also faster than to keep a
//! second reference to it: counting an `Arc` up and down costs more than everything else in a
//! poll together.)

use std::sync::Arc;
use std::task::Context;

use futures_task::waker_ref;

use super::Executor;
use super::root::Root;
use crate::machine::coop;
use crate::machine::run_queue::Ready;
use crate::machine::task::{Header, Polled, Task};
use crate::trace::{End, emit};

impl Executor {
    /// Polls the task that has been ready longest: its number, and whether it has ended. `None`
    /// if no task is ready.
    #[inline(always)]
    pub(crate) fn poll_next<const WATCHED: bool>(
        &self,
        root: &mut Option<Root<'_>>,
    ) -> Option<(u64, bool)> {
        loop {
            match self.queue.pop() {
                Ready::Task(task) => return Some(self.poll_task::<WATCHED>(task)),
                Ready::Number(0) => return None,
                Ready::Number(number) => match root {
                    Some(root) if root.header.task() == number => {
                        return Some((number, self.poll_root::<WATCHED>(root)));
                    }
                    _ => self.abort_job(number),
                },
            }
        }
    }

    #[cold]
    #[inline(never)]
    fn abort_job(&self, number: u64) {
        emit!(self.trace => self.trace.observer().between_polls());
        coop::unconstrained(|| self.jobs.abort(number));
    }

    #[inline(always)]
    fn poll_task<const WATCHED: bool>(&self, mut task: Task) -> (u64, bool) {
        let running = self.queue.running();
        emit!(WATCHED, self.trace => self.report_start(task.header(), task.polls().wrapping_add(1)));
        let polled = task.as_mut().run(running);
        let number = running.last();
        match polled {
            Polled::Waits => {
                let is_stranded = WATCHED && task.header().is_stranded();
                self.queue.put_back(running.last_slot(), task);
                emit!(WATCHED, self.trace => self.report_end(number, false, is_stranded));
            }
            Polled::WokenAgain => {
                self.queue.push(Ready::Task(task));
                emit!(WATCHED, self.trace => self.report_end(number, false, false));
            }
            Polled::Ended(how) => {
                self.ended(number, task, how);
                return (number, true);
            }
        }
        running.end();
        (number, false)
    }

    /// The future has delivered its result and is gone; its slot is free.
    #[inline(always)]
    fn ended(&self, number: u64, task: Task, how: End) {
        let running = self.queue.running();
        running.end();
        self.queue.free_slot(running.last_slot());
        emit!(self.trace => self.report_last_poll(number, how));
        if let Some(header) = task.retire() {
            self.retire(header);
        }
    }

    /// One poll of the future that `block_on` was given. If it waits, there is nothing to put into a slot.
    #[inline(never)]
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
}
