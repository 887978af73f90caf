//! A future that forgets its waker.
//!
//! The contract of a future: a future that answers `Pending` must have left the waker somewhere,
//! so that it will be called. This future leaves it nowhere. Its task is not asleep
//! and not blocked; it is *stranded*: nothing can ever wake it, and no error is
//! raised. It is the commonest mistake in a first future, and the hardest to see.

use super::named;
use runtime::time::{Duration, sleep};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

pub(crate) const WATCH: &str = "The end of the forgetful task's only poll. It said Pending, and \
    the machine finds that no waker of it is left anywhere: the task is marked as stranded. The \
    other task runs to its end as if nothing had happened, and the program would hang.";

/// Is ready when asked for the second time. But it will not be asked.
struct Forgetful {
    asked: bool,
}

impl Future for Forgetful {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<()> {
        if self.asked {
            return Poll::Ready(());
        }
        self.asked = true;
        Poll::Pending // and where is the waker?
    }
}

pub(crate) fn start() {
    drop(named("forgetful", Forgetful { asked: false }));
    drop(named("healthy", sleep(Duration::from_millis(10))));
}
