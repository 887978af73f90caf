//! Three waits in one task.
//!
//! `join!` polls three futures in one task and is ready when all of them are. No task is spawned:
//! a wake polls the task, and the task polls those of the three that are not ready yet.

use super::named;
use runtime::time::{Duration, sleep};

pub(crate) const WATCH: &str = "One task, three timers. Each timer that fires polls the whole \
    task; after each poll the task waits for one timer less. The three sleeps take as long as \
    the longest, not as long as all of them one after another.";

pub(crate) fn start() {
    drop(named("three", three()));
}

async fn three() {
    runtime::join!(
        sleep(Duration::from_millis(10)),
        sleep(Duration::from_millis(40)),
        sleep(Duration::from_millis(90)),
    );
}
