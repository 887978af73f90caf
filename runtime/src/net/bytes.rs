//! Bytes through a socket or a pipe: each call of the system, with the dance around it.
//!
//! A TCP connection, a Unix one and a pipe differ in how they are made and in what they are
//! called. Once there they are the same: something that reads and writes bytes through a shared
//! reference, and a registration that knows when to try. Here the two come together, once for
//! all of them. The `poll_` methods wait in the direction's one slot, those that `try_` do not
//! wait at all. Below them are the same calls under the names that the I/O traits have for them.
//!
//! How it can go wrong: a call that got less than it asked for has drained a TCP socket, so the
//! registration forgets that it is ready and spares the next call. To believe that too often is
//! to wait for an event that does not come: the registration says where it is a proof, and
//! [`surely_offered`] says what was asked for.

use std::io::{self, IoSlice, IoSliceMut, Read, Write};
use std::task::{Context, Poll};

use bytes::BufMut;

use super::growing::append;
use crate::reactor::Registration;
use crate::trace::Direction;

impl<S: mio::event::Source> Registration<S>
where
    for<'a> &'a S: Read,
{
    #[inline]
    pub(super) fn poll_read(
        &self,
        cx: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let len = buffer.len();
        self.poll_transfer(Direction::Read, cx, len, |mut io| io.read(buffer))
    }

    pub(super) fn poll_read_vectored(
        &self,
        cx: &mut Context<'_>,
        buffers: &mut [IoSliceMut<'_>],
    ) -> Poll<io::Result<usize>> {
        let len = surely_offered(buffers.iter().map(|buffer| buffer.len()));
        let read = |mut io: &S| io.read_vectored(buffers);
        self.poll_transfer(Direction::Read, cx, len, read)
    }

    pub(super) fn try_read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        let len = buffer.len();
        self.try_transfer(Direction::Read, len, |mut io| io.read(buffer))
    }

    pub(super) fn try_read_vectored(&self, buffers: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        let len = surely_offered(buffers.iter().map(|buffer| buffer.len()));
        self.try_transfer(Direction::Read, len, |mut io| io.read_vectored(buffers))
    }

    pub(super) fn try_read_buf<B: BufMut>(&self, buffer: &mut B) -> io::Result<usize> {
        append(buffer, |space| self.try_read(space))
    }
}

impl<S: mio::event::Source> Registration<S>
where
    for<'a> &'a S: Write,
{
    #[inline]
    pub(super) fn poll_write(&self, cx: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        let write = |mut io: &S| io.write(data);
        self.poll_transfer(Direction::Write, cx, data.len(), write)
    }

    pub(super) fn poll_write_vectored(
        &self,
        cx: &mut Context<'_>,
        buffers: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let len = surely_offered(buffers.iter().map(|buffer| buffer.len()));
        let write = |mut io: &S| io.write_vectored(buffers);
        self.poll_transfer(Direction::Write, cx, len, write)
    }

    pub(super) fn try_write(&self, data: &[u8]) -> io::Result<usize> {
        self.try_io(Direction::Write, |mut io| io.write(data))
    }

    pub(super) fn try_write_vectored(&self, buffers: &[IoSlice<'_>]) -> io::Result<usize> {
        self.try_io(Direction::Write, |mut io| io.write_vectored(buffers))
    }
}

/// What `AsyncRead` asks for, by way of a registration: `self` and what this is given lead to it.
macro_rules! poll_reads {
    ($($registration:tt)+) => {
        #[inline]
        fn poll_read(
            self: std::pin::Pin<&mut Self>,
            cx: &mut std::task::Context<'_>,
            buffer: &mut [u8],
        ) -> std::task::Poll<std::io::Result<usize>> {
            self.$($registration)+.poll_read(cx, buffer)
        }

        fn poll_read_vectored(
            self: std::pin::Pin<&mut Self>,
            cx: &mut std::task::Context<'_>,
            buffers: &mut [std::io::IoSliceMut<'_>],
        ) -> std::task::Poll<std::io::Result<usize>> {
            self.$($registration)+.poll_read_vectored(cx, buffers)
        }
    };
}
pub(super) use poll_reads;

/// As [`poll_reads`], for `AsyncWrite`. To close is not the same everywhere, and stays to be said.
macro_rules! poll_writes {
    ($($registration:tt)+) => {
        #[inline]
        fn poll_write(
            self: std::pin::Pin<&mut Self>,
            cx: &mut std::task::Context<'_>,
            data: &[u8],
        ) -> std::task::Poll<std::io::Result<usize>> {
            self.$($registration)+.poll_write(cx, data)
        }

        fn poll_write_vectored(
            self: std::pin::Pin<&mut Self>,
            cx: &mut std::task::Context<'_>,
            buffers: &[std::io::IoSlice<'_>],
        ) -> std::task::Poll<std::io::Result<usize>> {
            self.$($registration)+.poll_write_vectored(cx, buffers)
        }

        fn poll_flush(
            self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
        ) -> std::task::Poll<std::io::Result<()>> {
            // The operating system has what was written; there is nothing of ours to flush.
            std::task::Poll::Ready(Ok(()))
        }
    };
}
pub(super) use poll_writes;

/// How many bytes of several buffers a single call offers to the system, at the least.
///
/// One call takes so many buffers and no more (1024 on Linux, 16 by POSIX). What it leaves in
/// the rest does not prove the socket to be drained, or full: to take it for a proof would be
/// to wait for an event that does not come.
fn surely_offered(lens: impl Iterator<Item = usize>) -> usize {
    lens.take(16).sum()
}

/// Ends the writing direction of a stream. A peer that is gone already is no error.
pub(super) fn end_of_writing(shutdown: io::Result<()>) -> io::Result<()> {
    match shutdown {
        Err(error) if error.kind() == io::ErrorKind::NotConnected => Ok(()),
        result => result,
    }
}
