//! Looking into a reader's buffer without taking anything out of it.
//!
//! The most basic thing a buffered reader can do, and the only one that copies nothing:
//! it lends its buffer, filled first if it was empty. What has been dealt with is
//! *consumed*; what has not is lent again by the next call. Nothing is taken before
//! `consume`, so dropping the future loses nothing.

use std::future::Future;
use std::io;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_io::AsyncBufRead;

use crate::machine::coop;
use crate::trace::with_line;

/// The future of [`AsyncBufReadExt::fill_buf`](super::AsyncBufReadExt::fill_buf).
#[derive(Debug)]
#[must_use = "a future does nothing until it is awaited"]
pub struct FillBuf<'a, R: ?Sized> {
    /// Moves into the answer, which borrows from it.
    reader: Option<&'a mut R>,
    /// The line that made it.
    at: &'static Location<'static>,
}

impl<'a, R: ?Sized> FillBuf<'a, R> {
    #[track_caller]
    pub(super) fn new(reader: &'a mut R) -> Self {
        FillBuf {
            reader: Some(reader),
            at: Location::caller(),
        }
    }
}

impl<'a, R: AsyncBufRead + Unpin + ?Sized> Future for FillBuf<'a, R> {
    type Output = io::Result<&'a [u8]>;

    /// Asks twice. The borrow checker cannot see that a reader that is lent out in one
    /// arm is free again in the other, so the first answer only decides whether the
    /// reader may be given away for good; the second, from the buffer that is filled by
    /// then, is the one that is given.
    ///
    /// # Panics
    ///
    /// If it is polled again after it was ready.
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let me = &mut *self;
        with_line(me.at, || {
            let reader = me.reader.as_mut();
            let reader = reader.expect("fill_buf was polled after it was ready");
            if ready!(Pin::new(&mut **reader).poll_fill_buf(cx))?.is_empty() {
                return Poll::Ready(Ok(&[][..]));
            }
            let reader = me.reader.take().expect("it was there a moment ago");
            // The first look may have spent the last unit of the budget.
            match coop::unconstrained(|| Pin::new(reader).poll_fill_buf(cx)) {
                Poll::Ready(result) => Poll::Ready(result),
                Poll::Pending => Poll::Ready(Err(took_it_back())),
            }
        })
    }
}

/// The error of a reader that has a full buffer, and a moment later has not.
fn took_it_back() -> io::Error {
    io::Error::other("the reader's poll_fill_buf was ready, and then pending with nothing consumed")
}
