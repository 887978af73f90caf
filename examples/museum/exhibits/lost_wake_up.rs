//! A lost wake-up.
//!
//! *What people write.* A task looks at a flag, and waits for a notification if the flag is not set.
//! Between the look and the wait it awaits something else.
//!
//! *Why it is wrong.* `notify_waiters` wakes the tasks that wait **now** and keeps nothing for later. If
//! the flag is set between the look and the wait, the notification finds no waiter, and the task then
//! waits for one that has been. The field calls it a lost wake-up, or "check, then wait": the same race
//! as a condition variable without its mutex.
//!
//! *The repair.* First make the future of the notification, then look, then await the future: it hears
//! of every `notify_waiters` since it was made. (`notify_one` is another way: it keeps one permit.)
//!
//! *What an observer sees.* A task that waits for a notification when no task is left that
//! could give it. <https://docs.rs/tokio/latest/tokio/sync/struct.Notify.html> describes the same trap.

use std::cell::Cell;
use std::rc::Rc;

use runtime::sync::Notify;
use runtime::time::{Duration, sleep};

use crate::seen::{Seen, named, say};

#[derive(Default)]
struct Door {
    is_open: Cell<bool>,
    opened: Notify,
}

pub(crate) async fn broken() {
    let door = Rc::new(Door::default());
    let theirs = Rc::clone(&door);
    let visitor = named("visitor", async move {
        while !theirs.is_open.get() {
            say("the visitor sees a closed door");
            buy_ticket().await; // and here the door is opened
            theirs.opened.notified().await;
        }
        say("the visitor walks in");
    });
    open(&door).await;
    let _ = visitor.await;
}

pub(crate) async fn repaired() {
    let door = Rc::new(Door::default());
    let theirs = Rc::clone(&door);
    let visitor = named("visitor", async move {
        loop {
            let opened = theirs.opened.notified(); // first this, then the look
            if theirs.is_open.get() {
                break;
            }
            say("the visitor sees a closed door");
            buy_ticket().await;
            opened.await;
        }
        say("the visitor walks in");
    });
    open(&door).await;
    let _ = visitor.await;
}

async fn buy_ticket() {
    sleep(Duration::from_millis(10)).await;
    say("the visitor has a ticket");
}

async fn open(door: &Door) {
    sleep(Duration::from_millis(5)).await;
    say("the door is opened");
    door.is_open.set(true);
    door.opened.notify_waiters();
}

pub(crate) fn evidence(seen: &Seen) -> Vec<String> {
    seen.stuck_or_none()
}
