//! The header: what the machine knows of a task without knowing its future.
//!
//! A header is the one part of a task that crosses threads, and the one that may outlive it, so
//! it holds nothing but numbers and the way to the inbox. Each waker of the task holds it.
//!
//! It also says where the task is ([`State`]): whether it **waits**, in its slot, or is **ready**, which
//! means that it is on the run queue or in its poll. A wake moves a task that waits to the run queue
//! (`RunQueue::wake`). It does nothing to one that is on the run queue, for the poll that is to come
//! will see what happened.

use std::cell::{Cell, RefCell};
use std::panic::Location;
use std::pin::Pin;
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU32, AtomicU64, Ordering, fence};

use crate::machine::inbox::{Inbox, Mark};
use crate::trace::End;

/// What comes in through the inbox.
pub(crate) enum Message {
    /// Another thread woke this task.
    Wake(Arc<Header>),
    /// Another thread spawned this task.
    Spawn(RemoteSpawn),
    /// The job of this number on the blocking pool has come to its end.
    JobDone(u64),
}

/// A task on its way in from another thread.
pub(crate) struct RemoteSpawn {
    pub(crate) parcel: Box<dyn Parcel>,
    /// The line that spawned it.
    pub(crate) at: &'static Location<'static>,
}

/// What may travel through the inbox and becomes a task at its end.
pub(crate) trait Parcel: Send {
    /// Called on the runtime's thread. It runs no foreign code.
    fn unpack(self: Box<Self>, header: Arc<Header>) -> Task;
}

/// A task, as it is moved about: from its slot to the run queue, to the executor, and back.
pub(crate) type Task = Pin<Box<dyn Runnable>>;

/// What the machine does with a task without knowing its future.
pub(crate) trait Runnable {
    /// One poll. `running` says meanwhile which task it is.
    fn run(self: Pin<&mut Self>, running: &Running) -> Polled;
    /// How often it was polled, modulo 2³²: one instruction a poll is all that is spent on it.
    fn polls(&self) -> u32;
    fn header(&self) -> &Arc<Header>;
    /// Takes the header out of a task that has ended, and drops the rest.
    fn retire(self: Pin<Box<Self>>) -> Option<Arc<Header>>;
}

/// Where a task goes after a poll.
#[derive(Clone, Copy)]
pub(crate) enum Polled {
    /// It waits, in its slot.
    Waits,
    /// It was woken during the poll: back to the run queue.
    WokenAgain,
    /// It has ended.
    Ended(End),
}

/// The task that is being polled.
#[derive(Default)]
pub(crate) struct Running {
    /// The address of its header, which is what its wakers hold; 0 between polls.
    header: Cell<usize>,
    task: Cell<u64>,
    slot: Cell<u32>,
    polls: Cell<u32>,
    /// It was woken during the poll: it goes back to the run queue when the poll is over.
    woken: Cell<bool>,
}

impl Running {
    /// A poll begins.
    #[inline(always)]
    pub(crate) fn begin(&self, header: &Header, polls: u32) {
        self.header.set(ptr::from_ref(header).addr());
        self.task.set(header.task());
        self.slot.set(header.slot());
        self.polls.set(polls);
        self.woken.set(false);
    }

    /// The poll is over.
    #[inline(always)]
    pub(crate) fn end(&self) {
        self.header.set(0);
    }

    /// The number of the task whose poll began last.
    #[inline(always)]
    pub(crate) fn last(&self) -> u64 {
        self.task.get()
    }

    /// The slot of that task.
    #[inline(always)]
    pub(crate) fn last_slot(&self) -> u32 {
        self.slot.get()
    }

    /// The number and the slot of the task that is being polled, and how often that was done.
    pub(crate) fn get(&self) -> Option<(u64, u32, u32)> {
        let all = (self.task.get(), self.slot.get(), self.polls.get());
        (self.header.get() != 0).then_some(all)
    }

    /// Whether a waker that holds this is one of the task that is being polled.
    pub(crate) fn is(&self, data: *const ()) -> bool {
        self.header.get() == data.addr()
    }

    /// A wake of a task that does not wait: says whether it is being polled, and wakes it for the first time.
    #[inline(always)]
    pub(crate) fn wake(&self, header: &Header) -> bool {
        self.is(ptr::from_ref(header).cast()) && !self.woken.replace(true)
    }

    pub(crate) fn is_woken(&self) -> bool {
        self.woken.get()
    }
}

/// Names one task of one runtime.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    /// The task's number: 1, 2, 3, ... in the order of spawning. Never used twice.
    pub(crate) task: u64,
    /// Its slot, where it lies while it waits, or [`Key::ROOT`] or [`Key::JOB`]. No other task is given
    /// the slot before this one has ended.
    pub(crate) slot: u32,
}

impl Key {
    /// The slot of the future that `block_on` was given: it lives on the stack of the caller.
    pub(crate) const ROOT: u32 = u32::MAX;
    /// The slot of a job on the blocking pool.
    pub(crate) const JOB: u32 = u32::MAX - 1;
}

/// Where a task is.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum State {
    /// In its slot.
    Waits,
    /// On the run queue, or in its poll.
    Ready,
    /// It is gone, and a waker of it is left.
    Ended,
}

/// See the file's heading.
pub(crate) struct Header {
    /// Which task it is. Written only while the executor is the header's one holder.
    task: AtomicU64,
    slot: AtomicU32,
    /// A [`State`]. The owner's thread only, so relaxed.
    state: AtomicU8,
    /// A wake of the task lies in the inbox, or is about to: see [`Mark`].
    mark: Mark,
    inbox: Arc<Inbox<Message>>,
}

impl Header {
    /// A header for a task that is about to be put on the run queue.
    fn new(key: Key, inbox: Arc<Inbox<Message>>) -> Arc<Header> {
        Arc::new(Header {
            task: AtomicU64::new(key.task),
            slot: AtomicU32::new(key.slot),
            state: AtomicU8::new(State::Ready as u8),
            mark: Mark::new(),
            inbox,
        })
    }

    /// Gives a free header to another task.
    fn reuse(&self, key: Key) {
        self.task.store(key.task, Ordering::Relaxed);
        self.slot.store(key.slot, Ordering::Relaxed);
        self.set(State::Ready);
    }

    /// Whether no waker of the task is left.
    ///
    /// The count is read without a locked instruction. That is enough: if it is one, the
    /// executor holds the only reference, and a second one can be made only through
    /// it. The fence orders what the last other holder did before what happens from here.
    #[inline]
    pub(crate) fn is_free(header: &Arc<Header>) -> bool {
        let alone = Arc::strong_count(header) == 1;
        if alone {
            fence(Ordering::Acquire);
        }
        alone
    }

    /// Whether nothing can wake the task: no waker of it is left, and it waits.
    pub(crate) fn is_stranded(self: &Arc<Header>) -> bool {
        Header::is_free(self) && self.is(State::Waits)
    }

    #[inline]
    pub(crate) fn task(&self) -> u64 {
        self.task.load(Ordering::Relaxed)
    }

    #[inline]
    pub(crate) fn slot(&self) -> u32 {
        self.slot.load(Ordering::Relaxed)
    }

    #[inline(always)]
    fn is(&self, state: State) -> bool {
        self.state.load(Ordering::Relaxed) == state as u8
    }

    #[inline(always)]
    fn set(&self, state: State) {
        self.state.store(state as u8, Ordering::Relaxed);
    }

    /// Owner: whether the task waits; from now on it is ready.
    #[inline(always)]
    pub(crate) fn wake(&self) -> bool {
        let waits = self.is(State::Waits);
        if waits {
            self.set(State::Ready);
        }
        waits
    }

    /// Owner: a poll is over, and the task has not ended.
    #[inline(always)]
    pub(crate) fn poll_ends(&self, running: &Running) -> Polled {
        if running.is_woken() {
            return Polled::WokenAgain;
        }
        self.set(State::Waits);
        Polled::Waits
    }

    /// Owner: the task has ended, and a waker of it is still held. Waking it does
    /// nothing from now on.
    pub(crate) fn never_again(&self) {
        self.set(State::Ended);
    }

    /// What the thread-local run queue is compared with.
    #[inline]
    pub(crate) fn home(&self) -> usize {
        Arc::as_ptr(&self.inbox).addr()
    }

    pub(crate) fn inbox(&self) -> &Inbox<Message> {
        &self.inbox
    }

    pub(crate) fn mark(&self) -> &Mark {
        &self.mark
    }
}

/// The headers of tasks that have ended, for tasks to come.
#[derive(Default)]
pub(crate) struct SpareHeaders(RefCell<Vec<Arc<Header>>>);

impl SpareHeaders {
    /// So many are kept. One is 48 bytes.
    const MOST: usize = 16 * 1024;

    /// A header for a task to come.
    #[inline(always)]
    pub(crate) fn header(&self, key: Key, inbox: &Arc<Inbox<Message>>) -> Arc<Header> {
        let spare = self.0.borrow_mut().pop();
        match spare {
            Some(header) => {
                header.reuse(key);
                header
            }
            None => Header::new(key, Arc::clone(inbox)),
        }
    }

    /// Keeps a header for the next task, unless a waker of this one is still held.
    #[inline(always)]
    pub(crate) fn retire(&self, header: Arc<Header>) {
        if !Header::is_free(&header) {
            return header.never_again();
        }
        let mut spare = self.0.borrow_mut();
        if spare.len() < SpareHeaders::MOST {
            spare.push(header);
        }
    }

    /// Gives back all but so many.
    pub(crate) fn give_back(&self, kept: usize) {
        let mut spare = self.0.borrow_mut();
        spare.truncate(kept);
        spare.shrink_to_fit();
    }
}
