//! The result of a job on the blocking pool, as long as it is not taken.
//!
//! A job's value may be large, and so may the work of dropping it: a vector of a million strings,
//! a file that is closed on a slow disk. So the value does not move when the job is over. It stays
//! in the job, and the handle learns where it lies. Taken, it moves to the task that awaited it;
//! not taken (the handle was dropped, the time was up, another branch of a `select!` was quicker),
//! it is dropped by a thread of the pool, where it holds up no task.

use std::sync::Arc;

use super::error::Failure;

/// See the file's heading. A job is shared by the threads of the pool, hence the bounds.
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
