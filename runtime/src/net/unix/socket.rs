//! A Unix socket before it listens or connects: to give it a name of its own before it connects,
//! or to choose how many may wait to be accepted. It is in no reactor before that.

use std::future::Future;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::panic::Location;
use std::path::Path;

use socket2::{Domain, SockAddr, Socket, Type};

use super::datagram::UnixDatagram;
use super::listener::UnixListener;
use super::stream::UnixStream;
use crate::machine::context::ask_for_descriptor;
use crate::net::socket::with_caller;
use crate::net::system::ask_for_path;

/// A Unix socket that neither listens nor is connected yet.
///
/// ```
/// # #[runtime::main] async fn main() -> std::io::Result<()> {
/// use runtime::net::UnixSocket;
///
/// let dir = tempfile::tempdir()?;
/// let path = dir.path().join("socket");
/// let socket = UnixSocket::new_stream()?;
/// socket.bind(&path)?;
/// let listener = socket.listen(16)?;
/// let client = UnixSocket::new_stream()?.connect(&path).await?;
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct UnixSocket {
    socket: Socket,
}

impl UnixSocket {
    /// A socket for a stream, to [`listen`](UnixSocket::listen) or to
    /// [`connect`](UnixSocket::connect).
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    pub fn new_stream() -> io::Result<UnixSocket> {
        UnixSocket::new(Type::STREAM)
    }

    /// A socket for datagrams; see [`datagram`](UnixSocket::datagram).
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    pub fn new_datagram() -> io::Result<UnixSocket> {
        UnixSocket::new(Type::DGRAM)
    }

    fn new(kind: Type) -> io::Result<UnixSocket> {
        ask_for_descriptor()?;
        let socket = Socket::new(Domain::UNIX, kind, None)?;
        socket.set_nonblocking(true)?;
        Ok(UnixSocket { socket })
    }

    /// An error if the socket is not of the kind that `method` wants.
    fn wants(&self, kind: Type, method: &str) -> io::Result<()> {
        if self.socket.r#type()? == kind {
            return Ok(());
        }
        let other = match kind == Type::STREAM {
            true => "datagram",
            false => "stream",
        };
        let message = format!("{method} cannot be called on a {other} socket");
        Err(io::Error::other(message))
    }

    /// Gives the socket its own name: a path, which must not be there yet. On Linux, one that
    /// begins with a zero byte is an abstract name.
    ///
    /// # Errors
    ///
    /// If the path is there already, its folder is not, it may not be written to, or it is too
    /// long.
    pub fn bind(&self, path: impl AsRef<Path>) -> io::Result<()> {
        ask_for_path()?;
        self.socket.bind(&SockAddr::unix(path)?)
    }

    /// Listens, with room for `backlog` connections that wait to be accepted.
    ///
    /// # Errors
    ///
    /// If the socket is for datagrams; else those of the operating system.
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
    /// let socket = runtime::net::UnixSocket::new_stream()?;
    /// socket.bind(&path)?;
    /// let listener = socket.listen(16)?;
    /// # Ok(()) }
    /// ```
    #[track_caller]
    pub fn listen(self, backlog: u32) -> io::Result<UnixListener> {
        let at = Location::caller();
        self.wants(Type::STREAM, "listen")?;
        self.socket
            .listen(i32::try_from(backlog).unwrap_or(i32::MAX))?;
        UnixListener::register(mio::net::UnixListener::from_std(self.socket.into()), at)
    }

    /// Connects, as [`UnixStream::connect`] does.
    ///
    /// # Errors
    ///
    /// If the socket is for datagrams; else as for `UnixStream::connect`.
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
    /// runtime::net::UnixSocket::new_stream()?.connect(&path).await?;
    /// # Ok(()) }
    /// ```
    #[track_caller]
    pub fn connect(self, path: impl AsRef<Path>) -> impl Future<Output = io::Result<UnixStream>> {
        let at = Location::caller();
        with_caller(async move {
            self.wants(Type::STREAM, "connect")?;
            ask_for_path()?;
            self.socket.connect(&SockAddr::unix(path)?)?;
            let stream = mio::net::UnixStream::from_std(self.socket.into());
            UnixStream::finish_connecting(stream, at).await
        })
    }

    /// A socket for datagrams, which it must have been made for.
    ///
    /// # Errors
    ///
    /// If the socket is for streams; else those of the operating system.
    ///
    /// # Panics
    ///
    /// If there is no runtime on this thread, or it was built without
    /// [`enable_io`](crate::runtime::Builder::enable_io).
    ///
    /// ```
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// let socket = runtime::net::UnixSocket::new_datagram()?;
    /// let datagrams = socket.datagram()?;
    /// # Ok(()) }
    /// ```
    #[track_caller]
    pub fn datagram(self) -> io::Result<UnixDatagram> {
        let at = Location::caller();
        self.wants(Type::DGRAM, "datagram")?;
        UnixDatagram::register(mio::net::UnixDatagram::from_std(self.socket.into()), at)
    }
}

impl AsFd for UnixSocket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

impl AsRawFd for UnixSocket {
    fn as_raw_fd(&self) -> RawFd {
        self.socket.as_raw_fd()
    }
}
