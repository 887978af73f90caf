//! What a connection's server lets the code above know: that it stops.
//!
//! A handler's task and a stream of events know no server. But while a connection is polled, and
//! with it its handler and the body of its answer, the server lies in a cell of the thread. There
//! the code above finds it ([`is_stopping`], [`Task::begin`]).
//!
//! How it can go wrong: a handler polls another connection, to a server in memory. So what lay in
//! the cell before is put back.

use std::cell::RefCell;
use std::rc::Rc;

use runtime::task::{AbortHandle, JoinHandle};

/// A server, as far as the code above may see it.
pub(crate) trait Stops {
    /// It finishes what is under way, and begins nothing.
    fn is_stopping(&self) -> bool;

    /// One more task that it waits for: the task's key.
    fn begin_task(&self) -> usize;

    /// How the task is ended when the server is cut off.
    fn abort_with(&self, key: usize, abort: AbortHandle);

    /// One less.
    fn end_task(&self, key: usize);
}

thread_local! {
    static CURRENT: RefCell<Option<Rc<dyn Stops>>> = const { RefCell::new(None) };
}

/// Polls a connection of `server`.
#[inline]
pub(crate) fn within<T>(server: Rc<dyn Stops>, poll: impl FnOnce() -> T) -> T {
    /// Puts back what was there, also if `poll` panics.
    struct Before(Option<Rc<dyn Stops>>);
    impl Drop for Before {
        fn drop(&mut self) {
            let server = CURRENT.replace(self.0.take());
            drop(server);
        }
    }
    let _before = Before(CURRENT.replace(Some(server)));
    poll()
}

fn current() -> Option<Rc<dyn Stops>> {
    CURRENT.with_borrow(Clone::clone)
}

/// Whether the server stops whose connection is being polled.
pub(crate) fn is_stopping() -> bool {
    current().is_some_and(|server| server.is_stopping())
}

/// A task that the server waits for when it stops, as it does for a connection.
pub(crate) struct Task(Option<(Rc<dyn Stops>, usize)>);

impl Task {
    /// A task of the server whose connection is being polled. If there is none, no server waits for it.
    pub(crate) fn begin() -> Self {
        Task(current().map(|server| {
            let key = server.begin_task();
            (server, key)
        }))
    }

    /// Spawns `work`, which goes on until it is done, or until the server is cut off: then it is
    /// dropped.
    pub(crate) fn spawn<T: 'static>(
        self,
        work: impl Future<Output = T> + 'static,
    ) -> JoinHandle<T> {
        let place = self.0.clone();
        let task = runtime::spawn(async move {
            let output = work.await;
            drop(self);
            output
        });
        if let Some((server, key)) = place {
            server.abort_with(key, task.abort_handle());
        }
        task
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        if let Some((server, key)) = &self.0 {
            server.end_task(*key);
        }
    }
}
