//! The primitives' work: channels between two tasks, and locks that no other task wants.
//!
//! What a program pays for a message is three things: the channel, the wake of the task that waits
//! for it, and that task's next poll. Which of them a bench shows depends on how often a task has
//! to wait. In [`ping_pong`] and [`ask_and_answer`] each message wakes a task, so they show the
//! executor as much as the channel. In [`stream`] and [`select_of_two`] there is room for many
//! messages, a wait comes once in a hundred of them, and what remains is the channel. A
//! [`Mutex`] and a [`Semaphore`] that are free are nothing but counting.
//!
//! How one fools oneself: with a task's budget. After 128 operations both runtimes make a task
//! wait for the next turn, and Tokio's way there leads past the driver: a system call. In a stream
//! of messages that is part of the figure, because it is part of a stream. A loop of locks is no
//! program, so there [`breathe`] renews the budget first, for little and on both sides alike.
//! Setting up (channels, tasks) is outside the clock or spread over all operations.

use super::build;
use super::rt::sync::{Mutex, Semaphore, mpsc, oneshot};
use super::rt::{select, spawn};
use crate::kit::clock::ThreadCpu;
use crate::kit::work::{Bench, breathe};
use std::hint::black_box;

/// Two tasks and two channels with room for one message; an operation is there and back.
pub(crate) fn ping_pong() -> Bench {
    let runtime = build();
    Box::new(move |n| {
        runtime.block_on(async move {
            let (ping, mut pings) = mpsc::channel(1);
            let (pong, mut pongs) = mpsc::channel(1);
            spawn(async move {
                while let Some(i) = pings.recv().await {
                    pong.send(i).await.expect("the other task waits for it");
                }
            });
            let body = async move {
                let clock = ThreadCpu::start();
                for i in 0..n {
                    ping.send(i).await.expect("the other task listens");
                    assert_eq!(pongs.recv().await, Some(i), "the same comes back");
                }
                clock.elapsed()
            };
            spawn(body).await.expect("the bench ends well")
        })
    })
}

/// A task that is asked, by a channel, and answers by a oneshot that came with the question.
pub(crate) fn ask_and_answer() -> Bench {
    let runtime = build();
    Box::new(move |n| {
        runtime.block_on(async move {
            let (questions, mut inbox) = mpsc::channel::<(u64, oneshot::Sender<u64>)>(1);
            spawn(async move {
                while let Some((i, answer)) = inbox.recv().await {
                    answer.send(i).expect("the other task waits for it");
                }
            });
            let body = async move {
                let clock = ThreadCpu::start();
                for i in 0..n {
                    let (tx, rx) = oneshot::channel();
                    questions
                        .send((i, tx))
                        .await
                        .expect("the other task listens");
                    assert_eq!(rx.await, Ok(i), "the question is the answer");
                }
                clock.elapsed()
            };
            spawn(body).await.expect("the bench ends well")
        })
    })
}

/// One task sends as fast as it can, another receives; room for 1,000 messages.
pub(crate) fn stream() -> Bench {
    let runtime = build();
    Box::new(move |n| {
        runtime.block_on(async move {
            let (tx, mut rx) = mpsc::channel(1_000);
            let body = async move {
                let clock = ThreadCpu::start();
                spawn(async move {
                    for i in 0..n {
                        tx.send(i).await.expect("the other task listens");
                    }
                });
                let mut count = 0;
                while let Some(i) = rx.recv().await {
                    black_box(i);
                    count += 1;
                }
                assert_eq!(count, n, "every message arrives");
                clock.elapsed()
            };
            spawn(body).await.expect("the bench ends well")
        })
    })
}

/// One task sends into two channels in turn, another receives from whichever has something.
pub(crate) fn select_of_two() -> Bench {
    let runtime = build();
    Box::new(move |n| {
        runtime.block_on(async move {
            let (left, mut lefts) = mpsc::channel(1_000);
            let (right, mut rights) = mpsc::channel(1_000);
            let body = async move {
                let clock = ThreadCpu::start();
                spawn(async move {
                    for i in 0..n {
                        let way = if i % 2 == 0 { &left } else { &right };
                        way.send(i).await.expect("the other task listens");
                    }
                });
                let mut count = 0;
                loop {
                    select! {
                        Some(i) = lefts.recv() => black_box(i),
                        Some(i) = rights.recv() => black_box(i),
                        else => break,
                    };
                    count += 1;
                }
                assert_eq!(count, n, "every message arrives");
                clock.elapsed()
            };
            spawn(body).await.expect("the bench ends well")
        })
    })
}

/// How many locks fit into a budget, with something to spare.
const AT_A_TIME: u64 = 100;

/// Locks and unlocks a mutex that no other task wants.
pub(crate) fn lock() -> Bench {
    let runtime = build();
    Box::new(move |n| {
        runtime.block_on(async move {
            let body = async move {
                let mutex = black_box(Mutex::new(0_u64));
                let clock = ThreadCpu::start();
                for i in 0..n {
                    *mutex.lock().await += 1;
                    if i % AT_A_TIME == AT_A_TIME - 1 {
                        breathe().await;
                    }
                }
                let cost = clock.elapsed();
                assert_eq!(mutex.into_inner(), n);
                cost
            };
            spawn(body).await.expect("the bench ends well")
        })
    })
}

/// Takes a permit of a semaphore that has enough of them, and gives it back.
pub(crate) fn acquire() -> Bench {
    let runtime = build();
    Box::new(move |n| {
        runtime.block_on(async move {
            let body = async move {
                let semaphore = black_box(Semaphore::new(10));
                let clock = ThreadCpu::start();
                for i in 0..n {
                    let permit = semaphore.acquire().await.expect("it is never closed");
                    drop(black_box(permit));
                    if i % AT_A_TIME == AT_A_TIME - 1 {
                        breathe().await;
                    }
                }
                let cost = clock.elapsed();
                assert_eq!(semaphore.available_permits(), 10);
                cost
            };
            spawn(body).await.expect("the bench ends well")
        })
    })
}
