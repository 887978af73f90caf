//! A job given to the pool by another thread.
//!
//! A thread that holds a [`Handle`](crate::runtime::Handle) may be a job itself, or no
//! runtime's at all. Its job's result goes straight from the thread of the pool to the
//! holder of the [`RemoteJoinHandle`], and not through the inbox; so the runtime's own thread need
//! not run for it, and gives it no number.
//!
//! It counts as one in flight all the same: a paused clock waits for it. When it is over the
//! runtime's thread is nudged, to look at its clock again.

use std::sync::Arc;

use super::job::{Hears, Job};
use crate::base::pool::{Refused, no_thread};
use crate::machine::context::{self};
use crate::machine::jobs::{JobOutcome, JobResult};
use crate::machine::task::Outcome;
use crate::machine::turn::RemoteHandle;
use crate::remote::{RemoteJoinHandle, RemoteOutcome, remote_outcome};

/// Gives `work` to the pool of the runtime that is reached by `outside`.
#[track_caller]
pub(crate) fn give_remotely<F, R>(outside: &RemoteHandle, work: F) -> RemoteJoinHandle<R>
where
    F: FnOnce() -> R + Send + 'static,
    R: Send + 'static,
{
    let (outcome, handle) = remote_outcome(None);
    let end = RemoteEnd {
        outcome,
        outside: outside.clone(),
    };
    let inside = outside.clone();
    let work = move || {
        let _inside = context::enter_remotely(&inside);
        work()
    };
    let pool = &outside.pool;
    pool.count_remote();
    match pool.give(Arc::new(Job::new(pool.clone(), work, end))) {
        // Refused, it has been revoked, and the handle reports a cancellation.
        Ok(()) | Err(Refused::Closed) => handle,
        Err(Refused::NoThread(error)) => no_thread(&error),
    }
}

/// The handle, as the threads of the pool reach it.
struct RemoteEnd<R> {
    outcome: RemoteOutcome<R>,
    outside: RemoteHandle,
}

impl<R: Send> Hears<R> for RemoteEnd<R> {
    fn is_aborted(&self) -> bool {
        self.outcome.abort_requested()
    }

    fn over(&self, job: JobResult<R>) {
        self.outcome.ended(job);
        self.outside.pool.discount_remote();
        self.outside.inbox.nudge();
    }
}
