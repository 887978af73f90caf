//! State that a task and its jobs use by turns.
//!
//! A job cannot borrow. If it took the state with it and returned it as its result, the state
//! would be lost with a job that never begins, because the operating system gives no thread, and
//! with a result that is never delivered, because the runtime is gone. So the state has two owners:
//! the task's side, for good, and the job, until it is over.
//!
//! How it can go wrong: the task locks the state while a job has it, and waits for a disk. So the
//! task's side asks first whether the job is over ([`ByTurns::is_idle`]). It gives no second job
//! before that.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::give;
use crate::base::pool::Pool;
use crate::machine::task::JoinHandle;
use crate::machine::turn::Machine;
use crate::trace::Place;

/// See the file's heading.
#[derive(Debug, Default)]
pub(crate) struct ByTurns<T>(Arc<Mutex<T>>);

impl<T: Send + 'static> ByTurns<T> {
    pub(crate) fn new(state: T) -> ByTurns<T> {
        ByTurns(Arc::new(Mutex::new(state)))
    }

    /// The state. For when no job has it.
    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        lock(&self.0)
    }

    /// Gives a job that uses the state to a pool. If that fails, the state is as it was.
    pub(crate) fn give<R: Send + 'static>(
        &self,
        machine: &Machine,
        pool: &Pool,
        work: impl FnOnce(&mut T) -> R + Send + 'static,
        at: Place,
    ) -> io::Result<JoinHandle<R>> {
        let state = Arc::clone(&self.0);
        give(machine, pool, move || work(&mut lock(&state)), at)
    }

    /// Whether no job has the state. Asked when no job is waited for: then one that has it was given
    /// to a runtime that is gone, and its end cannot be waited for.
    pub(crate) fn is_idle(&self) -> io::Result<()> {
        match Arc::strong_count(&self.0) {
            1 => Ok(()),
            _ => Err(io::Error::new(
                io::ErrorKind::ResourceBusy,
                "a thread of a runtime that is gone still works on this: try again later",
            )),
        }
    }
}

/// A job that panicked leaves a state that is one all the same.
fn lock<T>(state: &Mutex<T>) -> MutexGuard<'_, T> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
