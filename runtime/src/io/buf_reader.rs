//! Few large reads instead of many small ones.
//!
//! A read of a socket is a system call, which costs hundreds of nanoseconds whether it
//! brings one byte or eight thousand. [`BufReader`] asks for as much as its buffer holds
//! and serves small reads from there. It is also what makes a stream an [`AsyncBufRead`],
//! which `read_line` and its kin need.
//!
//! How it can go wrong:
//!
//! - *The buffer has read ahead.* A program that takes the inner stream out and goes on reading
//!   there misses what is still in [`buffer`](BufReader::buffer).
//! - *A program expects that one read for many bytes gets them all.* A read is served from the
//!   buffer *or* from the stream, never from both: the second might have to wait while the
//!   bytes of the first are already taken.

use std::fmt;
use std::io::{self, IoSlice, SeekFrom};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_io::{AsyncBufRead, AsyncRead, AsyncSeek, AsyncWrite};
use pin_project_lite::pin_project;

use super::DEFAULT_BUF_SIZE;

pin_project! {
    /// Puts a buffer in front of a stream that is read from.
    ///
    /// Writing, where the stream can be written to, goes straight through.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// use runtime::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
    ///
    /// let (mut client, server) = runtime::io::duplex(64);
    /// client.write_all(b"HELO example\r\nMAIL").await?;
    ///
    /// let mut reader = BufReader::new(server);
    /// let mut line = String::new();
    /// reader.read_line(&mut line).await?;
    /// assert_eq!(line, "HELO example\r\n");
    /// assert_eq!(reader.buffer(), b"MAIL", "read ahead");
    /// # Ok(()) }
    /// ```
    pub struct BufReader<R> {
        #[pin]
        inner: R,
        buf: Box<[u8]>,
        // `buf[start..end]` has been read from the stream, and not yet from this reader.
        start: usize,
        end: usize,
    }
}

impl<R> BufReader<R> {
    /// The same buffer, in front of what `make` makes of the stream.
    pub(super) fn map_inner<S>(self, make: impl FnOnce(R) -> S) -> BufReader<S> {
        BufReader {
            inner: make(self.inner),
            buf: self.buf,
            start: self.start,
            end: self.end,
        }
    }
}

impl<R: AsyncRead> BufReader<R> {
    /// With a buffer of 8 KiB.
    pub fn new(inner: R) -> Self {
        Self::with_capacity(DEFAULT_BUF_SIZE, inner)
    }

    /// With a buffer of `capacity` bytes.
    ///
    /// # Panics
    ///
    /// If `capacity` is zero: such a reader would take every stream for ended.
    ///
    /// ```
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// use runtime::io::{AsyncReadExt, BufReader};
    ///
    /// let mut reader = BufReader::with_capacity(2, &b"abc"[..]);
    /// assert_eq!(reader.read_u8().await?, b'a');
    /// assert_eq!(reader.buffer(), b"b");
    /// # Ok(()) }
    /// ```
    #[track_caller]
    pub fn with_capacity(capacity: usize, inner: R) -> Self {
        assert!(
            capacity > 0,
            "a reader's capacity must be greater than zero"
        );
        let buf = vec![0; capacity].into_boxed_slice();
        BufReader {
            inner,
            buf,
            start: 0,
            end: 0,
        }
    }
}

impl<R> BufReader<R> {
    /// The stream. What it has been asked for already is in [`buffer`](Self::buffer).
    pub fn get_ref(&self) -> &R {
        &self.inner
    }

    /// The stream. Reading from it leaves out what is in [`buffer`](Self::buffer).
    ///
    /// ```
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// use runtime::io::{AsyncReadExt, BufReader};
    ///
    /// let mut reader = BufReader::with_capacity(2, &b"abcd"[..]);
    /// reader.read_u8().await?;
    /// assert_eq!(reader.get_mut().read_u8().await?, b'c', "b was read ahead");
    /// assert_eq!(reader.read_u8().await?, b'b');
    /// # Ok(()) }
    /// ```
    pub fn get_mut(&mut self) -> &mut R {
        &mut self.inner
    }

    /// The stream, pinned. Reading from it leaves out what is in
    /// [`buffer`](Self::buffer).
    pub fn get_pin_mut(self: Pin<&mut Self>) -> Pin<&mut R> {
        self.project().inner
    }

    /// Gives the stream back. What is in [`buffer`](Self::buffer) is lost.
    ///
    /// ```
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// use runtime::io::{AsyncReadExt, BufReader};
    ///
    /// let mut reader = BufReader::with_capacity(2, &b"abcd"[..]);
    /// reader.read_u8().await?;
    /// assert_eq!(reader.into_inner(), b"cd", "b is lost");
    /// # Ok(()) }
    /// ```
    pub fn into_inner(self) -> R {
        self.inner
    }

    /// What has been read ahead. Does not fill the buffer if it is empty.
    pub fn buffer(&self) -> &[u8] {
        &self.buf[self.start..self.end]
    }
}

impl<R: AsyncRead> AsyncRead for BufReader<R> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        dst: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        // Nothing read ahead, and as much asked for as the buffer could hold: going
        // through the buffer would only copy.
        if self.buffer().is_empty() && dst.len() >= self.buf.len() {
            return self.project().inner.poll_read(cx, dst);
        }
        let available = ready!(self.as_mut().poll_fill_buf(cx))?;
        let n = available.len().min(dst.len());
        dst[..n].copy_from_slice(&available[..n]);
        self.consume(n);
        Poll::Ready(Ok(n))
    }
}

impl<R: AsyncRead> AsyncBufRead for BufReader<R> {
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        let me = self.project();
        if *me.start == *me.end {
            let n = ready!(me.inner.poll_read(cx, me.buf))?;
            assert!(
                n <= me.buf.len(),
                "the reader claims {n} bytes, more than there was room for"
            );
            (*me.start, *me.end) = (0, n);
        }
        Poll::Ready(Ok(&me.buf[*me.start..*me.end]))
    }

    fn consume(self: Pin<&mut Self>, amt: usize) {
        let me = self.project();
        *me.start = me.start.saturating_add(amt).min(*me.end);
    }
}

/// Goes to another place; what is in the buffer is thrown away. A relative place counts from what was
/// read out of the buffer, not from what was read into it.
impl<R: AsyncRead + AsyncSeek> AsyncSeek for BufReader<R> {
    fn poll_seek(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        to: SeekFrom,
    ) -> Poll<io::Result<u64>> {
        loop {
            let ahead = self.buffer().len();
            // The stream is ahead of the reader. Where the difference cannot be expressed, it goes
            // back first, and then there is none.
            let signed = i64::try_from(ahead).unwrap_or(i64::MAX);
            let (goal, done) = match to {
                SeekFrom::Current(by) => match by.checked_sub(signed) {
                    Some(by) => (SeekFrom::Current(by), true),
                    None => (SeekFrom::Current(-signed), false),
                },
                to => (to, true),
            };
            let position = ready!(self.as_mut().get_pin_mut().poll_seek(cx, goal))?;
            self.as_mut().consume(ahead);
            if done {
                return Poll::Ready(Ok(position));
            }
        }
    }
}

impl<R: AsyncWrite> AsyncWrite for BufReader<R> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        src: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.get_pin_mut().poll_write(cx, src)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.get_pin_mut().poll_write_vectored(cx, bufs)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_pin_mut().poll_flush(cx)
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_pin_mut().poll_close(cx)
    }
}

impl<R: fmt::Debug> fmt::Debug for BufReader<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (held, room) = (self.buffer().len(), self.buf.len());
        f.debug_struct("BufReader")
            .field("inner", &self.inner)
            .field("buffer", &format_args!("{held} of {room} bytes"))
            .finish()
    }
}
