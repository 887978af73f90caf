//! A set of tasks that are awaited together, in the order in which they end.
//!
//! A program spawns a hundred tasks and wants each result as soon as it is there. It cannot await
//! a hundred handles one after the other: the first may be the last to end. And to poll all of
//! them at every wake is a hundred looks for one answer. So the tasks of a [`JoinSet`] report: a
//! task that ends puts the index of its slot into the set's **completion queue** and wakes the
//! task that waits there. To take the next result is then to take the head of that queue, however
//! many tasks there are.
//!
//! ```text
//!                                             completion queue
//!    handles   ┌───┬───┬───┬───┐               ┌───────────────┐
//!   (by slot)  │ 0 │ 1 │ 2 │ 3 │◄──────────────┤ ended: 2, 0   │◄── a task that ends
//!              └───┴───┴───┴───┘   join_next   │ waker         │
//!                                              └───────────────┘
//! ```
//!
//! How it can go wrong:
//!
//! - *A task reports to a set that has let it go.* Slots are used again, so a detached task would
//!   report a slot that is another task's by now. So each task has only a weak reference to the
//!   queue, and a set that lets go of its tasks takes a new queue.
//! - *A result is there, and the waiting task is not woken.* The result is in the join cell
//!   before its slot is in the queue, and the slot is in the queue before the waker is called.
//! - *The tasks outlive the set.* Then no task awaits their end. So dropping the set aborts them
//!   all.

mod blocking;
mod builder;
mod completion_queue;
mod next;

use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::rc::Rc;

pub use builder::Builder;
use completion_queue::{CompletionQueue, Member};

use super::{AbortHandle, JoinHandle};
use crate::base::boxed::box_if_large;
use crate::base::room::Slots;
use crate::runtime::Handle;
use crate::task::spawn::spawn_for;

/// A set of tasks, whose results are taken in the order in which the tasks end.
///
/// All tasks return the same type. Dropping the set aborts those that have not ended.
///
/// ```
/// # #[runtime::main(start_paused = true)] async fn main() {
/// use runtime::task::JoinSet;
/// use runtime::time::{Duration, sleep};
///
/// let mut set = JoinSet::new();
/// for n in [30, 10, 20] {
///     set.spawn(async move {
///         sleep(Duration::from_millis(n)).await;
///         n
///     });
/// }
/// let mut seen = Vec::new();
/// while let Some(result) = set.join_next().await {
///     seen.push(result.unwrap());
/// }
/// assert_eq!(seen, [10, 20, 30]);
/// # }
/// ```
#[must_use = "dropping the set aborts its tasks"]
pub struct JoinSet<T> {
    /// The tasks whose results have not been taken.
    handles: Slots<JoinHandle<T>>,
    completions: Rc<CompletionQueue>,
}

impl<T> JoinSet<T> {
    /// A set without tasks.
    pub fn new() -> JoinSet<T> {
        JoinSet {
            handles: Slots::new(),
            completions: Rc::default(),
        }
    }

    /// How many tasks are in the set: those that run, and those that have ended and whose
    /// results have not been taken.
    ///
    /// ```
    /// # #[runtime::main] async fn main() {
    /// let mut set = runtime::task::JoinSet::new();
    /// set.spawn(async {});
    /// runtime::task::yield_now().await;
    /// assert_eq!(set.len(), 1); // it has ended, and is still here
    /// set.join_next().await;
    /// assert_eq!(set.len(), 0);
    /// # }
    /// ```
    pub fn len(&self) -> usize {
        self.handles.len()
    }

    /// Whether there is no task in the set.
    pub fn is_empty(&self) -> bool {
        self.handles.is_empty()
    }
}

impl<T: 'static> JoinSet<T> {
    /// Makes a task of `task` and puts it into the set; it starts at its first turn.
    ///
    /// The handle can abort it. Its result comes out of the set.
    ///
    /// # Panics
    ///
    /// If there is no runtime on this thread.
    ///
    /// ```
    /// # #[runtime::main] async fn main() {
    /// let mut set = runtime::task::JoinSet::new();
    /// let abort = set.spawn(std::future::pending::<()>());
    /// abort.abort();
    /// let error = set.join_next().await.unwrap().unwrap_err();
    /// assert!(error.is_cancelled());
    /// assert_eq!(error.id(), abort.id());
    /// # }
    /// ```
    #[track_caller]
    pub fn spawn<F>(&mut self, task: F) -> AbortHandle
    where
        F: Future<Output = T> + 'static,
    {
        let at = Location::caller();
        box_if_large!(F: task = Box::pin(task); self.spawn_named(task, None, at))
    }

    /// Another name of [`spawn`](JoinSet::spawn), for programs that say where they need no
    /// `Send`.
    ///
    /// # Panics
    ///
    /// If there is no runtime on this thread.
    #[track_caller]
    pub fn spawn_local<F>(&mut self, task: F) -> AbortHandle
    where
        F: Future<Output = T> + 'static,
    {
        let at = Location::caller();
        box_if_large!(F: task = Box::pin(task); self.spawn_named(task, None, at))
    }

    /// As [`spawn`](JoinSet::spawn), on the runtime of `handle`, which must live on this
    /// thread: before `block_on` has been called, say.
    ///
    /// # Panics
    ///
    /// If that runtime lives on another thread, or is gone.
    ///
    /// ```
    /// let runtime = runtime::runtime::Runtime::new().unwrap();
    /// let mut set = runtime::task::JoinSet::new();
    /// set.spawn_on(async { 7 }, runtime.handle());
    /// assert_eq!(runtime.block_on(set.join_all()), [7]);
    /// ```
    #[track_caller]
    pub fn spawn_on<F>(&mut self, task: F, handle: &Handle) -> AbortHandle
    where
        F: Future<Output = T> + 'static,
    {
        let _guard = handle.enter();
        let at = Location::caller();
        box_if_large!(F: task = Box::pin(task); self.spawn_named(task, None, at))
    }

    #[track_caller]
    fn spawn_named<F>(
        &mut self,
        task: F,
        name: Option<&str>,
        at: &'static Location<'static>,
    ) -> AbortHandle
    where
        F: Future<Output = T> + 'static,
    {
        let slot = self.handles.vacant_key();
        let completions = Rc::downgrade(&self.completions);
        let member = |state| Member::new(state, completions, slot);
        self.insert(spawn_for(task, member, name, at))
    }

    /// Puts a handle into the slot that its task was told.
    fn insert(&mut self, handle: JoinHandle<T>) -> AbortHandle {
        let abort = handle.abort_handle();
        self.handles.insert(handle);
        abort
    }

    /// Asks for all tasks to be dropped at their next turn. They stay in the set, and
    /// [`join_next`](JoinSet::join_next) tells that they were cancelled.
    ///
    /// ```
    /// # #[runtime::main] async fn main() {
    /// let mut set = runtime::task::JoinSet::new();
    /// set.spawn(std::future::pending::<()>());
    /// set.abort_all();
    /// assert!(set.join_next().await.unwrap().unwrap_err().is_cancelled());
    /// # }
    /// ```
    pub fn abort_all(&mut self) {
        self.handles.iter().for_each(|(_, handle)| handle.abort());
    }

    /// Empties the set; the tasks run on, and their results go nowhere.
    ///
    /// ```
    /// # #[runtime::main] async fn main() {
    /// let mut set = runtime::task::JoinSet::new();
    /// let task = set.spawn(async {});
    /// set.detach_all();
    /// assert!(set.is_empty());
    /// runtime::task::yield_now().await;
    /// assert!(task.is_finished());
    /// # }
    /// ```
    pub fn detach_all(&mut self) {
        self.completions = Rc::default();
        drop(std::mem::take(&mut self.handles));
    }
}

impl<T> Drop for JoinSet<T> {
    fn drop(&mut self) {
        self.handles.iter().for_each(|(_, handle)| handle.abort());
    }
}

impl<T> Default for JoinSet<T> {
    fn default() -> JoinSet<T> {
        JoinSet::new()
    }
}

impl<T> fmt::Debug for JoinSet<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JoinSet").field("len", &self.len()).finish()
    }
}

/// Spawns each future of an iterator.
///
/// ```
/// # #[runtime::main] async fn main() {
/// use runtime::task::JoinSet;
///
/// let set: JoinSet<i32> = [1, 2, 3].map(|n| async move { -n }).into_iter().collect();
/// assert_eq!(set.join_all().await, [-1, -2, -3]);
/// # }
/// ```
impl<T: 'static, F> FromIterator<F> for JoinSet<T>
where
    F: Future<Output = T> + 'static,
{
    #[track_caller]
    fn from_iter<I: IntoIterator<Item = F>>(tasks: I) -> JoinSet<T> {
        let mut set = JoinSet::new();
        set.extend(tasks);
        set
    }
}

impl<T: 'static, F> Extend<F> for JoinSet<T>
where
    F: Future<Output = T> + 'static,
{
    #[track_caller]
    fn extend<I: IntoIterator<Item = F>>(&mut self, tasks: I) {
        let at = Location::caller();
        for task in tasks {
            box_if_large!(F: task = Box::pin(task); self.spawn_named(task, None, at));
        }
    }
}
