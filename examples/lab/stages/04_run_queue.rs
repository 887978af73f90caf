//! # Stage 4 of 10: a run queue, and spawn
//!
//! A **task** is a future that was handed to the runtime. With many tasks on one thread, a waker must say *which*
//! one is to be polled. So the tasks lie in a **slab** (a vector whose places are used again), a waker holds the
//! number of its task's place, and to wake is to put this number at the back of a queue, the **run queue**. The
//! executor takes numbers off the front, and polls these tasks. So each task that is ready has its turn before any
//! has a second one. A task that waits is not polled: it costs nothing.
//!
//! While a task is polled, it may spawn another. It needs the slab then. So the executor must not hold the slab:
//! it takes the future out (`None` is left in its place), polls it, and puts it back if it is pending.
//!
//! The lines with `told` are for the account that you see when something goes wrong. They do nothing else.
//!
//! Write the three holes. Read stop 4 of NOTES.md.

use lab::told::{Deed, told};
use slab::Slab;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::panic::Location;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

/// A future in a box, so that it may be moved without being moved in memory.
pub type BoxFuture = Pin<Box<dyn Future<Output = ()>>>;

/// Who is polled next. A waker may be called on any thread, so it has a lock.
#[derive(Default)]
pub struct RunQueue(Mutex<VecDeque<usize>>);

impl RunQueue {
    fn push(&self, key: usize) {
        self.0.lock().unwrap().push_back(told(Deed::Queues, key));
    }

    fn pop(&self) -> Option<usize> {
        self.0.lock().unwrap().pop_front()
    }
}

/// What the waker of a task holds.
struct TaskWaker {
    key: usize,
    queue: Arc<RunQueue>,
}

impl Wake for TaskWaker {
    fn wake(self: Arc<Self>) {
        todo!("wake: put the task's key on the queue")
    }
}

/// The tasks, and who of them is next.
#[derive(Default)]
pub struct Executor {
    tasks: RefCell<Slab<Option<BoxFuture>>>,
    queue: Arc<RunQueue>,
}

impl Executor {
    /// Makes a task of a future. It runs later, in [`Executor::run`].
    #[track_caller]
    pub fn spawn(&self, future: impl Future<Output = ()> + 'static) {
        self.put(Location::caller(), Box::pin(future));
    }

    fn put(&self, line: &'static Location<'static>, future: BoxFuture) {
        todo!(
            "put: put the future into the slab, as `Some(future)` (`insert` gives its key), and \
             the key on the queue. (For the account: `told(Deed::Spawns(line), key)`.)"
        )
    }

    /// Polls what is on the queue, until it is empty.
    pub fn run(&self) {
        while let Some(key) = self.queue.pop() {
            self.poll_task(key);
        }
    }

    /// How many tasks have not ended.
    pub fn tasks(&self) -> usize {
        self.tasks.borrow().len()
    }

    fn poll_task(&self, key: usize) {
        // A waker may be called when its task has ended: then there is nothing to poll.
        let taken = self.tasks.borrow_mut().get_mut(key).and_then(Option::take);
        let Some(mut future) = taken else { return };
        told(Deed::Polls, key);
        let waker = Waker::from(Arc::new(TaskWaker {
            key,
            queue: self.queue.clone(),
        }));
        todo!(
            "poll_task: poll the future with a context made of the waker. Pending: put it back \
             into its place. Ready: remove its place from the slab. The slab must not be borrowed \
             while the future is polled, nor while it is dropped"
        )
    }
}
