//! The state of one copy that is under way: the buffer between the streams, and the count.
//!
//! It knows neither stream; both are handed in at each poll. So two transfers can share two
//! streams, one in each direction: [`copy_bidirectional`](super::copy_bidirectional).

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_io::{AsyncRead, AsyncWrite};

use crate::io::interrupted;
use crate::io::write::takes_no_more;
use crate::machine::coop;

/// One copy by way of a buffer.
pub(super) struct Transfer {
    buf: Box<[u8]>,
    /// `buf[start..end]` has been read and not yet written.
    start: usize,
    end: usize,
    /// The reader has ended.
    ended: bool,
    sent: Sent,
}

impl Transfer {
    /// With a buffer of `size` bytes.
    pub(super) fn new(size: usize) -> Self {
        Transfer {
            buf: vec![0; size].into_boxed_slice(),
            start: 0,
            end: 0,
            ended: false,
            sent: Sent::default(),
        }
    }

    /// Copies until the reader has ended and everything is flushed; then the count.
    pub(super) fn poll(
        &mut self,
        cx: &mut Context<'_>,
        reader: &mut (impl AsyncRead + Unpin + ?Sized),
        writer: &mut (impl AsyncWrite + Unpin + ?Sized),
    ) -> Poll<io::Result<u64>> {
        loop {
            let unit = ready!(coop::poll_proceed(cx));
            match self.poll_fill(cx, reader) {
                Poll::Ready(result) => result?,
                Poll::Pending if self.start < self.end => {}
                Poll::Pending => return self.sent.poll_idle(cx, writer),
            }
            ready!(self.poll_drain(cx, reader, writer))?;
            unit.made_progress();
            if self.ended {
                return self.sent.poll_finish(cx, writer);
            }
        }
    }

    /// One read into the room at the end of the buffer, if there is any, so that the next
    /// write is as large as it can be.
    fn poll_fill(
        &mut self,
        cx: &mut Context<'_>,
        reader: &mut (impl AsyncRead + Unpin + ?Sized),
    ) -> Poll<io::Result<()>> {
        while !self.ended && self.end < self.buf.len() {
            let room = &mut self.buf[self.end..];
            let result = ready!(Pin::new(&mut *reader).poll_read(cx, room));
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
    fn poll_drain(
        &mut self,
        cx: &mut Context<'_>,
        reader: &mut (impl AsyncRead + Unpin + ?Sized),
        writer: &mut (impl AsyncWrite + Unpin + ?Sized),
    ) -> Poll<io::Result<()>> {
        while self.start < self.end {
            let rest = &self.buf[self.start..self.end];
            match self.sent.poll_write(cx, writer, rest) {
                Poll::Ready(result) => self.start += result?,
                Poll::Pending => return self.poll_ahead(cx, reader),
            }
        }
        (self.start, self.end) = (0, 0);
        Poll::Ready(Ok(()))
    }

    /// The writer takes nothing at the moment. What has come meanwhile is read, if there is room, and a
    /// reader that fails ends the copy now. It is one read, as in Tokio: each that is ahead of the writes
    /// is more to lose if the next one fails.
    fn poll_ahead(
        &mut self,
        cx: &mut Context<'_>,
        reader: &mut (impl AsyncRead + Unpin + ?Sized),
    ) -> Poll<io::Result<()>> {
        ready!(self.poll_fill(cx, reader))?;
        Poll::Pending
    }
}

/// What has been written so far.
#[derive(Default)]
pub(super) struct Sent {
    /// How many bytes the writer has accepted.
    bytes: u64,
    /// It has accepted bytes since it was last flushed.
    unflushed: bool,
}

impl Sent {
    /// One write, counted.
    pub(super) fn poll_write(
        &mut self,
        cx: &mut Context<'_>,
        writer: &mut (impl AsyncWrite + Unpin + ?Sized),
        src: &[u8],
    ) -> Poll<io::Result<usize>> {
        loop {
            let result = ready!(Pin::new(&mut *writer).poll_write(cx, src));
            if interrupted(&result) {
                continue;
            }
            let n = result?;
            if n == 0 {
                return Poll::Ready(Err(takes_no_more(src.len())));
            }
            self.bytes += n as u64;
            self.unflushed = true;
            return Poll::Ready(Ok(n));
        }
    }

    /// There is nothing to write at the moment: what is held back goes out meanwhile.
    pub(super) fn poll_idle(
        &mut self,
        cx: &mut Context<'_>,
        writer: &mut (impl AsyncWrite + Unpin + ?Sized),
    ) -> Poll<io::Result<u64>> {
        if self.unflushed {
            ready!(Pin::new(writer).poll_flush(cx))?;
            self.unflushed = false;
        }
        Poll::Pending
    }

    /// Everything has been written.
    pub(super) fn poll_finish(
        &mut self,
        cx: &mut Context<'_>,
        writer: &mut (impl AsyncWrite + Unpin + ?Sized),
    ) -> Poll<io::Result<u64>> {
        ready!(Pin::new(writer).poll_flush(cx))?;
        Poll::Ready(Ok(self.bytes))
    }
}
