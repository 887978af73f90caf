//! A task that spawns another, and awaits its end.
//!
//! Spawning gives a *join handle*: a future that is ready when the task has ended, and has its
//! value. A task that awaits it leaves a waker with the task, and the task's end calls it.

use super::named;
use runtime::time::{Duration, sleep};

pub(crate) const WATCH: &str = "Who wakes whom. The parent's first poll spawns the child and ends \
    in a wait for the child's end. The child sleeps; a timer wakes it; its end wakes the parent. \
    Stand on the parent's last poll and read the chain of causes from there.";

pub(crate) fn start() {
    drop(named("parent", parent()));
}

async fn parent() -> u32 {
    let child = named("child", child());
    child.await.unwrap_or(0) + 1
}

async fn child() -> u32 {
    sleep(Duration::from_millis(30)).await;
    41
}
