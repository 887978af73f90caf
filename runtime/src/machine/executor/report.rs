//! The executor as an observer sees it: the events of its polls, and its tasks as they are now.
//!
//! The methods that report stand apart from those that poll, and all of them are cold: what a program
//! always does is not arranged around what it hardly ever does. The place of each event is a line of the
//! method that polls, pushes or drops.
//!
//! For a snapshot the queue and the slots are read as they are. Whether a task is stranded is found out
//! here and now.

use std::collections::{BTreeMap, VecDeque};
use std::future::Future;
use std::panic::Location;
use std::sync::Arc;
use std::time::Duration;

use super::Executor;
use crate::machine::coop;
use crate::machine::inspect::snapshot::{TaskState, TaskView};
use crate::machine::run_queue::TaskMeta;
use crate::machine::task::Header;
use crate::trace::{End, Event, Place};

impl Executor {
    #[cold]
    #[track_caller]
    pub(super) fn report_start(&self, header: &Header, polls: u32) {
        // A writer of events may look at the machine now, and finds the task in its poll.
        self.queue.running().begin(header, polls);
        // What was refused before observing began is no event.
        coop::take_refused();
        let task = header.task();
        self.trace
            .record(Event::PollStart { task }, Place::below_caller());
    }

    /// Observing begins. If it does so in a poll that the loop makes without a look, the end of that poll is
    /// to be reported before the next step.
    pub(crate) fn watch(&self, watched: bool) {
        self.queue.watch(watched);
        self.end_unreported.set(watched && self.in_poll().is_some());
    }

    /// Reports the end of a poll in which observing began; it is known at the line below the caller's.
    #[track_caller]
    pub(crate) fn report_unreported_end(&self) {
        if self.end_unreported.get() && self.trace.is_on() {
            let task = self.queue.running().last();
            self.report_end_at(task, false, false, Place::below_caller());
        }
    }

    #[cold]
    #[inline(never)]
    #[track_caller]
    pub(super) fn report_end(&self, task: u64, ready: bool, is_stranded: bool) {
        self.report_end_at(task, ready, is_stranded, Place::above_caller());
    }

    fn report_end_at(&self, task: u64, ready: bool, is_stranded: bool, place: Place) {
        self.end_unreported.set(false);
        if coop::take_refused() {
            self.trace.record(Event::BudgetSpent { task }, place);
        }
        let spent = coop::spent_so_far();
        self.trace
            .record(Event::PollEnd { task, ready, spent }, place);
        if is_stranded {
            self.report_stranded(task, place);
        }
    }

    /// Emits, once, that this task can never be woken again. It is an event for a recording only: a
    /// snapshot of the machine itself shows how things stand.
    fn report_stranded(&self, task: u64, place: Place) {
        if self.trace.keeps_events() && !self.trace.observer().is_stranded(task) {
            self.trace.record(Event::Stranded { task }, place);
        }
    }

    /// Emits for every task that waits whether it can be woken. Before the thread parks: a
    /// waker may have been dropped since the task's own poll.
    #[cold]
    #[inline(never)]
    #[track_caller]
    pub(crate) fn report_all_stranded(&self, root: Option<&Arc<Header>>) {
        if !self.trace.keeps_events() {
            return;
        }
        let place = Place::below_caller();
        let mut stranded = Vec::new();
        let mut look = |header: &Arc<Header>| {
            if header.is_stranded() {
                stranded.push(header.task());
            }
        };
        root.into_iter().for_each(&mut look);
        self.queue.each(|task, _, _| look(task.header()));
        stranded
            .into_iter()
            .for_each(|task| self.report_stranded(task, place));
    }

    #[cold]
    #[inline(never)]
    #[track_caller]
    pub(super) fn report_last_poll(&self, task: u64, how: End) {
        self.report_end(task, true, false);
        self.report_ended(task, how);
    }

    #[cold]
    #[inline(never)]
    #[track_caller]
    pub(super) fn report_ended(&self, task: u64, how: End) {
        self.trace
            .record(Event::Ended { task, how }, Place::above_caller());
    }

    #[cold]
    #[inline(never)]
    #[track_caller]
    pub(super) fn report_spawned(&self, task: u64, at: &'static Location<'static>) {
        let (name, at) = (self.names.get(task), Place::from(at));
        self.trace
            .record(Event::Spawned { task, name, at }, Place::above_caller());
        self.queue.report_woken(task);
    }

    /// What lay in the inbox.
    #[cold]
    #[inline(never)]
    #[track_caller]
    pub(super) fn report_inbox(&self, (wakes, spawns, jobs): (usize, usize, usize)) {
        let taken = Event::InboxTaken {
            wakes,
            spawns,
            jobs,
        };
        self.trace.record(taken, Place::above_caller());
    }
}

impl Executor {
    /// The future of the task that is spawned next, with a name, which is forgotten when the
    /// future is gone.
    pub(crate) fn named<F: Future>(
        &self,
        future: F,
        name: &str,
    ) -> impl Future<Output = F::Output> + use<F> {
        let name = self.names.keep(self.next.get(), name);
        async move {
            let _name = name;
            future.await
        }
    }

    /// The tasks on the run queue, the next one first.
    pub(crate) fn queued(&self) -> VecDeque<u64> {
        self.queue.tasks()
    }

    /// The task that is in its poll.
    pub(crate) fn in_poll(&self) -> Option<u64> {
        self.queue.running().get().map(|(task, ..)| task)
    }

    /// Every task, by its number.
    pub(crate) fn snapshot(&self) -> BTreeMap<u64, TaskView> {
        let mut shown = BTreeMap::new();
        let mut add = |task, meta, polls, state| {
            shown.insert(task, self.task_view(task, meta, polls, state));
        };
        let waits_or_queued = |is_free, is_queued| match is_free {
            _ if is_queued => TaskState::Queued,
            true => TaskState::Stranded,
            false => TaskState::Waiting,
        };
        self.queue.each(|task, meta, is_queued| {
            let header = task.header();
            let state = waits_or_queued(Header::is_free(header), is_queued);
            add(header.task(), meta, task.polls(), state);
        });
        if let Some((task, slot, polls)) = self.queue.running().get() {
            let meta = self.queue.meta(slot);
            meta.into_iter()
                .for_each(|meta| add(task, meta, polls, TaskState::Running));
        }
        if let Some((task, meta)) = self.root.get() {
            let is_free = self.root_header.borrow().strong_count() == 1;
            let state = match self.in_poll() == Some(task) {
                true => TaskState::Running,
                false => waits_or_queued(is_free, self.queued().contains(&task)),
            };
            add(task, meta, self.root_polls.get(), state);
        }
        shown
    }

    /// Every task, by the address of its header, which is what a waker of it holds. (Not the
    /// one that is being polled: its header is with the poll.)
    pub(crate) fn by_header(&self) -> BTreeMap<usize, u64> {
        let mut by_header = BTreeMap::new();
        self.queue.each(|task, _, _| {
            let header = task.header();
            by_header.insert(Arc::as_ptr(header).addr(), header.task());
        });
        if let Some((task, _)) = self.root.get() {
            by_header.insert(self.root_header.borrow().as_ptr().addr(), task);
        }
        by_header
    }

    fn task_view(&self, task: u64, meta: TaskMeta, polls: u32, state: TaskState) -> TaskView {
        let mut view = TaskView::new(Place::from(meta.at));
        view.name = self.names.get(task);
        view.since = Duration::from_secs(u64::from(meta.since));
        view.state = state;
        view.polls = u64::from(polls);
        view
    }
}
