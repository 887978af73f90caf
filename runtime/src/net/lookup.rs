//! Looking up a host name without blocking the thread.
//!
//! The system's resolver reads files and asks servers, and returns when it knows. So each
//! look-up has a thread of its own, which ends with it and wakes the task that waits.
//! Numeric addresses never come here.

use std::future::{Future, poll_fn};
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Poll, Waker};
use std::thread;

#[derive(Default)]
struct Answer {
    addrs: Option<io::Result<Vec<SocketAddr>>>,
    waiting: Option<Waker>,
}

/// The addresses of `host`, each with `port`. Dropping the future lets the thread finish
/// for nobody.
pub(super) fn lookup(host: String, port: u16) -> impl Future<Output = io::Result<Vec<SocketAddr>>> {
    let answer = Arc::new(Mutex::new(Answer::default()));
    let theirs = Arc::clone(&answer);
    let spawned = thread::Builder::new()
        .name(String::from("look-up"))
        .spawn(move || {
            let addrs = (host.as_str(), port).to_socket_addrs();
            let addrs = addrs.map(Iterator::collect);
            let waiting = {
                let mut answer = lock(&theirs);
                answer.addrs = Some(addrs);
                answer.waiting.take()
            };
            if let Some(waker) = waiting {
                waker.wake();
            }
        });
    async move {
        spawned?;
        poll_fn(|cx| {
            let waker = cx.waker().clone();
            let mut answer = lock(&answer);
            let Some(addrs) = answer.addrs.take() else {
                let old = answer.waiting.replace(waker);
                drop(answer);
                drop(old);
                return Poll::Pending;
            };
            Poll::Ready(addrs)
        })
        .await
    }
}

fn lock(answer: &Mutex<Answer>) -> MutexGuard<'_, Answer> {
    match answer.lock() {
        Ok(guard) => guard,
        Err(poisoned) => poisoned.into_inner(),
    }
}
