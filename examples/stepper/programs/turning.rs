//! A cascade on the real clock.
//!
//! The thread sleeps until the wheel has something to do. Most often a timer is to fire then. But a timer that is far
//! away hangs on a high level, in a wide slot, and has to come down before it fires: so the thread wakes up when the
//! time comes to that slot, turns the wheel, and sleeps again.

use super::named;
use runtime::time::{Duration, sleep};

pub(crate) const WATCH: &str = "The thread sleeps twice for one timer: first until the beginning of its slot of \
    level 1, which is 64 ms wide, then until its deadline. In between no task is woken: the timer only changes its \
    place. An idle connection that is kept for a minute costs its thread two of these at the most. (The clock is the \
    real one, so no two runs have quite the same times.)";

pub(crate) fn start() {
    drop(named("sleeper", sleep(Duration::from_millis(100))));
}
