//! Real threads, real sleep: no wake is lost between a poll and a park, or while parking.
//!
//! `loom_inbox` proves the inbox; this drives the whole machine, with the operating system in
//! it, through the moments that matter some ten thousand times: the runtime is polling, is on
//! its way to sleep, sleeps, comes back. The work is bounded and nothing is timed. A lost wake
//! shows itself as a test that does not end.

#[path = "support/tasks.rs"]
mod tasks;

use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};
use std::thread;

use runtime::runtime::Runtime;
use runtime::task::yield_now;
use runtime::time::{Duration, sleep};
use tasks::Door;

/// Some work of no fixed length, so that two threads meet at another point each time.
fn dawdle(n: usize) {
    for _ in 0..(n * 7) % 300 {
        std::hint::spin_loop();
    }
}

#[test]
fn a_runtime_and_a_thread_play_ping_pong() {
    const ROUNDS: usize = 10_000;
    let runtime = Runtime::new().unwrap();
    let (to_thread, at_thread) = mpsc::channel::<Door>();
    let opener = thread::spawn(move || {
        for (n, door) in at_thread.into_iter().enumerate() {
            dawdle(n);
            door.open();
        }
    });
    runtime.block_on(async move {
        for n in 0..ROUNDS {
            let door = Door::default();
            to_thread.send(door.clone()).unwrap();
            dawdle(n * 3);
            door.wait().await;
        }
    });
    opener.join().unwrap();
}

/// A counter that threads raise and a task follows.
#[derive(Default)]
struct Counter {
    count: AtomicUsize,
    waker: Mutex<Option<Waker>>,
}

impl Counter {
    fn raise(&self) {
        self.count.fetch_add(1, Ordering::Relaxed);
        let waker = self.waker.lock().unwrap().take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    async fn reaches(&self, goal: usize) {
        poll_fn(|cx| {
            self.waker.lock().unwrap().replace(cx.waker().clone());
            match self.count.load(Ordering::Relaxed) {
                count if count >= goal => Poll::Ready(()),
                _ => Poll::Pending,
            }
        })
        .await;
    }
}

#[test]
fn many_threads_wake_many_tasks_and_every_count_is_reached() {
    const THREADS: usize = 4;
    const TASKS: usize = 8;
    const RAISES: usize = 2_000;
    let runtime = Runtime::new().unwrap();
    let counters: Arc<[Counter; TASKS]> = Arc::default();
    let threads: Vec<_> = (0..THREADS)
        .map(|n| {
            let counters = Arc::clone(&counters);
            thread::spawn(move || {
                for raise in 0..RAISES * TASKS {
                    counters[(raise + n) % TASKS].raise();
                    dawdle(raise % 5);
                }
            })
        })
        .collect();
    runtime.block_on(async {
        let followers: Vec<_> = (0..TASKS)
            .map(|n| {
                let counters = Arc::clone(&counters);
                runtime::spawn(async move { counters[n].reaches(THREADS * RAISES).await })
            })
            .collect();
        for follower in followers {
            follower.await.unwrap();
        }
    });
    threads
        .into_iter()
        .for_each(|thread| thread.join().unwrap());
}

/// The runtime parks with a time limit, and is woken at about the moment when it ends.
#[test]
fn wakes_that_meet_the_end_of_a_nap_are_not_lost() {
    const ROUNDS: usize = 300;
    let runtime = Runtime::new().unwrap();
    let (to_thread, at_thread) = mpsc::channel::<Door>();
    let opener = thread::spawn(move || {
        for (n, door) in at_thread.into_iter().enumerate() {
            dawdle(n * 100);
            door.open();
        }
    });
    runtime.block_on(async move {
        for _ in 0..ROUNDS {
            let door = Door::default();
            to_thread.send(door.clone()).unwrap();
            let nap = runtime::spawn(sleep(Duration::from_millis(1)));
            door.wait().await;
            nap.await.unwrap();
        }
    });
    opener.join().unwrap();
}

#[test]
fn what_threads_send_is_all_run_and_every_result_comes_back() {
    const THREADS: usize = 4;
    const EACH: usize = 1_000;
    let runtime = Runtime::new().unwrap();
    let ended = Arc::new(Counter::default());
    let threads: Vec<_> = (0..THREADS)
        .map(|_| {
            let (handle, ended) = (runtime.handle().clone(), Arc::clone(&ended));
            thread::spawn(move || {
                let results = (0..EACH).map(|n| {
                    let task = handle.spawn(async move {
                        yield_now().await;
                        n
                    });
                    futures_lite::future::block_on(task).unwrap()
                });
                let sum: usize = results.sum();
                ended.raise();
                sum
            })
        })
        .collect();
    runtime.block_on(ended.reaches(THREADS));
    for thread in threads {
        assert_eq!(thread.join().unwrap(), EACH * (EACH - 1) / 2);
    }
}

#[test]
fn two_runtimes_on_two_threads_wake_each_other() {
    const ROUNDS: usize = 5_000;
    let counters: Arc<[Counter; 2]> = Arc::default();
    let players: Vec<_> = [0, 1]
        .map(|me| {
            let counters = Arc::clone(&counters);
            thread::spawn(move || {
                Runtime::new().unwrap().block_on(async {
                    for round in 1..=ROUNDS {
                        counters[1 - me].raise();
                        counters[me].reaches(round).await;
                    }
                });
            })
        })
        .into();
    players
        .into_iter()
        .for_each(|player| player.join().unwrap());
}

/// Tasks are aborted from another thread while they run, wait, end, or are still on their way.
#[test]
fn aborts_from_another_thread_meet_their_tasks_at_any_moment() {
    const ROUNDS: usize = 2_000;
    let runtime = Runtime::new().unwrap();
    let (handle, over) = (runtime.handle().clone(), Door::default());
    let opener = over.clone();
    let aborter = thread::spawn(move || {
        let mut cancelled = 0;
        for n in 0..ROUNDS {
            let task = handle.spawn(async move {
                for _ in 0..n % 5 {
                    yield_now().await;
                }
            });
            dawdle(n);
            task.abort();
            cancelled += usize::from(futures_lite::future::block_on(task).is_err());
        }
        opener.open();
        cancelled
    });
    runtime.block_on(over.wait());
    assert!(aborter.join().unwrap() <= ROUNDS);
}

/// Threads go on waking while the task ends, its place is let again, and the runtime goes.
#[test]
fn wakers_may_be_called_by_threads_for_as_long_as_they_like() {
    const ROUNDS: usize = 50;
    let stop = Arc::new(AtomicBool::new(false));
    let (to_thread, at_thread) = mpsc::channel();
    let stopped = Arc::clone(&stop);
    let caller = thread::spawn(move || {
        let mut wakers: Vec<Waker> = Vec::new();
        while !stopped.load(Ordering::Relaxed) {
            wakers.extend(at_thread.try_iter());
            wakers.iter().rev().take(20).for_each(Waker::wake_by_ref);
        }
    });
    for _ in 0..ROUNDS {
        let runtime = Runtime::new().unwrap();
        let ends = Door::default();
        runtime.block_on(async {
            for n in 0..10 {
                let to_thread = to_thread.clone();
                let mut polls = 0;
                let task = runtime::spawn(poll_fn(move |cx| {
                    to_thread.send(cx.waker().clone()).unwrap();
                    polls += 1;
                    match polls > n {
                        true => Poll::Ready(()),
                        false => Poll::Pending,
                    }
                }));
                task.await.unwrap();
            }
            drop(runtime::spawn(ends.wait()));
        });
    }
    stop.store(true, Ordering::Relaxed);
    caller.join().unwrap();
}
