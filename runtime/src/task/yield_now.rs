//! Giving the thread back: one poll answers `Pending` and wakes its own task, the next is ready.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Lets every other task that is ready run before this one goes on.
///
/// The task goes to the back of the run queue. The driver is *not* asked each time, as it
/// is in Tokio; it is asked every [`event_interval`](crate::runtime::Builder::event_interval)
/// polls, so that a task which yields for ever starves neither sockets nor timers.
///
/// # Cancel safety
///
/// Cancel safe: dropping it only means not to wait for the turn.
///
/// ```
/// # #[runtime::main] async fn main() {
/// let other = runtime::spawn(async { "was here" });
/// runtime::task::yield_now().await;
/// assert!(other.is_finished());
/// # }
/// ```
pub fn yield_now() -> impl Future<Output = ()> {
    YieldNow { yielded: false }
}

struct YieldNow {
    yielded: bool,
}

impl Future for YieldNow {
    type Output = ();

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.yielded {
            return Poll::Ready(());
        }
        self.yielded = true;
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}
