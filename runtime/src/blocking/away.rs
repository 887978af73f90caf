//! The jobs that are away: what their owner keeps of them until they come home.
//!
//! A job's handle is made of plain cells and stays on this thread, so the thread of the pool
//! cannot put the result into it. It sends a number; this list has, under that number, both
//! ends: the job, where the result lies, and the handle's state (or a set's), where it goes.
//!
//! While the list is not empty a paused clock does not jump ahead: what such a job brings
//! home may be what the next deadline was set against.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use super::job::Job;
use crate::task::{Failure, Outcome};
use crate::trace::{Cause, End, Event, Recorder, emit};

/// See the file's heading.
pub(crate) struct Away {
    /// By number, so that a shutdown ends them in the order in which they were given.
    jobs: RefCell<BTreeMap<u64, Box<dyn Ends>>>,
    trace: Rc<Recorder>,
}

/// The two ends of one job, whatever it returns.
trait Ends {
    /// Takes a job that has not begun out of the pool; says whether it could.
    fn recall(&self) -> bool;
    /// Brings the result from one end to the other; calls `tell` with the news before that.
    fn come_home(self: Box<Self>, tell: &dyn Fn(End));
}

struct Pair<F, T, O> {
    job: Arc<Job<F, T>>,
    /// Where the result goes.
    outcome: O,
}

impl<F, T, O: Outcome<T>> Ends for Pair<F, T, O> {
    fn recall(&self) -> bool {
        self.job.recall()
    }

    fn come_home(self: Box<Self>, tell: &dyn Fn(End)) {
        let result = self.job.collect();
        tell(match &result {
            Ok(_) => End::Finished,
            Err(Failure::Cancelled) => End::Cancelled,
            Err(Failure::Panicked(_)) => End::Panicked,
        });
        self.outcome.deliver(result);
    }
}

impl Away {
    pub(crate) fn new(trace: Rc<Recorder>) -> Away {
        Away {
            jobs: RefCell::default(),
            trace,
        }
    }

    /// A job leaves.
    pub(super) fn add<F, T, O>(&self, number: u64, job: Arc<Job<F, T>>, outcome: O)
    where
        F: 'static,
        T: 'static,
        O: Outcome<T> + 'static,
    {
        let ends = Box::new(Pair { job, outcome });
        self.jobs.borrow_mut().insert(number, ends);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.jobs.borrow().is_empty()
    }

    /// A job has come to its end: its handle gets the result.
    pub(crate) fn come_home(&self, number: u64) {
        let ends = self.jobs.borrow_mut().remove(&number);
        let Some(ends) = ends else {
            return;
        };
        let before = self.trace.cause();
        self.trace.on_behalf_of(Cause::Job(number));
        ends.come_home(&|how| emit!(self.trace, Event::JobEnded { job: number, how }));
        self.trace.on_behalf_of(before);
    }

    /// Somebody wants a job not to happen. One that has begun is not affected.
    pub(crate) fn abort(&self, number: u64) {
        // The closure that is dropped is foreign: the pair is out of the list meanwhile.
        let ends = self.jobs.borrow_mut().remove(&number);
        let Some(ends) = ends else {
            return;
        };
        let recalled = ends.recall();
        self.jobs.borrow_mut().insert(number, ends);
        if recalled {
            self.come_home(number);
        }
    }

    /// The runtime is going: whatever is still away is so for good.
    pub(crate) fn all_home(&self) {
        loop {
            let first = self.jobs.borrow().keys().next().copied();
            let Some(number) = first else {
                return;
            };
            self.come_home(number);
        }
    }
}
