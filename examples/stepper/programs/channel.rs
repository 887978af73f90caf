//! Two tasks that play ping-pong over two channels.
//!
//! A channel with one place. A receiver that finds it empty leaves a waker with it, and the sender of the
//! next message calls that waker: a task is woken by another task, in the middle of that
//! other's poll, without any help of the operating system.

use super::named;
use runtime::sync::mpsc::{self, Receiver, Sender};

pub(crate) const WATCH: &str = "The chain of causes, which grows longer with each stroke: ping was \
    woken by pong, who was woken by ping, and so on back to the start. And what happens at the \
    end: a sender that is dropped wakes the receiver too, who finds the channel closed.";

pub(crate) fn start() {
    let (to_pong, from_ping) = mpsc::channel(1);
    let (to_ping, from_pong) = mpsc::channel(1);
    drop(named("ping", ping(to_pong, from_pong)));
    drop(named("pong", pong(to_ping, from_ping)));
}

async fn ping(to_pong: Sender<u32>, mut from_pong: Receiver<u32>) {
    for ball in 0..2 {
        let _ = to_pong.send(ball).await;
        from_pong.recv().await;
    }
}

async fn pong(to_ping: Sender<u32>, mut from_ping: Receiver<u32>) {
    while let Some(ball) = from_ping.recv().await {
        let _ = to_ping.send(ball).await;
    }
}
