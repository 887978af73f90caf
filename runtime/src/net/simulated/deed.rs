//! What a program did to a socket, and what came of it, as a recorded host notes it: see `causes.rs`.

use std::time::Duration;

use crate::trace::Direction;

/// A deed of a host's program.
#[derive(Clone, Copy)]
pub(crate) struct Deed {
    /// The host's place in the list of them.
    pub(crate) host: usize,
    pub(crate) life: u32,
    /// The number of the event that tells of it, most often the host's next one.
    pub(crate) seq: u64,
    pub(crate) at: Duration,
    /// It ended the writing direction of a connection: no event tells of it.
    pub(crate) is_end: bool,
}

/// A source of a host became ready because of a deed.
pub(crate) struct Came {
    /// The number of the host's next event.
    pub(crate) seq: u64,
    pub(crate) source: u64,
    pub(crate) direction: Direction,
    pub(crate) from: Deed,
}

/// How a host is recorded.
pub(super) struct Recorded {
    pub(super) life: u32,
    /// The number of its next event.
    pub(super) next: Box<dyn Fn() -> u64>,
    pub(super) came: Vec<Came>,
}
