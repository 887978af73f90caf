//! A task that never has to wait.
//!
//! Nothing takes the thread away from a task: it runs until it says `Pending`. One whose every
//! `.await` is ready at once would never say it. So each poll has a *budget* of 128 units, each
//! operation that completes spends one, and when none is left the next answers `Pending` and wakes
//! the task in the same breath: it goes to the back of the queue.

use super::named;
use runtime::time::{Duration, sleep};

pub(crate) const WATCH: &str = "The greedy task's first poll. It has 200 things to do and never \
    has to wait for one, and yet it gives the thread back: after 128 of them its budget is spent. \
    It wakes itself, the patient task has its turn, and the rest is done in a second poll.";

pub(crate) fn start() {
    drop(named("greedy", greedy()));
    drop(named("patient", async {}));
}

async fn greedy() {
    for _ in 0..200 {
        sleep(Duration::ZERO).await; // ready at once
    }
}
