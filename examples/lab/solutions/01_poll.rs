//! A solution of stage 1: a future, polled by hand.

use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

/// Pending for so many polls, and then ready.
pub struct Countdown {
    /// How many polls are left in which it says `Pending`.
    pub left: u32,
}

impl Future for Countdown {
    type Output = &'static str;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<&'static str> {
        if self.left == 0 {
            return Poll::Ready("lift-off");
        }
        self.left -= 1;
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

/// Polls a future, again and again, until it is ready. Gives its output, and how many polls it took.
pub fn poll_to_the_end<F: Future>(future: F) -> (F::Output, u32) {
    // A promise that the future stays where it is: only then may it be polled.
    let mut future = pin!(future);
    // A waker that does nothing. This function needs none, as it polls without being asked.
    let mut cx = Context::from_waker(Waker::noop());
    let mut polls = 0;
    loop {
        polls += 1;
        if let Poll::Ready(output) = future.as_mut().poll(&mut cx) {
            return (output, polls);
        }
    }
}
