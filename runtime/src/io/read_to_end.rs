//! Reading until the stream ends.
//!
//! How much will come is not known beforehand, so the vector grows as it fills. The
//! difficulty is to grow it well:
//!
//! - A vector that the caller made *exactly* large enough must not double only to hear
//!   that there is nothing more. So when it is full at the capacity that the caller gave
//!   it, a few bytes on the stack ask first whether the stream has ended.
//! - A reader needs memory that has been written, so the room at the end of the vector is
//!   filled with zeros before each attempt. Zeroing a megabyte to receive ten bytes would
//!   cost more than the reading; so an attempt is offered a *window*, which starts at
//!   8 KiB and doubles only when an attempt has filled it.
//!
//! How it can go wrong: the zeros must not remain in the vector when an attempt ends
//! without bytes, with an error, or with a panic in the reader. [`Window`] cuts them off
//! when it is dropped, whichever way it is left.

use std::future::Future;
use std::io;
use std::mem;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_io::AsyncRead;

use super::{DEFAULT_BUF_SIZE, interrupted};
use crate::trace::with_line;

/// The bytes that ask whether there is more, before a full vector is made larger.
const PROBE: usize = 32;

/// The largest window: what a pipe or a socket hardly ever exceeds in one read.
const MAX_WINDOW: usize = 1024 * 1024;

/// The future of [`AsyncReadExt::read_to_end`](super::AsyncReadExt::read_to_end).
#[derive(Debug)]
#[must_use = "a future does nothing until it is awaited"]
pub struct ReadToEnd<'a, R: ?Sized> {
    reader: &'a mut R,
    buf: &'a mut Vec<u8>,
    growth: Growth,
    /// The line that made it.
    at: &'static Location<'static>,
}

impl<'a, R: ?Sized> ReadToEnd<'a, R> {
    #[track_caller]
    pub(super) fn new(reader: &'a mut R, buf: &'a mut Vec<u8>) -> Self {
        let growth = Growth::of(buf);
        ReadToEnd {
            reader,
            buf,
            growth,
            at: Location::caller(),
        }
    }
}

impl<R: AsyncRead + Unpin + ?Sized> Future for ReadToEnd<'_, R> {
    type Output = io::Result<usize>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let me = &mut *self;
        with_line(me.at, || {
            poll_to_end(Pin::new(&mut *me.reader), cx, me.buf, &mut me.growth)
        })
    }
}

/// The future of [`AsyncReadExt::read_to_string`](super::AsyncReadExt::read_to_string).
#[derive(Debug)]
#[must_use = "a future does nothing until it is awaited"]
pub struct ReadToString<'a, R: ?Sized> {
    reader: &'a mut R,
    text: &'a mut String,
    /// What has come so far. It may end in the middle of a character, so it is not text
    /// before all of it is there.
    bytes: Vec<u8>,
    growth: Growth,
    /// The line that made it.
    at: &'static Location<'static>,
}

impl<'a, R: ?Sized> ReadToString<'a, R> {
    #[track_caller]
    pub(super) fn new(reader: &'a mut R, text: &'a mut String) -> Self {
        // An empty string has nothing to lose but its memory, which may be of use here.
        let bytes = if text.is_empty() {
            mem::take(text).into_bytes()
        } else {
            Vec::new()
        };
        let growth = Growth::of(&bytes);
        ReadToString {
            reader,
            text,
            bytes,
            growth,
            at: Location::caller(),
        }
    }
}

impl<R: AsyncRead + Unpin + ?Sized> Future for ReadToString<'_, R> {
    type Output = io::Result<usize>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let me = &mut *self;
        with_line(me.at, || {
            let reader = Pin::new(&mut *me.reader);
            let read = ready!(poll_to_end(reader, cx, &mut me.bytes, &mut me.growth))?;
            super::text::append(me.text, mem::take(&mut me.bytes))?;
            Poll::Ready(Ok(read))
        })
    }
}

/// How the vector is made larger, and how far it has come.
#[derive(Debug)]
struct Growth {
    /// The length before the first attempt.
    start: usize,
    /// The capacity before the first attempt: as long as it is unchanged, the caller
    /// chose it.
    given: usize,
    /// The most that the next attempt is offered.
    window: usize,
}

impl Growth {
    fn of(buf: &Vec<u8>) -> Self {
        Growth {
            start: buf.len(),
            given: buf.capacity(),
            window: DEFAULT_BUF_SIZE,
        }
    }

    /// Whether the vector still has the capacity that the caller chose with care.
    fn is_given(&self, buf: &Vec<u8>) -> bool {
        buf.capacity() == self.given && self.given >= PROBE
    }

    /// Whether it is full at that capacity.
    fn should_probe(&self, buf: &Vec<u8>) -> bool {
        buf.len() == buf.capacity() && self.is_given(buf)
    }

    /// An attempt filled the whole window: the next may have more.
    fn widen(&mut self) {
        self.window = (self.window * 2).min(MAX_WINDOW);
    }
}

fn poll_to_end<R: AsyncRead + ?Sized>(
    mut reader: Pin<&mut R>,
    cx: &mut Context<'_>,
    buf: &mut Vec<u8>,
    growth: &mut Growth,
) -> Poll<io::Result<usize>> {
    loop {
        let attempt = if growth.should_probe(buf) {
            poll_probe(reader.as_mut(), cx, buf)
        } else {
            poll_window(reader.as_mut(), cx, buf, growth)
        };
        let result = ready!(attempt);
        if interrupted(&result) {
            continue;
        }
        if result? == 0 {
            return Poll::Ready(Ok(buf.len() - growth.start));
        }
    }
}

/// One attempt, by way of the stack.
fn poll_probe<R: AsyncRead + ?Sized>(
    reader: Pin<&mut R>,
    cx: &mut Context<'_>,
    buf: &mut Vec<u8>,
) -> Poll<io::Result<usize>> {
    let mut probe = [0; PROBE];
    let n = ready!(reader.poll_read(cx, &mut probe))?;
    buf.extend_from_slice(&probe[..n]);
    Poll::Ready(Ok(n))
}

/// One attempt, straight into the room at the end of the vector.
fn poll_window<R: AsyncRead + ?Sized>(
    reader: Pin<&mut R>,
    cx: &mut Context<'_>,
    buf: &mut Vec<u8>,
    growth: &mut Growth,
) -> Poll<io::Result<usize>> {
    if !growth.is_given(buf) {
        buf.reserve(PROBE);
    }
    let mut window = Window::open(buf, growth.window);
    let n = ready!(reader.poll_read(cx, window.room()))?;
    if window.keep(n) == growth.window {
        growth.widen();
    }
    Poll::Ready(Ok(n))
}

/// Zeros at the end of a vector, for a reader to write over. What is not kept is cut off.
struct Window<'a> {
    buf: &'a mut Vec<u8>,
    /// How much of the vector is true content.
    len: usize,
}

impl<'a> Window<'a> {
    fn open(buf: &'a mut Vec<u8>, most: usize) -> Self {
        let len = buf.len();
        let room = (buf.capacity() - len).min(most);
        buf.resize(len + room, 0);
        Window { buf, len }
    }

    fn room(&mut self) -> &mut [u8] {
        &mut self.buf[self.len..]
    }

    /// The first `n` bytes of the room are content now.
    fn keep(&mut self, n: usize) -> usize {
        assert!(
            n <= self.room().len(),
            "the reader claims {n} bytes, more than there was room for"
        );
        self.len += n;
        n
    }
}

impl Drop for Window<'_> {
    fn drop(&mut self) {
        self.buf.truncate(self.len);
    }
}
