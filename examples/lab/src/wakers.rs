//! The wakers of the checks. One kind counts. The other does something at once, when it is called or dropped: a
//! runtime does not know what a waker does, so it calls and drops one only while nothing of its own is borrowed.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Wake, Waker};

/// Gives wakers, and knows how often they were called, and how many are still kept.
#[derive(Debug, Default)]
pub struct Counted(Arc<Calls>);

#[derive(Debug, Default)]
struct Calls(AtomicU32);

impl Wake for Calls {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

impl Counted {
    /// One more waker.
    pub fn waker(&self) -> Waker {
        Waker::from(self.0.clone())
    }

    /// How often the wakers were called.
    pub fn calls(&self) -> u32 {
        self.0.0.load(Ordering::Relaxed)
    }

    /// How many wakers there are.
    pub fn kept(&self) -> usize {
        Arc::strong_count(&self.0) - 1
    }
}

struct Eager {
    when_called: fn(),
    when_dropped: fn(),
}

/// A waker that does this as soon as it is called. (A waker may hold only what may be sent to another thread. So it
/// holds a function, and what that one needs lies in a thread-local.)
pub fn when_called(deed: fn()) -> Waker {
    Waker::from(Arc::new(Eager {
        when_called: deed,
        when_dropped: || (),
    }))
}

/// A waker that does this when the last of its clones is dropped.
pub fn when_dropped(deed: fn()) -> Waker {
    Waker::from(Arc::new(Eager {
        when_called: || (),
        when_dropped: deed,
    }))
}

impl Wake for Eager {
    fn wake(self: Arc<Self>) {
        (self.when_called)();
    }
}

impl Drop for Eager {
    fn drop(&mut self) {
        (self.when_dropped)();
    }
}
