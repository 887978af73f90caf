//! A task that is aborted in its sleep.
//!
//! `abort` does not stop a task where it stands. It is a request: the task goes on the run
//! queue, and when its turn comes its future is dropped instead of polled.

use super::named;
use runtime::time::{Duration, sleep};

pub(crate) const WATCH: &str = "The distance between the request and the end. The boss asks, and \
    goes on with its own poll; the sleeper is only queued. At its turn it is not polled but \
    dropped, with the timer it waited for, and that end wakes the boss who awaits it.";

pub(crate) fn start() {
    drop(named("boss", boss()));
}

async fn boss() -> bool {
    let sleeper = named("sleeper", sleep(Duration::from_secs(60)));
    sleep(Duration::from_millis(10)).await;
    sleeper.abort();
    sleeper.await.is_err_and(|error| error.is_cancelled())
}
