//! The executor's work: spawning, waking oneself, yielding.
//!
//! Each function builds a runtime of its side and returns a [`Bench`]. The measured loop runs
//! *inside a spawned task*, on every side: that is where programs live, and Tokio's `block_on`
//! future is woken by another, slower path (measured here: spawn and await costs Tokio more from
//! `block_on` than from a task). The clock is read inside too, so that entering and leaving
//! `block_on` does not count.
//!
//! How one fools oneself: with futures that the compiler sees through (the spawned future goes
//! through `black_box`), with a cold first round (the harness throws it away), and with
//! `yield_now`, which *means* two things. Tokio's goes by the driver each time: the tasks that
//! yielded run after the next look at the sockets. Treadle's puts the task at the end of the run
//! queue, and the loop looks at the driver every 61 ticks and whenever the queue is empty. Both
//! serve sockets and timers while a task yields for ever; Tokio pays a system call a yield for it
//! when nothing else is ready. So the ratio of one lone yielding task says as much about a
//! decision as about speed.

use super::build;
use super::rt::spawn;
use super::rt::task::yield_now;
use crate::kit::clock::ThreadCpu;
use crate::kit::work::Bench;
use std::future::Future;
use std::hint::black_box;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Spawns a future that is ready at its first poll, awaits its handle, and again.
pub(crate) fn spawn_and_await() -> Bench {
    let runtime = build();
    Box::new(move |n| {
        runtime.block_on(async move {
            let body = async move {
                let clock = ThreadCpu::start();
                for i in 0..n {
                    let got = spawn(async move { black_box(i) }).await;
                    black_box(got.expect("the task ends well"));
                }
                clock.elapsed()
            };
            spawn(body).await.expect("the bench ends well")
        })
    })
}

/// How many tasks [`spawn_then_join`] has alive at a time.
pub(crate) const TASKS: u64 = 10_000;

/// Spawns [`TASKS`] ready futures, then joins them in order; an operation is one task.
pub(crate) fn spawn_then_join() -> Bench {
    let runtime = build();
    Box::new(move |n| {
        runtime.block_on(async move {
            let body = async move {
                let mut handles = Vec::with_capacity(TASKS as usize);
                let mut left = n;
                let clock = ThreadCpu::start();
                while left > 0 {
                    let batch = left.min(TASKS);
                    handles.extend((0..batch).map(|i| spawn(async move { black_box(i) })));
                    for handle in handles.drain(..) {
                        black_box(handle.await.expect("the task ends well"));
                    }
                    left -= batch;
                }
                clock.elapsed()
            };
            spawn(body).await.expect("the bench ends well")
        })
    })
}

/// A task that wakes itself and returns `Pending`, over and over: the price of one poll.
pub(crate) fn self_wake() -> Bench {
    let runtime = build();
    Box::new(move |n| {
        runtime.block_on(async move {
            let body = async move {
                let clock = ThreadCpu::start();
                WakesItself { left: n }.await;
                clock.elapsed()
            };
            spawn(body).await.expect("the bench ends well")
        })
    })
}

/// One task, alone, that calls `yield_now`.
pub(crate) fn yield_alone() -> Bench {
    let runtime = build();
    Box::new(move |n| {
        runtime.block_on(async move {
            let body = async move {
                let clock = ThreadCpu::start();
                for _ in 0..n {
                    yield_now().await;
                }
                clock.elapsed()
            };
            spawn(body).await.expect("the bench ends well")
        })
    })
}

/// How many tasks take turns in [`yield_in_a_crowd`].
pub(crate) const YIELDERS: u64 = 1_000;

/// [`YIELDERS`] tasks that all call `yield_now`; an operation is one yield.
///
/// Spawning and joining them is part of the time. With 200 yields a task, as the table has, it is about a
/// twentieth of Treadle's figure; with 20, as criterion has at least, about a quarter.
pub(crate) fn yield_in_a_crowd() -> Bench {
    let runtime = build();
    Box::new(move |n| {
        let each = n.div_ceil(YIELDERS);
        runtime.block_on(async move {
            let body = async move {
                let clock = ThreadCpu::start();
                let yielders: Vec<_> = (0..YIELDERS)
                    .map(|_| {
                        spawn(async move {
                            for _ in 0..each {
                                yield_now().await;
                            }
                        })
                    })
                    .collect();
                for yielder in yielders {
                    yielder.await.expect("the task ends well");
                }
                clock.elapsed()
            };
            spawn(body).await.expect("the bench ends well")
        })
    })
}

/// Wakes its own task `left` times, then is ready.
struct WakesItself {
    left: u64,
}

impl Future for WakesItself {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.left == 0 {
            return Poll::Ready(());
        }
        self.left -= 1;
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}
