//! The check of stage 1: a future, polled by hand.

use super::work::{Countdown, poll_to_the_end};
use lab::account::note;
use lab::examiner::{Case, Check, expect, fail};
use lab::probe::{Probe, times};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll, Wake, Waker};

pub const CHECK: Check = Check {
    title: "a future, polled by hand",
    stops: "stop 1",
    cases: &[
        Case {
            name: "a countdown from zero is ready in its first poll",
            run: zero,
            hangs: "Your poll does not return. A poll never waits: it looks, and answers.",
        },
        Case {
            name: "a countdown from two is pending twice, and then ready",
            run: two,
            hangs: "Your poll does not return. A poll never waits: it looks, and answers.",
        },
        Case {
            name: "a poll that says Pending has called the waker",
            run: wakes,
            hangs: "Your poll does not return. A poll never waits: it looks, and answers.",
        },
        Case {
            name: "a future that is ready is not polled once more",
            run: not_once_more,
            hangs: "poll_to_the_end does not return. It ought to poll until the future says Ready.",
        },
        Case {
            name: "poll_to_the_end gives the output and the number of polls",
            run: to_the_end,
            hangs: "poll_to_the_end does not return. It ought to poll until the future says Ready.",
        },
    ],
};

/// Counts its calls.
struct Calls(AtomicU32);

impl Wake for Calls {
    fn wake(self: Arc<Self>) {
        note("the waker is called");
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// Polls a countdown so often. Gives the answers, and how often the waker was called in each poll.
fn polled(left: u32, polls: usize) -> Vec<(bool, u32)> {
    let calls = Arc::new(Calls(AtomicU32::new(0)));
    let waker = Waker::from(calls.clone());
    let mut countdown = Countdown { left };
    let mut poll = || {
        let said = Pin::new(&mut countdown).poll(&mut Context::from_waker(&waker));
        note(format!(
            "check: polls the countdown from {left}, which says {said:?}"
        ));
        let is_right = matches!(said, Poll::Pending | Poll::Ready("lift-off"));
        expect(
            is_right,
            "The countdown is ready with another output than \"lift-off\".",
        );
        (said.is_ready(), calls.0.swap(0, Ordering::Relaxed))
    };
    (0..polls).map(|_| poll()).collect()
}

fn zero() {
    let is_ready = polled(0, 1)[0].0;
    expect(
        is_ready,
        "The countdown is at zero, and says Pending. It has nothing to wait for: it is ready.",
    );
}

fn two() {
    let said: Vec<bool> = polled(2, 3).into_iter().map(|it| it.0).collect();
    match said[..] {
        [false, false, true] => {}
        [_, _, false] => fail(
            "A countdown from 2 is still pending in its third poll. Each poll must count down by one: what \
             outlives a poll is in the future's fields.",
        ),
        _ => fail(
            "A countdown from 2 is ready too early. It says Pending as long as `left` is above zero, so twice; in \
             the third poll it finds zero, and is ready.",
        ),
    }
}

fn wakes() {
    let calls: Vec<u32> = polled(2, 3).into_iter().map(|it| it.1).collect();
    match calls[..] {
        [1, 1, 0] => {}
        [1, 1, calls] => fail(&format!(
            "The countdown has called its waker {} in the poll that says Ready. It is at its end: nothing will come \
             for which it ought to be polled again.",
            times(calls)
        )),
        [0, ..] | [_, 0, _] => fail(
            "The countdown said Pending and has not called its waker. Then a runtime never polls it again: it \
             waits until the waker is called, and nothing will call it. Each Pending needs a waker that will be \
             called.",
        ),
        _ => fail(&format!(
            "The countdown was polled twice and said Pending twice, but has called its waker {}. It ought to call it \
             once in each poll that says Pending.",
            times(calls[0] + calls[1])
        )),
    }
}

fn to_the_end() {
    for polls in 1..4 {
        let probe = Probe::ready_in("a future", polls);
        let future = probe.future();
        let (output, counted) = poll_to_the_end(async {
            future.await;
            "its output"
        });
        expect(
            output == "its output",
            "poll_to_the_end gave something else than the future's output.",
        );
        probe.expect_polls(
            polls,
            "poll_to_the_end stopped before the future said Ready, or went on after it.",
        );
        expect(
            counted == polls,
            &format!(
                "The future was polled {} until it was ready, and poll_to_the_end says {counted}.",
                times(polls)
            ),
        );
    }
}

fn not_once_more() {
    let probe = Probe::ready_in("a future", 2);
    let ((), _) = poll_to_the_end(probe.future());
    probe.expect_polls(2, "poll_to_the_end ought to stop at the first Ready.");
}
