//! Going to another place in a stream that has places: a file, say.

use std::future::Future;
use std::io::{self, SeekFrom};
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_io::AsyncSeek;

use crate::trace;

/// The future of [`AsyncSeekExt::seek`](super::AsyncSeekExt::seek).
#[derive(Debug)]
#[must_use = "a future does nothing until it is awaited"]
pub struct Seek<'a, S: ?Sized> {
    stream: &'a mut S,
    to: SeekFrom,
    at: &'static Location<'static>,
}

impl<'a, S: ?Sized> Seek<'a, S> {
    #[track_caller]
    pub(super) fn new(stream: &'a mut S, to: SeekFrom) -> Self {
        Seek {
            stream,
            to,
            at: Location::caller(),
        }
    }
}

impl<S: AsyncSeek + Unpin + ?Sized> Future for Seek<'_, S> {
    type Output = io::Result<u64>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let me = &mut *self;
        trace::with_line(me.at, || Pin::new(&mut *me.stream).poll_seek(cx, me.to))
    }
}
