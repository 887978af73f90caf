//! A pair of connected streams in memory, like the two ends of a socket.
//!
//! What one end writes, the other reads, in both directions. A test of a protocol needs no
//! port, no kernel and no luck with it: with a paused clock and a seed it runs the same
//! way every time.
//!
//! Each direction is a **pipe**: a queue of bytes with a bound, a flag that says it is
//! closed, and room for two wakers, the reader's and the writer's.
//!
//! ```text
//!            ┌──────────── pipe ────────────┐
//!   left ──► │ bytes ≤ max, closed,         │ ──► right
//!            │ waker of reader, of writer   │
//!            └──────────────────────────────┘
//!   left ◄── │ the same, the other way      │ ◄── right
//! ```
//!
//! A read of an empty pipe leaves its waker and waits; a write puts bytes in and wakes it.
//! A write to a full pipe leaves its waker and waits; a read takes bytes out and wakes it.
//! That waiting is the back-pressure: a writer is never more than `max` bytes ahead.
//!
//! How it can go wrong:
//!
//! - *A wake is lost.* Whoever finds the pipe empty (or full) leaves its waker in the same
//!   breath: this is one thread, and nothing runs between the look and the waker.
//! - *A waker is left behind.* An end that is dropped takes its own two wakers out, so
//!   that no task is woken for a stream it no longer has.
//! - *A wake finds the pipe borrowed.* Waking, and dropping a waker that was replaced, may
//!   run foreign code that comes back to this very pipe. Wakers are therefore kept in
//!   cells and not under the borrow of the bytes, and are used when that borrow has ended.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::fmt;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker, ready};

use futures_io::{AsyncRead, AsyncWrite};

use crate::coop;

/// Makes a pair of connected streams; each direction holds at most `max_buf_size` bytes.
///
/// A write to a direction that is full waits until the peer has read.
///
/// # Panics
///
/// If `max_buf_size` is 0: nothing could ever be written.
///
/// # Examples
///
/// ```
/// # #[runtime::main]
/// # async fn main() -> std::io::Result<()> {
/// use runtime::io::{AsyncReadExt, AsyncWriteExt};
///
/// let (mut client, mut server) = runtime::io::duplex(64);
///
/// client.write_all(b"ping").await?;
/// let mut buf = [0; 4];
/// server.read_exact(&mut buf).await?;
/// assert_eq!(&buf, b"ping");
///
/// server.write_all(b"pong").await?;
/// client.read_exact(&mut buf).await?;
/// assert_eq!(&buf, b"pong");
/// # Ok(()) }
/// ```
#[track_caller]
pub fn duplex(max_buf_size: usize) -> (DuplexStream, DuplexStream) {
    assert!(
        max_buf_size > 0,
        "duplex(0) could carry no byte: max_buf_size must be at least 1"
    );
    let there = Rc::new(Pipe::new(max_buf_size));
    let back = Rc::new(Pipe::new(max_buf_size));
    let left = DuplexStream {
        incoming: back.clone(),
        outgoing: there.clone(),
    };
    let right = DuplexStream {
        incoming: there,
        outgoing: back,
    };
    (left, right)
}

/// One end of a pair of connected streams, made by [`duplex`].
///
/// - Reading gives what the peer wrote; when the peer has shut down or is gone, first what
///   it had written, then the end (`Ok(0)`).
/// - Writing waits while the direction is full. After this end's `shutdown`, or when the
///   peer is gone, it fails with [`BrokenPipe`](io::ErrorKind::BrokenPipe).
/// - Flushing has nothing to do.
///
/// Each direction knows one reader's and one writer's waker: the last task that waited is
/// the one that is woken.
///
/// Reads and writes spend the task's budget: two tasks that talk at full speed leave the
/// others their turn.
///
/// # Examples
///
/// The peer sees the end when this one is dropped, after everything that was written:
///
/// ```
/// # #[runtime::main]
/// # async fn main() -> std::io::Result<()> {
/// use runtime::io::{AsyncReadExt, AsyncWriteExt, ErrorKind};
///
/// let (mut here, mut there) = runtime::io::duplex(64);
/// here.write_all(b"farewell").await?;
/// drop(here);
///
/// let mut heard = String::new();
/// there.read_to_string(&mut heard).await?;
/// assert_eq!(heard, "farewell");
/// assert_eq!(there.write(b"?").await.unwrap_err().kind(), ErrorKind::BrokenPipe);
/// # Ok(()) }
/// ```
pub struct DuplexStream {
    incoming: Rc<Pipe>,
    outgoing: Rc<Pipe>,
}

impl AsyncRead for DuplexStream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        self.incoming.poll_read(cx, buf)
    }
}

impl AsyncWrite for DuplexStream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        src: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.outgoing.poll_write(cx, &[IoSlice::new(src)])
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.outgoing.poll_write(cx, bufs)
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.outgoing.no_more_writes();
        Poll::Ready(Ok(()))
    }
}

impl Drop for DuplexStream {
    /// Both directions are closed before anybody hears of it: whoever is woken by the first
    /// finds the second closed too.
    fn drop(&mut self) {
        self.outgoing.closed.set(true);
        self.incoming.closed.set(true);
        self.outgoing.no_more_writes();
        self.incoming.no_more_reads();
    }
}

impl fmt::Debug for DuplexStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DuplexStream")
            .field("incoming", &self.incoming)
            .field("outgoing", &self.outgoing)
            .finish()
    }
}

/// One direction.
struct Pipe {
    /// Written and not yet read. Borrowed for a copy of bytes and for nothing else.
    bytes: RefCell<VecDeque<u8>>,
    /// The bound of `bytes`.
    max: usize,
    /// One of the two sides has ended: no write succeeds any more, and a read that finds
    /// no bytes has come to the end.
    closed: Cell<bool>,
    /// Who waits for bytes.
    reader: Waiter,
    /// Who waits for room.
    writer: Waiter,
}

impl Pipe {
    fn new(max: usize) -> Self {
        Pipe {
            bytes: RefCell::default(),
            max,
            closed: Cell::new(false),
            reader: Waiter::default(),
            writer: Waiter::default(),
        }
    }

    fn poll_read(&self, cx: &mut Context<'_>, buf: &mut [u8]) -> Poll<io::Result<usize>> {
        let unit = ready!(coop::poll_proceed(cx));
        let n = self.take(buf);
        if n == 0 && !buf.is_empty() && !self.closed.get() {
            self.reader.wait(cx);
            return Poll::Pending;
        }
        unit.made_progress();
        if n > 0 {
            self.writer.wake();
        }
        Poll::Ready(Ok(n))
    }

    fn poll_write(&self, cx: &mut Context<'_>, bufs: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        let unit = ready!(coop::poll_proceed(cx));
        if self.closed.get() {
            unit.made_progress();
            return Poll::Ready(Err(broken()));
        }
        let n = self.put(bufs);
        if n == 0 && bufs.iter().any(|buf| !buf.is_empty()) {
            self.writer.wait(cx);
            return Poll::Pending;
        }
        unit.made_progress();
        if n > 0 {
            self.reader.wake();
        }
        Poll::Ready(Ok(n))
    }

    /// The writing side has ended: the reader is to see the end, after what is there.
    fn no_more_writes(&self) {
        self.closed.set(true);
        self.writer.leave();
        self.reader.wake();
    }

    /// The reading side is gone: what is there is for nobody, and the writer is to fail.
    fn no_more_reads(&self) {
        self.closed.set(true);
        self.bytes.take();
        self.reader.leave();
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

/// Room for one waker.
#[derive(Default)]
struct Waiter(Cell<Option<Waker>>);

impl Waiter {
    /// The task of `cx` is the one to wake.
    fn wait(&self, cx: &Context<'_>) {
        match self.0.take() {
            Some(same) if same.will_wake(cx.waker()) => self.0.set(Some(same)),
            other => {
                self.0.set(Some(cx.waker().clone()));
                drop(other);
            }
        }
    }

    fn wake(&self) {
        if let Some(waker) = self.0.take() {
            waker.wake();
        }
    }

    /// Nobody waits here any more.
    fn leave(&self) {
        drop(self.0.take());
    }
}

fn broken() -> io::Error {
    let text = "nobody can read this any more: the peer is gone, or this end was shut down";
    io::Error::new(io::ErrorKind::BrokenPipe, text)
}
