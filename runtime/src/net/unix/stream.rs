//! A connection between two processes of this machine: bytes both ways.
//!
//! Once it is there it is used as a TCP connection is, and is made of the same parts (see
//! `net/socket.rs`). It can do one thing more: tell which process is at the other end.
//!
//! How it can go wrong: to connect does not wait for the listener to accept, but fails at once
//! with "would block" if its queue is full.

use std::future::Future;
use std::io;
use std::os::unix::net;
use std::panic::Location;
use std::path::Path;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_io::{AsyncRead, AsyncWrite};

use super::addr::{SocketAddr, of_path};
#[cfg(any(target_os = "linux", target_os = "android"))]
use super::cred::{UCred, of_peer};
use crate::machine::context::ask_for_descriptor;
use crate::machine::reactor::Registration;
use crate::net::bytes::{both_ways, poll_reads, poll_writes};
use crate::net::half::Stream;
use crate::net::half::split::splits;
use crate::net::socket::{of_std, source, tells, with_caller};
use crate::net::system::ask_for_path;
use crate::trace::Line;

/// A connection between two Unix sockets.
///
/// Reading and writing are methods of [`AsyncReadExt`](crate::io::AsyncReadExt) and
/// [`AsyncWriteExt`](crate::io::AsyncWriteExt). Dropping the stream closes both directions.
///
/// ```
/// # #[runtime::main] async fn main() -> std::io::Result<()> {
/// use runtime::io::{AsyncReadExt, AsyncWriteExt};
///
/// let (mut near, mut far) = runtime::net::UnixStream::pair()?;
/// near.write_all(b"hello").await?;
/// let mut buffer = [0; 5];
/// far.read_exact(&mut buffer).await?;
/// assert_eq!(&buffer, b"hello");
/// # Ok(()) }
/// ```
pub struct UnixStream {
    registration: Registration<mio::net::UnixStream>,
}

source!(UnixStream);
of_std!(UnixStream, net::UnixStream, UnixStream::connected, "stream");
tells!(UnixStream, SocketAddr: local_addr, peer_addr, take_error);
both_ways! { UnixStream;
    /// let (near, far) = runtime::net::UnixStream::pair()?;
}
splits! { UnixStream, SocketAddr;
    /// let (mut near, mut far) = runtime::net::UnixStream::pair()?;
}

impl UnixStream {
    /// Connects to the socket that listens under a path. On Linux, one that begins with a zero byte is an
    /// abstract name.
    ///
    /// # Cancel safety
    ///
    /// Dropping it gives the attempt up and closes the socket.
    ///
    /// # Errors
    ///
    /// If nothing is there, it does not listen, it may not be used, or ("would block") too many
    /// wait to be accepted.
    ///
    /// # Panics
    ///
    /// If there is no runtime on this thread, or it was built without
    /// [`enable_io`](crate::runtime::Builder::enable_io).
    ///
    /// ```
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// let dir = tempfile::tempdir()?;
    /// let path = dir.path().join("socket");
    /// # let listener = runtime::net::UnixListener::bind(&path)?;
    /// let stream = runtime::net::UnixStream::connect(&path).await?;
    /// assert_eq!(stream.peer_addr()?.as_pathname(), Some(path.as_path()));
    /// # Ok(()) }
    /// ```
    #[track_caller]
    pub fn connect<P: AsRef<Path>>(path: P) -> impl Future<Output = io::Result<UnixStream>> {
        let at = Location::caller();
        with_caller(async move {
            let addr = of_path(path.as_ref())?;
            UnixStream::connect_at(&addr, at).await
        })
    }

    /// Connects to an address of any kind.
    ///
    /// # Cancel safety
    ///
    /// Dropping it gives the attempt up and closes the socket.
    ///
    /// # Errors
    ///
    /// As for [`connect`](UnixStream::connect).
    ///
    /// # Panics
    ///
    /// If there is no runtime on this thread, or it was built without
    /// [`enable_io`](crate::runtime::Builder::enable_io).
    ///
    /// ```
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// let dir = tempfile::tempdir()?;
    /// let path = dir.path().join("socket");
    /// # let listener = runtime::net::UnixListener::bind(&path)?;
    /// let addr = listener.local_addr()?;
    /// runtime::net::UnixStream::connect_addr(&addr).await?;
    /// # Ok(()) }
    /// ```
    #[track_caller]
    pub fn connect_addr(addr: &SocketAddr) -> impl Future<Output = io::Result<UnixStream>> {
        let at = Location::caller();
        with_caller(async move { UnixStream::connect_at(&addr.0, at).await })
    }

    async fn connect_at(addr: &net::SocketAddr, at: Line) -> io::Result<UnixStream> {
        ask_for_path()?;
        ask_for_descriptor()?;
        UnixStream::finish_connecting(mio::net::UnixStream::connect_addr(addr)?, at).await
    }

    /// Waits until a connection that was begun is there, or has failed.
    pub(super) async fn finish_connecting(
        stream: mio::net::UnixStream,
        at: Line,
    ) -> io::Result<UnixStream> {
        let (take_error, peer) = (
            mio::net::UnixStream::take_error,
            mio::net::UnixStream::peer_addr,
        );
        let registration = Registration::connecting(stream, take_error, peer, at).await?;
        Ok(UnixStream { registration })
    }

    #[track_caller]
    fn connected(stream: mio::net::UnixStream, at: Line) -> io::Result<UnixStream> {
        let registration = Registration::writable(stream, at)?;
        Ok(UnixStream { registration })
    }

    #[track_caller]
    pub(super) fn accepted(stream: mio::net::UnixStream, at: Line) -> io::Result<UnixStream> {
        let registration = Registration::accepted(stream, at)?;
        Ok(UnixStream { registration })
    }

    /// Two streams that are connected to each other, and have no name.
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    ///
    /// # Panics
    ///
    /// If there is no runtime on this thread, or it was built without
    /// [`enable_io`](crate::runtime::Builder::enable_io).
    ///
    /// ```
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// use runtime::io::AsyncWriteExt;
    /// let (mut near, far) = runtime::net::UnixStream::pair()?;
    /// near.write_all(b"x").await?;
    /// far.readable().await?;
    /// # Ok(()) }
    /// ```
    #[track_caller]
    pub fn pair() -> io::Result<(UnixStream, UnixStream)> {
        let at = Location::caller();
        ask_for_descriptor()?;
        let (near, far) = mio::net::UnixStream::pair()?;
        Ok((
            UnixStream::connected(near, at)?,
            UnixStream::connected(far, at)?,
        ))
    }

    /// The process that connected the other end, or listened there, with its user and group.
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    ///
    /// ```
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// # let (near, far) = runtime::net::UnixStream::pair()?;
    /// assert_eq!(near.peer_cred()?.pid(), Some(std::process::id() as i32));
    /// # Ok(()) }
    /// ```
    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub fn peer_cred(&self) -> io::Result<UCred> {
        of_peer(self.registration.io())
    }
}

impl AsRef<UnixStream> for UnixStream {
    /// Itself, as the halves refer to their stream.
    fn as_ref(&self) -> &UnixStream {
        self
    }
}

impl AsyncRead for UnixStream {
    poll_reads!(registration);
}

impl AsyncWrite for UnixStream {
    poll_writes!(registration);

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(self.end_writing())
    }
}
