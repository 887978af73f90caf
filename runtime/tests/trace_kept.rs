//! Whether events are kept makes no difference to what is known of a runtime: neither to its counts nor to its
//! snapshots, but for the stretches that a program marks. (While they are not, the machine leaves out the events that only a recording has a use for.)

#![forbid(unsafe_code)]
#![cfg(unix)]

#[path = "support/tasks.rs"]
mod tasks;

use std::rc::Rc;

use runtime::io::{AsyncReadExt, AsyncWriteExt};
use runtime::net::UnixStream;
use runtime::runtime::{Runtime, Step};
use runtime::sync::{Mutex, mpsc};
use runtime::task::{spawn, yield_now};
use runtime::time::{Duration, sleep, timeout};
use runtime::trace::{Counts, Snapshot};
use tasks::paused;

/// Sockets that are read, written and waited for, a lock, a channel, timers that fire and that are dropped, an abort.
async fn program() {
    let (mut near, mut far) = UnixStream::pair().unwrap();
    let answers = spawn(async move {
        let mut word = [0; 4];
        while far.read_exact(&mut word).await.is_ok() {
            sleep(Duration::from_millis(3)).await;
            far.write_all(&word).await.unwrap();
        }
    });
    let (sender, mut receiver) = mpsc::channel(1);
    let lock = Rc::new(Mutex::new(0));
    let theirs = Rc::clone(&lock);
    let counts = spawn(async move {
        while let Some(word) = receiver.recv().await {
            let mut sum = theirs.lock().await;
            yield_now().await;
            *sum += usize::from(word);
        }
    });
    for round in 0..4 {
        near.write_all(b"word").await.unwrap();
        let mut word = [0; 4];
        let read = timeout(Duration::from_secs(1), near.read_exact(&mut word));
        read.await.unwrap().unwrap();
        sender.send(word[0]).await.unwrap();
        *lock.lock().await += round;
    }
    let late = spawn(sleep(Duration::from_secs(60)));
    sleep(Duration::from_millis(100)).await;
    late.abort();
    drop((near, sender));
    answers.await.unwrap();
    counts.await.unwrap();
}

/// The program, and what is known of it after each step.
fn steps(begin: fn(&Runtime)) -> (Vec<Snapshot>, Counts) {
    let runtime = paused();
    begin(&runtime);
    let task = runtime.spawn(program());
    let mut snapshots = Vec::new();
    while !task.is_finished() {
        if let Step::WouldPark { until } = runtime.step() {
            runtime.park(until);
        }
        snapshots.push(runtime.snapshot());
    }
    (snapshots, runtime.trace().counts())
}

#[test]
fn what_is_known_is_the_same_whether_events_are_kept_or_not() {
    let observed = steps(|runtime| runtime.trace().observe());
    let recorded = steps(|runtime| runtime.trace().start(100_000));
    assert_eq!(observed.1, recorded.1);
    assert_eq!(observed.0.len(), recorded.0.len());
    for (step, (one, other)) in observed.0.iter().zip(&recorded.0).enumerate() {
        assert_eq!(one, other, "after step {step}");
    }
    assert!(
        observed
            .0
            .iter()
            .any(|snapshot| !snapshot.shared.is_empty())
    );
}
