//! The run queue: who is polled next.
//!
//! A first-in, first-out queue of keys. A task that is woken goes to the back, the
//! executor takes from the front, and so every task that is ready has its turn before any
//! has a second one. Only the runtime's own thread touches it, which is why it is a plain
//! `VecDeque` in a cell: no lock, no atomic.
//!
//! A waker must be `Send`, so it cannot hold the queue (an `Rc`). It knows only the
//! *address* of its runtime's inbox, and asks this thread: "are you in the runtime whose
//! inbox lives there?" The thread-local below answers. If yes, the wake is a push on this
//! queue; if not, it goes to that inbox.
//!
//! A key names a place in the executor's slab *and* the task that lives there. A place is
//! let again when its task ends, but a number is never used twice, so that a key which is
//! still lying around never reaches the new tenant.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::mem::ManuallyDrop;
use std::rc::Rc;

use crate::machine::room::{KEPT, Roomy};
use crate::trace::{Event, Recorder, emit};

thread_local! {
    /// The run queue of the runtime that this thread is in. The guard of an entered runtime takes it
    /// out again, so there is nothing to drop at the thread's end; a thread-local that must be
    /// dropped would be asked at every wake whether it has been.
    static CURRENT: ManuallyDrop<RefCell<Option<Rc<RunQueue>>>> =
        const { ManuallyDrop::new(RefCell::new(None)) };
    /// The number of the job that this thread of a pool does; 0 between two, and elsewhere.
    static JOB: Cell<u64> = const { Cell::new(0) };
}

/// Names one task of one runtime, for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    /// The task's number: 1, 2, 3, ... in the order of spawning. Never used twice.
    pub(crate) task: u64,
    /// Its place in the executor's slab, or [`Key::ROOT`] or [`Key::JOB`].
    pub(crate) index: u32,
}

impl Key {
    /// The place of the future that `block_on` was given: it lives on the stack of the
    /// caller, not in the slab.
    pub(crate) const ROOT: u32 = u32::MAX;
    /// The place of a job on the blocking pool. Its key is queued to abort it.
    pub(crate) const JOB: u32 = u32::MAX - 1;
}

pub(crate) struct RunQueue {
    keys: RefCell<Roomy<VecDeque<Key>>>,
    /// The address of the runtime's inbox, which stands for the runtime: it cannot be
    /// another's as long as anything that knows it keeps the inbox alive.
    home: usize,
    /// The task that is being polled, or was polled last; 0 while the loop does not run.
    polling: Cell<u64>,
    /// The number of the future that `block_on` was given last.
    root: Cell<u64>,
    trace: Rc<Recorder>,
}

impl RunQueue {
    pub(crate) fn new(home: usize, trace: Rc<Recorder>) -> RunQueue {
        trace.set_home(home);
        RunQueue {
            keys: RefCell::default(),
            home,
            polling: Cell::new(0),
            root: Cell::new(0),
            trace,
        }
    }

    /// Puts a task at the back.
    #[inline]
    pub(crate) fn push(&self, key: Key) {
        emit!(self.trace => self.report_woken(key.task));
        self.push_without_event(key);
    }

    /// As [`push`](RunQueue::push), for a caller that knows that the runtime is not observed.
    #[inline]
    pub(crate) fn push_without_event(&self, key: Key) {
        self.keys.borrow_mut().push_back(key);
    }

    /// Puts a key at the back that is not there for a poll, so that no task is woken by it.
    pub(crate) fn push_abort_request(&self, key: Key) {
        self.keys.borrow_mut().push_back(key);
    }

    #[cold]
    #[inline(never)]
    fn report_woken(&self, task: u64) {
        let by = self.trace.cause();
        emit!(self.trace, Event::Woken { task, by });
    }

    /// Takes the task that has waited longest.
    #[inline]
    pub(crate) fn pop(&self) -> Option<Key> {
        self.keys.borrow_mut().pop_front()
    }

    /// Gives back what a burst took.
    pub(crate) fn give_back(&self) {
        self.keys.borrow_mut().give_back(KEPT);
    }

    /// The tasks that are queued, the next one first.
    pub(crate) fn tasks(&self) -> VecDeque<u64> {
        let keys = self.keys.borrow();
        let to_be_polled = keys.iter().filter(|key| key.index != Key::JOB);
        to_be_polled.map(|key| key.task).collect()
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.keys.borrow().is_empty()
    }

    pub(crate) fn trace(&self) -> &Recorder {
        &self.trace
    }

    #[inline]
    pub(crate) fn set_polling(&self, task: u64) {
        self.polling.set(task);
    }

    pub(crate) fn set_root(&self, task: u64) {
        self.root.set(task);
    }

    /// The task that is being polled, if any.
    pub(crate) fn polling(&self) -> Option<u64> {
        Some(self.polling.get()).filter(|&task| task != 0)
    }

    /// Calls `work` as `task` would, which is not being polled: what belongs to it is dropped.
    pub(crate) fn on_behalf_of<R>(&self, task: u64, work: impl FnOnce() -> R) -> R {
        let before = self.polling.replace(task);
        let _put_back = PutBack(&self.polling, before);
        work()
    }
}

/// Puts a number back into its cell, also when a panic passes by.
struct PutBack<'a>(&'a Cell<u64>, u64);

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

impl Drop for PutBack<'_> {
    fn drop(&mut self) {
        self.0.set(self.1);
    }
}

/// Pushes `key` if this thread is in the runtime whose inbox is at `home`; says whether.
///
/// While the runtime is observed, `unobserved_home` answers 0. So one comparison says both: it is this
/// runtime, and it is not observed.
#[inline]
pub(crate) fn push_local(home: usize, key: impl FnOnce() -> Option<Key>) -> bool {
    let pushed = CURRENT.try_with(|current| match &*current.borrow() {
        Some(queue) if queue.trace.unobserved_home() == home => {
            if let Some(key) = key() {
                queue.push_without_event(key);
            }
            true
        }
        Some(queue) if queue.home == home => {
            push_observed(queue, key());
            true
        }
        _ => false,
    });
    pushed == Ok(true)
}

#[cold]
#[inline(never)]
fn push_observed(queue: &RunQueue, key: Option<Key>) {
    if let Some(key) = key {
        queue.push(key);
    }
}

/// Makes `queue` this thread's queue; returns the previous one.
pub(crate) fn swap(queue: Option<Rc<RunQueue>>) -> Option<Rc<RunQueue>> {
    CURRENT.with(|current| current.replace(queue))
}

/// The task that is being polled on this thread, if any.
pub(crate) fn polling() -> Option<u64> {
    with_current(RunQueue::polling)
}

/// The task that is being polled, or the job that is being done, on this thread. The future
/// that `block_on` was given is neither.
pub(crate) fn spawned() -> Option<u64> {
    let task = with_current(|queue| queue.polling().filter(|&task| task != queue.root.get()));
    task.or_else(|| Some(JOB.get()).filter(|&job| job != 0))
}

fn with_current<R>(work: impl FnOnce(&RunQueue) -> Option<R>) -> Option<R> {
    CURRENT.with(|current| current.borrow().as_deref().and_then(work))
}
