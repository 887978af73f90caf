//! # Stage 9 of 10: a wake from another thread
//!
//! Wakers may be sent to other threads. There a wake puts the task on the run queue, as here: the queue has a lock.
//! But the owner of the queue may be asleep in the kernel, and does not look. So the thread that wakes must end the
//! sleep, by a system call: `kernel::Waker` (mio's waker) writes to an eventfd, a counter in the kernel that the
//! sleeping thread watches as it watches its sockets.
//!
//! A system call for each wake would be too many: most wakes come from the thread itself, which is awake. So there
//! is a flag, `parked`. The owner raises it before it sleeps. The one that rings takes it down, and makes the
//! system call only if it was up. So of a thousand wakes at once, one makes the call.
//!
//! Here is the dangerous moment of stage 2 once more: the owner looks at the queue, and it is empty; *then* another
//! thread puts a task on it and rings; *then* the owner goes to sleep. So the owner must raise the flag **first**,
//! and look at the queue **after** that.
//!
//! Write the two holes. Read stops 7 and 8 of NOTES.md.

use lab::kernel;
pub use lab::solutions::s08::Reactor;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// What another thread rings when it has put a task on the run queue.
pub struct Doorbell {
    /// The owner sleeps, or is about to.
    parked: AtomicBool,
    /// What ends its sleep.
    pub waker: kernel::Waker,
}

impl Doorbell {
    /// A bell for the thread that owns the reactor.
    pub fn of(reactor: &Reactor) -> io::Result<Arc<Doorbell>> {
        let (parked, waker) = (AtomicBool::new(false), reactor.waker()?);
        Ok(Arc::new(Doorbell { parked, waker }))
    }

    /// Sees to it that the owner looks at the queue once more. Any thread may call it.
    pub fn ring(&self) {
        todo!(
            "ring: take the flag `parked` down (`swap(false, Ordering::AcqRel)` gives its old \
             value). If it was up, end the sleep: `self.waker.wake().unwrap()`"
        )
    }

    /// One turn of the reactor. The thread sleeps in it, at most for the timeout, if `is_idle` says that the queue
    /// is empty. If it is not, the reactor only looks what has changed meanwhile.
    pub fn turn(
        &self,
        reactor: &Reactor,
        is_idle: impl FnOnce() -> bool,
        timeout: Option<Duration>,
    ) -> io::Result<()> {
        todo!(
            "turn: raise the flag, ask `is_idle()`, call `reactor.turn` (with the timeout \
             `Some(Duration::ZERO)` if it is not idle), take the flag down, and return what the \
             reactor returned. In this order"
        )
    }
}
