//! A pair of connected streams in memory, like the two ends of a socket.
//!
//! What one end writes, the other reads, in both directions. A test of a protocol needs no
//! port, no kernel and no luck with it: with a paused clock and a seed it runs the same
//! way every time.
//!
//! Each direction is a **pipe** (`pipe.rs`): a queue of bytes with a bound.
//!
//! ```text
//!            ┌──── pipe ────┐
//!   left ──► │ bytes ≤ max  │ ──► right
//!   left ◄── │ the same     │ ◄── right
//!            └──────────────┘
//! ```
//!
//! How it can go wrong: a waker is left behind. An end that is dropped takes its own two
//! wakers out, so that no task is woken for a stream it no longer has.

use std::fmt;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use futures_io::{AsyncRead, AsyncWrite};

use super::pipe::Pipe;

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
/// # #[runtime::main] async fn main() -> std::io::Result<()> {
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
/// # #[runtime::main] async fn main() -> std::io::Result<()> {
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
    /// Both directions are closed before a task is woken for it: a task that is woken for the
    /// first finds the second closed too.
    fn drop(&mut self) {
        self.outgoing.close();
        self.incoming.close();
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
