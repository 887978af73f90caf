//! mio's poll and mio's waker, with two differences: they tell when the thread sleeps and is back, and they
//! count. With a made clock, a wait in which no event comes does not take time: the clock jumps to its end.

use crate::account::note;
use crate::clock;
use crate::told::{Deed, told};
use mio::event::Events;
use mio::{Registry, Token};
use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

static ASLEEP: AtomicBool = AtomicBool::new(false);

/// Whether a thread sleeps, or is about to. (Not if it only looks, with a timeout of zero, nor if the sleep is a
/// jump of a made clock.)
pub fn is_asleep() -> bool {
    ASLEEP.load(Ordering::Acquire)
}

/// Makes a call in which the thread sleeps. Meanwhile [`is_asleep`] says so.
pub(crate) fn asleep<T>(call: impl FnOnce() -> T) -> T {
    ASLEEP.store(true, Ordering::Release);
    let done = call();
    ASLEEP.store(false, Ordering::Release);
    done
}

/// `mio::Poll`: where the thread sleeps until the kernel has something to say.
#[derive(Debug)]
pub struct Poll {
    inner: mio::Poll,
}

impl Poll {
    /// Makes one.
    ///
    /// # Errors
    ///
    /// The kernel's, if it gives no epoll (kqueue).
    pub fn new() -> io::Result<Poll> {
        let inner = mio::Poll::new()?;
        Ok(Poll { inner })
    }

    /// Where sources are registered.
    pub fn registry(&self) -> &Registry {
        self.inner.registry()
    }

    /// Sleeps until an event comes or the timeout is over; without one, until an event comes.
    ///
    /// # Errors
    ///
    /// The kernel's; `Interrupted` is no error here, but no event.
    pub fn poll(&mut self, events: &mut Events, timeout: Option<Duration>) -> io::Result<()> {
        let looks_only = timeout == Some(Duration::ZERO);
        if looks_only {
            note("machine: the thread asks the kernel, without sleeping");
        } else {
            told(Deed::Parks, 0);
        }
        let real = if clock::is_made() && timeout.is_some() {
            Some(Duration::ZERO)
        } else {
            timeout
        };
        let mut call = || self.inner.poll(events, real);
        let polled = if real == Some(Duration::ZERO) {
            call()
        } else {
            asleep(call)
        };
        match polled {
            Err(error) if error.kind() != io::ErrorKind::Interrupted => return Err(error),
            _ => {}
        }
        if let (true, Some(timeout)) = (events.is_empty(), timeout)
            && clock::is_made()
            && !looks_only
        {
            clock::advance(timeout);
            note(format!("the clock shows {} ms", clock::now().as_millis()));
        }
        if !looks_only {
            told(Deed::Unparks, events.iter().count());
        }
        Ok(())
    }
}

/// `mio::Waker`: ends the sleep in [`Poll::poll`], from any thread, by a system call.
#[derive(Debug)]
pub struct Waker {
    inner: mio::Waker,
    calls: AtomicUsize,
}

impl Waker {
    /// Makes one.
    ///
    /// # Errors
    ///
    /// The kernel's, if it gives no eventfd.
    pub fn new(registry: &Registry, token: Token) -> io::Result<Waker> {
        let inner = mio::Waker::new(registry, token)?;
        Ok(Waker {
            inner,
            calls: AtomicUsize::new(0),
        })
    }

    /// Ends the sleep; if the thread does not sleep, its next sleep ends at once.
    ///
    /// # Errors
    ///
    /// The kernel's.
    pub fn wake(&self) -> io::Result<()> {
        note("a system call tells the kernel to end the sleep");
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.inner.wake()
    }

    /// How many system calls it has made.
    pub fn calls(&self) -> usize {
        self.calls.load(Ordering::Relaxed)
    }
}
