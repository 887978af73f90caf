//! Two streams, one after the other.
//!
//! The usual reason is a protocol that reads ahead: what was read too far goes in front of
//! the rest of the connection, and the code that reads the two as one need not know.
//!
//! How it can go wrong: taking an empty read for the end. A read into an empty buffer
//! returns 0 in the middle of a stream too, so only a read that *had* room and got nothing
//! moves on to the second.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_io::{AsyncBufRead, AsyncRead};
use pin_project_lite::pin_project;

pin_project! {
    /// Reads one stream to its end, then another.
    ///
    /// Made by [`AsyncReadExt::chain`](super::AsyncReadExt::chain).
    ///
    /// # Examples
    ///
    /// ```
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// use runtime::io::AsyncReadExt;
    ///
    /// let read_too_far: &[u8] = b"GET /";
    /// let connection: &[u8] = b" HTTP/1.1";
    /// let mut request = String::new();
    /// read_too_far.chain(connection).read_to_string(&mut request).await?;
    /// assert_eq!(request, "GET / HTTP/1.1");
    /// # Ok(()) }
    /// ```
    #[derive(Debug)]
    #[must_use = "a stream does nothing until it is read"]
    pub struct Chain<T, U> {
        #[pin]
        first: T,
        #[pin]
        second: U,
        first_has_ended: bool,
    }
}

impl<T, U> Chain<T, U> {
    pub(super) fn new(first: T, second: U) -> Self {
        Chain {
            first,
            second,
            first_has_ended: false,
        }
    }

    /// The two streams.
    pub fn get_ref(&self) -> (&T, &U) {
        (&self.first, &self.second)
    }

    /// The two streams. Reading from them changes what this one will read.
    pub fn get_mut(&mut self) -> (&mut T, &mut U) {
        (&mut self.first, &mut self.second)
    }

    /// The two streams, pinned.
    pub fn get_pin_mut(self: Pin<&mut Self>) -> (Pin<&mut T>, Pin<&mut U>) {
        let me = self.project();
        (me.first, me.second)
    }

    /// Gives the two streams back.
    pub fn into_inner(self) -> (T, U) {
        (self.first, self.second)
    }
}

impl<T: AsyncRead, U: AsyncRead> AsyncRead for Chain<T, U> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let me = self.project();
        if !*me.first_has_ended {
            let n = ready!(me.first.poll_read(cx, buf))?;
            if n > 0 || buf.is_empty() {
                return Poll::Ready(Ok(n));
            }
            *me.first_has_ended = true;
        }
        me.second.poll_read(cx, buf)
    }
}

impl<T: AsyncBufRead, U: AsyncBufRead> AsyncBufRead for Chain<T, U> {
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        let me = self.project();
        if !*me.first_has_ended {
            match ready!(me.first.poll_fill_buf(cx))? {
                [] => *me.first_has_ended = true,
                buf => return Poll::Ready(Ok(buf)),
            }
        }
        me.second.poll_fill_buf(cx)
    }

    fn consume(self: Pin<&mut Self>, amt: usize) {
        let me = self.project();
        if *me.first_has_ended {
            me.second.consume(amt);
        } else {
            me.first.consume(amt);
        }
    }
}
