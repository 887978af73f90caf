//! Few large writes instead of many small ones.
//!
//! [`BufWriter`] collects what is written until its buffer would overflow, or until it is
//! flushed, and only then asks the stream. What is as large as the buffer goes past it.
//!
//! How it can go wrong:
//!
//! - *The program does not flush.* What is in the buffer when the writer is dropped is lost: a
//!   `drop` cannot wait for a socket. End with `flush` or `shutdown`.
//! - *A flush is dropped half-way, or fails.* What the stream had accepted by then must not
//!   be sent twice, and what it had not must not be lost. So the count of accepted bytes
//!   is kept here and not in the future.

use std::fmt;
use std::io::{self, IoSlice, SeekFrom};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_io::{AsyncBufRead, AsyncRead, AsyncSeek, AsyncWrite};
use pin_project_lite::pin_project;

use super::write::takes_no_more;
use super::{DEFAULT_BUF_SIZE, interrupted};

pin_project! {
    /// Puts a buffer in front of a stream that is written to.
    ///
    /// Reading, where the stream can be read from, goes straight through.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// use runtime::io::{AsyncWriteExt, BufWriter};
    ///
    /// let mut writer = BufWriter::new(Vec::new());
    /// writer.write_all(b"many ").await?;
    /// writer.write_all(b"small writes").await?;
    /// assert!(writer.get_ref().is_empty());
    /// writer.flush().await?;
    /// assert_eq!(writer.get_ref(), b"many small writes");
    /// # Ok(()) }
    /// ```
    pub struct BufWriter<W> {
        #[pin]
        inner: W,
        // Never longer than its capacity at the start: it does not grow.
        buf: Vec<u8>,
        // The bound of `buf`. (A vector's own capacity may be larger than asked for.)
        capacity: usize,
        // How much of `buf` the stream has accepted in a flush that is not finished.
        written: usize,
    }
}

impl<W> BufWriter<W> {
    /// The stream, and the same buffer in front of another one.
    pub(super) fn give_up_inner<V>(self, next: V) -> (W, BufWriter<V>) {
        let writer = BufWriter {
            inner: next,
            buf: self.buf,
            capacity: self.capacity,
            written: self.written,
        };
        (self.inner, writer)
    }
}

impl<W: AsyncWrite> BufWriter<W> {
    /// With a buffer of 8 KiB.
    pub fn new(inner: W) -> Self {
        Self::with_capacity(DEFAULT_BUF_SIZE, inner)
    }

    /// With a buffer of `capacity` bytes.
    ///
    /// ```
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// use runtime::io::{AsyncWriteExt, BufWriter};
    ///
    /// let mut writer = BufWriter::with_capacity(4, Vec::new());
    /// writer.write_all(b"abc").await?;
    /// writer.write_all(b"def").await?; // does not fit: what was there goes to the stream
    /// assert_eq!(writer.get_ref(), b"abc");
    /// # Ok(()) }
    /// ```
    pub fn with_capacity(capacity: usize, inner: W) -> Self {
        let buf = Vec::with_capacity(capacity);
        BufWriter {
            inner,
            buf,
            capacity,
            written: 0,
        }
    }

    /// Hands the buffer to the stream, in as many writes as it takes.
    fn poll_empty(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut me = self.project();
        while *me.written < me.buf.len() {
            let rest = &me.buf[*me.written..];
            let result = ready!(me.inner.as_mut().poll_write(cx, rest));
            if interrupted(&result) {
                continue;
            }
            match result? {
                0 => return Poll::Ready(Err(takes_no_more(rest.len()))),
                n => *me.written += n,
            }
        }
        me.buf.clear();
        *me.written = 0;
        Poll::Ready(Ok(()))
    }

    /// Empties the buffer unless `more` bytes still fit.
    fn poll_make_room(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        more: usize,
    ) -> Poll<io::Result<()>> {
        if more <= self.capacity - self.buf.len() {
            return Poll::Ready(Ok(()));
        }
        self.poll_empty(cx)
    }
}

impl<W> BufWriter<W> {
    /// The stream. What is in [`buffer`](Self::buffer) has not come there yet.
    pub fn get_ref(&self) -> &W {
        &self.inner
    }

    /// The stream. What is written to it overtakes what is in [`buffer`](Self::buffer).
    ///
    /// ```
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// use runtime::io::{AsyncWriteExt, BufWriter};
    ///
    /// let mut writer = BufWriter::new(Vec::new());
    /// writer.write_all(b"second").await?;
    /// writer.get_mut().extend_from_slice(b"first, ");
    /// writer.flush().await?;
    /// assert_eq!(writer.get_ref(), b"first, second");
    /// # Ok(()) }
    /// ```
    pub fn get_mut(&mut self) -> &mut W {
        &mut self.inner
    }

    /// The stream, pinned. What is written to it overtakes what is in
    /// [`buffer`](Self::buffer).
    pub fn get_pin_mut(self: Pin<&mut Self>) -> Pin<&mut W> {
        self.project().inner
    }

    /// Gives the stream back. What is in [`buffer`](Self::buffer) is lost: flush first.
    ///
    /// ```
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// use runtime::io::{AsyncWriteExt, BufWriter};
    ///
    /// let mut writer = BufWriter::new(Vec::new());
    /// writer.write_all(b"kept, ").await?;
    /// writer.flush().await?;
    /// writer.write_all(b"lost").await?;
    /// assert_eq!(writer.into_inner(), b"kept, ");
    /// # Ok(()) }
    /// ```
    pub fn into_inner(self) -> W {
        self.inner
    }

    /// What has been collected and not yet accepted by the stream.
    pub fn buffer(&self) -> &[u8] {
        &self.buf[self.written..]
    }
}

impl<W: AsyncWrite> AsyncWrite for BufWriter<W> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        src: &[u8],
    ) -> Poll<io::Result<usize>> {
        ready!(self.as_mut().poll_make_room(cx, src.len()))?;
        let me = self.project();
        if src.len() >= *me.capacity {
            return me.inner.poll_write(cx, src);
        }
        me.buf.extend_from_slice(src);
        Poll::Ready(Ok(src.len()))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let total = bufs
            .iter()
            .fold(0_usize, |sum, buf| sum.saturating_add(buf.len()));
        ready!(self.as_mut().poll_make_room(cx, total))?;
        let me = self.project();
        if total >= *me.capacity {
            return me.inner.poll_write_vectored(cx, bufs);
        }
        bufs.iter().for_each(|buf| me.buf.extend_from_slice(buf));
        Poll::Ready(Ok(total))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.as_mut().poll_empty(cx))?;
        self.get_pin_mut().poll_flush(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.as_mut().poll_empty(cx))?;
        self.get_pin_mut().poll_close(cx)
    }
}

/// Goes to another place, once what has been collected is where it was meant to be.
impl<W: AsyncWrite + AsyncSeek> AsyncSeek for BufWriter<W> {
    fn poll_seek(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        to: SeekFrom,
    ) -> Poll<io::Result<u64>> {
        ready!(self.as_mut().poll_empty(cx))?;
        self.get_pin_mut().poll_seek(cx, to)
    }
}

impl<W: AsyncRead> AsyncRead for BufWriter<W> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        dst: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        self.get_pin_mut().poll_read(cx, dst)
    }
}

impl<W: AsyncBufRead> AsyncBufRead for BufWriter<W> {
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        self.get_pin_mut().poll_fill_buf(cx)
    }

    fn consume(self: Pin<&mut Self>, amt: usize) {
        self.get_pin_mut().consume(amt);
    }
}

impl<W: fmt::Debug> fmt::Debug for BufWriter<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (held, room) = (self.buffer().len(), self.capacity);
        f.debug_struct("BufWriter")
            .field("inner", &self.inner)
            .field("buffer", &format_args!("{held} of {room} bytes"))
            .finish()
    }
}
