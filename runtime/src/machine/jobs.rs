//! The jobs that are in flight: given to the blocking pool, and not completed yet.
//!
//! A job's handle is made of plain cells and stays on this thread, so the thread of the pool
//! cannot tell it that the job has ended. That thread sends a number through the inbox. This list has,
//! under that number, the job, in which the result lies, and the join cell of the handle (or of a
//! set), which gets the result: so the owner **completes** the job.
//!
//! A result may be large, and so may the work of dropping it: a vector of a million strings, a file that
//! is closed on a slow disk. So the value does not move when the job has ended. It stays in the job, and
//! the join cell learns where it lies. Taken, it moves to the task that awaited it. Not taken (the
//! handle was dropped, the time was up, another branch of a `select!` was quicker), it is dropped by
//! a thread of the pool, where it holds up no task.
//!
//! While a job is in flight a paused clock does not jump ahead: the next deadline may have been set
//! against what the job returns.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use crate::machine::task::Failure;
use crate::trace::{Cause, End, Event, Switch, emit_next};

/// The result of a job, which stays in the job until it is taken. A job is shared by the threads of the pool, hence the bounds.
pub(crate) type JobResult<T> = Arc<dyn Ended<T> + Send + Sync>;

/// A job that is over: its result lies in it.
pub(crate) trait Ended<T> {
    /// Takes the result; asked once.
    fn take(&self) -> Result<T, Failure>;
    /// The result will not be taken: a thread of the pool drops it.
    fn discard(self: Arc<Self>);
}

/// Where a job says that it is over.
pub(crate) trait JobOutcome<T> {
    /// The job is over. Wakes who waits for it. Must not panic.
    fn ended(&self, job: JobResult<T>);
    /// The job is not over, and will not be waited for.
    fn given_up(&self);
    /// Whether the handle is gone, so that the result goes nowhere.
    fn is_detached(&self) -> bool;
}

/// See the file's heading.
pub(crate) struct InFlightJobs {
    /// By number, so that a shutdown ends them in the order in which they were given.
    jobs: RefCell<BTreeMap<u64, Box<dyn InFlight>>>,
    trace: Rc<Switch>,
}

/// A job that was given to the pool, with its handle, whatever it returns.
pub(crate) trait InFlight {
    /// Keeps a job that has not begun from beginning; says whether it could.
    fn abort(&self) -> bool;
    /// Lets a thread of the pool drop the result, if the handle is gone.
    fn discard_if_detached(&self);
    /// Tells the handle that the job is over, or that it will not be waited for; calls `tell` with
    /// the news before that.
    fn complete(self: Box<Self>, tell: &dyn Fn(End));
}

impl InFlightJobs {
    pub(crate) fn new(trace: Rc<Switch>) -> InFlightJobs {
        InFlightJobs {
            jobs: RefCell::default(),
            trace,
        }
    }

    /// A job was given to the pool.
    pub(crate) fn add(&self, number: u64, job: Box<dyn InFlight>) {
        self.jobs.borrow_mut().insert(number, job);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.jobs.borrow().is_empty()
    }

    #[cfg(feature = "sim")]
    pub(crate) fn len(&self) -> usize {
        self.jobs.borrow().len()
    }

    /// A job has come to its end: its handle gets the result.
    pub(crate) fn complete(&self, number: u64) {
        let job = self.jobs.borrow_mut().remove(&number);
        let Some(job) = job else {
            return;
        };
        let before = self.trace.on_behalf_of(Cause::Job(number));
        let tell = |how| emit_next!(self.trace, Event::JobEnded { job: number, how });
        job.complete(&tell);
        self.trace.on_behalf_of(before);
    }

    /// Keeps a job from beginning. One that has begun is not affected.
    pub(crate) fn abort(&self, number: u64) {
        let aborted = self
            .jobs
            .borrow()
            .get(&number)
            .is_some_and(|job| job.abort());
        if aborted {
            self.complete(number);
        }
    }

    /// The pool is about to be closed: a result that no handle will take is dropped by its threads as long as
    /// there are any.
    pub(crate) fn discard_detached(&self) {
        let numbers: Vec<_> = self.jobs.borrow().keys().copied().collect();
        for number in numbers {
            // A result that must be dropped here after all is foreign: the pair is out meanwhile.
            let job = self.jobs.borrow_mut().remove(&number);
            if let Some(job) = job {
                job.discard_if_detached();
                self.jobs.borrow_mut().insert(number, job);
            }
        }
    }

    /// The runtime is going: a job that is still in flight gives no result to its handle.
    pub(crate) fn complete_all(&self) {
        loop {
            let first = self.jobs.borrow().keys().next().copied();
            let Some(number) = first else {
                return;
            };
            self.complete(number);
        }
    }
}
