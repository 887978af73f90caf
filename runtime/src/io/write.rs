//! The futures that write: once, or until everything has been accepted.
//!
//! Like the futures that read: one attempt keeps no state and loses none; several
//! attempts must remember how far they came. [`WriteAllBuf`] remembers it in the caller's
//! buffer, which outlives the future, and is therefore the one to use in `select!`;
//! [`WriteAll`] remembers it in itself.
//!
//! How it can go wrong: a writer that accepts nothing and reports no error. Asking again
//! for ever would hang the task at full speed, so it becomes the error `WriteZero`.

use std::future::Future;
use std::io::{self, IoSlice};
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Buf;
use futures_io::AsyncWrite;

use super::interrupted;
use crate::trace::with_line;

/// The future of [`AsyncWriteExt::write`](super::AsyncWriteExt::write).
#[derive(Debug)]
#[must_use = "a future does nothing until it is awaited"]
pub struct Write<'a, W: ?Sized> {
    writer: &'a mut W,
    src: &'a [u8],
    /// The line that made it.
    at: &'static Location<'static>,
}

impl<'a, W: ?Sized> Write<'a, W> {
    #[track_caller]
    pub(super) fn new(writer: &'a mut W, src: &'a [u8]) -> Self {
        Write {
            writer,
            src,
            at: Location::caller(),
        }
    }
}

impl<W: AsyncWrite + Unpin + ?Sized> Future for Write<'_, W> {
    type Output = io::Result<usize>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let me = &mut *self;
        with_line(me.at, || Pin::new(&mut *me.writer).poll_write(cx, me.src))
    }
}

/// The future of [`AsyncWriteExt::write_vectored`](super::AsyncWriteExt::write_vectored).
#[derive(Debug)]
#[must_use = "a future does nothing until it is awaited"]
pub struct WriteVectored<'a, 'b, W: ?Sized> {
    writer: &'a mut W,
    bufs: &'a [IoSlice<'b>],
    /// The line that made it.
    at: &'static Location<'static>,
}

impl<'a, 'b, W: ?Sized> WriteVectored<'a, 'b, W> {
    #[track_caller]
    pub(super) fn new(writer: &'a mut W, bufs: &'a [IoSlice<'b>]) -> Self {
        WriteVectored {
            writer,
            bufs,
            at: Location::caller(),
        }
    }
}

impl<W: AsyncWrite + Unpin + ?Sized> Future for WriteVectored<'_, '_, W> {
    type Output = io::Result<usize>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let me = &mut *self;
        with_line(me.at, || {
            Pin::new(&mut *me.writer).poll_write_vectored(cx, me.bufs)
        })
    }
}

/// The future of [`AsyncWriteExt::write_buf`](super::AsyncWriteExt::write_buf).
#[derive(Debug)]
#[must_use = "a future does nothing until it is awaited"]
pub struct WriteBuf<'a, W, B> {
    writer: &'a mut W,
    src: &'a mut B,
    /// The line that made it.
    at: &'static Location<'static>,
}

impl<'a, W, B> WriteBuf<'a, W, B> {
    #[track_caller]
    pub(super) fn new(writer: &'a mut W, src: &'a mut B) -> Self {
        WriteBuf {
            writer,
            src,
            at: Location::caller(),
        }
    }
}

impl<W: AsyncWrite + Unpin, B: Buf> Future for WriteBuf<'_, W, B> {
    type Output = io::Result<usize>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let me = &mut *self;
        with_line(me.at, || {
            poll_write_buf(Pin::new(&mut *me.writer), cx, me.src)
        })
    }
}

/// The future of [`AsyncWriteExt::write_all_buf`](super::AsyncWriteExt::write_all_buf).
#[derive(Debug)]
#[must_use = "a future does nothing until it is awaited"]
pub struct WriteAllBuf<'a, W, B> {
    writer: &'a mut W,
    src: &'a mut B,
    /// The line that made it.
    at: &'static Location<'static>,
}

impl<'a, W, B> WriteAllBuf<'a, W, B> {
    #[track_caller]
    pub(super) fn new(writer: &'a mut W, src: &'a mut B) -> Self {
        WriteAllBuf {
            writer,
            src,
            at: Location::caller(),
        }
    }
}

impl<W: AsyncWrite + Unpin, B: Buf> Future for WriteAllBuf<'_, W, B> {
    type Output = io::Result<()>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let me = &mut *self;
        with_line(me.at, || {
            while me.src.has_remaining() {
                let result = ready!(poll_write_buf(Pin::new(&mut *me.writer), cx, me.src));
                if interrupted(&result) {
                    continue;
                }
                if result? == 0 {
                    return Poll::Ready(Err(takes_no_more(me.src.remaining())));
                }
            }
            Poll::Ready(Ok(()))
        })
    }
}

/// The future of [`AsyncWriteExt::write_all`](super::AsyncWriteExt::write_all).
#[derive(Debug)]
#[must_use = "a future does nothing until it is awaited"]
pub struct WriteAll<'a, W: ?Sized> {
    writer: &'a mut W,
    /// What has not been written: the state that is lost with the future.
    rest: &'a [u8],
    /// The line that made it.
    at: &'static Location<'static>,
}

impl<'a, W: ?Sized> WriteAll<'a, W> {
    #[track_caller]
    pub(super) fn new(writer: &'a mut W, rest: &'a [u8]) -> Self {
        WriteAll {
            writer,
            rest,
            at: Location::caller(),
        }
    }
}

impl<W: AsyncWrite + Unpin + ?Sized> Future for WriteAll<'_, W> {
    type Output = io::Result<()>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let me = &mut *self;
        with_line(me.at, || {
            while !me.rest.is_empty() {
                let result = ready!(Pin::new(&mut *me.writer).poll_write(cx, me.rest));
                if interrupted(&result) {
                    continue;
                }
                match result? {
                    0 => return Poll::Ready(Err(takes_no_more(me.rest.len()))),
                    n => me.rest = &me.rest[n..],
                }
            }
            Poll::Ready(Ok(()))
        })
    }
}

/// The slices that one vectored write is offered; more of them are for the next attempt.
const SLICES: usize = 64;

/// One attempt, from as many of the buffer's pieces as fit, after which it is advanced.
fn poll_write_buf<W: AsyncWrite + ?Sized, B: Buf>(
    writer: Pin<&mut W>,
    cx: &mut Context<'_>,
    src: &mut B,
) -> Poll<io::Result<usize>> {
    if !src.has_remaining() {
        return Poll::Ready(Ok(0));
    }
    let n = if src.chunk().len() == src.remaining() {
        ready!(writer.poll_write(cx, src.chunk()))?
    } else {
        let mut slices = [IoSlice::new(&[]); SLICES];
        let count = src.chunks_vectored(&mut slices);
        ready!(writer.poll_write_vectored(cx, &slices[..count]))?
    };
    src.advance(n);
    Poll::Ready(Ok(n))
}

/// The error of a writer that accepted nothing of what is left.
pub(super) fn takes_no_more(left: usize) -> io::Error {
    let text = format!("the writer accepted none of the {left} bytes that were left to write");
    io::Error::new(io::ErrorKind::WriteZero, text)
}
