//! A TCP socket before it listens or connects, for options that must be set by then
//! (`options.rs`).
//!
//! Some things are decided once: whether an address may be shared is asked when the socket is
//! bound, and how large a window it offers when it connects. `TcpStream::connect` and
//! `TcpListener::bind` do it all in one go, with their own choice. Here the socket exists first,
//! is set up, and then becomes the one or the other. It is in no reactor before that, and so is
//! the one socket of this crate that may be sent to another thread.

use std::fmt;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::panic::Location;

use socket2::{Domain, Protocol, Socket, Type};

use super::{TcpListener, TcpStream};
use crate::machine::context::ask_for_descriptor;
use crate::net::socket::with_caller;
use crate::net::system;

/// A TCP socket that neither listens nor is connected yet.
///
/// ```
/// # #[runtime::main] async fn main() -> std::io::Result<()> {
/// use runtime::net::TcpSocket;
///
/// let socket = TcpSocket::new_v4()?;
/// socket.set_reuseaddr(true)?;
/// socket.bind("127.0.0.1:0".parse().unwrap())?;
/// let listener = socket.listen(1024)?;
/// let client = TcpSocket::new_v4()?.connect(listener.local_addr()?).await?;
/// # Ok(()) }
/// ```
pub struct TcpSocket {
    pub(super) socket: Socket,
    /// The way to its addresses.
    way: system::Way,
}

impl TcpSocket {
    /// A socket for IPv4.
    ///
    /// # Errors
    ///
    /// Those of the operating system, such as being out of descriptors.
    pub fn new_v4() -> io::Result<TcpSocket> {
        TcpSocket::new(Domain::IPV4)
    }

    /// A socket for IPv6.
    ///
    /// # Errors
    ///
    /// Those of the operating system; IPv6 may not be there.
    pub fn new_v6() -> io::Result<TcpSocket> {
        TcpSocket::new(Domain::IPV6)
    }

    fn new(domain: Domain) -> io::Result<TcpSocket> {
        ask_for_descriptor()?;
        let socket = Socket::new(domain, Type::STREAM, Some(Protocol::TCP))?;
        socket.set_nonblocking(true)?;
        Ok(TcpSocket::of(socket))
    }

    /// A socket that was made elsewhere, to be configured or connected here. From now on it does
    /// not block.
    ///
    /// ```
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// use runtime::net::TcpSocket;
    /// use socket2::{Domain, Socket, Type};
    ///
    /// let listener = runtime::net::TcpListener::bind("127.0.0.1:0").await?;
    /// let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    /// let socket = TcpSocket::from_std_stream(socket.into());
    /// let stream = socket.connect(listener.local_addr()?).await?;
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn from_std_stream(stream: std::net::TcpStream) -> TcpSocket {
        // It fails for what is no socket, and then so does whatever comes next.
        let _ = stream.set_nonblocking(true);
        TcpSocket::of(stream.into())
    }

    fn of(socket: Socket) -> TcpSocket {
        TcpSocket {
            socket,
            way: system::Way::new(),
        }
    }

    /// The error that the socket has met since the last call, if any.
    ///
    /// # Errors
    ///
    /// Those of asking.
    pub fn take_error(&self) -> io::Result<Option<io::Error>> {
        self.socket.take_error()
    }

    /// Gives the socket its own address.
    ///
    /// # Errors
    ///
    /// If the address is in use, is not of this machine, or needs privileges.
    pub fn bind(&self, addr: SocketAddr) -> io::Result<()> {
        self.way.bind(&self.socket, addr)
    }

    /// The socket's own address.
    ///
    /// # Errors
    ///
    /// If it has none yet.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.way.local_addr(&self.socket)
    }

    /// Listens, with room for `backlog` connections that wait to be accepted.
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
    /// let socket = runtime::net::TcpSocket::new_v4()?;
    /// socket.bind("127.0.0.1:0".parse().unwrap())?;
    /// socket.listen(128)?;
    /// # Ok(()) }
    /// ```
    #[track_caller]
    pub fn listen(self, backlog: u32) -> io::Result<TcpListener> {
        let at = Location::caller();
        let backlog = i32::try_from(backlog).unwrap_or(i32::MAX);
        TcpListener::register(self.way.listen(self.socket, backlog)?, at)
    }

    /// Connects.
    ///
    /// Cancel safety, errors and panics are those of [`TcpStream::connect`].
    ///
    /// # Errors
    ///
    /// As for `TcpStream::connect`.
    ///
    /// ```
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// # let listener = runtime::net::TcpListener::bind("127.0.0.1:0").await?;
    /// let addr = listener.local_addr()?;
    /// let stream = runtime::net::TcpSocket::new_v4()?.connect(addr).await?;
    /// assert_eq!(stream.peer_addr()?, addr);
    /// # Ok(()) }
    /// ```
    #[track_caller]
    pub fn connect(self, addr: SocketAddr) -> impl Future<Output = io::Result<TcpStream>> {
        let at = Location::caller();
        with_caller(async move {
            let stream = self.way.connect(self.socket, addr)?;
            TcpStream::finish_connecting(stream, at).await
        })
    }
}

#[cfg(unix)]
impl std::os::fd::AsFd for TcpSocket {
    fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

#[cfg(unix)]
impl std::os::fd::AsRawFd for TcpSocket {
    fn as_raw_fd(&self) -> std::os::fd::RawFd {
        self.socket.as_raw_fd()
    }
}

impl fmt::Debug for TcpSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.socket.fmt(f)
    }
}
