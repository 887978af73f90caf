//! The floor's sleep: a deadline, and an entry in the machine's ring while it waits.

use super::machine::{current, if_running};
use super::ring::NONE;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

/// A future that is ready once its deadline has passed.
pub(crate) struct Sleep {
    deadline: Instant,
    entry: u32,
}

/// Waits until `duration` has elapsed.
pub(crate) fn sleep(duration: Duration) -> Sleep {
    Sleep {
        deadline: Instant::now() + duration,
        entry: NONE,
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.entry == NONE {
            let deadline = self.deadline;
            self.entry = current(|m| m.ring.borrow_mut().insert(deadline, cx.waker().clone()));
            return Poll::Pending;
        }
        if Instant::now() >= self.deadline {
            // The ring took the entry out when it woke us.
            self.entry = NONE;
            return Poll::Ready(());
        }
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        if self.entry != NONE {
            drop(if_running(|m| m.ring.borrow_mut().remove(self.entry)));
        }
    }
}
