//! The header: which task to queue, for everyone who holds a waker.
//!
//! It is the one part of a task that crosses threads, and the one that may outlive it, so
//! it holds nothing but numbers and the way to the inbox.

use std::panic::Location;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering, fence};

use super::parcel::Parcel;
use crate::machine::inbox::{Inbox, Mark};
use crate::machine::run_queue::Key;

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

/// See the file's heading.
pub(crate) struct Header {
    /// Who to queue. Written only while the executor is the header's one holder.
    task: AtomicU64,
    index: AtomicU32,
    /// The task's key is on the run queue, or the task has ended and never will be again.
    /// The owner's thread only, so relaxed.
    queued: AtomicBool,
    /// A wake of the task lies in the inbox, or is about to: see [`Mark`].
    mark: Mark,
    inbox: Arc<Inbox<Message>>,
}

impl Header {
    /// A header for a task that is about to be put on the run queue.
    pub(crate) fn new(key: Key, inbox: Arc<Inbox<Message>>) -> Arc<Header> {
        Arc::new(Header {
            task: AtomicU64::new(key.task),
            index: AtomicU32::new(key.index),
            queued: AtomicBool::new(true),
            mark: Mark::new(),
            inbox,
        })
    }

    /// Gives a free header to another task.
    pub(crate) fn reuse(&self, key: Key) {
        self.task.store(key.task, Ordering::Relaxed);
        self.index.store(key.index, Ordering::Relaxed);
        self.queued.store(true, Ordering::Relaxed);
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

    /// Whether no one can wake the task: no waker of it is left, and it is not queued.
    pub(crate) fn is_stranded(self: &Arc<Header>) -> bool {
        Header::is_free(self) && !self.queued.load(Ordering::Relaxed)
    }

    #[inline]
    pub(crate) fn key(&self) -> Key {
        Key {
            task: self.task(),
            index: self.index.load(Ordering::Relaxed),
        }
    }

    #[inline]
    pub(crate) fn task(&self) -> u64 {
        self.task.load(Ordering::Relaxed)
    }

    /// Owner: the key to push, unless it is on the queue already.
    #[inline]
    pub(crate) fn queue_up(&self) -> Option<Key> {
        if self.queued.load(Ordering::Relaxed) {
            return None;
        }
        self.queued.store(true, Ordering::Relaxed);
        Some(self.key())
    }

    /// Owner: the key is off the queue, the poll begins.
    #[inline]
    pub(crate) fn dequeued(&self) {
        self.queued.store(false, Ordering::Relaxed);
    }

    /// Owner: the task has ended, and a waker of it is still held. Waking it does
    /// nothing from now on.
    pub(crate) fn never_again(&self) {
        self.queued.store(true, Ordering::Relaxed);
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
