//! A channel that is full.
//!
//! A channel with a bound holds so many messages, and no more. A sender that finds it full waits for a
//! place: so the one who makes is never further ahead of the one who works than the bound. That is
//! called *backpressure*.

use super::named;
use runtime::sync::mpsc;
use runtime::time::{Duration, sleep};

pub(crate) const WATCH: &str = "The channel has 2 places, and the spinner is faster than the weaver. It \
    sends two threads, and waits for a place with the third. Each message that the weaver takes makes a \
    place for the spinner, and wakes it. From then on both go at the weaver's pace.";

pub(crate) fn start() {
    let (sender, receiver) = mpsc::channel(2);
    drop(named("spinner", spin(sender)));
    drop(named("weaver", weave(receiver)));
}

async fn spin(threads: mpsc::Sender<u32>) {
    for thread in 1..=5 {
        let _ = threads.send(thread).await;
    }
}

async fn weave(mut threads: mpsc::Receiver<u32>) {
    while threads.recv().await.is_some() {
        sleep(Duration::from_millis(10)).await; // its work
    }
}
