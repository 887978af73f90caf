//! What is being served: a server, and the numbers of a connection and of its request.
//!
//! A handler, its task and a stream of events know no server, and to put numbers beside each request
//! would allocate memory for each, while few handlers ask. So while a connection is polled, and with
//! it its handler and the body of its response, both lie in cells of the thread. There the code above finds
//! them ([`server`], [`ids`]).
//!
//! How it can go wrong: a handler polls another connection, to a server in memory. So what lay in
//! the cells before is put back. And a handler that goes on in a task of its own is not polled with
//! its connection; the layer that makes the task takes the numbers along.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use runtime::task::AbortHandle;

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

/// The numbers of a request that is being answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ids {
    pub(crate) connection: u64,
    pub(crate) request: u64,
}

/// Before the first request of a connection, and outside of all connections.
const NONE: Ids = Ids {
    connection: 0,
    request: 0,
};

thread_local! {
    static SERVER: RefCell<Option<Rc<dyn Stops>>> = const { RefCell::new(None) };
    static IDS: Cell<Ids> = const { Cell::new(NONE) };
}

/// Polls the connection of `server` with this number.
#[inline]
pub(crate) fn within<T>(server: Rc<dyn Stops>, connection: u64, poll: impl FnOnce() -> T) -> T {
    /// Puts back what was there, also if `poll` panics.
    struct Before(Option<Rc<dyn Stops>>, Ids);
    impl Drop for Before {
        fn drop(&mut self) {
            IDS.set(self.1);
            let server = SERVER.replace(self.0.take());
            drop(server);
        }
    }
    let ids = Ids { connection, ..NONE };
    let _before = Before(SERVER.replace(Some(server)), IDS.replace(ids));
    poll()
}

/// The server whose connection is being polled.
pub(crate) fn server() -> Option<Rc<dyn Stops>> {
    SERVER.with_borrow(Clone::clone)
}

/// Whether that server stops.
pub(crate) fn is_stopping() -> bool {
    server().is_some_and(|server| server.is_stopping())
}

/// The handler of this request is polled next.
#[inline]
pub(crate) fn set_request(request: u64) {
    let ids = IDS.get();
    IDS.set(Ids { request, ..ids });
}

/// The request whose handler is being polled, if one is.
pub(crate) fn ids() -> Option<Ids> {
    Some(IDS.get()).filter(|ids| ids.request != 0)
}
