//! Jobs on the blocking pool, in a set like tasks.
//!
//! A job reports to the completion queue as a task does, on the runtime's own thread: the pool has
//! brought its result there first.

use std::panic::Location;
use std::rc::Rc;

use super::completion_queue::Member;
use super::{AbortHandle, JoinSet};
use crate::base::boxed::box_if_large;
use crate::blocking;
use crate::runtime::Handle;

impl<T: Send + 'static> JoinSet<T> {
    /// Runs `work` on a thread where it may block, as
    /// [`task::spawn_blocking`](crate::task::spawn_blocking) does, and puts the job into the set.
    ///
    /// The handle can abort it as long as it has not begun. Its result comes out of the set.
    /// Dropping the set detaches a job that runs.
    ///
    /// # Panics
    ///
    /// If there is no runtime on this thread; if the operating system gives no thread and the pool
    /// has none.
    ///
    /// ```
    /// # #[runtime::main] async fn main() {
    /// let mut set = runtime::task::JoinSet::new();
    /// for n in 1..=3_u64 {
    ///     set.spawn_blocking(move || (1..=n).product::<u64>());
    /// }
    /// assert_eq!(set.join_all().await.into_iter().max(), Some(6));
    /// # }
    /// ```
    #[track_caller]
    pub fn spawn_blocking<F>(&mut self, work: F) -> AbortHandle
    where
        F: FnOnce() -> T + Send + 'static,
    {
        let at = Location::caller();
        box_if_large!(F: work = Box::new(work); self.spawn_job(work, at))
    }

    #[track_caller]
    fn spawn_job<F>(&mut self, work: F, at: &'static Location<'static>) -> AbortHandle
    where
        F: FnOnce() -> T + Send + 'static,
    {
        let slot = self.handles.vacant_key();
        let completions = Rc::downgrade(&self.completions);
        let member = |state| Member::new(state, completions, slot);
        match blocking::spawn_blocking_for(work, member, at) {
            Ok(handle) => self.insert(handle),
            Err(error) => {
                self.completions.forget(slot);
                blocking::no_thread(&error)
            }
        }
    }

    /// As [`spawn_blocking`](JoinSet::spawn_blocking), on the pool of the runtime of `handle`, which
    /// must live on this thread.
    ///
    /// # Panics
    ///
    /// If that runtime lives on another thread, or is gone; if the operating system gives no thread
    /// and the pool has none.
    ///
    /// ```
    /// let runtime = runtime::runtime::Runtime::new().unwrap();
    /// let mut set = runtime::task::JoinSet::new();
    /// set.spawn_blocking_on(|| 7, runtime.handle());
    /// assert_eq!(runtime.block_on(set.join_all()), [7]);
    /// ```
    #[track_caller]
    pub fn spawn_blocking_on<F>(&mut self, work: F, handle: &Handle) -> AbortHandle
    where
        F: FnOnce() -> T + Send + 'static,
    {
        let _guard = handle.enter();
        let at = Location::caller();
        box_if_large!(F: work = Box::new(work); self.spawn_job(work, at))
    }
}
