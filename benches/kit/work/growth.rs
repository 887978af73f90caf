//! Work on `n` things at once: what grows with `n` is the price of memory.
//!
//! Nothing here does more work an item when `n` grows. But the items no longer fit into the
//! processor's caches, and then each separate piece that an item consists of (a task, its header, a
//! node of a list, a boxed future) costs a miss. So the items are taken **in random order** wherever
//! the program, not the runtime, chooses which one is next: in the order of their making the
//! processor would guess the next address, and every figure would be small.
//!
//! How one fools oneself: with the heap that an earlier round left behind. Things that were freed in
//! random order lie in random order when they are made again. So each figure is taken in a process
//! of its own, after one small round (see `growth`, the target).

use super::build;
use super::rt::spawn;
use super::rt::sync::{Notify, Semaphore};
use super::rt::task::JoinSet;
use super::timers::far_away;
use crate::kit::clock::ThreadCpu;
use crate::kit::work::{Bench, Dice, breathe};
use std::future::{Future, pending, poll_fn};
use std::pin::Pin;
use std::sync::{Arc, mpsc};
use std::task::{Poll, Waker};
use std::time::Duration;

/// Leaf operations between two breaths; the budget of a poll is 128 on both sides.
const PER_POLL: usize = 100;

/// The work in a runtime of its own, in a task: there a breath lasts until all that were ready
/// before have been polled. (Tokio polls the future of `block_on` between any 61 tasks.)
///
/// It is a macro because Tokio asks for work that is `Send`, and Treadle's is not.
macro_rules! bench {
    ($work:expr) => {{
        let runtime = build();
        let bench: Bench = Box::new(move |n| {
            let work = runtime.block_on(async { spawn(($work)(n as usize)).await });
            work.expect("the work ends well")
        });
        bench
    }};
}

/// Spawns `n` ready tasks, then joins them.
pub(crate) fn spawn_and_join() -> Bench {
    bench!(|n| async move {
        let clock = ThreadCpu::start();
        let tasks: Vec<_> = (0..n).map(|_| spawn(async {})).collect();
        for task in tasks {
            task.await.expect("the task ends well");
        }
        clock.elapsed()
    })
}

/// Wakes one of `n` waiting tasks, `n` times.
pub(crate) fn wake_one() -> Bench {
    bench!(|n| async move {
        let (give, take) = mpsc::channel::<Waker>();
        let tasks: Vec<_> = (0..n)
            .map(|_| {
                let mut give = Some(give.clone());
                spawn(poll_fn(move |cx| {
                    if let Some(give) = give.take() {
                        let _ = give.send(cx.waker().clone());
                    }
                    Poll::<()>::Pending
                }))
            })
            .collect();
        breathe().await;
        drop(give);
        let wakers: Vec<Waker> = take.try_iter().collect();
        assert_eq!(wakers.len(), n, "all have been polled");
        let order = shuffled((0..n).collect());
        let clock = ThreadCpu::start();
        for (done, &at) in order.iter().enumerate() {
            wakers[at].wake_by_ref();
            if done % PER_POLL == 0 {
                breathe().await;
            }
        }
        breathe().await;
        let cost = clock.elapsed();
        drop(tasks);
        cost
    })
}

/// Sets `n` timers with random deadlines, and drops them in random order.
pub(crate) fn set_and_drop() -> Bench {
    bench!(|n| async move {
        let mut dice = Dice::new();
        let order: Vec<Duration> = (0..n).map(|_| far_away(&mut dice)).collect();
        let clock = ThreadCpu::start();
        let timers = wait_for(order.into_iter().map(super::rt::time::sleep)).await;
        let set = clock.elapsed();
        let timers = shuffled(timers);
        let clock = ThreadCpu::start();
        drop(timers);
        set + clock.elapsed()
    })
}

/// Spawns `n` tasks into a set, and takes out what they return.
pub(crate) fn join_set() -> Bench {
    bench!(|n| async move {
        let clock = ThreadCpu::start();
        let mut set = JoinSet::new();
        for _ in 0..n {
            set.spawn(async {});
        }
        while let Some(task) = set.join_next().await {
            task.expect("the task ends well");
        }
        clock.elapsed()
    })
}

/// `n` tasks wait, and one call wakes them all.
pub(crate) fn notify_all() -> Bench {
    bench!(|n| async move {
        let notify = Arc::new(Notify::new());
        let clock = ThreadCpu::start();
        let tasks: Vec<_> = (0..n)
            .map(|_| {
                let notify = Arc::clone(&notify);
                spawn(async move { notify.notified().await })
            })
            .collect();
        breathe().await;
        notify.notify_waiters();
        for task in tasks {
            task.await.expect("the task ends well");
        }
        clock.elapsed()
    })
}

/// `n` waits for a permit, dropped in random order.
pub(crate) fn drop_acquire() -> Bench {
    bench!(|n| async move {
        let semaphore = Semaphore::new(0);
        let mut waits = shuffled(wait_for((0..n).map(|_| semaphore.acquire())).await);
        let clock = ThreadCpu::start();
        let_go(&mut waits);
        clock.elapsed()
    })
}

/// `n` waits for a nudge, dropped in random order.
pub(crate) fn drop_notified() -> Bench {
    bench!(|n| async move {
        let notify = Notify::new();
        let mut waits = shuffled(wait_for((0..n).map(|_| notify.notified())).await);
        let clock = ThreadCpu::start();
        let_go(&mut waits);
        clock.elapsed()
    })
}

/// `n` waiting tasks are aborted in random order, and then joined in the same.
pub(crate) fn abort() -> Bench {
    bench!(|n| async move {
        let tasks: Vec<_> = (0..n).map(|_| spawn(pending::<()>())).collect();
        breathe().await;
        let tasks = shuffled(tasks);
        let clock = ThreadCpu::start();
        for task in &tasks {
            task.abort();
        }
        for task in tasks {
            assert!(task.await.is_err_and(|error| error.is_cancelled()));
        }
        clock.elapsed()
    })
}

/// Polls each of these once; they are in boxes, as waits in a program are in tasks.
async fn wait_for<F: Future>(waits: impl Iterator<Item = F>) -> Vec<Pin<Box<Option<F>>>> {
    let mut held = Vec::with_capacity(waits.size_hint().0);
    for wait in waits {
        let mut wait = Box::pin(Some(wait));
        poll_fn(|cx| {
            let polled = wait.as_mut().as_pin_mut().map(|wait| wait.poll(cx));
            assert!(polled.is_some_and(|polled| polled.is_pending()), "it waits");
            Poll::Ready(())
        })
        .await;
        held.push(wait);
        if held.len() % PER_POLL == 0 {
            breathe().await;
        }
    }
    held
}

/// Drops the waits where they lie. Their boxes are the program's: to free many small ones costs the
/// allocator more than the runtime's part, and how much hangs on their size.
fn let_go<F>(waits: &mut [Pin<Box<Option<F>>>]) {
    waits.iter_mut().for_each(|wait| wait.as_mut().set(None));
}

/// The same in random order.
fn shuffled<T>(mut items: Vec<T>) -> Vec<T> {
    let mut dice = Dice::new();
    for last in (1..items.len()).rev() {
        items.swap(last, dice.between(0, last as u64 + 1) as usize);
    }
    items
}
