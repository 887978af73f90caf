//! The floor's machine: its state, and what a waker does to it.
//!
//! A wake on the owner thread pushes the task's key. A wake from elsewhere goes to the inbox and, if
//! the owner is parked, through mio's waker. The executor runs what lies here (`executor.rs`), a
//! spawn puts a task here (`task.rs`), and a sleep waits here (`time.rs`).

use super::ring::Ring;
use futures_task::{ArcWake, waker_ref};
use mio::{Events, Poll as Poller};
use slab::Slab;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::atomic::{
    AtomicBool, AtomicUsize,
    Ordering::{AcqRel, Relaxed, SeqCst},
};
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll};

thread_local! {
    /// The machine that runs on this thread now, if any.
    pub(super) static CURRENT: RefCell<Option<Rc<Machine>>> = const { RefCell::new(None) };
}

/// One executor with its timers.
pub(super) struct Machine {
    pub(super) number: u64,
    pub(super) tasks: RefCell<Slab<Option<Box<Task>>>>,
    pub(super) queue: RefCell<VecDeque<usize>>,
    // The boxes are what is kept: they go back into the slab as they are.
    #[allow(clippy::vec_box)]
    pub(super) spare: RefCell<Vec<Box<Task>>>,
    pub(super) ring: RefCell<Ring>,
    pub(super) inbox: Arc<Inbox>,
    pub(super) poll: RefCell<(Poller, Events)>,
}

/// The wakes from other threads.
pub(super) struct Inbox {
    pub(super) headers: Mutex<Vec<Arc<Header>>>,
    pub(super) filled: AtomicBool,
    pub(super) parked: AtomicBool,
    pub(super) waker: mio::Waker,
}

/// A spawned future and its header. Used again for another one when it has ended.
pub(super) struct Task {
    future: Option<Pin<Box<dyn Future<Output = ()>>>>,
    pub(super) header: Arc<Header>,
}

/// What a waker knows: which task of which machine, and whether it is on its way already.
///
/// There are two flags, because the owner thread must not pay for the others. `queued` belongs to
/// the owner alone and is never more than a plain store. `posted` is for the other threads, and
/// its both ends are swaps: a caller that finds it set has, by that very swap, made its news
/// visible to the owner's swap that clears it, and the owner polls after that.
pub(super) struct Header {
    key: AtomicUsize,
    queued: AtomicBool,
    posted: AtomicBool,
    home: u64,
    inbox: Arc<Inbox>,
}

/// The running machine; panics outside `block_on`.
pub(super) fn current<R>(f: impl FnOnce(&Rc<Machine>) -> R) -> R {
    CURRENT.with_borrow(|machine| f(machine.as_ref().expect("inside block_on")))
}

/// The running machine, if there is one: a timer that outlives `block_on` has nothing to undo.
pub(super) fn if_running<R>(f: impl FnOnce(&Rc<Machine>) -> R) -> Option<R> {
    CURRENT.with_borrow(|machine| machine.as_ref().map(f))
}

impl Machine {
    /// A new header for the key.
    pub(super) fn header(&self, key: usize) -> Arc<Header> {
        Arc::new(Header::new(key, self.number, Arc::clone(&self.inbox)))
    }

    /// Puts the task in the slab and its key in the queue.
    pub(super) fn insert(&self, future: Pin<Box<dyn Future<Output = ()>>>) {
        let mut tasks = self.tasks.borrow_mut();
        let entry = tasks.vacant_entry();
        let key = entry.key();
        let spare = self.spare.borrow_mut().pop();
        let mut task = spare.unwrap_or_else(|| {
            let header = self.header(key);
            Box::new(Task {
                future: None,
                header,
            })
        });
        task.header.key.store(key, Relaxed);
        task.header.queued.store(true, Relaxed);
        task.future = Some(future);
        entry.insert(Some(task));
        self.queue.borrow_mut().push_back(key);
    }
}

impl Inbox {
    /// A wake from another thread.
    pub(super) fn push(&self, header: Arc<Header>) {
        self.lock().push(header);
        self.filled.store(true, SeqCst);
        if self.parked.swap(false, SeqCst) {
            let _ = self.waker.wake();
        }
    }

    /// The headers that wait for the owner.
    pub(super) fn lock(&self) -> MutexGuard<'_, Vec<Arc<Header>>> {
        self.headers.lock().expect("no panic under the lock")
    }
}

impl Task {
    pub(super) fn poll(&mut self) -> Poll<()> {
        let waker = waker_ref(&self.header);
        match &mut self.future {
            Some(future) => future.as_mut().poll(&mut Context::from_waker(&waker)),
            None => Poll::Ready(()),
        }
    }

    /// Drops the future.
    pub(super) fn clear(&mut self) {
        self.future = None;
    }
}

impl Header {
    pub(super) fn new(key: usize, home: u64, inbox: Arc<Inbox>) -> Self {
        Self {
            key: AtomicUsize::new(key),
            queued: AtomicBool::new(false),
            posted: AtomicBool::new(false),
            home,
            inbox,
        }
    }

    /// Puts the key into the owner's queue, unless it is there.
    pub(super) fn enqueue(&self, machine: &Machine) {
        if !self.queued.load(Relaxed) {
            self.queued.store(true, Relaxed);
            machine.queue.borrow_mut().push_back(self.key.load(Relaxed));
        }
    }

    /// The owner has this header out of the inbox: the next wake from outside counts again.
    pub(super) fn unpost(&self) {
        self.posted.swap(false, AcqRel);
    }

    /// The task is about to be polled: the next wake of the owner's counts again.
    pub(super) fn unqueue(&self) {
        self.queued.store(false, Relaxed);
    }
}

impl ArcWake for Header {
    fn wake_by_ref(header: &Arc<Self>) {
        let at_home = if_running(|machine| {
            let at_home = machine.number == header.home;
            if at_home {
                header.enqueue(machine);
            }
            at_home
        });
        if at_home != Some(true) && !header.posted.swap(true, AcqRel) {
            header.inbox.push(Arc::clone(header));
        }
    }
}
