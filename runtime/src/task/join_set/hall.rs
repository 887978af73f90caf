//! Where the tasks of a set leave word that they have ended.
//!
//! The set holds its hall, the tasks know of it by a weak reference. A task that ends has its
//! result put into its join cell first, then writes its place on the list, then wakes who
//! waits: whoever is woken finds the place, and behind the place the result.
//!
//! A set that lets go of its tasks leaves the hall to fall in. The tasks that are still
//! running find nobody there when they end, and cannot report a place that has been given to
//! another task by then.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::{Rc, Weak};
use std::task::Waker;

use crate::machine::foreign::wake_quietly;
use crate::machine::jobs::{JobOutcome, JobResult};
use crate::machine::room::{Roomy, kept};
use crate::machine::task::{Failure, JoinCell, Outcome};
use crate::machine::waker_cell::WakerCell;
use crate::trace::Number;

/// See the file's heading.
#[derive(Default)]
pub(super) struct Hall {
    /// The places of the tasks that have ended, the earliest first.
    ended: RefCell<Roomy<VecDeque<usize>>>,
    /// Who waits for the next one.
    pub(super) waiter: WakerCell,
    /// What a trace calls the set.
    pub(super) number: Number,
}

impl Hall {
    /// The place of the task that ended first.
    pub(super) fn pop(&self) -> Option<usize> {
        let mut ended = self.ended.borrow_mut();
        let place = ended.pop_front()?;
        ended.give_back(kept::<usize>());
        Some(place)
    }

    /// Whether there is a place to take.
    pub(super) fn has_ended(&self) -> bool {
        !self.ended.borrow().is_empty()
    }

    /// The task of this place never was.
    pub(super) fn forget(&self, place: usize) {
        self.ended.borrow_mut().retain(|&ended| ended != place);
    }

    fn report(&self, place: usize) {
        self.ended.borrow_mut().push_back(place);
        if let Some(waker) = self.waiter.take() {
            wake_quietly(waker);
        }
    }
}

/// The task's side: delivers to the join cell, then says so in the hall.
pub(super) struct Member<T> {
    state: Rc<JoinCell<T>>,
    hall: Weak<Hall>,
    /// Where in the set the task's handle is.
    place: usize,
}

impl<T> Member<T> {
    pub(super) fn new(state: Rc<JoinCell<T>>, hall: Weak<Hall>, place: usize) -> Member<T> {
        Member { state, hall, place }
    }
}

impl<T> Member<T> {
    /// The result is in the join cell.
    fn report(&self) {
        if let Some(hall) = self.hall.upgrade() {
            hall.report(self.place);
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
