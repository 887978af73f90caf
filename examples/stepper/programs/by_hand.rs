//! An `async fn`, and beside it what the compiler makes of one.
//!
//! A future is a machine with states: one for the beginning, one for each `.await`, one for the end. A
//! state's fields are what the function still needs after its `.await`, and the future for which it waits.
//! To poll the machine is to go on from its state, as far as it goes. Here the same function is written
//! twice: once as an `async fn`, and once as the `enum` that it becomes.
//!
//! The compiler's own machine has no box: it keeps each inner future in place. To do that by hand takes
//! `unsafe` code, or a macro that hides it.

use super::{named, note};
use runtime::time::{Duration, Sleep, sleep};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

pub(crate) const WATCH: &str = "STATE: the state of the machine by hand, and its fields. It changes only \
    inside a poll. Both tasks do the same, event for event: a poll goes from one .await to the next. \
    Each poll of the machine by hand begins at its top, and the state says which arm it takes; the async fn goes \
    on after its .await. Between two polls, a task is nothing but such a value.";

pub(crate) fn start() {
    drop(named("compiled", compiled(3)));
    let by_hand = ByHand::Start { rows: 3 };
    by_hand.tell();
    drop(named("by hand", by_hand));
}

async fn compiled(rows: u32) -> u32 {
    sleep(Duration::from_millis(10)).await;
    let woven = rows + 1;
    sleep(Duration::from_millis(20)).await;
    woven
}

enum ByHand {
    /// Not polled yet: it has only what it was called with.
    Start { rows: u32 },
    /// At the first `.await`.
    First { rows: u32, sleep: Pin<Box<Sleep>> },
    /// At the second. `rows` is not needed any more.
    Second { woven: u32, sleep: Pin<Box<Sleep>> },
    /// It has given its value away. To poll it again is a mistake.
    Done,
}

impl Future for ByHand {
    type Output = u32;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<u32> {
        loop {
            match &mut *self {
                ByHand::Start { rows } => {
                    let (rows, sleep) = (*rows, Box::pin(sleep(Duration::from_millis(10))));
                    self.go_to(ByHand::First { rows, sleep });
                }
                ByHand::First { rows, sleep: timer } => {
                    ready!(timer.as_mut().poll(cx)); // Pending: stay in this state
                    let (woven, sleep) = (*rows + 1, Box::pin(sleep(Duration::from_millis(20))));
                    self.go_to(ByHand::Second { woven, sleep });
                }
                ByHand::Second { woven, sleep } => {
                    ready!(sleep.as_mut().poll(cx));
                    let woven = *woven;
                    self.go_to(ByHand::Done);
                    return Poll::Ready(woven);
                }
                ByHand::Done => panic!("polled after its end"),
            }
        }
    }
}

impl ByHand {
    /// The next state. What was in the one before is dropped.
    fn go_to(&mut self, next: ByHand) {
        next.tell();
        *self = next;
    }

    /// Shows its state to the reader.
    fn tell(&self) {
        let text = match self {
            ByHand::Start { rows } => format!("Start {{ rows: {rows} }}"),
            ByHand::First { rows, .. } => format!("First {{ rows: {rows}, sleep }}"),
            ByHand::Second { woven, .. } => format!("Second {{ woven: {woven}, sleep }}"),
            ByHand::Done => "Done".to_owned(),
        };
        note("by hand", text);
    }
}
