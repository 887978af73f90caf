//! The completion queue of a set: which of its tasks have ended, in their order.
//!
//! The set owns the queue; each task has a weak reference to it. When a task ends, three things
//! happen in this order: its result is put into its join cell; the index of its slot is put into
//! the queue; the waiting task is woken. So the task that is woken finds the slot, and in the slot
//! the result.
//!
//! How it can go wrong: *a task ends after its set has let it go*, when its slot may be another
//! task's. Its report would be taken for the other's. But a set that lets go of its tasks drops
//! its queue and takes a new one: the old tasks' weak references lead nowhere, and they report
//! nothing.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::{Rc, Weak};
use std::task::Waker;

use crate::base::foreign::wake_quietly;
use crate::base::room::{Roomy, kept};
use crate::machine::jobs::{JobOutcome, JobResult};
use crate::machine::task::{Failure, JoinCell, Outcome};
use crate::machine::waker_cell::WakerCell;
use crate::trace::Number;

/// See the file's heading.
#[derive(Default)]
pub(super) struct CompletionQueue {
    /// The slots of the tasks that have ended, the earliest first.
    ended: RefCell<Roomy<VecDeque<usize>>>,
    /// The task that waits for the next one.
    pub(super) waiter: WakerCell,
    /// What a trace calls the set.
    pub(super) number: Number,
}

impl CompletionQueue {
    /// The slot of the task that ended first.
    pub(super) fn pop(&self) -> Option<usize> {
        let mut ended = self.ended.borrow_mut();
        let slot = ended.pop_front()?;
        ended.give_back_one(kept::<usize>());
        Some(slot)
    }

    /// Whether there is a slot to take.
    pub(super) fn has_ended(&self) -> bool {
        !self.ended.borrow().is_empty()
    }

    /// The task of this slot could not be made.
    pub(super) fn forget(&self, slot: usize) {
        self.ended.borrow_mut().retain(|&ended| ended != slot);
    }

    fn report(&self, slot: usize) {
        self.ended.borrow_mut().push_back(slot);
        if let Some(waker) = self.waiter.take() {
            wake_quietly(waker);
        }
    }
}

/// The task's side: delivers to the join cell, then to the completion queue.
pub(super) struct Member<T> {
    state: Rc<JoinCell<T>>,
    completions: Weak<CompletionQueue>,
    /// Where in the set the task's handle is.
    slot: usize,
}

impl<T> Member<T> {
    pub(super) fn new(
        state: Rc<JoinCell<T>>,
        completions: Weak<CompletionQueue>,
        slot: usize,
    ) -> Member<T> {
        Member {
            state,
            completions,
            slot,
        }
    }
}

impl<T> Member<T> {
    /// The result is in the join cell.
    fn report(&self) {
        if let Some(completions) = self.completions.upgrade() {
            completions.report(self.slot);
        }
    }
}

impl<T> JobOutcome<T> for Member<T> {
    fn ended(&self, job: JobResult<T>) {
        self.state.ended(job);
        self.report();
    }

    fn given_up(&self) {
        self.state.given_up();
        self.report();
    }

    fn is_detached(&self) -> bool {
        self.state.is_detached()
    }
}

impl<T> Outcome<T> for Member<T> {
    #[inline]
    fn started(&self, _: &Waker) {}

    #[inline]
    fn abort_requested(&self) -> bool {
        self.state.abort_requested()
    }

    fn deliver(&self, result: Result<T, Failure>) {
        self.state.deliver(result);
        self.report();
    }
}
