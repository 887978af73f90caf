//! A solution of stage 4: a run queue, and `spawn`.

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
        self.queue.push(self.key);
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
        let key = self.tasks.borrow_mut().insert(Some(future));
        self.queue.push(told(Deed::Spawns(line), key));
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
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Pending => {
                self.tasks.borrow_mut()[told(Deed::PutsBack, key)] = Some(future);
            }
            Poll::Ready(()) => {
                self.tasks.borrow_mut().remove(told(Deed::Ends, key));
            }
        }
    }
}
