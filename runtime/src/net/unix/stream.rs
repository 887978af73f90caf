//! A connection between two processes of this machine: bytes both ways.
//!
//! Once it is there it is used as a TCP connection is, by way of `net/bytes.rs`, or
//! `net/by_hand.rs`; and it can do one thing more: say who is at the other end.
//!
//! How it can go wrong: to connect does not wait for the listener to accept, but fails at once
//! with "would block" if its queue is full.

use std::future::Future;
use std::io;
use std::net::Shutdown;
use std::os::unix::net;
use std::panic::Location;
use std::path::Path;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_io::{AsyncRead, AsyncWrite};

use super::addr::{SocketAddr, of_path};
#[cfg(any(target_os = "linux", target_os = "android"))]
use super::cred::{UCred, of_peer};
use crate::context;
use crate::net::blocking;
use crate::net::bytes::{end_of_writing, poll_reads, poll_writes};
use crate::net::lined::lined;
use crate::reactor::{Interest, Registration};
use crate::trace::{Direction, Place};

/// A connection between two Unix sockets.
///
/// Reading and writing are methods of [`AsyncReadExt`](crate::io::AsyncReadExt) and
/// [`AsyncWriteExt`](crate::io::AsyncWriteExt). Dropping the stream closes both directions.
///
/// ```
/// # runtime::runtime::Runtime::new()?.block_on(async {
/// use runtime::io::{AsyncReadExt, AsyncWriteExt};
///
/// let (mut near, mut far) = runtime::net::UnixStream::pair()?;
/// near.write_all(b"hello").await?;
/// let mut buffer = [0; 5];
/// far.read_exact(&mut buffer).await?;
/// assert_eq!(&buffer, b"hello");
/// # Ok::<(), std::io::Error>(())
/// # })?;
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct UnixStream {
    pub(in crate::net) registration: Registration<mio::net::UnixStream>,
}

impl UnixStream {
    /// Connects to who listens under a path. On Linux, one that begins with a zero byte is an
    /// abstract name.
    ///
    /// # Cancel safety
    ///
    /// Dropping it gives the attempt up and closes the socket.
    ///
    /// # Errors
    ///
    /// If nothing is there, nobody listens, it may not be used, or ("would block") too many wait
    /// to be accepted.
    ///
    /// # Panics
    ///
    /// If there is no runtime on this thread, or it was built without
    /// [`enable_io`](crate::runtime::Builder::enable_io).
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let path = std::env::temp_dir().join(format!("treadle-doc-connect-{}", std::process::id()));
    /// # let _ = std::fs::remove_file(&path);
    /// # let listener = runtime::net::UnixListener::bind(&path)?;
    /// let stream = runtime::net::UnixStream::connect(&path).await?;
    /// assert_eq!(stream.peer_addr()?.as_pathname(), Some(path.as_path()));
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn connect<P: AsRef<Path>>(path: P) -> impl Future<Output = io::Result<UnixStream>> {
        let at = Place::from(Location::caller());
        lined(async move {
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
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let path = std::env::temp_dir().join(format!("treadle-doc-connect-addr-{}", std::process::id()));
    /// # let _ = std::fs::remove_file(&path);
    /// # let listener = runtime::net::UnixListener::bind(&path)?;
    /// let addr = listener.local_addr()?;
    /// runtime::net::UnixStream::connect_addr(&addr).await?;
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn connect_addr(addr: &SocketAddr) -> impl Future<Output = io::Result<UnixStream>> {
        let at = Place::from(Location::caller());
        lined(async move { UnixStream::connect_at(&addr.0, at).await })
    }

    async fn connect_at(addr: &net::SocketAddr, at: Place) -> io::Result<UnixStream> {
        UnixStream::finish_connecting(mio::net::UnixStream::connect_addr(addr)?, at).await
    }

    /// Waits until a connection that was begun is there, or failed, which its error tells.
    pub(super) async fn finish_connecting(
        stream: mio::net::UnixStream,
        at: Place,
    ) -> io::Result<UnixStream> {
        let registration = Registration::new(context::reactor(), stream, at)?;
        registration.readiness(Interest::WRITABLE).await?;
        match registration.io().take_error()? {
            Some(error) => Err(error),
            None => Ok(UnixStream { registration }),
        }
    }

    /// A stream that is connected: it is taken as writable from the start.
    #[track_caller]
    pub(super) fn connected(stream: mio::net::UnixStream, at: Place) -> io::Result<UnixStream> {
        let registration = Registration::new(context::reactor(), stream, at)?;
        registration.assume_ready(Direction::Write);
        Ok(UnixStream { registration })
    }

    /// A stream that was accepted: whoever connected has probably sent something, so the first
    /// read is tried at once.
    #[track_caller]
    pub(super) fn accepted(stream: mio::net::UnixStream, at: Place) -> io::Result<UnixStream> {
        let stream = UnixStream::connected(stream, at)?;
        stream.registration.assume_ready(Direction::Read);
        Ok(stream)
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
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// use runtime::io::AsyncWriteExt;
    /// let (mut near, far) = runtime::net::UnixStream::pair()?;
    /// near.write_all(b"x").await?;
    /// far.readable().await?;
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn pair() -> io::Result<(UnixStream, UnixStream)> {
        let at = Place::from(Location::caller());
        let (near, far) = mio::net::UnixStream::pair()?;
        Ok((
            UnixStream::connected(near, at)?,
            UnixStream::connected(far, at)?,
        ))
    }

    /// A stream of the standard library's, which must be non-blocking.
    ///
    /// # Errors
    ///
    /// If it is in blocking mode, or the reactor cannot take it.
    ///
    /// # Panics
    ///
    /// If there is no runtime on this thread, or it was built without
    /// [`enable_io`](crate::runtime::Builder::enable_io).
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// let (std, _far) = std::os::unix::net::UnixStream::pair()?;
    /// std.set_nonblocking(true)?;
    /// runtime::net::UnixStream::from_std(std)?;
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn from_std(stream: net::UnixStream) -> io::Result<UnixStream> {
        let at = Place::from(Location::caller());
        UnixStream::connected(mio::net::UnixStream::from_std(stream), at)
            .and_then(blocking::refused)
    }

    /// The standard library's stream, out of the reactor, and still non-blocking.
    ///
    /// # Errors
    ///
    /// If the reactor cannot let go of it.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let (near, far) = runtime::net::UnixStream::pair()?;
    /// near.into_std()?.set_nonblocking(false)?;
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn into_std(self) -> io::Result<net::UnixStream> {
        self.registration.into_inner().map(Into::into)
    }

    /// The address of this end.
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let (near, far) = runtime::net::UnixStream::pair()?;
    /// assert!(near.local_addr()?.is_unnamed());
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.registration.io().local_addr().map(SocketAddr)
    }

    /// The address of the other end.
    ///
    /// # Errors
    ///
    /// Those of the operating system; the connection may be gone.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let (near, far) = runtime::net::UnixStream::pair()?;
    /// assert!(near.peer_addr()?.is_unnamed());
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.registration.io().peer_addr().map(SocketAddr)
    }

    /// Who connected the other end, or listened there: the process, its user and its group.
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let (near, far) = runtime::net::UnixStream::pair()?;
    /// assert_eq!(near.peer_cred()?.pid(), Some(std::process::id() as i32));
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub fn peer_cred(&self) -> io::Result<UCred> {
        of_peer(self.registration.io())
    }

    /// The error that the socket has met since the last call, if any.
    ///
    /// # Errors
    ///
    /// Those of asking.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let (near, far) = runtime::net::UnixStream::pair()?;
    /// assert!(near.take_error()?.is_none());
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn take_error(&self) -> io::Result<Option<io::Error>> {
        self.registration.io().take_error()
    }

    /// Ends the writing direction.
    pub(super) fn shut_down_write(&self) -> io::Result<()> {
        end_of_writing(self.registration.io().shutdown(Shutdown::Write))
    }
}

impl AsyncRead for UnixStream {
    poll_reads!(registration);
}

impl AsyncWrite for UnixStream {
    poll_writes!(registration);

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(self.shut_down_write())
    }
}
