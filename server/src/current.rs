//! Which request is being answered: the numbers of its connection and of itself.
//!
//! To put them beside each request would allocate memory for each, and few handlers ask. So while a
//! connection is polled, and with it its handler, they lie in a cell of the thread. An extractor
//! finds them there ([`ids`]).
//!
//! How it can go wrong: a handler polls another connection, to a server in memory. So what lay in
//! the cell before is put back. And a handler that goes on in a task of its own is not polled with
//! its connection; the layer that makes the task takes the numbers along.

use std::cell::Cell;

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
    static CURRENT: Cell<Ids> = const { Cell::new(NONE) };
}

/// Polls the connection with this number.
#[inline]
pub(crate) fn within<T>(connection: u64, poll: impl FnOnce() -> T) -> T {
    /// Puts back what was there, also if `poll` panics.
    struct Before(Ids);
    impl Drop for Before {
        fn drop(&mut self) {
            CURRENT.set(self.0);
        }
    }
    let request = 0;
    let _before = Before(CURRENT.replace(Ids {
        connection,
        request,
    }));
    poll()
}

/// The handler of this request is polled next.
#[inline]
pub(crate) fn set_request(request: u64) {
    let ids = CURRENT.get();
    CURRENT.set(Ids { request, ..ids });
}

/// The request whose handler is being polled, if one is.
pub(crate) fn ids() -> Option<Ids> {
    Some(CURRENT.get()).filter(|ids| ids.request != 0)
}
