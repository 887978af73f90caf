//! The futures that read into memory the caller has: once, or until it is full.
//!
//! [`Read`] is the simplest future there is over a stream: its poll is one call of
//! `poll_read`. Nothing is kept between two polls, so nothing can be lost with it. That
//! is why `read` is cancel safe, and why [`ReadExact`], which keeps a count, is not.
//!
//! How it can go wrong: a reader that claims more bytes than the buffer holds. That is a
//! bug in the reader, and indexing with its answer panics at the place that shows it.

use std::future::Future;
use std::io;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::BufMut;
use futures_io::AsyncRead;

use super::{DEFAULT_BUF_SIZE, interrupted};
use crate::trace::with_line;

/// The future of [`AsyncReadExt::read`](super::AsyncReadExt::read).
#[derive(Debug)]
#[must_use = "a future does nothing until it is awaited"]
pub struct Read<'a, R: ?Sized> {
    reader: &'a mut R,
    buf: &'a mut [u8],
    /// The line that made it.
    at: &'static Location<'static>,
}

impl<'a, R: ?Sized> Read<'a, R> {
    #[track_caller]
    pub(super) fn new(reader: &'a mut R, buf: &'a mut [u8]) -> Self {
        Read {
            reader,
            buf,
            at: Location::caller(),
        }
    }
}

impl<R: AsyncRead + Unpin + ?Sized> Future for Read<'_, R> {
    type Output = io::Result<usize>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let me = &mut *self;
        with_line(me.at, || Pin::new(&mut *me.reader).poll_read(cx, me.buf))
    }
}

/// The future of [`AsyncReadExt::read_buf`](super::AsyncReadExt::read_buf).
#[derive(Debug)]
#[must_use = "a future does nothing until it is awaited"]
pub struct ReadBuf<'a, R: ?Sized, B: ?Sized> {
    reader: &'a mut R,
    buf: &'a mut B,
    /// The line that made it.
    at: &'static Location<'static>,
}

impl<'a, R: ?Sized, B: ?Sized> ReadBuf<'a, R, B> {
    #[track_caller]
    pub(super) fn new(reader: &'a mut R, buf: &'a mut B) -> Self {
        ReadBuf {
            reader,
            buf,
            at: Location::caller(),
        }
    }
}

impl<R, B> Future for ReadBuf<'_, R, B>
where
    R: AsyncRead + Unpin + ?Sized,
    B: BufMut + ?Sized,
{
    type Output = io::Result<usize>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let me = &mut *self;
        with_line(me.at, || {
            if !me.buf.has_remaining_mut() {
                return Poll::Ready(Ok(0));
            }
            // The buffer's free room is memory that has not been written yet. Safe code cannot
            // lend it to a reader, so the bytes come by way of the stack.
            let mut stack = [0; DEFAULT_BUF_SIZE];
            let room = me.buf.chunk_mut().len().min(stack.len());
            let n = ready!(Pin::new(&mut *me.reader).poll_read(cx, &mut stack[..room]))?;
            me.buf.put_slice(&stack[..n]);
            Poll::Ready(Ok(n))
        })
    }
}

/// The future of [`AsyncReadExt::read_exact`](super::AsyncReadExt::read_exact).
#[derive(Debug)]
#[must_use = "a future does nothing until it is awaited"]
pub struct ReadExact<'a, R: ?Sized> {
    reader: &'a mut R,
    buf: &'a mut [u8],
    /// How much of `buf` has been read: the state that is lost with the future.
    filled: usize,
    /// The line that made it.
    at: &'static Location<'static>,
}

impl<'a, R: ?Sized> ReadExact<'a, R> {
    #[track_caller]
    pub(super) fn new(reader: &'a mut R, buf: &'a mut [u8]) -> Self {
        ReadExact {
            reader,
            buf,
            filled: 0,
            at: Location::caller(),
        }
    }

    fn ended_early(&self) -> io::Error {
        let (filled, wanted) = (self.filled, self.buf.len());
        let text = format!("the stream ended after {filled} of the {wanted} bytes asked for");
        io::Error::new(io::ErrorKind::UnexpectedEof, text)
    }
}

impl<R: AsyncRead + Unpin + ?Sized> Future for ReadExact<'_, R> {
    type Output = io::Result<usize>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let me = &mut *self;
        with_line(me.at, || {
            while me.filled < me.buf.len() {
                let rest = &mut me.buf[me.filled..];
                let result = ready!(Pin::new(&mut *me.reader).poll_read(cx, rest));
                if interrupted(&result) {
                    continue;
                }
                match result? {
                    0 => return Poll::Ready(Err(me.ended_early())),
                    n => me.filled += n,
                }
            }
            Poll::Ready(Ok(me.buf.len()))
        })
    }
}
