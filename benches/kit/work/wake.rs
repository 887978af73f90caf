//! Waking a task from another thread.
//!
//! Two questions that are easily taken for one:
//!
//! - *How long until the task runs?* [`round_trip`]: the runtime's thread is parked in the kernel;
//!   the other thread calls `wake()` and watches for the task's answer. Nearly all of it is the
//!   kernel's (writing the eventfd, waking a sleeping thread), so no runtime can be much better
//!   than another, and it can only lose.
//! - *What does the call cost the caller?* [`wake_call`]: the other thread wakes the same task as
//!   fast as it can while the runtime runs it as fast as it can. Most of these calls find that the
//!   task is queued already. [`wake_sleeper`]: each call wakes a *different* task, while the
//!   runtime's thread is busy. No thread needs to be woken then, so no system call is needed
//!   either.
//!
//! How one fools oneself: when the answer comes back so fast that the runtime had no time to park,
//! the round trip shows a different, much faster path. So the caller lets [`SETTLE`] pass first.
//! And on a virtual machine an idle core may take 200 µs to wake: see the head of the table for
//! whether `/dev/cpu_dma_latency` could be held. The two threads are pinned to two cores where
//! there are two.

use super::build;
use super::rt::spawn;
use crate::kit::clock::ThreadCpu;
use crate::kit::machine::{Core, pin_to};
use crate::kit::work::Bench;
use std::future::poll_fn;
use std::hint::spin_loop;
use std::sync::Arc;
use std::sync::atomic::{
    AtomicU64,
    Ordering::{Acquire, Release},
};
use std::sync::mpsc;
use std::task::{Poll, Waker};
use std::thread;
use std::time::{Duration, Instant};

/// How long the caller waits before each call of a round trip, so that the runtime has parked.
const SETTLE: Duration = Duration::from_micros(20);

/// From `wake()` on another thread until that thread sees that the task has run.
/// The median of the trips, times their number.
pub(crate) fn round_trip() -> Bench {
    let runtime = build();
    Box::new(move |n| {
        let bell = Arc::new(Bell::default());
        let (give, take) = mpsc::channel();
        let caller = {
            let bell = Arc::clone(&bell);
            thread::spawn(move || {
                pin_to(Core::Other);
                let waker: Waker = take.recv().expect("the task hands out its waker");
                bell.ring_and_wait(&waker, n)
            })
        };
        runtime.block_on(async move {
            let mut give = Some(give);
            spawn(poll_fn(move |cx| {
                if let Some(give) = give.take() {
                    let _ = give.send(cx.waker().clone());
                }
                bell.answer(n)
            }))
            .await
            .expect("the task ends well");
        });
        caller.join().expect("the caller ends well")
    })
}

/// The caller's CPU for `wake()` on one task, in a storm of such calls.
pub(crate) fn wake_call() -> Bench {
    let runtime = build();
    Box::new(move |n| {
        let bell = Arc::new(Bell::default());
        let (give, take) = mpsc::channel();
        let caller = {
            let bell = Arc::clone(&bell);
            thread::spawn(move || {
                pin_to(Core::Other);
                let waker: Waker = take.recv().expect("the task hands out its waker");
                let clock = ThreadCpu::start();
                for _ in 0..n {
                    waker.wake_by_ref();
                }
                let cost = clock.elapsed();
                bell.rung.store(1, Release);
                waker.wake();
                cost
            })
        };
        runtime.block_on(async move {
            let mut give = Some(give);
            spawn(poll_fn(move |cx| {
                if let Some(give) = give.take() {
                    let _ = give.send(cx.waker().clone());
                }
                bell.answer(1)
            }))
            .await
            .expect("the task ends well");
        });
        caller.join().expect("the caller ends well")
    })
}

/// How many tasks [`wake_sleeper`] wakes while the runtime's thread is busy once.
const SLEEPERS: u64 = 1_000;

/// The caller's CPU for `wake()` on a waiting task, while the runtime's thread is busy.
pub(crate) fn wake_sleeper() -> Bench {
    let runtime = build();
    Box::new(move |n| {
        let mut cost = Duration::ZERO;
        for _ in 0..n.div_ceil(SLEEPERS) {
            cost += runtime.block_on(async {
                let (give, take) = mpsc::channel::<Waker>();
                let sleepers: Vec<_> = (0..SLEEPERS)
                    .map(|_| {
                        let mut give = Some(give.clone());
                        spawn(poll_fn(move |cx| match give.take() {
                            Some(give) => {
                                let _ = give.send(cx.waker().clone());
                                Poll::Pending
                            }
                            None => Poll::Ready(()),
                        }))
                    })
                    .collect();
                drop(give);
                let cost = spawn(async move {
                    // Every sleeper has been polled by now: they were spawned before this task.
                    let caller = thread::spawn(move || wake_all(&take));
                    caller.join().expect("the caller ends well")
                })
                .await
                .expect("the bench ends well");
                for sleeper in sleepers {
                    sleeper.await.expect("the task ends well");
                }
                cost
            });
        }
        cost * u32::try_from(n).unwrap_or(u32::MAX) / next_multiple(n)
    })
}

/// `n` rounded up to whole batches of [`SLEEPERS`].
fn next_multiple(n: u64) -> u32 {
    u32::try_from(n.next_multiple_of(SLEEPERS)).unwrap_or(u32::MAX)
}

/// Calls `wake()` on every waker that is in the channel; the calling thread's CPU for it.
fn wake_all(wakers: &mpsc::Receiver<Waker>) -> Duration {
    pin_to(Core::Other);
    let wakers: Vec<Waker> = wakers.iter().collect();
    let clock = ThreadCpu::start();
    for waker in &wakers {
        waker.wake_by_ref();
    }
    clock.elapsed()
}

/// What the caller and the task have in common: how often it rang, how often it was heard.
#[derive(Default)]
struct Bell {
    rung: AtomicU64,
    heard: AtomicU64,
}

impl Bell {
    /// The caller's half: rings `n` times, each time waiting for the answer.
    fn ring_and_wait(&self, waker: &Waker, n: u64) -> Duration {
        let mut trips: Vec<Duration> = Vec::with_capacity(n as usize);
        for i in 1..=n {
            let settled = Instant::now() + SETTLE;
            while Instant::now() < settled {
                spin_loop();
            }
            let start = Instant::now();
            self.rung.store(i, Release);
            waker.wake_by_ref();
            while self.heard.load(Acquire) != i {
                spin_loop();
            }
            trips.push(start.elapsed());
        }
        trips.sort_unstable();
        trips[trips.len() / 2] * u32::try_from(n).unwrap_or(u32::MAX)
    }

    /// The task's half, once a poll: says what it has heard, and is ready after the `last`.
    fn answer(&self, last: u64) -> Poll<()> {
        let rung = self.rung.load(Acquire);
        self.heard.store(rung, Release);
        if rung == last {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }
}
