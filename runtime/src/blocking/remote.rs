//! A job given to the pool by another thread.
//!
//! A thread that holds a [`Handle`](crate::runtime::Handle) may be a job itself, or no
//! runtime's at all. Its job's result goes straight from the thread of the pool to whoever
//! holds the [`RemoteJoinHandle`], and does not come home; so the runtime's own thread need
//! not run for it, and gives it no number.
//!
//! It counts as one that is away all the same: a paused clock waits for it. When it is over the
//! runtime's thread is nudged, to look at its clock again.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use super::pool::{Duty, Refused, Work, no_thread};
use crate::context::{self, Outside};
use crate::foreign::drop_quietly;
use crate::task::{Failure, Outcome, RemoteJoinHandle, RemoteOutcome, remote_outcome};

/// Gives `work` to the pool of the runtime that is reached by `outside`.
#[track_caller]
pub(crate) fn give_remotely<F, R>(outside: &Outside, work: F) -> RemoteJoinHandle<R>
where
    F: FnOnce() -> R + Send + 'static,
    R: Send + 'static,
{
    let (outcome, handle) = remote_outcome(None);
    outside.pool.count_remote();
    let job = RemoteJob {
        ends: Mutex::new(Some((work, outcome))),
        outside: outside.clone(),
    };
    match outside.pool.give(Arc::new(job), Duty::Optional) {
        // Refused, it has been revoked, and the handle hears that it was cancelled.
        Ok(()) | Err(Refused::Closed) => handle,
        Err(Refused::NoThread(error)) => no_thread(&error),
    }
}

struct RemoteJob<F, R> {
    /// The closure, and where its result goes; `None` once it has been taken up.
    ends: Mutex<Option<(F, RemoteOutcome<R>)>>,
    outside: Outside,
}

impl<F, R> RemoteJob<F, R> {
    fn take_up(&self) -> Option<(F, RemoteOutcome<R>)> {
        let ends = self.ends.lock();
        ends.unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl<F, R> Work for RemoteJob<F, R>
where
    F: FnOnce() -> R + Send,
    R: Send,
{
    fn run(&self) {
        let Some((work, outcome)) = self.take_up() else {
            return;
        };
        if outcome.abort_requested() {
            return cancel(work, &outcome);
        }
        let result = catch_unwind(AssertUnwindSafe(|| {
            let _inside = context::enter_from_outside(&self.outside);
            work()
        }));
        outcome.deliver(result.map_err(Failure::panicked));
    }

    fn revoke(&self) {
        if let Some((work, outcome)) = self.take_up() {
            cancel(work, &outcome);
        }
    }
}

impl<F, R> Drop for RemoteJob<F, R> {
    fn drop(&mut self) {
        self.outside.pool.discount_remote();
        self.outside.inbox.nudge();
    }
}

/// The job never begins.
fn cancel<F, R>(work: F, outcome: &RemoteOutcome<R>) {
    drop_quietly(work);
    outcome.deliver(Err(Failure::Cancelled));
}
