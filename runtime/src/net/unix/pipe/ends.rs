//! The two ends of a pipe: one reads, the other writes.
//!
//! They are made alike, and given back to the system alike, so the methods for that are written
//! once, in a macro; what each of the two has to itself is the direction of its bytes.
//!
//! How it can go wrong: a descriptor is a number, and may stand for anything. Only of a pipe will
//! the system tell when it is ready, so it is looked at first; and one that blocks would hold up
//! the whole thread, so it is put into non-blocking mode when it comes. The methods that are called
//! `unchecked` do neither. A child process wants its end blocking again.

use std::fs::File;
use std::future::Future;
use std::io;
use std::os::fd::OwnedFd;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_io::{AsyncRead, AsyncWrite};
use rustix::fs::{FileType, OFlags, fcntl_getfl, fcntl_setfl, fstat};

use crate::machine::reactor::{Interest, Ready, Registration};
use crate::net::bytes::{poll_reads, poll_writes, reads, writes};
use crate::net::readiness::waits;
use crate::net::socket::{source, with_caller};
use crate::trace::{Direction, Line};

/// The end of a pipe that reads. It reads the end of the stream when every sender is gone.
///
/// See [`pipe`](super::pipe()).
pub struct Receiver {
    registration: Registration<mio::unix::pipe::Receiver>,
}

impl Receiver {
    waits! { [registration] readable, poll_read_ready: Read,
        "a read would not block, or would find the end", try_read;
    }

    reads! { [registration]
        /// let (far, near) = runtime::net::unix::pipe::pipe()?;
    }
}

impl AsyncRead for Receiver {
    poll_reads!(registration);
}

/// The end of a pipe that writes. When every sender is dropped, the receiver reads the end of the
/// stream.
///
/// See [`pipe`](super::pipe()).
pub struct Sender {
    registration: Registration<mio::unix::pipe::Sender>,
}

impl Sender {
    waits! { [registration] writable, poll_write_ready: Write,
        "a write would not block, or would fail", try_write;
    }

    writes! { [registration]
        /// let (near, _far) = runtime::net::unix::pipe::pipe()?;
    }
}

impl AsyncWrite for Sender {
    poll_writes!(registration);

    /// A pipe has one direction: to end it is to drop it.
    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// What an end is called, and its direction.
macro_rules! end {
    ($End:ident, $Direction:ident; $(#[$end_and_other:meta])*) => {
        source!($End);

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
            ///  ```
            /// # #[runtime::main] async fn main() -> std::io::Result<()> {
            /// use runtime::net::unix::pipe;
            $(#[$end_and_other])*
            /// let file = std::fs::File::from(end.into_blocking_fd()?);
            #[doc = concat!("let again = pipe::", stringify!($End), "::from_file(file)?;")]
            /// # Ok(()) }
            /// ```
            #[track_caller]
            pub fn from_file(file: File) -> io::Result<$End> {
                $End::from_owned_fd(OwnedFd::from(file))
            }

            /// As [`from_file`](Self::from_file), out of a descriptor.
            ///
            /// # Errors
            ///
            /// As for `from_file`.
            ///
            /// # Panics
            ///
            /// As `from_file` does.
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
            /// As `from_file` does.
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
            /// As `from_file` does.
            #[track_caller]
            pub fn from_owned_fd_unchecked(fd: OwnedFd) -> io::Result<$End> {
                $End::register(fd.into(), Location::caller())
            }

            #[track_caller]
            pub(super) fn register(pipe: mio::unix::pipe::$End, at: Line) -> io::Result<$End> {
                let registration = Registration::one_way(pipe, Direction::$Direction, at)?;
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
            #[track_caller]
            pub fn ready(&self, interest: Interest) -> impl Future<Output = io::Result<Ready>> {
                with_caller(self.registration.readiness(interest))
            }

            /// Tries an operation of your own on the pipe, without waiting. It must say
            /// `WouldBlock` when it would: then the pipe is remembered as not ready.
            ///
            /// # Errors
            ///
            /// `WouldBlock` if it is not ready; else those of `operation`.
            ///
            ///  ```
            /// # #[runtime::main] async fn main() -> std::io::Result<()> {
            /// use runtime::{io::Interest, net::unix::pipe};
            $(#[$end_and_other])*
            /// drop(other);
            /// let interest = Interest::READABLE | Interest::WRITABLE;
            /// let ready = end.ready(interest).await?;
            /// assert!(!ready.is_empty());
            /// assert_eq!(end.try_io(|| Ok(7))?, 7);
            /// # Ok(()) }
            /// ```
            pub fn try_io<R>(&self, operation: impl FnOnce() -> io::Result<R>) -> io::Result<R> {
                let want = Direction::$Direction;
                self.registration.try_once(want, operation)
            }

            /// The descriptor, out of the reactor, and in blocking mode: what a child process
            /// expects.
            ///
            /// # Errors
            ///
            /// If the reactor cannot let go of it.
            pub fn into_blocking_fd(self) -> io::Result<OwnedFd> {
                set_blocking(self.into_nonblocking_fd()?, true)
            }

            /// The descriptor, out of the reactor, and in non-blocking mode.
            ///
            /// # Errors
            ///
            /// If the reactor cannot let go of it.
            pub fn into_nonblocking_fd(self) -> io::Result<OwnedFd> {
                self.registration.into_inner().map(OwnedFd::from)
            }
        }
    };
}

end! { Receiver, Read;
    /// let (other, end) = pipe::pipe()?;
}

end! { Sender, Write;
    /// let (end, other) = pipe::pipe()?;
}

/// An error if it is not a pipe that is open for this direction.
pub(super) fn checked(fd: OwnedFd, direction: Direction) -> io::Result<OwnedFd> {
    let invalid = |why| Err(io::Error::new(io::ErrorKind::InvalidInput, why));
    if FileType::from_raw_mode(fstat(&fd)?.st_mode) != FileType::Fifo {
        return invalid("the file is not a pipe");
    }
    let mode = fcntl_getfl(&fd)? & OFlags::RWMODE;
    match direction {
        Direction::Read if mode == OFlags::WRONLY => invalid("the pipe is not open for reading"),
        Direction::Write if mode == OFlags::RDONLY => invalid("the pipe is not open for writing"),
        _ => Ok(fd),
    }
}

/// Puts a pipe into blocking mode, or out of it.
fn set_blocking(fd: OwnedFd, blocking: bool) -> io::Result<OwnedFd> {
    let mut flags = fcntl_getfl(&fd)?;
    flags.set(OFlags::NONBLOCK, !blocking);
    fcntl_setfl(&fd, flags)?;
    Ok(fd)
}
