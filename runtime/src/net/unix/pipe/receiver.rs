//! The end of a pipe that reads.
//!
//! To wait until it is ready and then to try is in `net/by_hand/streams.rs`.

use std::fmt;
use std::fs::File;
use std::future::Future;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::panic::Location;

use futures_io::AsyncRead;

use super::descriptor::{checked, set_blocking};
use crate::context;
use crate::net::bytes::poll_reads;
use crate::net::lined::lined;
use crate::reactor::{Interest, Ready, Registration};
use crate::trace::{Direction, Place};

/// The end of a pipe that reads. It reads the end of the stream when every sender is gone.
///
/// See [`pipe`](super::pipe()).
pub struct Receiver {
    pub(in crate::net) registration: Registration<mio::unix::pipe::Receiver>,
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
    poll_reads!(registration);
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
