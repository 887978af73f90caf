//! A race of two sleeps.
//!
//! `select!` polls several futures in one task and goes on with the first that is ready. The
//! others are *dropped*, in the middle of whatever they were doing. That is all that
//! cancelling means in Rust.

use super::named;
use runtime::time::{Duration, sleep};

pub(crate) const WATCH: &str = "The wheel. One poll hangs two timers in it, and the task waits \
    for both at once. When the earlier one fires, the task is polled and ends; the later one is \
    taken out of the wheel unfired, because the future to which it belonged was dropped. (Which \
    of the two is polled first is drawn by lot: try another --seed.)";

pub(crate) fn start() {
    drop(named("race", race()));
}

async fn race() -> &'static str {
    runtime::select! {
        () = sleep(Duration::from_millis(20)) => "the hare",
        () = sleep(Duration::from_millis(500)) => "the tortoise",
    }
}
