//! Timers that come down the wheel.
//!
//! A timer that is far away hangs on a high level, in a slot as wide as many of the level below. When
//! the wheel comes to that slot, its timers are hung anew, each on a lower level, where the slots are
//! narrower: a *cascade*. So only what is near is kept in fine order.

use super::named;
use runtime::time::{Duration, sleep};

pub(crate) const WATCH: &str = "Level and slot of each timer, each time the wheel turns. The timers of 70 \
    and 100 ms share a slot of level 1, which is 64 ms wide. The one of 4.2 s begins on level 2 and comes \
    down twice before it fires. No task is woken by a cascade: a timer only changes its place. (The clock is \
    paused and jumps to the next deadline. On the real one, the thread wakes up for each cascade: see turning.)";

pub(crate) fn start() {
    for (name, time) in [
        ("first", 70),
        ("second", 100),
        ("third", 4_120),
        ("last", 4_200),
    ] {
        drop(named(name, sleep(Duration::from_millis(time))));
    }
}
