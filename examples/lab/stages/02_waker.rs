//! # Stage 2 of 10: a waker
//!
//! To poll again and again burns the processor. So a thread that has nothing to poll sleeps: it **parks**. A
//! waker ends the sleep: it **unparks** the thread.
//!
//! There is one dangerous moment. The future is polled and says `Pending`. *Then* the waker is called. *Then* the
//! thread wants to sleep. If the call were forgotten, the thread would sleep for ever. So a waker does two things,
//! and their order counts: first it leaves a note, then it unparks the thread. The note is the flag `woken`. The
//! thread reads it before it sleeps, and again after each sleep: `park` may return without a reason.
//!
//! `std::task::Wake` turns a type of yours into a waker: `Waker::from(signal)` for a `signal: Arc<Signal>`.
//!
//! `lab::thread` has what you need of `std::thread`. It does the same, but in the check the lab plays the world
//! around your thread: it decides what happens while the thread is parked.
//!
//! Write the two holes. Read stop 2 of NOTES.md, and `examples/waker_thread.rs`.

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
        todo!(
            "wait: as long as there is no note, park. Take the note away as you read it: \
             `self.woken.swap(false, Ordering::Acquire)`"
        )
    }
}

impl Wake for Signal {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        todo!("wake: leave the note (`store` with `Ordering::Release`), and then unpark the thread")
    }
}
