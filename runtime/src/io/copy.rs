//! From one stream into another, until the first has ended.
//!
//! [`copy`] is what a proxy or an echo server is made of. Between the two streams stands
//! one buffer of fixed size, and that is the back-pressure: while the writer does not
//! accept, the buffer stays full, the reader is not asked, and the peer that sends is made
//! to wait. Nothing grows.
//!
//! How it can go wrong:
//!
//! - *A question stays in a buffer while both sides wait for it.* When the reader has
//!   nothing at the moment, what the writer may be holding back (a `BufWriter`) is flushed
//!   before waiting: perhaps the reader is silent because its peer waits for just that.
//! - *Two streams that are always ready never let go of the thread.* Each round spends a
//!   unit of the task's budget.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_io::{AsyncBufRead, AsyncRead, AsyncWrite};

use super::write::takes_no_more;
use super::{DEFAULT_BUF_SIZE, interrupted};
use crate::coop;

/// Copies everything that `reader` has until its end into `writer`, flushes, and returns
/// how many bytes it was.
///
/// The buffer in between holds 8 KiB.
///
/// # Errors
///
/// The first error of either side, except `Interrupted`, which is tried again;
/// [`WriteZero`](io::ErrorKind::WriteZero) if the writer takes no more. What was read and
/// not yet written is lost.
///
/// # Cancel safety
///
/// Not cancel safe: what was read and not yet written is lost with the future.
///
/// # Examples
///
/// ```
/// # #[runtime::main]
/// # async fn main() -> std::io::Result<()> {
/// use runtime::io::{self, AsyncWriteExt};
///
/// let (mut client, mut server) = io::duplex(64);
/// client.write_all(b"hello").await?;
/// client.shutdown().await?;
///
/// let mut heard = Vec::new();
/// assert_eq!(io::copy(&mut server, &mut heard).await?, 5);
/// assert_eq!(heard, b"hello");
/// # Ok(()) }
/// ```
#[track_caller]
pub fn copy<'a, R, W>(
    reader: &'a mut R,
    writer: &'a mut W,
) -> impl Future<Output = io::Result<u64>> + use<'a, R, W>
where
    R: AsyncRead + Unpin + ?Sized,
    W: AsyncWrite + Unpin + ?Sized,
{
    let buf = vec![0; DEFAULT_BUF_SIZE].into_boxed_slice();
    let to = Destination {
        writer,
        copied: 0,
        unflushed: false,
    };
    CopyAll {
        reader,
        to,
        buf,
        start: 0,
        end: 0,
        ended: false,
    }
}

/// Copies everything that `reader` has until its end into `writer`, straight out of the
/// reader's own buffer, flushes, and returns how many bytes it was.
///
/// # Errors
///
/// As [`copy`]. What was read and not yet written is still in the reader.
///
/// # Cancel safety
///
/// If the future is dropped before it is ready, what was read and not yet written is
/// still in the reader; the count is lost.
///
/// # Examples
///
/// ```
/// # #[runtime::main]
/// # async fn main() -> std::io::Result<()> {
/// use runtime::io;
///
/// let mut source: &[u8] = b"hello";
/// let mut target = Vec::new();
/// assert_eq!(io::copy_buf(&mut source, &mut target).await?, 5);
/// assert_eq!(target, b"hello");
/// # Ok(()) }
/// ```
#[track_caller]
pub fn copy_buf<'a, R, W>(
    reader: &'a mut R,
    writer: &'a mut W,
) -> impl Future<Output = io::Result<u64>> + use<'a, R, W>
where
    R: AsyncBufRead + Unpin + ?Sized,
    W: AsyncWrite + Unpin + ?Sized,
{
    let to = Destination {
        writer,
        copied: 0,
        unflushed: false,
    };
    CopyBuf { reader, to }
}

/// The future of [`copy`].
struct CopyAll<'a, R: ?Sized, W: ?Sized> {
    reader: &'a mut R,
    to: Destination<'a, W>,
    buf: Box<[u8]>,
    /// `buf[start..end]` has been read and not yet written.
    start: usize,
    end: usize,
    /// The reader has ended.
    ended: bool,
}

impl<R, W> Future for CopyAll<'_, R, W>
where
    R: AsyncRead + Unpin + ?Sized,
    W: AsyncWrite + Unpin + ?Sized,
{
    type Output = io::Result<u64>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let me = &mut *self;
        loop {
            let unit = ready!(coop::poll_proceed(cx));
            match me.poll_fill(cx) {
                Poll::Ready(result) => result?,
                Poll::Pending if me.start < me.end => {}
                Poll::Pending => return me.to.poll_idle(cx),
            }
            ready!(me.poll_drain(cx))?;
            unit.made_progress();
            if me.ended {
                return me.to.poll_finish(cx);
            }
        }
    }
}

impl<R, W> CopyAll<'_, R, W>
where
    R: AsyncRead + Unpin + ?Sized,
    W: AsyncWrite + Unpin + ?Sized,
{
    /// One read into the room at the end of the buffer, if there is any, so that the next
    /// write is as large as it can be.
    fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.ended && self.end < self.buf.len() {
            let room = &mut self.buf[self.end..];
            let result = ready!(Pin::new(&mut *self.reader).poll_read(cx, room));
            if interrupted(&result) {
                continue;
            }
            let n = result?;
            self.ended = n == 0;
            self.end += n;
            break;
        }
        Poll::Ready(Ok(()))
    }

    /// Writes what is in the buffer.
    fn poll_drain(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.start < self.end {
            self.start += ready!(self.to.poll_write(cx, &self.buf[self.start..self.end]))?;
        }
        (self.start, self.end) = (0, 0);
        Poll::Ready(Ok(()))
    }
}

/// The future of [`copy_buf`].
struct CopyBuf<'a, R: ?Sized, W: ?Sized> {
    reader: &'a mut R,
    to: Destination<'a, W>,
}

impl<R, W> Future for CopyBuf<'_, R, W>
where
    R: AsyncBufRead + Unpin + ?Sized,
    W: AsyncWrite + Unpin + ?Sized,
{
    type Output = io::Result<u64>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let me = &mut *self;
        loop {
            let unit = ready!(coop::poll_proceed(cx));
            let Poll::Ready(result) = Pin::new(&mut *me.reader).poll_fill_buf(cx) else {
                return me.to.poll_idle(cx);
            };
            if interrupted(&result) {
                continue;
            }
            let available = result?;
            if available.is_empty() {
                return me.to.poll_finish(cx);
            }
            let n = ready!(me.to.poll_write(cx, available))?;
            Pin::new(&mut *me.reader).consume(n);
            unit.made_progress();
        }
    }
}

/// The side that is written to.
struct Destination<'a, W: ?Sized> {
    writer: &'a mut W,
    /// How many bytes it has accepted.
    copied: u64,
    /// It has accepted bytes since it was last flushed.
    unflushed: bool,
}

impl<W: AsyncWrite + Unpin + ?Sized> Destination<'_, W> {
    /// One write, counted.
    fn poll_write(&mut self, cx: &mut Context<'_>, src: &[u8]) -> Poll<io::Result<usize>> {
        loop {
            let result = ready!(Pin::new(&mut *self.writer).poll_write(cx, src));
            if interrupted(&result) {
                continue;
            }
            let n = result?;
            if n == 0 {
                return Poll::Ready(Err(takes_no_more(src.len())));
            }
            self.copied += n as u64;
            self.unflushed = true;
            return Poll::Ready(Ok(n));
        }
    }

    /// There is nothing to write at the moment: what is held back goes out meanwhile.
    fn poll_idle(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<u64>> {
        if self.unflushed {
            ready!(Pin::new(&mut *self.writer).poll_flush(cx))?;
            self.unflushed = false;
        }
        Poll::Pending
    }

    /// Everything has been written.
    fn poll_finish(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<u64>> {
        ready!(Pin::new(&mut *self.writer).poll_flush(cx))?;
        Poll::Ready(Ok(self.copied))
    }
}
