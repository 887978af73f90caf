//! A wake from another thread.
//!
//! A waker may be sent anywhere. When another thread calls it, that thread must not touch the run
//! queue, which belongs to the runtime's own. It leaves a note in the *inbox* and, if the
//! runtime's thread sleeps, rouses it. The owner takes the notes when it comes by.

use super::named;
use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::thread;
use std::time::Duration;

pub(crate) const WATCH: &str = "The inbox. The thread parks without a limit, as nothing in this \
    runtime will ever happen by itself. Then it is back: another thread has roused it. The inbox \
    is emptied, and the task whose wake lay in it goes on the run queue: another thread has woken it.";

pub(crate) fn start() {
    drop(named("listener", listener()));
}

async fn listener() {
    let done = Arc::new(AtomicBool::new(false));
    let mut helper = None;
    poll_fn(|cx| {
        if done.load(Ordering::Acquire) {
            return Poll::Ready(());
        }
        let (waker, done) = (cx.waker().clone(), Arc::clone(&done));
        helper.get_or_insert_with(|| {
            thread::spawn(move || {
                thread::sleep(Duration::from_millis(20)); // its work
                done.store(true, Ordering::Release);
                waker.wake();
            })
        });
        Poll::Pending
    })
    .await;
}
