//! A task's number, and its name, if it has one.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;

use crate::machine::run_queue;

thread_local! {
    /// The number of the job that this thread of a pool does; 0 between two, and elsewhere.
    static JOB: Cell<u64> = const { Cell::new(0) };
}

/// A task's number. Unique among the tasks of its runtime, for as long as that lives.
///
/// Tasks are numbered 1, 2, 3, ... in the order in which they are spawned, so that two
/// runs of the same program speak of the same tasks. Two runtimes count separately. The
/// number 0 is no task's: a [`JoinError`](super::JoinError) has it when a future was sent
/// to a runtime that was gone, and so never became a task.
///
/// ```
/// # #[runtime::main] async fn main() {
/// let a = runtime::spawn(async {});
/// let b = runtime::spawn(async {});
/// assert_ne!(a.id(), b.id());
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Id(u64);

impl Id {
    pub(crate) fn new(task: u64) -> Id {
        Id(task)
    }

    /// The number as the events of [`trace`](crate::trace) have it.
    ///
    /// ```
    /// # #[runtime::main] async fn main() {
    /// let handle = runtime::spawn(async {});
    /// assert_eq!(handle.id().as_u64().to_string(), handle.id().to_string());
    /// # }
    /// ```
    pub fn as_u64(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// The number of the task that calls this; while a task's future or its value is being
/// dropped, the number of that task.
///
/// # Panics
///
/// Outside of a task. The future that `block_on` was given is none.
///
/// ```
/// # #[runtime::main] async fn main() {
/// let task = runtime::spawn(async { runtime::task::id() });
/// assert_eq!(task.id(), task.await.unwrap());
/// # }
/// ```
#[track_caller]
pub fn id() -> Id {
    match try_id() {
        Some(id) => id,
        None => panic!(
            "task::id() was called outside of a task (the future that block_on was given is none): \
             call it in a spawned future, or use task::try_id()"
        ),
    }
}

/// As [`id()`], `None` outside of a task.
///
/// ```
/// assert_eq!(runtime::task::try_id(), None);
/// # runtime::runtime::Runtime::new()?.block_on(async {
/// assert_eq!(runtime::task::try_id(), None);
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn try_id() -> Option<Id> {
    let job = || Some(JOB.get()).filter(|&job| job != 0);
    run_queue::polling_spawned().or_else(job).map(Id)
}

/// This thread does a job until the answer is dropped.
pub(crate) fn enter_job(number: u64) -> InJob {
    InJob(JOB.replace(number))
}

/// See [`enter_job`].
pub(crate) struct InJob(u64);

impl Drop for InJob {
    fn drop(&mut self) {
        JOB.set(self.0);
    }
}

/// The names of those tasks that have one, by the tasks' numbers.
///
/// Hardly any task has a name. So a name is not a field of every task but an entry in a table, and the
/// entry belongs to the task's future: it goes when the future goes, in whatever way that happens.
#[derive(Default)]
pub(crate) struct Names {
    by_task: Rc<RefCell<BTreeMap<u64, Arc<str>>>>,
}

/// Keeps a name for as long as it lives.
pub(crate) struct Named {
    task: u64,
    by_task: Rc<RefCell<BTreeMap<u64, Arc<str>>>>,
}

impl Names {
    pub(crate) fn keep(&self, task: u64, name: &str) -> Named {
        self.by_task.borrow_mut().insert(task, Arc::from(name));
        Named {
            task,
            by_task: Rc::clone(&self.by_task),
        }
    }

    pub(crate) fn get(&self, task: u64) -> Option<Arc<str>> {
        self.by_task.borrow().get(&task).cloned()
    }
}

impl Drop for Named {
    fn drop(&mut self) {
        self.by_task.borrow_mut().remove(&self.task);
    }
}
