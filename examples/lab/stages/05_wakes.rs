//! # Stage 5 of 10: each wake counts, and none counts twice
//!
//! The executor of stage 4 works, but it is careless with wakes. Three things are better here:
//!
//! 1. A task that is woken ten times before its turn is queued once. A flag in its **header** says that it is
//!    queued already. (The header is what the wakers of a task hold. It can outlive the task.)
//! 2. A task that is woken *while it is polled* is polled once more. What it was woken for may have come after
//!    the poll had looked. So the flag must be taken down **before** the poll, and not after it.
//! 3. A waker can outlive its task, and another task can have the place by then. Such a **stale** waker must wake
//!    no other task. So each task has a number of its own, its *generation*, in its header and in its place, and
//!    the executor compares the two.
//!
//! The rest is as in stage 4, and is given: only the queue holds headers, and it can ring a bell. (That is for
//! stage 9.)
//!
//! Write the two holes. Read stops 4 and 5 of NOTES.md.

use lab::told::{Deed, told};
use slab::Slab;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::panic::Location;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

/// A future in a box, so that it may be moved without being moved in memory.
pub type BoxFuture = Pin<Box<dyn Future<Output = ()>>>;

/// Is called when something was put on the queue.
type Bell = Box<dyn Fn() + Send + Sync>;

/// Who is polled next.
pub struct RunQueue {
    headers: Mutex<VecDeque<Arc<Header>>>,
    bell: Bell,
}

impl RunQueue {
    fn push(&self, header: Arc<Header>) {
        told(Deed::Queues, header.key);
        self.headers.lock().unwrap().push_back(header);
        (self.bell)();
    }

    fn pop(&self) -> Option<Arc<Header>> {
        self.headers.lock().unwrap().pop_front()
    }

    fn len(&self) -> usize {
        self.headers.lock().unwrap().len()
    }
}

/// What the wakers of a task hold.
pub struct Header {
    /// The place of the task in the slab.
    key: usize,
    /// The number of the task. No other task ever has it.
    generation: u64,
    /// It is on the queue already.
    queued: AtomicBool,
    queue: Arc<RunQueue>,
}

impl Wake for Header {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        todo!(
            "wake: raise the flag `queued` (`swap(true, Ordering::AcqRel)` gives its old value), \
             and only if it was down, push the header (`self.clone()`) on the queue"
        )
    }
}

/// A place in the slab.
struct Task {
    generation: u64,
    /// `None` while it is polled.
    future: Option<BoxFuture>,
}

/// The tasks, and who of them is next.
pub struct Executor {
    tasks: RefCell<Slab<Task>>,
    queue: Arc<RunQueue>,
    next_generation: Cell<u64>,
}

impl Executor {
    /// Makes one without tasks. `bell` is called whenever a task goes on the queue, by the thread that wakes it.
    pub fn with_bell(bell: impl Fn() + Send + Sync + 'static) -> Executor {
        let queue = RunQueue {
            headers: Mutex::default(),
            bell: Box::new(bell),
        };
        Executor {
            tasks: RefCell::default(),
            queue: Arc::new(queue),
            next_generation: Cell::new(0),
        }
    }

    /// Makes a task of a future. It runs later, in [`Executor::run`].
    #[track_caller]
    pub fn spawn(&self, future: impl Future<Output = ()> + 'static) {
        let line = Location::caller();
        let generation = self.next_generation.replace(self.next_generation.get() + 1);
        let task = Task {
            generation,
            future: Some(Box::pin(future)),
        };
        let key = self.tasks.borrow_mut().insert(task);
        told(Deed::Spawns(line), key);
        let (queued, queue) = (AtomicBool::new(true), self.queue.clone());
        self.queue.push(Arc::new(Header {
            key,
            generation,
            queued,
            queue,
        }));
    }

    /// Polls what is on the queue, until it is empty.
    pub fn run(&self) {
        while self.round() {}
    }

    /// Polls each task that is on the queue now, once. Says whether there was any.
    pub fn round(&self) -> bool {
        let queued = self.queue.len();
        for header in (0..queued).map_while(|_| self.queue.pop()) {
            self.poll_task(&header);
        }
        queued > 0
    }

    /// Whether no task is to be polled.
    pub fn is_idle(&self) -> bool {
        self.queue.len() == 0
    }

    /// How many tasks have not ended.
    pub fn tasks(&self) -> usize {
        self.tasks.borrow().len()
    }

    /// Drops all tasks.
    pub fn clear(&self) {
        drop(self.tasks.take());
        while let Some(header) = self.queue.pop() {
            drop(header);
        }
    }

    fn poll_task(&self, header: &Arc<Header>) {
        let Header {
            key,
            generation,
            ref queued,
            ..
        } = **header;
        let waker = Waker::from(header.clone());
        todo!(
            "poll_task: take the flag `queued` down. Find the place (`get_mut(key)`), and go on \
             only if its generation is the header's and its future is there. Take the future out, \
             poll it, and put it back or remove its place, as in stage 4"
        )
    }
}
