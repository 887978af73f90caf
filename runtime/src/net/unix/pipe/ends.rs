//! The two ends of a pipe: one reads, the other writes.
//!
//! They are made alike, and given back to the system alike, so the methods for that are written
//! once, in a macro; what each of the two has to itself is the I/O trait of its direction. To
//! wait until an end is ready and then to try is in `net/by_hand/streams.rs`.
//!
//! How it can go wrong: a descriptor that blocks is registered, and a call on it holds up the
//! whole thread. So it is put into non-blocking mode when it comes, unless the name of the
//! method says `unchecked`; and whoever gives it to a child process wants it blocking again.

use std::fs::File;
use std::future::Future;
use std::io;
use std::os::fd::OwnedFd;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_io::{AsyncRead, AsyncWrite};

use super::descriptor::{checked, set_blocking};
use crate::context;
use crate::net::bytes::{poll_reads, poll_writes};
use crate::net::lined::lined;
use crate::reactor::{Interest, Ready, Registration};
use crate::trace::{Direction, Place};

/// The end of a pipe that reads. It reads the end of the stream when every sender is gone.
///
/// See [`pipe`](super::pipe()).
pub struct Receiver {
    pub(in crate::net) registration: Registration<mio::unix::pipe::Receiver>,
}

impl AsyncRead for Receiver {
    poll_reads!(registration);
}

/// The end of a pipe that writes. Dropping it is the end of the stream for who reads.
///
/// See [`pipe`](super::pipe()).
pub struct Sender {
    pub(in crate::net) registration: Registration<mio::unix::pipe::Sender>,
}

impl AsyncWrite for Sender {
    poll_writes!(registration);

    /// A pipe has one direction: to end it is to drop it.
    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// What an end is called, and its direction under the names of the trace and of mio.
macro_rules! end {
    ($End:ident, $Direction:ident, $INTEREST:ident: $(#[$end_and_other:meta])*) => {
        impl $End {
            /// This end of a pipe, out of a file; it is put into non-blocking mode.
            ///
            /// # Errors
            ///
            /// If it is not a pipe, or not open for this direction; else those of the operating
            /// system.
            ///
            /// # Panics
            ///
            /// If there is no runtime on this thread, or it was built without
            /// [`enable_io`](crate::runtime::Builder::enable_io).
            ///
            /// ```
            /// # runtime::runtime::Runtime::new()?.block_on(async {
            /// use runtime::net::unix::pipe;
            $(#[$end_and_other])*
            /// let file = std::fs::File::from(end.into_blocking_fd()?);
            #[doc = concat!("let again = pipe::", stringify!($End), "::from_file(file)?;")]
            /// # Ok::<(), std::io::Error>(())
            /// # })?;
            /// # Ok::<(), std::io::Error>(())
            /// ```
            #[track_caller]
            pub fn from_file(file: File) -> io::Result<$End> {
                $End::from_owned_fd(OwnedFd::from(file))
            }

            /// As [`from_file`](Self::from_file), out of a descriptor.
            ///
            /// # Errors
            ///
            /// If it is not a pipe, or not open for this direction; else those of the operating
            /// system.
            ///
            /// # Panics
            ///
            /// If there is no runtime on this thread, or it was built without
            /// [`enable_io`](crate::runtime::Builder::enable_io).
            ///
            /// ```
            /// # runtime::runtime::Runtime::new()?.block_on(async {
            /// use runtime::net::unix::pipe;
            $(#[$end_and_other])*
            /// let fd = end.into_nonblocking_fd()?;
            #[doc = concat!("let again = pipe::", stringify!($End), "::from_owned_fd(fd)?;")]
            /// # Ok::<(), std::io::Error>(())
            /// # })?;
            /// # Ok::<(), std::io::Error>(())
            /// ```
            #[track_caller]
            pub fn from_owned_fd(fd: OwnedFd) -> io::Result<$End> {
                let fd = checked(fd, Direction::$Direction)?;
                $End::from_owned_fd_unchecked(set_blocking(fd, false)?)
            }

            /// As [`from_file`](Self::from_file), without a look whether it is a pipe and does
            /// not block. What does blocks the thread.
            ///
            /// # Errors
            ///
            /// If the reactor cannot take it.
            ///
            /// # Panics
            ///
            /// If there is no runtime on this thread, or it was built without
            /// [`enable_io`](crate::runtime::Builder::enable_io).
            ///
            /// ```
            /// # runtime::runtime::Runtime::new()?.block_on(async {
            /// use runtime::net::unix::pipe;
            $(#[$end_and_other])*
            /// let file = std::fs::File::from(end.into_nonblocking_fd()?);
            #[doc = concat!("let again = pipe::", stringify!($End), "::from_file_unchecked(file)?;")]
            /// # Ok::<(), std::io::Error>(())
            /// # })?;
            /// # Ok::<(), std::io::Error>(())
            /// ```
            #[track_caller]
            pub fn from_file_unchecked(file: File) -> io::Result<$End> {
                $End::from_owned_fd_unchecked(OwnedFd::from(file))
            }

            /// As [`from_file_unchecked`](Self::from_file_unchecked), out of a descriptor.
            ///
            /// # Errors
            ///
            /// If the reactor cannot take it.
            ///
            /// # Panics
            ///
            /// If there is no runtime on this thread, or it was built without
            /// [`enable_io`](crate::runtime::Builder::enable_io).
            ///
            /// ```
            /// # runtime::runtime::Runtime::new()?.block_on(async {
            /// use runtime::net::unix::pipe;
            $(#[$end_and_other])*
            /// let fd = end.into_nonblocking_fd()?;
            #[doc = concat!("let again = pipe::", stringify!($End), "::from_owned_fd_unchecked(fd)?;")]
            /// # Ok::<(), std::io::Error>(())
            /// # })?;
            /// # Ok::<(), std::io::Error>(())
            /// ```
            #[track_caller]
            pub fn from_owned_fd_unchecked(fd: OwnedFd) -> io::Result<$End> {
                $End::register(fd.into(), Place::from(Location::caller()))
            }

            #[track_caller]
            pub(super) fn register(pipe: mio::unix::pipe::$End, at: Place) -> io::Result<$End> {
                let (reactor, interest) = (context::reactor(), mio::Interest::$INTEREST);
                let registration = Registration::with_interest(reactor, pipe, interest, at)?;
                Ok($End { registration })
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
            /// use runtime::{io::Interest, net::unix::pipe};
            $(#[$end_and_other])*
            /// drop(other);
            #[doc = concat!("let ready = end.ready(Interest::", stringify!($INTEREST), ").await?;")]
            /// assert!(!ready.is_empty());
            /// # Ok::<(), std::io::Error>(())
            /// # })?;
            /// # Ok::<(), std::io::Error>(())
            /// ```
            #[track_caller]
            pub fn ready(&self, interest: Interest) -> impl Future<Output = io::Result<Ready>> {
                lined(self.registration.readiness(interest))
            }

            /// Tries an operation of your own on the pipe, without waiting. It must say
            /// `WouldBlock` when it would: then the pipe is remembered as not ready.
            ///
            /// # Errors
            ///
            /// `WouldBlock` if it is not ready; else those of `operation`.
            ///
            /// ```
            /// # runtime::runtime::Runtime::new()?.block_on(async {
            /// use runtime::{io::Interest, net::unix::pipe};
            $(#[$end_and_other])*
            /// drop(other);
            #[doc = concat!("end.ready(Interest::", stringify!($INTEREST), ").await?;")]
            /// assert_eq!(end.try_io(|| Ok(7))?, 7);
            /// # Ok::<(), std::io::Error>(())
            /// # })?;
            /// # Ok::<(), std::io::Error>(())
            /// ```
            pub fn try_io<R>(&self, operation: impl FnOnce() -> io::Result<R>) -> io::Result<R> {
                let want = Direction::$Direction;
                self.registration.try_io(want, |_| operation())
            }

            /// The descriptor, out of the reactor, and in blocking mode: what a child process
            /// expects.
            ///
            /// # Errors
            ///
            /// If the reactor cannot let go of it.
            ///
            /// ```
            /// # runtime::runtime::Runtime::new()?.block_on(async {
            /// use runtime::net::unix::pipe;
            $(#[$end_and_other])*
            /// let fd = end.into_blocking_fd()?;
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
            /// use runtime::net::unix::pipe;
            $(#[$end_and_other])*
            /// let fd = end.into_nonblocking_fd()?;
            /// # Ok::<(), std::io::Error>(())
            /// # })?;
            /// # Ok::<(), std::io::Error>(())
            /// ```
            pub fn into_nonblocking_fd(self) -> io::Result<OwnedFd> {
                self.registration.into_inner().map(OwnedFd::from)
            }
        }
    };
}

end! { Receiver, Read, READABLE:
    /// let (other, end) = pipe::pipe()?;
}

end! { Sender, Write, WRITABLE:
    /// let (end, other) = pipe::pipe()?;
}
