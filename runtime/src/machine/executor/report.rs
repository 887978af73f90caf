//! The executor as an observer sees it: the events of its polls, and its tasks as they are now.
//!
//! The lines that emit stand apart from those that poll, and all of them are cold: what a program
//! always does is not arranged around what it hardly ever does.
//!
//! For a snapshot the queue and the slab are read as they are. What the executor does not keep (why a
//! task waits, how long its polls took) is added from the tables of the observer. Whether a task is
//! stranded is found out here and now, except during a recording: then it is so from the event on
//! that says it, and a recording that is played back to this moment shows the same.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use super::Executor;
use super::slot::{TaskMeta, TaskSlot};
use crate::machine::coop;
use crate::machine::task::Header;
use crate::trace::{End, Event, Place, Present, TaskState, TaskView, emit};

impl Executor {
    #[cold]
    pub(super) fn report_start(&self, task: u64) {
        // What was refused before observing began is no event.
        coop::take_refused();
        emit!(self.trace, Event::PollStart { task });
    }

    #[cold]
    pub(super) fn report_end(&self, task: u64, ready: bool) {
        if coop::take_refused() {
            emit!(self.trace, Event::BudgetSpent { task });
        }
        let spent = coop::spent_so_far();
        emit!(self.trace, Event::PollEnd { task, ready, spent });
    }

    /// Emits, once, that this task can never be woken again. It is an event for a recording only: a
    /// snapshot of the machine itself shows how things stand.
    #[cold]
    pub(super) fn report_if_stranded(&self, header: &Arc<Header>) {
        let task = header.task();
        if header.is_stranded() && !self.trace.present().is_stranded(task) {
            emit!(self.trace, Event::Stranded { task });
        }
    }

    /// Emits for every task that waits whether it can be woken. Before the thread parks: a
    /// waker may have been dropped since the task's own poll.
    #[cold]
    #[inline(never)]
    pub(crate) fn report_stranded(&self, root: Option<&Arc<Header>>) {
        let tasks = self.tasks.borrow();
        let headers = tasks.iter().filter_map(|(_, slot)| slot.header.as_ref());
        root.into_iter()
            .chain(headers)
            .for_each(|header| self.report_if_stranded(header));
    }

    #[cold]
    #[inline(never)]
    pub(super) fn report_ended(&self, task: u64, how: End) {
        emit!(self.trace, Event::Ended { task, how });
    }
}

/// Whether only the executor holds this.
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
        let is_out = |(_, slot): (usize, &TaskSlot)| slot.header.is_none();
        let one_is_out = self.root_is_out.get() || tasks.iter().any(is_out);
        self.queue.polling().filter(|_| one_is_out)
    }

    /// Every task, by its number.
    pub(crate) fn views(&self, present: &Present) -> BTreeMap<u64, TaskView> {
        let queued: BTreeSet<u64> = self.queued().into_iter().collect();
        let in_poll = self.in_poll();
        let tasks = self.tasks.borrow();
        let at_home = tasks.iter().filter_map(|(_, slot)| {
            let header = slot.header.as_ref();
            let task = header.map(|header| header.task()).or(in_poll);
            Some((task?, slot.meta, header.is_some_and(is_alone)))
        });
        let root = self.root.get().map(|(task, meta)| {
            let header = self.root_header.borrow();
            (task, meta, header.strong_count() == 1)
        });
        at_home
            .chain(root)
            .map(|(task, meta, is_alone)| {
                let state = match is_alone {
                    _ if in_poll == Some(task) => TaskState::Running,
                    _ if queued.contains(&task) => TaskState::Queued,
                    _ if present.is_stranded(task) => TaskState::Stranded,
                    true if !self.trace.is_recording() => TaskState::Stranded,
                    _ => TaskState::Waiting,
                };
                (task, self.view(task, meta, state, present))
            })
            .collect()
    }

    /// Every task, by the address of its header, which is what a waker of it holds. (Not the
    /// one that is being polled: its header is with the poll.)
    pub(crate) fn by_header(&self) -> BTreeMap<usize, u64> {
        let tasks = self.tasks.borrow();
        let headers = tasks.iter().filter_map(|(_, slot)| slot.header.as_ref());
        let at_home = headers.map(|header| (Arc::as_ptr(header).addr(), header.task()));
        let root = self
            .root
            .get()
            .map(|(task, _)| (self.root_header.borrow().as_ptr().addr(), task));
        at_home.chain(root).collect()
    }

    fn view(&self, task: u64, meta: TaskMeta, state: TaskState, present: &Present) -> TaskView {
        let mut view = TaskView::new(Place::from(meta.at));
        view.name = self.names.get(task);
        view.since = Duration::from_secs(u64::from(meta.since));
        view.state = state;
        view.polls = u64::from(meta.polls);
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
