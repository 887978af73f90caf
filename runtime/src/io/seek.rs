//! The future of going to another place in a stream, a file for instance.
//!
//! Every poll of it asks the stream for the same place.
//!
//! How it can go wrong: *a seek is dropped half-way, and another one follows.* The trait has one
//! method, `poll_seek`, for both: a stream cannot see that a new seek begins, and would answer with
//! the result of the old one. So the first poll of each future is marked (`beginning_a_seek`), and
//! our own streams look for the mark.

use std::future::Future;
use std::io::{self, SeekFrom};
use std::mem;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_io::AsyncSeek;

use crate::blocking::beginning_a_seek;
use crate::trace;

/// The future of [`AsyncSeekExt::seek`](super::AsyncSeekExt::seek).
#[derive(Debug)]
#[must_use = "a future does nothing until it is awaited"]
pub struct Seek<'a, S: ?Sized> {
    stream: &'a mut S,
    to: SeekFrom,
    /// It has been polled.
    begun: bool,
    at: &'static Location<'static>,
}

impl<'a, S: ?Sized> Seek<'a, S> {
    #[track_caller]
    pub(super) fn new(stream: &'a mut S, to: SeekFrom) -> Self {
        Seek {
            stream,
            to,
            begun: false,
            at: Location::caller(),
        }
    }
}

impl<S: AsyncSeek + Unpin + ?Sized> Future for Seek<'_, S> {
    type Output = io::Result<u64>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let me = &mut *self;
        let mut poll = || Pin::new(&mut *me.stream).poll_seek(cx, me.to);
        trace::with_line(me.at, || match mem::replace(&mut me.begun, true) {
            false => beginning_a_seek(poll),
            true => poll(),
        })
    }
}
