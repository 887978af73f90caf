//! A waiter who goes.
//!
//! A task that waits for a lock stands in a line, and may lose patience: the future that waits is
//! dropped, by a timeout here. It must leave nothing behind. Were its place in the line kept, the
//! lock would be handed to a task that has gone, and all behind it would wait for ever.

use super::named;
use runtime::sync::Mutex;
use runtime::time::{Duration, sleep, timeout};
use std::rc::Rc;

pub(crate) const WATCH: &str = "Three tasks, one lock, which the first holds for 50 ms. The second \
    waits with a patience of 10 ms: see it wait for two things at once, the mutex and a timer, and \
    end when the timer fires. When the first unlocks, the third is woken.";

pub(crate) fn start() {
    let lock = Rc::new(Mutex::new(()));
    drop(named("holder", hold(Rc::clone(&lock))));
    drop(named("hasty", try_for_a_while(Rc::clone(&lock))));
    drop(named("patient", wait(lock)));
}

async fn hold(lock: Rc<Mutex<()>>) {
    let _guard = lock.lock().await;
    sleep(Duration::from_millis(50)).await;
}

async fn try_for_a_while(lock: Rc<Mutex<()>>) -> bool {
    let patience = Duration::from_millis(10);
    timeout(patience, lock.lock()).await.is_ok()
}

async fn wait(lock: Rc<Mutex<()>>) {
    drop(lock.lock().await);
}
