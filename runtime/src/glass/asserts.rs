//! What a test asserts of a snapshot: no task is stranded, none is in a deadlock, nothing is left.
//!
//! A program that hangs fails its test by a timeout, which says where it hung in no way. A snapshot
//! knows: each task with its state, and what it waits for. So a test takes one when it is over, or
//! when it has waited for long enough, and asserts. What fails is said as in a
//! [`Dump`](super::Dump): each task, what it waits for, and on which line.
//!
//! The heart of it is [`Snapshot::stuck`]. A task *can go on* if it is queued or runs; if it waits for a
//! timer, a source or a job, which come from outside; if it waits for the end of a task that can go on;
//! if it waits for a lock, and one of those who hold it can go on. Of other things that tasks share (a
//! channel, a permit of a semaphore) it is not known which task will give them: it can go on if any other
//! task can. All other tasks are stuck.
//!
//! How it can go wrong:
//!
//! - *Code outside of all tasks* may hold a guard or a sender, too, and no snapshot knows of it. A test
//!   lets go of what it holds before it asks.
//! - *A guard was moved to another task*, or was taken before the runtime was observed and given back after
//!   that. Then the account of holders is wrong, and a task may count as stuck although a task is left that
//!   will wake it.

use std::collections::{BTreeSet, HashMap};
use std::fmt;

use super::dump::write_task;
use crate::machine::inspect::snapshot::{Holder, Snapshot, TaskState};
use crate::trace::{Shared, Wait};

impl Snapshot {
    /// The tasks that can never go on, as far as tasks, timers, sources and jobs are concerned: the
    /// [stranded](TaskState::Stranded) ones, and those that wait for each other, or for something that
    /// no task is left to give. The runtime must have been [observed](crate::trace::Trace::observe): else it
    /// is not known of all tasks what they wait for, and those count as able to go on.
    ///
    /// ```
    /// # use runtime::runtime::{Builder, Step};
    /// use runtime::sync::Notify;
    ///
    /// # let mut builder = Builder::new_current_thread();
    /// # let runtime = builder.enable_all().start_paused(true).build()?;
    /// runtime.trace().observe();
    /// let task = runtime.spawn(async { Notify::new().notified().await });
    /// while !matches!(runtime.step(), Step::WouldPark { .. }) {}
    /// assert_eq!(runtime.snapshot().stuck().len(), 1);
    /// # drop(task);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn stuck(&self) -> BTreeSet<u64> {
        // A message of another thread may wake any of them.
        if self.inbox.messages > 0 {
            return BTreeSet::new();
        }
        let mut stuck: BTreeSet<u64> = self.tasks.keys().copied().collect();
        let mut needs = Needs::of(self);
        while let Some(goes_on) = needs.going.pop() {
            let next = needs.after.remove(&goes_on);
            needs.going.extend(next.into_iter().flatten());
            if matches!(goes_on, Wait::Task(task) if stuck.remove(&task)) {
                needs.going.append(&mut needs.after_any);
            }
        }
        stuck
    }

    /// Some tasks as a dump shows them, below a heading.
    fn list(&self, heading: &str, tasks: impl Iterator<Item = u64>) -> Result<String, fmt::Error> {
        let mut text = format!("{heading}:\n");
        for task in tasks {
            write_task(&mut text, task, &self.tasks[&task], self)?;
        }
        Ok(text)
    }

    #[track_caller]
    fn fail(&self, heading: &str, tasks: impl Iterator<Item = u64>) -> ! {
        match self.list(heading, tasks) {
            Ok(text) => panic!("{text}"),
            Err(fmt::Error) => panic!("{heading}"),
        }
    }
}

/// What can go on, and what can go on after it. A task is [`Wait::Task`] here, and a thing that tasks share
/// goes on when one of those who hold it does. Each of them is passed on once, so many tasks that wait for each
/// other in a long line cost no more than the line.
#[derive(Default)]
struct Needs {
    /// Can go on, and those after it have not been told.
    going: Vec<Wait>,
    /// Can go on as soon as the first one can.
    after: HashMap<Wait, Vec<Wait>>,
    /// Can go on as soon as any task can.
    after_any: Vec<Wait>,
}

impl Needs {
    fn of(snapshot: &Snapshot) -> Needs {
        let mut needs = Needs::default();
        for (&task, view) in &snapshot.tasks {
            match view.state {
                TaskState::Stranded => {}
                // What is not in the list is not the runtime's: a thread, another crate's channel.
                TaskState::Waiting if !view.waits.is_empty() => {
                    let waits = view.waits.iter();
                    waits.for_each(|wait| needs.add(Wait::Task(task), wait.on, snapshot));
                }
                TaskState::Queued | TaskState::Running | TaskState::Waiting => {
                    needs.going.push(Wait::Task(task));
                }
            }
        }
        needs
    }

    /// `waiter` waits for `on`.
    fn add(&mut self, waiter: Wait, on: Wait, snapshot: &Snapshot) {
        match on {
            Wait::Timer(_) | Wait::Source(..) | Wait::Job(_) => self.going.push(waiter),
            Wait::Task(_) => self.go_after(on, waiter, snapshot),
            // Any task may give a semaphore permits. A place may be taken by a message that was sent unseen.
            Wait::Shared(Shared::Semaphore | Shared::MpscPlace, _) => self.after_any.push(waiter),
            Wait::Shared(..) if snapshot.holders(on).is_empty() => self.after_any.push(waiter),
            Wait::Shared(..) => {
                if !self.after.contains_key(&on) {
                    let holders = snapshot.holders(on).iter();
                    holders.for_each(|holder| self.add_holder(holder, on, snapshot));
                }
                self.after.entry(on).or_default().push(waiter);
            }
        }
    }

    fn add_holder(&mut self, holder: &Holder, held: Wait, snapshot: &Snapshot) {
        match holder.task {
            Some(task) => self.go_after(Wait::Task(task), held, snapshot),
            // It was taken outside of all tasks.
            None => self.going.push(held),
        }
    }

    /// `next` goes on when this task does. One that has ended keeps it from nothing.
    fn go_after(&mut self, task: Wait, next: Wait, snapshot: &Snapshot) {
        match task {
            Wait::Task(number) if !snapshot.tasks.contains_key(&number) => self.going.push(next),
            _ => self.after.entry(task).or_default().push(next),
        }
    }
}

/// Asserts that no task is [stranded](TaskState::Stranded): that each one that waits has left a waker
/// somewhere.
///
/// # Panics
///
/// If one is; with its number, name, the line that spawned it, and how often it was polled.
///
/// ```
/// use runtime::trace::assert_nothing_stranded;
///
/// let runtime = runtime::runtime::Runtime::new()?;
/// let task = runtime.spawn(runtime::task::yield_now());
/// runtime.block_on(task).unwrap();
/// assert_nothing_stranded(&runtime.snapshot());
/// # Ok::<(), std::io::Error>(())
/// ```
#[track_caller]
pub fn assert_nothing_stranded(snapshot: &Snapshot) {
    let stranded = |task: &u64| snapshot.tasks[task].state == TaskState::Stranded;
    let mut found = snapshot.tasks.keys().copied().filter(stranded).peekable();
    if found.peek().is_some() {
        snapshot.fail("tasks that have left their waker nowhere", found);
    }
}

/// Asserts that no task is in a deadlock: that none waits for a task which waits for it, nor for what
/// no task is left to give: a lock whose holder waits for ever, a message of which no task is left
/// to send one.
///
/// A stranded task is none by itself; one that waits for it is. What code outside of all tasks holds
/// (a guard, a sender) is not known, so let go of it before. See [`Snapshot::stuck`].
///
/// # Panics
///
/// If tasks are; with each of them, what it waits for and on which line. And if the snapshot is of a
/// runtime that was not [observed](crate::trace::Trace::observe): then it is not known what tasks
/// wait for.
///
/// ```should_panic
/// use std::rc::Rc;
/// use runtime::sync::Mutex;
/// use runtime::task::yield_now;
/// use runtime::trace::assert_no_deadlock;
///
/// let runtime = runtime::runtime::Runtime::new()?;
/// runtime.trace().observe();
/// let locks = [(); 2].map(|()| Rc::new(Mutex::new(())));
/// for [first, second] in [[0, 1], [1, 0]].map(|order| order.map(|lock| Rc::clone(&locks[lock]))) {
///     drop(runtime.spawn(async move {
///         let _first = first.lock().await;
///         yield_now().await;
///         let _second = second.lock().await;
///     }));
/// }
/// runtime.block_on(async { for _ in 0..5 { yield_now().await } });
/// assert_no_deadlock(&runtime.snapshot()); // tasks 1 and 2, and the lines of their locks
/// # Ok::<(), std::io::Error>(())
/// ```
#[track_caller]
pub fn assert_no_deadlock(snapshot: &Snapshot) {
    assert!(
        snapshot.observed,
        "it is not known what the tasks wait for: call `runtime.trace().observe()` before they run"
    );
    let waiting = |task: &u64| snapshot.tasks[task].state == TaskState::Waiting;
    let mut found = snapshot.stuck().into_iter().filter(waiting).peekable();
    if found.peek().is_some() {
        let heading = "tasks that wait for each other, or for what no task is left to give";
        snapshot.fail(heading, found);
    }
}

/// Asserts that a program has left nothing behind: no task, no timer and no source.
///
/// # Panics
///
/// If something is left; with each task, what it waits for and on which line.
///
/// ```
/// use runtime::trace::assert_nothing_left;
///
/// let runtime = runtime::runtime::Runtime::new()?;
/// runtime.block_on(async { runtime::spawn(async {}).await })?;
/// assert_nothing_left(&runtime.snapshot());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[track_caller]
pub fn assert_nothing_left(snapshot: &Snapshot) {
    let (timers, sources) = (snapshot.wheel.timers.len(), snapshot.sources.len());
    if timers + sources + snapshot.tasks.len() > 0 {
        let tasks = snapshot.tasks.len();
        let heading =
            format!("{tasks} task(s), {timers} timer(s) and {sources} source(s) are left");
        snapshot.fail(&heading, snapshot.tasks.keys().copied());
    }
}
