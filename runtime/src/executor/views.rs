//! The executor as an observer sees it.
//!
//! The queue and the slab are read as they are. What the machine itself does not keep (why a
//! task waits, how long its polls took) is added from the tables of whoever observes.
//!
//! Whether a task is stranded is looked at here and now, unless somebody records: then it is so
//! from the event on that says it, and a recording played back to this moment shows the same.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use super::tenant::Tenant;
use super::{About, Executor};
use crate::trace::{Place, Present, TaskState, TaskView};

/// Whether there is nobody but the executor who holds this.
fn is_alone<T>(header: &Arc<T>) -> bool {
    Arc::strong_count(header) == 1
}

impl Executor {
    /// The tasks on the run queue, the next one first.
    pub(crate) fn queued(&self) -> VecDeque<u64> {
        self.queue.tasks()
    }

    /// The task that is in its poll: it is not at home. (The queue knows only who was the last.)
    pub(crate) fn in_poll(&self) -> Option<u64> {
        let tasks = self.tasks.borrow();
        let is_out = |(_, tenant): (usize, &Tenant)| tenant.header.is_none();
        let anybody = self.root_is_out.get() || tasks.iter().any(is_out);
        self.queue.polling().filter(|_| anybody)
    }

    /// Every task, by its number.
    pub(crate) fn views(&self, present: &Present) -> BTreeMap<u64, TaskView> {
        let queued: BTreeSet<u64> = self.queued().into_iter().collect();
        let in_poll = self.in_poll();
        let tasks = self.tasks.borrow();
        let at_home = tasks.iter().filter_map(|(_, tenant)| {
            let header = tenant.header.as_ref();
            let task = header.map(|header| header.task()).or(in_poll);
            Some((task?, tenant.about, header.is_some_and(is_alone)))
        });
        let root = self.root.get().map(|(task, about)| {
            let header = self.root_header.borrow();
            (task, about, header.strong_count() == 1)
        });
        at_home
            .chain(root)
            .map(|(task, about, is_alone)| {
                let state = match is_alone {
                    _ if in_poll == Some(task) => TaskState::Running,
                    _ if queued.contains(&task) => TaskState::Queued,
                    _ if present.is_stranded(task) => TaskState::Stranded,
                    true if !self.trace.is_recording() => TaskState::Stranded,
                    _ => TaskState::Waiting,
                };
                (task, self.view(task, about, state, present))
            })
            .collect()
    }

    /// Every task, by the address of its header, which is what a waker of it holds. (Not the
    /// one that is being polled: its header is with the poll.)
    pub(crate) fn by_header(&self) -> BTreeMap<usize, u64> {
        let tasks = self.tasks.borrow();
        let headers = tasks
            .iter()
            .filter_map(|(_, tenant)| tenant.header.as_ref());
        let at_home = headers.map(|header| (Arc::as_ptr(header).addr(), header.task()));
        let root = self
            .root
            .get()
            .map(|(task, _)| (self.root_header.borrow().as_ptr().addr(), task));
        at_home.chain(root).collect()
    }

    fn view(&self, task: u64, about: About, state: TaskState, present: &Present) -> TaskView {
        let mut view = TaskView::new(Place::from(about.at));
        view.name = self.names.get(task);
        view.since = Duration::from_secs(u64::from(about.since));
        view.state = state;
        view.polls = u64::from(about.polls);
        if let Some(known) = present.task(task) {
            let since = known.since.map(|since| self.clock.since_start(since));
            view.since = since.unwrap_or(view.since);
            view.spent = known.spent;
            view.woken_by = known.woken_by;
            view.waits.clone_from(&known.waits);
        }
        if state == TaskState::Running {
            view.waits = present.waits_so_far().to_vec();
        }
        view
    }
}
