//! A lock that is handed over.
//!
//! An asynchronous mutex may be held across an `.await`. A task that finds it taken waits in a line,
//! and the one who lets go of it hands it to the first of that line and wakes it.

use super::named;
use runtime::sync::Mutex;
use runtime::time::{Duration, sleep};
use std::rc::Rc;

pub(crate) const WATCH: &str = "Three tasks, one lock. Each holds it while it sleeps for 5 ms. \
    Until they have it, the others wait for the mutex, and for no timer. It is handed over in the \
    order in which they came: each guard that is dropped wakes exactly one task.";

pub(crate) fn start() {
    let shuttle = Rc::new(Mutex::new(0));
    for name in ["one", "two", "three"] {
        drop(named(name, throw(Rc::clone(&shuttle))));
    }
}

async fn throw(shuttle: Rc<Mutex<u32>>) {
    let mut throws = shuttle.lock().await;
    sleep(Duration::from_millis(5)).await;
    *throws += 1;
}
