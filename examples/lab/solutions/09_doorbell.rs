//! A solution of stage 9: a wake from another thread.

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
        if self.parked.swap(false, Ordering::AcqRel) {
            self.waker.wake().unwrap();
        }
    }

    /// One turn of the reactor. The thread sleeps in it, at most for the timeout, if `is_idle` says that the queue
    /// is empty. If it is not, the reactor only looks what has changed meanwhile.
    pub fn turn(
        &self,
        reactor: &Reactor,
        is_idle: impl FnOnce() -> bool,
        timeout: Option<Duration>,
    ) -> io::Result<()> {
        self.parked.store(true, Ordering::Release);
        let timeout = if is_idle() {
            timeout
        } else {
            Some(Duration::ZERO)
        };
        let done = reactor.turn(timeout);
        self.parked.store(false, Ordering::Release);
        done
    }
}
