//! The stream below: a connection that the engine handed over, or any other.
//!
//! The engine's connection also says when the server stops.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_io::{AsyncRead, AsyncWrite};

use crate::h1::conn::upgraded::Upgraded;

/// A stream of bytes whose type is not told.
pub(crate) trait Io: AsyncRead + AsyncWrite {}

impl<T: AsyncRead + AsyncWrite> Io for T {}

/// The stream of a WebSocket.
pub(crate) enum Line {
    Upgraded(Upgraded),
    Other(Pin<Box<dyn Io>>),
}

impl Line {
    /// Whether the server stops.
    pub(super) fn is_draining(&self) -> bool {
        matches!(self, Line::Upgraded(upgraded) if upgraded.is_draining())
    }

    /// Ready when the server stops. The waker of `cx` is left in the place of an earlier one.
    pub(super) fn poll_draining(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match self {
            Line::Upgraded(upgraded) => upgraded.poll_draining(cx),
            Line::Other(_) => Poll::Pending,
        }
    }

    fn io(self: Pin<&mut Self>) -> Pin<&mut dyn Io> {
        match self.get_mut() {
            Line::Upgraded(upgraded) => Pin::<&mut Upgraded>::new(upgraded),
            Line::Other(other) => other.as_mut(),
        }
    }
}

impl AsyncRead for Line {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        self.io().poll_read(cx, buf)
    }
}

impl AsyncWrite for Line {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.io().poll_write(cx, buf)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.io().poll_write_vectored(cx, bufs)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.io().poll_flush(cx)
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.io().poll_close(cx)
    }
}
