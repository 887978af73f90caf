//! Sending on what waits in buffers, and saying that nothing more will come.
//!
//! *Flush* and *shutdown* are often taken for one another. A flush moves bytes: what a
//! `BufWriter` collected goes to the socket. A shutdown speaks to the peer: after the last
//! byte it reads "the end" (for TCP, a FIN), while the other direction stays open. A
//! program that only drops a `BufWriter` does neither, and loses what was in the buffer.

use std::future::Future;
use std::io;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_io::AsyncWrite;

use crate::trace::with_line;

/// The future of [`AsyncWriteExt::flush`](super::AsyncWriteExt::flush).
#[derive(Debug)]
#[must_use = "a future does nothing until it is awaited"]
pub struct Flush<'a, W: ?Sized> {
    writer: &'a mut W,
    /// The line that made it.
    at: &'static Location<'static>,
}

impl<'a, W: ?Sized> Flush<'a, W> {
    #[track_caller]
    pub(super) fn new(writer: &'a mut W) -> Self {
        Flush {
            writer,
            at: Location::caller(),
        }
    }
}

impl<W: AsyncWrite + Unpin + ?Sized> Future for Flush<'_, W> {
    type Output = io::Result<()>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let me = &mut *self;
        with_line(me.at, || Pin::new(&mut *me.writer).poll_flush(cx))
    }
}

/// The future of [`AsyncWriteExt::shutdown`](super::AsyncWriteExt::shutdown).
#[derive(Debug)]
#[must_use = "a future does nothing until it is awaited"]
pub struct Shutdown<'a, W: ?Sized> {
    writer: &'a mut W,
    /// The line that made it.
    at: &'static Location<'static>,
}

impl<'a, W: ?Sized> Shutdown<'a, W> {
    #[track_caller]
    pub(super) fn new(writer: &'a mut W) -> Self {
        Shutdown {
            writer,
            at: Location::caller(),
        }
    }
}

impl<W: AsyncWrite + Unpin + ?Sized> Future for Shutdown<'_, W> {
    type Output = io::Result<()>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let me = &mut *self;
        with_line(me.at, || Pin::new(&mut *me.writer).poll_close(cx))
    }
}
