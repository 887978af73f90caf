//! Requests that wait until a backend has a connection to spare.
//!
//! A burst is over in a moment. To refuse it would be a pity: so a request that finds all backends
//! full waits a little, behind those that have come before it. How it can go wrong: a queue that is
//! longer than what the backends do in the time that a client waits. Then each request is
//! answered when its client has gone. So the queue has a length (`--backend-queue`) and a time
//! (`--backend-connect-timeout`), and a request that finds no place in it is refused at once.

use std::cell::Cell;
use std::time::Duration;

use runtime::sync::Notify;
use runtime::time::timeout;

use super::options::Options;

/// See the file's heading.
pub(crate) struct Queue {
    freed: Notify,
    waiting: Cell<usize>,
    most: usize,
    patience: Duration,
}

impl Queue {
    pub(crate) fn new(options: &Options) -> Self {
        Queue {
            freed: Notify::new(),
            waiting: Cell::new(0),
            most: options.backend_queue,
            patience: options.backend_connect_timeout,
        }
    }

    /// How many wait.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.get()
    }

    /// A backend has a connection to spare again: the request that has waited longest may look.
    pub(crate) fn one_is_free(&self) {
        if self.waiting() > 0 {
            self.freed.notify_one();
        }
    }

    /// A backend with all its connections has come back.
    pub(crate) fn many_are_free(&self) {
        self.freed.notify_waiters();
    }

    /// Takes what `look` finds: at once if no other request waits, else in turn. `None`: there is no place to
    /// wait, or the time is over.
    ///
    /// Cancel safe: the next one gets the turn.
    pub(crate) async fn take<T>(&self, look: impl Fn() -> Option<T>) -> Option<T> {
        if self.waiting() == 0
            && let Some(found) = look()
        {
            return Some(found);
        }
        let _place = Waiting::new(self)?;
        let turn = async {
            loop {
                self.freed.notified().await;
                if let Some(found) = look() {
                    return found;
                }
            }
        };
        timeout(self.patience, turn).await.ok()
    }
}

/// A place in the queue.
struct Waiting<'a>(&'a Queue);

impl<'a> Waiting<'a> {
    fn new(queue: &'a Queue) -> Option<Self> {
        let waiting = queue.waiting();
        (waiting < queue.most).then(|| {
            queue.waiting.set(waiting + 1);
            Waiting(queue)
        })
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting.set(self.0.waiting() - 1);
    }
}
