//! The end of a pipe that reads.

use std::fmt;
use std::fs::File;
use std::future::Future;
use std::io::{self, IoSliceMut};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::BufMut;
use futures_io::AsyncRead;

use super::descriptor::{checked, set_blocking};
use crate::context;
use crate::net::lined::lined;
use crate::reactor::{Interest, Ready, Registration};
use crate::trace::{Direction, Place};

/// The end of a pipe that reads. It reads the end of the stream when every sender is gone.
///
/// See [`pipe`](super::pipe()).
pub struct Receiver {
    registration: Registration<mio::unix::pipe::Receiver>,
}

impl Receiver {
    /// The reading end of a pipe, out of a file; it is put into non-blocking mode.
    ///
    /// # Errors
    ///
    /// If it is not a pipe, or not open for this direction; else those of the operating system.
    ///
    /// # Panics
    ///
    /// If there is no runtime on this thread, or it was built without
    /// [`enable_io`](crate::runtime::Builder::enable_io).
    #[track_caller]
    pub fn from_file(file: File) -> io::Result<Receiver> {
        Receiver::from_owned_fd(OwnedFd::from(file))
    }

    /// As [`from_file`](Receiver::from_file), out of a descriptor.
    ///
    /// # Errors
    ///
    /// If it is not a pipe, or not open for this direction; else those of the operating system.
    ///
    /// # Panics
    ///
    /// If there is no runtime on this thread, or it was built without
    /// [`enable_io`](crate::runtime::Builder::enable_io).
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// let (ours, theirs) = runtime::net::unix::pipe::pipe()?;
    /// let fd = theirs.into_nonblocking_fd()?;
    /// let again = runtime::net::unix::pipe::Receiver::from_owned_fd(fd)?;
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn from_owned_fd(fd: OwnedFd) -> io::Result<Receiver> {
        Receiver::from_owned_fd_unchecked(set_blocking(checked(fd, Direction::Read)?, false)?)
    }

    /// As [`from_file`](Receiver::from_file), without a look whether it is a pipe and does not
    /// block. What does blocks the thread.
    ///
    /// # Errors
    ///
    /// If the reactor cannot take it.
    ///
    /// # Panics
    ///
    /// If there is no runtime on this thread, or it was built without
    /// [`enable_io`](crate::runtime::Builder::enable_io).
    #[track_caller]
    pub fn from_file_unchecked(file: File) -> io::Result<Receiver> {
        Receiver::from_owned_fd_unchecked(OwnedFd::from(file))
    }

    /// As [`from_file_unchecked`](Receiver::from_file_unchecked), out of a descriptor.
    ///
    /// # Errors
    ///
    /// If the reactor cannot take it.
    ///
    /// # Panics
    ///
    /// If there is no runtime on this thread, or it was built without
    /// [`enable_io`](crate::runtime::Builder::enable_io).
    #[track_caller]
    pub fn from_owned_fd_unchecked(fd: OwnedFd) -> io::Result<Receiver> {
        Receiver::register(fd.into(), Place::from(Location::caller()))
    }

    #[track_caller]
    pub(super) fn register(pipe: mio::unix::pipe::Receiver, at: Place) -> io::Result<Receiver> {
        let interest = mio::Interest::READABLE;
        let registration = Registration::with_interest(context::reactor(), pipe, interest, at)?;

        Ok(Receiver { registration })
    }

    /// Waits until it is ready, and says for what: ready, or at its end.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe.
    ///
    /// # Errors
    ///
    /// If the runtime has been shut down.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let (sender, receiver) = runtime::net::unix::pipe::pipe()?;
    /// # drop(sender);
    /// receiver.ready(runtime::io::Interest::READABLE).await?;
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn ready(&self, interest: Interest) -> impl Future<Output = io::Result<Ready>> {
        lined(self.registration.readiness(interest))
    }

    /// Waits until a read would not block, or would find the end.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe.
    ///
    /// # Errors
    ///
    /// If the runtime has been shut down.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let (sender, receiver) = runtime::net::unix::pipe::pipe()?;
    /// # drop(sender);
    /// receiver.readable().await?;
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn readable(&self) -> impl Future<Output = io::Result<()>> {
        let readiness = self.registration.readiness(Interest::READABLE);
        lined(async { readiness.await.map(drop) })
    }

    /// As [`readable`](Receiver::readable), for those who write `poll` by hand; only the last
    /// caller is woken.
    ///
    /// # Errors
    ///
    /// If the runtime has been shut down.
    pub fn poll_read_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.registration.poll_readiness(Direction::Read, cx)
    }

    /// Reads what is there, without waiting. 0 is the end of the stream (or of `buffer`).
    ///
    /// # Errors
    ///
    /// `WouldBlock` if nothing is there; else those of the operating system.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let (sender, receiver) = runtime::net::unix::pipe::pipe()?;
    /// assert!(receiver.try_read(&mut [0; 8]).is_err(), "it would block");
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn try_read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        self.registration.try_read(buffer)
    }

    /// As [`try_read`](Receiver::try_read), into several buffers.
    ///
    /// # Errors
    ///
    /// As for `try_read`.
    pub fn try_read_vectored(&self, buffers: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        self.registration.try_read_vectored(buffers)
    }

    /// As [`try_read`](Receiver::try_read), to the end of a growing buffer; it copies once.
    ///
    /// # Errors
    ///
    /// As for `try_read`.
    pub fn try_read_buf<B: BufMut>(&self, buffer: &mut B) -> io::Result<usize> {
        self.registration.try_read_buf(buffer)
    }

    /// Tries an operation of your own on the pipe, without waiting.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if it is not ready; else those of `operation`.
    pub fn try_io<R>(&self, operation: impl FnOnce() -> io::Result<R>) -> io::Result<R> {
        self.registration.try_io(Direction::Read, |_| operation())
    }

    /// The descriptor, out of the reactor, and in blocking mode: what a child process expects.
    ///
    /// # Errors
    ///
    /// If the reactor cannot let go of it.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let (sender, receiver) = runtime::net::unix::pipe::pipe()?;
    /// let fd = receiver.into_blocking_fd()?;
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn into_blocking_fd(self) -> io::Result<OwnedFd> {
        set_blocking(self.into_nonblocking_fd()?, true)
    }

    /// The descriptor, out of the reactor, and in non-blocking mode.
    ///
    /// # Errors
    ///
    /// If the reactor cannot let go of it.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let (sender, receiver) = runtime::net::unix::pipe::pipe()?;
    /// let fd = receiver.into_nonblocking_fd()?;
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn into_nonblocking_fd(self) -> io::Result<OwnedFd> {
        self.registration.into_inner().map(OwnedFd::from)
    }
}

impl AsyncRead for Receiver {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        self.registration.poll_read(cx, buffer)
    }

    fn poll_read_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffers: &mut [IoSliceMut<'_>],
    ) -> Poll<io::Result<usize>> {
        self.registration.poll_read_vectored(cx, buffers)
    }
}

impl fmt::Debug for Receiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.registration.io().fmt(f)
    }
}

impl AsFd for Receiver {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.registration.io().as_fd()
    }
}

impl AsRawFd for Receiver {
    fn as_raw_fd(&self) -> RawFd {
        self.registration.io().as_raw_fd()
    }
}
