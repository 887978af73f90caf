//! A stream that counts what is asked of it, and remembers how it ended.

use std::cell::Cell;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use futures_io::{AsyncRead, AsyncWrite};

/// How often a stream was read and written with success.
#[derive(Default)]
pub(crate) struct Counts {
    pub(crate) reads: Cell<usize>,
    pub(crate) writes: Cell<usize>,
    /// The largest write.
    pub(crate) largest: Cell<usize>,
    /// Its end is one that the peer takes for a proper one.
    pub(crate) closed: Cell<bool>,
    /// Its end is a reset.
    pub(crate) reset: Cell<bool>,
}

/// A stream with counts.
pub(crate) struct Counted<T> {
    inner: T,
    counts: Rc<Counts>,
}

impl<T> Counted<T> {
    pub(crate) fn new(inner: T) -> (Self, Rc<Counts>) {
        let counts = Rc::new(Counts::default());
        (
            Counted {
                inner,
                counts: counts.clone(),
            },
            counts,
        )
    }

    /// What a connection is given for its resets.
    pub(crate) fn reset(&self) {
        self.counts.reset.set(true);
    }

    fn wrote(&self, count: usize) {
        self.counts.writes.set(self.counts.writes.get() + 1);
        self.counts
            .largest
            .set(self.counts.largest.get().max(count));
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Counted<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let count = ready!(Pin::new(&mut self.inner).poll_read(cx, buf))?;
        self.counts.reads.set(self.counts.reads.get() + 1);
        Poll::Ready(Ok(count))
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Counted<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let count = ready!(Pin::new(&mut self.inner).poll_write(cx, buf))?;
        self.wrote(count);
        Poll::Ready(Ok(count))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let count = ready!(Pin::new(&mut self.inner).poll_write_vectored(cx, bufs))?;
        self.wrote(count);
        Poll::Ready(Ok(count))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.counts.closed.set(true);
        Pin::new(&mut self.inner).poll_close(cx)
    }
}
