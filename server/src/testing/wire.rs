//! What the two ends of a connection in memory share, besides the bytes under way.
//!
//! The bytes are in a [`duplex`](runtime::io::duplex). Here is what a pair of pipes does not
//! know: how many bytes a direction may carry before the connection breaks off, that it has, and
//! a transcript.
//!
//! How it can go wrong: an end waits for bytes while the other end breaks the connection off. So
//! each end leaves its wakers here too, and breaking off calls all of them.

use std::cell::{Cell, RefCell};
use std::io;
use std::task::{Context, Poll};
use std::time::Duration;

use runtime::task::WakerCell;
use runtime::time::Instant;

use super::transcript::{Act, Ending, Side, Transcript};

/// What an end waits for.
#[derive(Clone, Copy)]
pub(super) enum Way {
    Read,
    Write,
}

/// See the file's heading.
pub(super) struct Wire {
    begin: Instant,
    ended: Cell<Option<Ending>>,
    /// How it ends when a direction has carried its last byte.
    ending: Ending,
    /// Bytes that the client, and the server, may still send.
    left: [Cell<u64>; 2],
    /// Reading and writing, of the client and of the server.
    waiting: [WakerCell; 4],
    transcript: RefCell<Transcript>,
    is_served: Cell<bool>,
}

impl Wire {
    /// `breaking`: how it breaks off, if it does. `begin`: what times are counted from.
    pub(super) fn new(begin: Instant, breaking: Option<(Side, u64, Ending)>) -> Self {
        let wire = Wire {
            begin,
            ended: Cell::new(None),
            ending: breaking.map_or(Ending::Cut, |(_, _, ending)| ending),
            left: [Cell::new(u64::MAX), Cell::new(u64::MAX)],
            waiting: Default::default(),
            transcript: RefCell::default(),
            is_served: Cell::new(true),
        };
        if let Some((side, after, _)) = breaking {
            wire.left[side as usize].set(after);
        }
        wire
    }

    pub(super) fn ended(&self) -> Option<Ending> {
        self.ended.get()
    }

    /// Leaves the waker of `cx`, unless the connection has broken off.
    pub(super) fn wait(&self, side: Side, way: Way, cx: &Context<'_>) -> Poll<()> {
        let cell = &self.waiting[2 * side as usize + way as usize];
        cell.register(cx, || self.ended.get().is_some())
    }

    /// How many of `count` bytes `side` may send now.
    pub(super) fn room(&self, side: Side, count: usize) -> usize {
        let left = self.left[side as usize].get();
        usize::try_from(left).map_or(count, |left| left.min(count))
    }

    /// `side` has sent these bytes. If they were the last, the connection breaks off.
    pub(super) fn sent(&self, side: Side, bytes: &[u8]) {
        let at = self.now();
        self.transcript.borrow_mut().sent_by(side, at, bytes);
        let left = &self.left[side as usize];
        if left.get() == u64::MAX {
            return;
        }
        left.set(left.get().saturating_sub(bytes.len() as u64));
        if left.get() == 0 {
            self.break_off(side, self.ending);
        }
    }

    /// Breaks the connection off, once.
    pub(super) fn break_off(&self, side: Side, ending: Ending) {
        if self.ended.get().is_some() {
            return;
        }
        self.ended.set(Some(ending));
        self.note(side, Act::Broke(ending));
        for cell in &self.waiting {
            cell.wake();
        }
    }

    pub(super) fn note(&self, side: Side, act: Act) {
        self.transcript.borrow_mut().add(side, self.now(), act);
    }

    /// This end waits no more.
    pub(super) fn leave(&self, side: Side) {
        for way in [Way::Read, Way::Write] {
            self.waiting[2 * side as usize + way as usize].clear();
        }
        if side == Side::Server {
            self.is_served.set(false);
        }
    }

    /// Whether the server, or the queue before it, has its end.
    pub(super) fn is_served(&self) -> bool {
        self.is_served.get()
    }

    pub(super) fn transcript(&self) -> Transcript {
        self.transcript.borrow().clone()
    }

    fn now(&self) -> Duration {
        self.begin.elapsed()
    }
}

/// What a write finds on a connection that has broken off.
pub(super) fn broken(ending: Ending) -> io::Error {
    match ending {
        Ending::Cut => io::Error::new(io::ErrorKind::BrokenPipe, "the connection was cut"),
        Ending::Reset => io::Error::new(io::ErrorKind::ConnectionReset, "the connection was reset"),
    }
}
