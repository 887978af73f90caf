//! Reading up to a delimiter: lines, and everything else that ends with a known byte.
//!
//! A stream cannot be asked for "a line"; it delivers pieces of any length. So a future that
//! reads lines fills a buffer ([`AsyncBufRead`]), searches it for the delimiter, takes what
//! comes before, and *consumes* it: only then does the buffer forget it. A line that is longer
//! than what is in the buffer is taken piece by piece.
//!
//! How it can go wrong:
//!
//! - A peer that never sends the delimiter fills the memory. Put a `take` in front.
//! - A piece that has been consumed is only where it was put. Where that is the future, dropping
//!   the future loses it: `read_line` is not cancel safe. Where it is the caller's vector
//!   (`read_until`) or the [`Lines`](super::Lines), nothing is lost.

use std::future::Future;
use std::io;
use std::mem;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_io::AsyncBufRead;

use super::{interrupted, text};
use crate::trace::with_line;

/// The future of [`AsyncBufReadExt::read_until`](super::AsyncBufReadExt::read_until).
#[derive(Debug)]
#[must_use = "a future does nothing until it is awaited"]
pub struct ReadUntil<'a, R: ?Sized> {
    reader: &'a mut R,
    delimiter: u8,
    buf: &'a mut Vec<u8>,
    /// The length of `buf` before the first piece.
    start: usize,
    /// The line that made it.
    at: &'static Location<'static>,
}

impl<'a, R: ?Sized> ReadUntil<'a, R> {
    #[track_caller]
    pub(super) fn new(reader: &'a mut R, delimiter: u8, buf: &'a mut Vec<u8>) -> Self {
        let start = buf.len();
        ReadUntil {
            reader,
            delimiter,
            buf,
            start,
            at: Location::caller(),
        }
    }
}

impl<R: AsyncBufRead + Unpin + ?Sized> Future for ReadUntil<'_, R> {
    type Output = io::Result<usize>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let me = &mut *self;
        with_line(me.at, || {
            ready!(poll_until(
                Pin::new(&mut *me.reader),
                cx,
                me.delimiter,
                me.buf
            ))?;
            Poll::Ready(Ok(me.buf.len() - me.start))
        })
    }
}

/// The future of [`AsyncBufReadExt::read_line`](super::AsyncBufReadExt::read_line).
#[derive(Debug)]
#[must_use = "a future does nothing until it is awaited"]
pub struct ReadLine<'a, R: ?Sized> {
    reader: &'a mut R,
    line: Line<'a>,
    /// The line that made it.
    at: &'static Location<'static>,
}

impl<'a, R: ?Sized> ReadLine<'a, R> {
    #[track_caller]
    pub(super) fn new(reader: &'a mut R, text: &'a mut String) -> Self {
        let pieces = Vec::new();
        ReadLine {
            reader,
            line: Line { text, pieces },
            at: Location::caller(),
        }
    }
}

impl<R: AsyncBufRead + Unpin + ?Sized> Future for ReadLine<'_, R> {
    type Output = io::Result<usize>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let me = &mut *self;
        with_line(me.at, || {
            let reader = Pin::new(&mut *me.reader);
            let line = &mut me.line;
            let result =
                ready!(poll_pieces(reader, cx, b'\n', |piece, last| line.add(piece, last)));
            Poll::Ready(result.unwrap_or_else(|error| me.line.fail(error)))
        })
    }
}

/// A line on its way into a string.
#[derive(Debug)]
struct Line<'a> {
    text: &'a mut String,
    /// The pieces so far. Stays empty for a line that came in one, as nearly all do: such
    /// a line goes from the reader's buffer straight into the string.
    pieces: Vec<u8>,
}

impl Line<'_> {
    /// After the last piece: how long the line was, or that it is not text.
    fn add(&mut self, piece: &[u8], last: bool) -> io::Result<usize> {
        if last && self.pieces.is_empty() {
            text::append_slice(self.text, piece)?;
            return Ok(piece.len());
        }
        self.pieces.extend_from_slice(piece);
        if !last {
            return Ok(0);
        }
        let line = mem::take(&mut self.pieces);
        text::append_slice(self.text, &line)?;
        Ok(line.len())
    }

    /// The stream failed in the middle of the line: what came of it is kept if it is text.
    fn fail(&mut self, error: io::Error) -> io::Result<usize> {
        let begun = mem::take(&mut self.pieces);
        let _not_text = text::append_slice(self.text, &begun);
        Err(error)
    }
}

/// Appends to `buf` up to and including the delimiter, or up to the end of the stream.
pub(super) fn poll_until<R: AsyncBufRead + ?Sized>(
    reader: Pin<&mut R>,
    cx: &mut Context<'_>,
    delimiter: u8,
    buf: &mut Vec<u8>,
) -> Poll<io::Result<()>> {
    poll_pieces(reader, cx, delimiter, |piece, _| {
        buf.extend_from_slice(piece);
    })
}

/// Hands out the pieces up to and including the delimiter, or up to the end of the stream,
/// and says which is the last; the answer is what `take` says to that one.
fn poll_pieces<R: AsyncBufRead + ?Sized, T>(
    mut reader: Pin<&mut R>,
    cx: &mut Context<'_>,
    delimiter: u8,
    mut take: impl FnMut(&[u8], bool) -> T,
) -> Poll<io::Result<T>> {
    loop {
        let result = ready!(reader.as_mut().poll_fill_buf(cx));
        if interrupted(&result) {
            continue;
        }
        let available = result?;
        let found = memchr::memchr(delimiter, available);
        let used = found.map_or(available.len(), |at| at + 1);
        let last = found.is_some() || available.is_empty();
        let answer = take(&available[..used], last);
        reader.as_mut().consume(used);
        if last {
            return Poll::Ready(Ok(answer));
        }
    }
}
