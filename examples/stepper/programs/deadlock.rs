//! Two locks, taken in opposite order.
//!
//! Each of two tasks holds the lock that the other waits for, and neither gives back what it holds
//! before it has both. Nothing is wrong with a waker here: each of them is where it should be. But none
//! will ever be called.

use super::named;
use runtime::sync::Mutex;
use runtime::time::{Duration, sleep};
use std::rc::Rc;

pub(crate) const WATCH: &str = "Who holds, and who waits. Each task takes its first lock at once, \
    sleeps, and then stands in line for the lock of the other. From there on the two wait in a circle. \
    The clock's task is a third, and it goes on: a deadlock stops those in the circle, not the thread. \
    (How to repair it: cargo run --example museum -- deadlock.)";

pub(crate) fn start() {
    let (warp, weft) = (Rc::new(Mutex::new(())), Rc::new(Mutex::new(())));
    drop(named("there", weave(Rc::clone(&warp), Rc::clone(&weft))));
    drop(named("back", weave(weft, warp)));
    drop(named("clock", sleep(Duration::from_millis(10))));
}

async fn weave(first: Rc<Mutex<()>>, second: Rc<Mutex<()>>) {
    let _first = first.lock().await;
    sleep(Duration::from_millis(5)).await;
    let _second = second.lock().await;
}
