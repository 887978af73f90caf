//! A busy loop of self-wakes.
//!
//! *What people write.* A task waits for a flag: it looks, yields, looks again. Or a future of their own
//! calls `cx.waker().wake_by_ref()` before it answers `Pending`, "so that it is asked again".
//!
//! *Why it is wrong.* A task that wakes itself is on the run queue at once. The thread never rests, one
//! core is busy, and all other tasks wait for their turn between two looks. Nothing hangs, so
//! the bug is found on the electricity bill. A report: <https://github.com/base/base/pull/1162>.
//!
//! *The repair.* The task that sets the flag wakes the one that waits: a `Notify`, a channel.
//!
//! *What an observer sees.* Polls in which the task was woken by itself, and a thread that does not park
//! between them. (On a paused clock the broken program never ends: the clock moves only when
//! the thread parks. On the real clock it ends after 50 ms and some hundred thousand polls.)

use std::cell::Cell;
use std::rc::Rc;

use runtime::sync::Notify;
use runtime::task::yield_now;
use runtime::time::{Duration, sleep};
use runtime::trace::{Cause, Event};

use crate::seen::{Seen, named, say};

pub(crate) async fn broken() {
    let is_ready = Rc::new(Cell::new(false));
    let theirs = Rc::clone(&is_ready);
    drop(named("kettle", async move {
        boil().await;
        theirs.set(true);
    }));
    say("the guest waits for the kettle");
    while !is_ready.get() {
        yield_now().await; // "are you ready?" "are you ready?"
    }
    say("the guest has tea");
}

pub(crate) async fn repaired() {
    let ready = Rc::new(Notify::new());
    let theirs = Rc::clone(&ready);
    drop(named("kettle", async move {
        boil().await;
        theirs.notify_one();
    }));
    say("the guest waits for the kettle");
    ready.notified().await;
    say("the guest has tea");
}

async fn boil() {
    sleep(Duration::from_millis(50)).await;
}

pub(crate) fn evidence(seen: &Seen) -> Vec<String> {
    let by_itself = seen.count(
        |event| matches!(event, Event::Woken { task, by: Cause::Task(other) } if task == other),
    );
    let (polls, parks) = (seen.counts.polls, seen.counts.parks);
    vec![
        format!("wakes of a task by itself: {by_itself}"),
        format!("polls: {polls}; times that the thread parked: {parks}"),
    ]
}
