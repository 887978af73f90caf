//! Bytes through a socket or a pipe: each call of the system, with the dance around it.
//!
//! A TCP connection, a Unix one and a pipe differ in how they are made and in what they are
//! called. Once there they are the same: something that reads and writes bytes through a shared
//! reference, and a registration that knows when to try. Here the two come together, once for
//! all of them. The `poll_` methods wait in the direction's one slot, the `try_` methods do not
//! wait at all. Below them, macros write the same calls for each stream and each half of one:
//! `reads!` and `writes!` as public methods (`both_ways!` has both, with the waiting),
//! `poll_reads!` and `poll_writes!` under the names that the I/O traits have for them.
//!
//! To lend the operating system memory that has not been written yet takes unsafe code. So what
//! goes to a growing buffer is received into zeroed memory, and copied once ([`append`]).
//!
//! How it can go wrong: a call that got less than it asked for has drained a TCP socket, so the
//! registration forgets that it is ready and spares the next call. To believe that too often is
//! to wait for an event that does not come: the registration says where it is a proof, and
//! [`surely_offered`] says what was asked for.

use std::io::{self, IoSlice, IoSliceMut, Read, Write};
use std::task::{Context, Poll};

use bytes::BufMut;

use crate::machine::reactor::Registration;
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
        self.poll_transfer(Direction::Read, cx, len, |io| self.read(io, buffer))
    }

    pub(super) fn poll_read_vectored(
        &self,
        cx: &mut Context<'_>,
        buffers: &mut [IoSliceMut<'_>],
    ) -> Poll<io::Result<usize>> {
        let len = surely_offered(buffers.iter().map(|buffer| buffer.len()));
        let read = |io: &S| self.read_vectored(io, buffers);
        self.poll_transfer(Direction::Read, cx, len, read)
    }

    pub(super) fn try_read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        let len = buffer.len();
        self.try_transfer(Direction::Read, len, |io| self.read(io, buffer))
    }

    pub(super) fn try_read_vectored(&self, buffers: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        let len = surely_offered(buffers.iter().map(|buffer| buffer.len()));
        self.try_transfer(Direction::Read, len, |io| self.read_vectored(io, buffers))
    }

    pub(super) fn try_read_buf<B: BufMut>(&self, buffer: &mut B) -> io::Result<usize> {
        append(buffer, |space| self.try_read(space))
    }

    #[inline]
    fn read(&self, mut io: &S, buffer: &mut [u8]) -> io::Result<usize> {
        let len = self.offered(Direction::Read, buffer.len());
        io.read(&mut buffer[..len])
    }

    fn read_vectored(&self, mut io: &S, buffers: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        let count = self.offered_of(Direction::Read, buffers);
        io.read_vectored(&mut buffers[..count])
    }
}

impl<S: mio::event::Source> Registration<S>
where
    for<'a> &'a S: Write,
{
    #[inline]
    pub(super) fn poll_write(&self, cx: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        let write = |io: &S| self.write(io, data);
        self.poll_transfer(Direction::Write, cx, data.len(), write)
    }

    pub(super) fn poll_write_vectored(
        &self,
        cx: &mut Context<'_>,
        buffers: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let len = surely_offered(buffers.iter().map(|buffer| buffer.len()));
        let write = |io: &S| self.write_vectored(io, buffers);
        self.poll_transfer(Direction::Write, cx, len, write)
    }

    pub(super) fn try_write(&self, data: &[u8]) -> io::Result<usize> {
        self.try_bytes(Direction::Write, |io| self.write(io, data))
    }

    pub(super) fn try_write_vectored(&self, buffers: &[IoSlice<'_>]) -> io::Result<usize> {
        self.try_bytes(Direction::Write, |io| self.write_vectored(io, buffers))
    }

    #[inline]
    fn write(&self, mut io: &S, data: &[u8]) -> io::Result<usize> {
        let len = self.offered(Direction::Write, data.len());
        io.write(&data[..len])
    }

    fn write_vectored(&self, mut io: &S, buffers: &[IoSlice<'_>]) -> io::Result<usize> {
        let count = self.offered_of(Direction::Write, buffers);
        io.write_vectored(&buffers[..count])
    }
}

/// What is read without waiting. The example has `near` and `far`, connected.
macro_rules! reads {
    ([$($registration:tt)+] $(#[$near_and_far:meta])*) => {
        /// Reads what is there, without waiting. 0 is the end of the stream (or of `buffer`).
        ///
        /// # Errors
        ///
        /// `WouldBlock` if nothing is there; else those of the operating system.
        ///
        ///  ```
        /// # #[runtime::main] async fn main() -> std::io::Result<()> {
        $(#[$near_and_far])*
        /// let mut buffer = [0; 16];
        /// let error = near.try_read(&mut buffer).unwrap_err();
        /// assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock);
        ///
        /// far.writable().await?;
        /// far.try_write(b"hello")?;
        /// near.readable().await?;
        /// assert_eq!(near.try_read(&mut buffer)?, 5);
        /// # Ok(()) }
        /// ```
        pub fn try_read(&self, buffer: &mut [u8]) -> std::io::Result<usize> {
            self.$($registration)+.try_read(buffer)
        }

        /// As [`try_read`](Self::try_read), into several buffers.
        ///
        /// # Errors
        ///
        /// As for `try_read`.
        pub fn try_read_vectored(
            &self,
            buffers: &mut [std::io::IoSliceMut<'_>],
        ) -> std::io::Result<usize> {
            self.$($registration)+.try_read_vectored(buffers)
        }

        /// As [`try_read`](Self::try_read), to the end of a growing buffer: what it has room
        /// for, or 64 bytes if a `Vec` is full. It copies once.
        ///
        /// # Errors
        ///
        /// As for `try_read`.
        pub fn try_read_buf<B: bytes::BufMut>(&self, buffer: &mut B) -> std::io::Result<usize> {
            self.$($registration)+.try_read_buf(buffer)
        }
    };
}
pub(super) use reads;

/// What is written without waiting. The example has `near`, connected.
macro_rules! writes {
    ([$($registration:tt)+] $(#[$near:meta])*) => {
        /// Writes as much as there is room for, without waiting.
        ///
        /// # Errors
        ///
        /// `WouldBlock` if there is no room; else those of the operating system.
        ///
        ///  ```
        /// # #[runtime::main] async fn main() -> std::io::Result<()> {
        $(#[$near])*
        /// near.writable().await?;
        /// assert_eq!(near.try_write(b"hello")?, 5);
        /// # Ok(()) }
        /// ```
        pub fn try_write(&self, data: &[u8]) -> std::io::Result<usize> {
            self.$($registration)+.try_write(data)
        }

        /// As [`try_write`](Self::try_write), from several buffers.
        ///
        /// # Errors
        ///
        /// As for `try_write`.
        pub fn try_write_vectored(
            &self,
            buffers: &[std::io::IoSlice<'_>],
        ) -> std::io::Result<usize> {
            self.$($registration)+.try_write_vectored(buffers)
        }
    };
}
pub(super) use writes;

/// A stream that goes both ways: waiting for it, and all that is read and written without waiting.
/// The examples have `near` and `far`, connected.
macro_rules! both_ways {
    ($Stream:ident; $(#[$near_and_far:meta])*) => {
        impl $Stream {
            $crate::net::readiness::ready! { [registration] $(#[$near_and_far])* }

            $crate::net::readiness::own_operations! { $(#[$near_and_far])* }

            $crate::net::readiness::waits! { [registration] readable, poll_read_ready: Read,
                "a read would not block, or would find the end", try_read;
                /// ```
                /// # #[runtime::main] async fn main() -> std::io::Result<()> {
                $(#[$near_and_far])*
                /// far.try_write(b"x")?;
                /// let mut buffer = [0; 16];
                /// let count = loop {
                ///     near.readable().await?;
                ///     match near.try_read(&mut buffer) {
                ///         Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
                ///         result => break result?,
                ///     }
                /// };
                /// assert_eq!(count, 1);
                /// # Ok(()) }
                /// ```
            }

            $crate::net::readiness::waits! { [registration] writable, poll_write_ready: Write,
                "a write would not block, or would fail", try_write;
            }

            $crate::net::bytes::reads! { [registration] $(#[$near_and_far])* }

            $crate::net::bytes::writes! { [registration] $(#[$near_and_far])* }
        }
    };
}
pub(super) use both_ways;

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

/// The longest datagram that there is; more is not taken at once of a stream either.
const LONGEST: usize = 64 * 1024;

/// Calls `receive` with as much space as `buffer` has, and appends what it has written there. A
/// datagram that is longer loses its end.
pub(super) fn append<B: BufMut>(
    buffer: &mut B,
    receive: impl FnOnce(&mut [u8]) -> io::Result<usize>,
) -> io::Result<usize> {
    let (len, ()) = append_with(buffer, |space| Ok((receive(space)?, ())))?;
    Ok(len)
}

/// As [`append`], if there is more to say than how much, such as from where.
pub(super) fn append_with<B: BufMut, T>(
    buffer: &mut B,
    receive: impl FnOnce(&mut [u8]) -> io::Result<(usize, T)>,
) -> io::Result<(usize, T)> {
    let room = match buffer.has_remaining_mut() {
        true => buffer.chunk_mut().len(),
        false => 0,
    };
    let mut space = vec![0; room.min(LONGEST)];
    let (len, rest) = receive(&mut space)?;
    buffer.put_slice(&space[..len]);
    Ok((len, rest))
}

/// Ends the writing direction of a stream. A peer that is gone already is no error.
pub(super) fn end_of_writing(shutdown: io::Result<()>) -> io::Result<()> {
    match shutdown {
        Err(error) if error.kind() == io::ErrorKind::NotConnected => Ok(()),
        result => result,
    }
}
