//! # Stage 1 of 10: a future, polled by hand
//!
//! A future is a value with one method, `poll`. A call of it runs some code and answers `Ready`, with a
//! result, or `Pending`: "not yet, ask me again". That is all that a runtime has to do with futures: it calls
//! `poll` at the right moments.
//!
//! Here you write both sides: a future, and code that polls a future until it is ready.
//!
//! The future has one duty. If it answers `Pending`, it must see to it that its **waker** is called when
//! polling is worth while. The waker is in the context: `cx.waker()`. This future has nothing to wait for. So it
//! calls the waker itself, at once: "poll me again".
//!
//! Write the two holes. Read stop 1 of NOTES.md, and `examples/poll_by_hand.rs`.

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
        todo!(
            "the countdown's poll: at zero it is ready, with \"lift-off\". Above zero it counts \
             down by one, calls its waker (`cx.waker().wake_by_ref()`) and is pending"
        )
    }
}

/// Polls a future, again and again, until it is ready. Gives its output, and how many polls it took.
pub fn poll_to_the_end<F: Future>(future: F) -> (F::Output, u32) {
    // A promise that the future stays where it is: only then may it be polled.
    let mut future = pin!(future);
    // A waker that does nothing. This function needs none, as it polls without being asked.
    let mut cx = Context::from_waker(Waker::noop());
    todo!(
        "poll_to_the_end: call `future.as_mut().poll(&mut cx)` in a loop and count the calls. \
         When it says Ready, return the output and the count"
    )
}
