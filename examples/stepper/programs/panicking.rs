//! A task that panics.
//!
//! A panic ends the task in which it happens and nothing else. The loop catches it, drops what is
//! left of the future, and hands the message to the task that awaits the join handle, as an error.
//! (Before that the standard library prints it, as for every panic.)

use super::named;
use runtime::time::{Duration, sleep};

pub(crate) const WATCH: &str = "The end of the task that panics: its poll ends like any other, \
    the task leaves the picture, and the one that awaited it is woken as by any other end. The \
    bystander, asleep all the while, is not touched.";

pub(crate) fn start() {
    drop(named("bystander", sleep(Duration::from_millis(20))));
    drop(named("guardian", guardian()));
}

async fn guardian() -> bool {
    let task = named("careless", careless());
    task.await.is_err_and(|error| error.is_panic())
}

async fn careless() {
    sleep(Duration::from_millis(10)).await;
    panic!("the thread is broken");
}
