//! Waking: how a task gets back on the run queue.
//!
//! A future that answers `Pending` has promised to keep the [`Waker`](std::task::Waker) it
//! was given and to call it when it is worth polling again. A waker may be cloned, kept
//! for years, sent to another thread and called at any time, even after the task is gone.
//! So what is behind it must be counted, `Send` and `Sync`: an `Arc` of the task's header,
//! which [`ArcWake`] turns into a waker without an unsafe line.
//!
//! There are two ways to the run queue:
//!
//! * **On the runtime's own thread** the task is moved there from its slot. No lock, no
//!   locked instruction: the header's state is read and written relaxed, because
//!   only this thread ever does.
//! * **From anywhere else** the header itself is left in the inbox, once, and the owner's
//!   thread is unparked if it sleeps. The owner then does what the first way does, when it takes
//!   the message out.
//!
//! A wake during the task's own poll is noted, and the task goes back to the run queue when the poll is
//! over: what happened after the future looked is not lost. A wake of a task that is on the run queue
//! does nothing: the poll that is to come will see whatever happened.

use std::sync::Arc;

use futures_task::ArcWake;

use super::header::{Header, Message};
use crate::machine::run_queue;

impl ArcWake for Header {
    #[inline]
    fn wake_by_ref(header: &Arc<Header>) {
        if !run_queue::wake_local(header) {
            send(header);
        }
    }

    #[inline]
    fn wake(self: Arc<Header>) {
        Header::wake_by_ref(&self);
    }
}

#[cold]
fn send(header: &Arc<Header>) {
    let message = || Message::Wake(Arc::clone(header));
    header.inbox().send_once(header.mark(), message);
}
