//! A solution of stage 2: a waker.

use lab::thread::{self, Thread};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Wake;

/// A note for a thread: "you were woken".
pub struct Signal {
    /// The note itself.
    pub woken: AtomicBool,
    thread: Thread,
}

impl Signal {
    /// A note for the thread that calls.
    pub fn for_this_thread() -> Arc<Signal> {
        Arc::new(Signal {
            woken: AtomicBool::new(false),
            thread: thread::current(),
        })
    }

    /// Sleeps until the note is there, and takes it away. Does not sleep at all if it is there already.
    pub fn wait(&self) {
        while !self.woken.swap(false, Ordering::Acquire) {
            thread::park();
        }
    }
}

impl Wake for Signal {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.woken.store(true, Ordering::Release);
        self.thread.unpark();
    }
}
