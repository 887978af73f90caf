//! At most so many bytes of a stream.
//!
//! [`Take`] ends where its limit does, whatever the stream behind it still has. It is what
//! stands between `read_to_end` and a peer that never stops, and what cuts a body of known
//! length out of a connection that carries the next request behind it.
//!
//! How it can go wrong: asking the stream although the limit is reached. It might wait for
//! bytes that never come, so at the limit the stream is not touched at all.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_io::{AsyncBufRead, AsyncRead};
use pin_project_lite::pin_project;

pin_project! {
    /// Reads at most so many bytes of another stream, then has ended.
    ///
    /// Made by [`AsyncReadExt::take`](super::AsyncReadExt::take).
    ///
    /// # Examples
    ///
    /// ```
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// use runtime::io::AsyncReadExt;
    ///
    /// let mut connection: &[u8] = b"body, next request";
    /// let mut body = String::new();
    /// (&mut connection).take(4).read_to_string(&mut body).await?;
    /// assert_eq!(body, "body");
    /// assert_eq!(connection, b", next request");
    /// # Ok(()) }
    /// ```
    #[derive(Debug)]
    #[must_use = "a stream does nothing until it is read"]
    pub struct Take<R> {
        #[pin]
        inner: R,
        left: u64,
    }
}

impl<R> Take<R> {
    pub(super) fn new(inner: R, limit: u64) -> Self {
        Take { inner, left: limit }
    }

    /// How many more bytes may be read, at most.
    pub fn limit(&self) -> u64 {
        self.left
    }

    /// Sets how many bytes may be read from now on, whatever has been read so far.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// use runtime::io::AsyncReadExt;
    ///
    /// let mut part = (&b"headbody"[..]).take(4);
    /// let mut text = String::new();
    /// part.read_to_string(&mut text).await?;
    /// assert_eq!((&text[..], part.limit()), ("head", 0));
    ///
    /// part.set_limit(4);
    /// part.read_to_string(&mut text).await?;
    /// assert_eq!(text, "headbody");
    /// # Ok(()) }
    /// ```
    pub fn set_limit(&mut self, limit: u64) {
        self.left = limit;
    }

    // Twice, because a reader of these docs must learn what the stream behind *this* one has lost or
    // not: `buf_reader.rs` says something else at each of them.

    /// The stream behind this one.
    pub fn get_ref(&self) -> &R {
        &self.inner
    }

    /// The stream behind this one. What is read from it does not count.
    ///
    /// ```
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// use runtime::io::AsyncReadExt;
    ///
    /// let mut part = (&b"abcdef"[..]).take(4);
    /// assert_eq!(part.get_mut().read_u8().await?, b'a');
    /// assert_eq!((part.read_u8().await?, part.limit()), (b'b', 3));
    /// # Ok(()) }
    /// ```
    pub fn get_mut(&mut self) -> &mut R {
        &mut self.inner
    }

    /// The stream behind this one, pinned. What is read from it does not count.
    pub fn get_pin_mut(self: Pin<&mut Self>) -> Pin<&mut R> {
        self.project().inner
    }

    /// Gives the stream back.
    ///
    /// ```
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// use runtime::io::AsyncReadExt;
    ///
    /// let mut part = (&b"abcdef"[..]).take(4);
    /// part.read_u8().await?;
    /// assert_eq!(part.into_inner(), b"bcdef");
    /// # Ok(()) }
    /// ```
    pub fn into_inner(self) -> R {
        self.inner
    }
}

impl<R: AsyncRead> AsyncRead for Take<R> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        if self.left == 0 {
            return Poll::Ready(Ok(0));
        }
        let me = self.project();
        let most = at_most(buf.len(), *me.left);
        let n = ready!(me.inner.poll_read(cx, &mut buf[..most]))?;
        // A reader that claims more than it was offered must not make the limit wrap.
        *me.left = me.left.saturating_sub(n as u64);
        Poll::Ready(Ok(n))
    }
}

impl<R: AsyncBufRead> AsyncBufRead for Take<R> {
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        if self.left == 0 {
            return Poll::Ready(Ok(&[]));
        }
        let me = self.project();
        let buf = ready!(me.inner.poll_fill_buf(cx))?;
        Poll::Ready(Ok(&buf[..at_most(buf.len(), *me.left)]))
    }

    fn consume(self: Pin<&mut Self>, amt: usize) {
        let me = self.project();
        let amt = at_most(amt, *me.left);
        *me.left -= amt as u64;
        me.inner.consume(amt);
    }
}

/// The smaller of the two, which a `usize` can hold.
fn at_most(len: usize, left: u64) -> usize {
    usize::try_from(left).map_or(len, |left| left.min(len))
}
