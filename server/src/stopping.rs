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

/// A server, as far as the code above may see it.
pub(crate) trait Stops {
    /// It finishes what is under way, and begins nothing.
    fn is_stopping(&self) -> bool;

    /// One more task that it waits for.
    fn begin_task(&self);

    /// One less.
    fn end_task(&self);
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
pub(crate) struct Task(Option<Rc<dyn Stops>>);

impl Task {
    /// A task of the server whose connection is being polled. If there is none, no server waits for it.
    pub(crate) fn begin() -> Self {
        let server = current();
        if let Some(server) = &server {
            server.begin_task();
        }
        Task(server)
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        if let Some(server) = &self.0 {
            server.end_task();
        }
    }
}
