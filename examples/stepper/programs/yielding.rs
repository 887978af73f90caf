//! Two tasks that yield.
//!
//! A task that calls `yield_now` is not waiting for anything: it wakes *itself*, goes to the back
//! of the run queue and lets the next one have the thread. Two of them take turns. There is
//! nothing more to scheduling on one thread than this queue.

use super::named;
use runtime::task::yield_now;

pub(crate) const WATCH: &str = "The run queue. Both tasks are put on it when they are spawned, \
    and nothing runs before the loop begins. Then, at each yield, the task that runs wakes \
    itself, goes to the back of the queue when its poll is over, and is polled again when its turn comes.";

pub(crate) fn start() {
    drop(named("warp", turns(2)));
    drop(named("weft", turns(2)));
}

async fn turns(times: u32) {
    for _ in 0..times {
        yield_now().await;
    }
}
