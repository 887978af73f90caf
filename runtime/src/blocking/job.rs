//! A job: a closure on its way to a thread, and its result on the way back.
//!
//! ```text
//!   owner's thread              a thread of the pool            owner's thread
//!
//!   ┌────────┐   taken up       ┌─────────┐   its end   ┌──────┐  the inbox   result is
//!   │ queued ├─────────────────►│ running ├────────────►│ done ├────────────► in the handle
//!   └───┬────┘                  └────┬────┘             └──────┘  is taken
//!       │ abort, shutdown            │ the runtime is gone
//!       ▼                            ▼
//!     gone: the closure is         gone: the thread drops
//!     dropped, it never began      the result itself
//! ```
//!
//! The job is shared by two: the pool, which runs it, and the owner's list of jobs that are
//! away (`blocking/away.rs`). Who changes its stage does so under its lock, and for no longer
//! than that takes: the closure runs outside, and so does every drop of what belongs to the
//! user.
//!
//! When the job is done its thread leaves the *number* in the inbox, and the owner comes for
//! the result. So a result that nobody comes for is never sent anywhere.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard};

use super::pool::Work;
use crate::foreign::drop_quietly;
use crate::inbox::Inbox;
use crate::task::{Failure, Message};

/// See the file's heading.
pub(crate) struct Job<F, T> {
    number: u64,
    /// Where its end is announced.
    inbox: Arc<Inbox<Message>>,
    stage: Mutex<Stage<F, T>>,
}

enum Stage<F, T> {
    Queued(F),
    Running,
    Done(Result<T, Failure>),
    /// Nobody wants it any more.
    Gone,
}

impl<F, T> Job<F, T> {
    pub(super) fn new(number: u64, inbox: Arc<Inbox<Message>>, work: F) -> Job<F, T> {
        Job {
            number,
            inbox,
            stage: Mutex::new(Stage::Queued(work)),
        }
    }

    /// Owner: takes the result. If there is none, there never will be one: a thread that is at it
    /// drops what comes of it. (A closure that is still queued by now is mandatory, and is left
    /// there to be run.)
    pub(super) fn collect(&self) -> Result<T, Failure> {
        let mut stage = self.lock();
        if let Stage::Queued(_) = *stage {
            return Err(Failure::Cancelled);
        }
        match std::mem::replace(&mut *stage, Stage::Gone) {
            Stage::Done(result) => result,
            _ => Err(Failure::Cancelled),
        }
    }

    /// Keeps a job that has not begun from beginning, and drops its closure; says
    /// whether it could.
    pub(super) fn recall(&self) -> bool {
        let mut stage = self.lock();
        let queued = matches!(*stage, Stage::Queued(_));
        let work = queued.then(|| std::mem::replace(&mut *stage, Stage::Gone));
        drop(stage);
        drop_quietly(work);
        queued
    }

    /// Thread: takes the closure, to run it.
    fn take_up(&self) -> Option<F> {
        let mut stage = self.lock();
        match std::mem::replace(&mut *stage, Stage::Running) {
            Stage::Queued(work) => Some(work),
            other => {
                *stage = other;
                None
            }
        }
    }

    /// Thread: leaves the result. It comes back if nobody wants it any more.
    fn leave(&self, result: Result<T, Failure>) -> Option<Result<T, Failure>> {
        let mut stage = self.lock();
        if let Stage::Gone = *stage {
            return Some(result);
        }
        *stage = Stage::Done(result);
        None
    }

    fn lock(&self) -> MutexGuard<'_, Stage<F, T>> {
        match self.stage.lock() {
            Ok(guard) => guard,
            Err(poisoned) => poisoned.into_inner(),
        }
    }
}

impl<F, T> Work for Job<F, T>
where
    F: FnOnce() -> T + Send,
    T: Send,
{
    fn run(&self) {
        let Some(work) = self.take_up() else {
            return;
        };
        let result = catch_unwind(AssertUnwindSafe(work)).map_err(Failure::panicked);
        drop_quietly(self.leave(result));
        // Refused, the runtime is being dropped: it comes for the result without being told.
        let _ = self.inbox.send(Message::JobDone(self.number));
    }

    fn revoke(&self) {
        self.recall();
    }
}
