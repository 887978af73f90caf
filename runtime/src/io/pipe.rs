//! A queue of bytes with a bound: one direction of a stream in memory.
//!
//! ```text
//!              ┌──────────── pipe ────────────┐
//!   writer ──► │ bytes ≤ max, closed,         │ ──► reader
//!              │ waker of reader, of writer   │
//!              └──────────────────────────────┘
//! ```
//!
//! A read of an empty pipe leaves its waker and waits; a write puts bytes in and wakes it.
//! A write to a full pipe leaves its waker and waits; a read takes bytes out and wakes it.
//! That waiting is the back-pressure: a writer is never more than `max` bytes ahead.
//!
//! How it can go wrong:
//!
//! - *A wake is lost.* Between the look that finds the pipe empty (or full) and the waker that is
//!   left, the clone of that waker runs, which may write (or read) here. So a [`WakerCell`] looks
//!   once more.
//! - *A wake finds the pipe borrowed.* Waking, and dropping a waker that was replaced, may
//!   run foreign code that comes back to this very pipe. Wakers are therefore kept in
//!   cells and not under the borrow of the bytes, and are used when that borrow has ended.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::fmt;
use std::io::{self, IoSlice};
use std::panic::Location;
use std::task::{Context, Poll, ready};

use crate::base::room::{Roomy, kept};
use crate::machine::coop;
use crate::machine::waker_cell::WakerCell;
use crate::trace::{Number, Shared, waiting};

/// See the file's heading.
pub(super) struct Pipe {
    /// Written and not yet read. Borrowed for a copy of bytes and for nothing else.
    bytes: RefCell<Roomy<VecDeque<u8>>>,
    /// The bound of `bytes`.
    max: usize,
    /// One of the two sides has ended: no write succeeds any more, and a read that finds
    /// no bytes has come to the end.
    closed: Cell<bool>,
    /// The reader, while it waits for bytes.
    reader: WakerCell,
    /// The writer, while it waits for room.
    writer: WakerCell,
    /// What a trace calls it.
    number: Number,
}

impl Pipe {
    pub(super) fn new(max: usize) -> Self {
        Pipe {
            bytes: RefCell::default(),
            max,
            closed: Cell::new(false),
            reader: WakerCell::new(),
            writer: WakerCell::new(),
            number: Number::new(),
        }
    }

    pub(super) fn poll_read(
        &self,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let unit = ready!(coop::poll_proceed(cx));
        let n = loop {
            let n = self.take(buf);
            if n > 0 || buf.is_empty() || self.closed.get() {
                break n;
            }
            let has_bytes = || self.closed.get() || !self.bytes.borrow().is_empty();
            let polled = self.reader.register(cx, has_bytes);
            self.emit_waiting(polled.is_pending());
            ready!(polled);
        };
        unit.made_progress();
        if n > 0 {
            self.writer.wake();
        }
        Poll::Ready(Ok(n))
    }

    pub(super) fn poll_write(
        &self,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let unit = ready!(coop::poll_proceed(cx));
        let n = loop {
            if self.closed.get() {
                unit.made_progress();
                return Poll::Ready(Err(broken()));
            }
            let n = self.put(bufs);
            if n > 0 || bufs.iter().all(|buf| buf.is_empty()) {
                break n;
            }
            let has_room = || self.closed.get() || self.bytes.borrow().len() < self.max;
            let polled = self.writer.register(cx, has_room);
            self.emit_waiting(polled.is_pending());
            ready!(polled);
        };
        unit.made_progress();
        if n > 0 {
            self.reader.wake();
        }
        Poll::Ready(Ok(n))
    }

    /// Emits why the task waits, if it does. The line is that of the future that reads or writes here.
    #[inline]
    #[track_caller]
    fn emit_waiting(&self, waits: bool) {
        let at = Location::caller();
        waiting(waits, Shared::Duplex, || self.number.tell(), at);
    }

    /// Nothing more can be written or read.
    pub(super) fn close(&self) {
        self.closed.set(true);
    }

    /// The writing side has ended: the reader is to see the end, after what is there.
    pub(super) fn no_more_writes(&self) {
        self.closed.set(true);
        self.writer.clear();
        self.reader.wake();
    }

    /// The reading side is gone: the bytes that are left are dropped, and the writer is to fail.
    pub(super) fn no_more_reads(&self) {
        self.closed.set(true);
        self.bytes.take();
        self.reader.clear();
        self.writer.wake();
    }

    /// Moves bytes out of the pipe, as many as there are and fit.
    fn take(&self, buf: &mut [u8]) -> usize {
        let mut bytes = self.bytes.borrow_mut();
        let n = buf.len().min(bytes.len());
        let (front, back) = bytes.as_slices();
        let of_front = n.min(front.len());
        buf[..of_front].copy_from_slice(&front[..of_front]);
        buf[of_front..n].copy_from_slice(&back[..n - of_front]);
        bytes.drain(..n);
        bytes.give_back_after(n, kept::<u8>());
        n
    }

    /// Moves bytes into the pipe, as many as there is room for.
    fn put(&self, bufs: &[IoSlice<'_>]) -> usize {
        let mut bytes = self.bytes.borrow_mut();
        let before = bytes.len();
        for buf in bufs {
            let n = buf.len().min(self.max - bytes.len());
            bytes.extend(&buf[..n]);
        }
        bytes.len() - before
    }
}

impl fmt::Debug for Pipe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let held = self.bytes.borrow().len();
        write!(f, "{held} of {} bytes", self.max)?;
        if self.closed.get() {
            f.write_str(", closed")
        } else {
            Ok(())
        }
    }
}

fn broken() -> io::Error {
    let text =
        "what is written cannot be read any more: the peer is gone, or this end was shut down";
    io::Error::new(io::ErrorKind::BrokenPipe, text)
}
