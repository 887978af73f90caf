//! A stream as a series of lines, or of pieces between delimiters.
//!
//! [`Lines`] owns its reader and keeps the line it is in the middle of, so its `next_line`
//! may be dropped and called again without losing a byte. That makes it the way to read
//! lines inside `select!`.
//!
//! How it can go wrong: a line that is never ended grows for ever. Put a `take` in front
//! of a stream that is not trusted.

use std::future::{Future, poll_fn};
use std::io;
use std::mem;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_io::AsyncBufRead;
use pin_project_lite::pin_project;

use super::until::poll_until;
use crate::trace::with_line;

pin_project! {
    /// The lines of a stream, without their line ends.
    ///
    /// Made by [`AsyncBufReadExt::lines`](super::AsyncBufReadExt::lines).
    #[derive(Debug)]
    #[must_use = "lines are read by next_line"]
    pub struct Lines<R> {
        #[pin]
        reader: R,
        // The line so far.
        line: Vec<u8>,
    }
}

impl<R> Lines<R> {
    pub(super) fn new(reader: R) -> Self {
        Lines {
            reader,
            line: Vec::new(),
        }
    }

    /// The reader.
    pub fn get_ref(&self) -> &R {
        &self.reader
    }

    /// The reader. Reading from it takes bytes away from the lines.
    pub fn get_mut(&mut self) -> &mut R {
        &mut self.reader
    }

    /// Gives the reader back. A line that has begun is lost.
    pub fn into_inner(self) -> R {
        self.reader
    }
}

impl<R: AsyncBufRead + Unpin> Lines<R> {
    /// The next line without its `\n` or `\r\n`, or `None` after the last.
    ///
    /// The last line need not be ended.
    ///
    /// # Errors
    ///
    /// [`InvalidData`](io::ErrorKind::InvalidData) if the line is not UTF-8; the error
    /// holds a [`FromUtf8Error`](std::string::FromUtf8Error) with its bytes, and the next
    /// call gives the line after it. Otherwise whatever the stream reports, except
    /// `Interrupted`, which is tried again.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: what came of a line stays here for the next call.
    #[track_caller]
    pub fn next_line(&mut self) -> impl Future<Output = io::Result<Option<String>>> {
        let at = Location::caller();
        poll_fn(move |cx| with_line(at, || Pin::new(&mut *self).poll_next_line(cx)))
    }
}

impl<R: AsyncBufRead> Lines<R> {
    /// The same as [`next_line`](Self::next_line), for a future written by hand.
    ///
    /// # Errors
    ///
    /// As [`next_line`](Self::next_line).
    ///
    /// ```
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// use runtime::io::AsyncBufReadExt;
    /// use std::future::poll_fn;
    /// use std::pin::Pin;
    ///
    /// let mut lines = (&b"one\ntwo"[..]).lines();
    /// let line = poll_fn(|cx| Pin::new(&mut lines).poll_next_line(cx)).await?;
    /// assert_eq!(line.as_deref(), Some("one"));
    /// # Ok(()) }
    /// ```
    pub fn poll_next_line(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<Option<String>>> {
        let me = self.project();
        ready!(poll_until(me.reader, cx, b'\n', me.line))?;
        if me.line.is_empty() {
            return Poll::Ready(Ok(None));
        }
        let line = without_end(mem::take(me.line));
        let line =
            String::from_utf8(line).map_err(|e| io::Error::new(io::ErrorKind::InvalidData, e));
        Poll::Ready(line.map(Some))
    }
}

pin_project! {
    /// The pieces of a stream between one delimiter and the next.
    ///
    /// Made by [`AsyncBufReadExt::split`](super::AsyncBufReadExt::split).
    #[derive(Debug)]
    #[must_use = "segments are read by next_segment"]
    pub struct Split<R> {
        #[pin]
        reader: R,
        delimiter: u8,
        // The piece so far.
        segment: Vec<u8>,
    }
}

impl<R> Split<R> {
    pub(super) fn new(reader: R, delimiter: u8) -> Self {
        Split {
            reader,
            delimiter,
            segment: Vec::new(),
        }
    }
}

impl<R: AsyncBufRead + Unpin> Split<R> {
    /// The next piece without its delimiter, or `None` after the last.
    ///
    /// # Errors
    ///
    /// Whatever the stream reports, except `Interrupted`, which is tried again.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: what came of a piece stays here for the next call.
    #[track_caller]
    pub fn next_segment(&mut self) -> impl Future<Output = io::Result<Option<Vec<u8>>>> {
        let at = Location::caller();
        poll_fn(move |cx| with_line(at, || Pin::new(&mut *self).poll_next_segment(cx)))
    }
}

impl<R: AsyncBufRead> Split<R> {
    /// The same as [`next_segment`](Self::next_segment), for a future written by
    /// hand.
    ///
    /// # Errors
    ///
    /// As [`next_segment`](Self::next_segment).
    ///
    /// ```
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// use runtime::io::AsyncBufReadExt;
    /// use std::future::poll_fn;
    /// use std::pin::Pin;
    ///
    /// let mut pieces = AsyncBufReadExt::split(&b"1,2"[..], b',');
    /// let piece = poll_fn(|cx| Pin::new(&mut pieces).poll_next_segment(cx)).await?;
    /// assert_eq!(piece.as_deref(), Some(&b"1"[..]));
    /// # Ok(()) }
    /// ```
    pub fn poll_next_segment(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<Option<Vec<u8>>>> {
        let me = self.project();
        ready!(poll_until(me.reader, cx, *me.delimiter, me.segment))?;
        if me.segment.is_empty() {
            return Poll::Ready(Ok(None));
        }
        let mut segment = mem::take(me.segment);
        if segment.last() == Some(me.delimiter) {
            segment.pop();
        }
        Poll::Ready(Ok(Some(segment)))
    }
}

/// Cuts off `\n` or `\r\n`. A `\r` that nothing follows belongs to the line.
fn without_end(mut line: Vec<u8>) -> Vec<u8> {
    if line.last() == Some(&b'\n') {
        line.pop();
        if line.last() == Some(&b'\r') {
            line.pop();
        }
    }
    line
}
