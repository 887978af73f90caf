//! What a turn of the reactor hears of: which source became ready, and in which directions.
//!
//! The operating system says it, or a simulated network does (crate feature `sim`). The reactor notes both in
//! the same way.

#[cfg(feature = "sim")]
use std::cell::RefCell;

use mio::Token;
use mio::event::Event;

/// What became ready, of which source.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct News {
    pub(crate) token: Token,
    pub(crate) read: bool,
    pub(crate) read_end: bool,
    pub(crate) write: bool,
    pub(crate) write_end: bool,
}

impl News {
    pub(super) fn of(event: &Event) -> News {
        // An error ends both directions: the next try will be told of it.
        let error = event.is_error();
        News {
            token: event.token(),
            read: event.is_readable(),
            read_end: event.is_read_closed() || error,
            write: event.is_writable(),
            write_end: event.is_write_closed() || error,
        }
    }
}

#[cfg(feature = "sim")]
impl News {
    pub(crate) const NOTHING: News = News {
        token: Token(usize::MAX),
        read: false,
        read_end: false,
        write: false,
        write_end: false,
    };

    pub(crate) const READ: News = News {
        read: true,
        ..News::NOTHING
    };

    pub(crate) const READ_END: News = News {
        read_end: true,
        ..News::NOTHING
    };

    pub(crate) const WRITE: News = News {
        write: true,
        ..News::NOTHING
    };

    pub(crate) const BOTH: News = News {
        read: true,
        ..News::WRITE
    };

    pub(crate) const ENDED: News = News {
        read_end: true,
        write_end: true,
        ..News::NOTHING
    };
}

/// What a simulated network has to tell, for the next turn.
#[cfg(feature = "sim")]
#[derive(Default)]
pub(super) struct Told(RefCell<Vec<News>>);

#[cfg(feature = "sim")]
impl Told {
    pub(super) fn tell(&self, news: Vec<News>) {
        self.0.borrow_mut().extend(news);
    }

    pub(super) fn take(&self) -> Vec<News> {
        self.0.take()
    }
}
