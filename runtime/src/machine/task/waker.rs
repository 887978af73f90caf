//! Waking: how a task gets back on the run queue.
//!
//! A future that answers `Pending` has promised to keep the [`Waker`] it
//! was given and to call it when it is worth polling again. A waker may be cloned, kept
//! for years, sent to another thread and called at any time, even after the task is gone.
//! So what is behind it must be counted, `Send` and `Sync`: an `Arc` of the task's header,
//! which [`ArcWake`] turns into a waker without an unsafe line.
//!
//! There are two ways to the queue:
//!
//! * **On the runtime's own thread** the key is pushed on the run queue. No lock, no
//!   locked instruction: the header's `queued` flag is read and written relaxed, because
//!   only this thread ever does.
//! * **From anywhere else** the header itself is left in the inbox, once, and the owner's
//!   thread is unparked if it sleeps. The owner then does what the first way does, when it takes
//!   the message out.
//!
//! The flag is lowered just *before* a poll. A wake during the poll raises it again and
//! queues the task once more: what happened after the future looked is not lost. A wake
//! that finds it raised does nothing: the poll that is to come will see whatever happened.

use std::sync::{Arc, LazyLock};
use std::task::{RawWakerVTable, Waker};

use futures_task::{ArcWake, waker_ref};

use super::{Header, Message};
use crate::machine::inbox::Inbox;
use crate::machine::run_queue::{self, Key};

impl ArcWake for Header {
    #[inline]
    fn wake_by_ref(header: &Arc<Header>) {
        if !run_queue::push_local(header.home(), || header.queue_up()) {
            send(header);
        }
    }

    #[inline]
    fn wake(self: Arc<Header>) {
        Header::wake_by_ref(&self);
    }
}

/// The functions of a task's waker, by which it can be told from others.
static FUNCTIONS: LazyLock<&RawWakerVTable> = LazyLock::new(|| {
    let key = Key { task: 0, index: 0 };
    let header = Header::new(key, Arc::new(Inbox::new(|| {})));
    waker_ref(&header).vtable()
});

/// Whether a waker is a task's, of any runtime of this crate: then it holds a header, and nothing
/// else. (The compiler may make several copies of one table; so what is in them is compared.)
pub(crate) fn is_task(waker: &Waker) -> bool {
    waker.vtable() == *FUNCTIONS
}

#[cold]
fn send(header: &Arc<Header>) {
    let message = || Message::Wake(Arc::clone(header));
    header.inbox().send_once(header.mark(), message);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_waker_of_a_task_is_told_from_others() {
        let key = Key { task: 1, index: 0 };
        let header = Header::new(key, Arc::new(Inbox::new(|| {})));
        assert!(is_task(&waker_ref(&header)));
        assert!(is_task(&waker_ref(&header).clone()));
        assert!(!is_task(Waker::noop()));
    }
}
