//! The jobs that are away: what their owner keeps of them until they come home.
//!
//! A job's handle is made of plain cells and stays on this thread, so the thread of the pool
//! cannot tell it that the job is over. It sends a number; this list has, under that number, both
//! ends: the job, where the result lies, and the handle's state (or a set's), which is told.
//!
//! While the list is not empty a paused clock does not jump ahead: what such a job brings
//! home may be what the next deadline was set against.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use super::job::{Hears, Job};
use crate::task::{Ended, JobOutcome, JobResult};
use crate::trace::{Cause, End, Event, Recorder, emit};

/// See the file's heading.
pub(crate) struct Away {
    /// By number, so that a shutdown ends them in the order in which they were given.
    jobs: RefCell<BTreeMap<u64, Box<dyn Ends>>>,
    trace: Rc<Recorder>,
}

/// The two ends of one job, whatever it returns.
trait Ends {
    /// Keeps a job that has not begun from beginning; says whether it could.
    fn abort(&self) -> bool;
    /// Lets a thread of the pool drop the result, if the handle is gone.
    fn discard_if_detached(&self);
    /// Tells the handle that the job is over, or that it will not be waited for; calls `tell` with
    /// the news before that.
    fn come_home(self: Box<Self>, tell: &dyn Fn(End));
}

struct Pair<F, T, H, O> {
    job: Arc<Job<F, T, H>>,
    /// Who is told.
    outcome: O,
}

impl<F, T, H, O> Ends for Pair<F, T, H, O>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
    H: Hears<T> + 'static,
    O: JobOutcome<T>,
{
    fn abort(&self) -> bool {
        self.job.abort()
    }

    fn discard_if_detached(&self) {
        if self.outcome.is_detached() {
            Arc::clone(&self.job).discard();
        }
    }

    fn come_home(self: Box<Self>, tell: &dyn Fn(End)) {
        let ended = self.job.conclude();
        tell(ended.unwrap_or(End::Cancelled));
        match ended {
            Some(_) => {
                let job: JobResult<T> = self.job;
                self.outcome.ended(job);
            }
            None => self.outcome.given_up(),
        }
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
    pub(super) fn add<F, T, H, O>(&self, number: u64, job: Arc<Job<F, T, H>>, outcome: O)
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
        H: Hears<T> + 'static,
        O: JobOutcome<T> + 'static,
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

    /// Keeps a job from beginning. One that has begun is not affected.
    pub(crate) fn abort(&self, number: u64) {
        let aborted = self
            .jobs
            .borrow()
            .get(&number)
            .is_some_and(|ends| ends.abort());
        if aborted {
            self.come_home(number);
        }
    }

    /// The pool is about to be closed: what nobody will take is dropped by its threads as long as
    /// there are any.
    pub(crate) fn discard_detached(&self) {
        let numbers: Vec<_> = self.jobs.borrow().keys().copied().collect();
        for number in numbers {
            // A result that must be dropped here after all is foreign: the pair is out meanwhile.
            let ends = self.jobs.borrow_mut().remove(&number);
            if let Some(ends) = ends {
                ends.discard_if_detached();
                self.jobs.borrow_mut().insert(number, ends);
            }
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
