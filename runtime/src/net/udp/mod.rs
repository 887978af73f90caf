//! UDP: datagrams, each of which arrives whole, or not at all.
//!
//! There is no connection. One socket sends to any address and receives from any; each **datagram**
//! is sent by one call and received by one call. It may be lost, come twice, or overtake another,
//! and nobody says so: a program that must know asks for an answer, and waits no longer than it
//! wants to ([`timeout`](crate::time::timeout)). To `connect` a socket only fixes whom it talks
//! to: then `send` and `recv` need no address, and what others send is not received.
//!
//! This file makes sockets. `send_to.rs` sends to an address, `peek.rs` looks without taking,
//! `options.rs` and `multicast.rs` have the settings. What datagrams of all kinds have in common
//! is in `net`: `datagrams.rs` sends and receives, `by_hand.rs` waits and tries apart.
//!
//! How it can go wrong: a buffer that is smaller than a datagram gets its beginning, and the rest
//! is thrown away. And where nobody listens, a machine may say so: then the *next* call on a
//! connected socket fails with "connection refused", though it is about something sent before.

mod multicast;
mod options;
mod peek;
mod send_to;

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::panic::Location;

use crate::context;
use crate::net::addr::{ToSocketAddrs, no_address, resolve};
use crate::net::blocking;
use crate::net::lined::lined;
use crate::reactor::Registration;
use crate::trace::{Direction, Place};

/// A UDP socket.
///
/// Everything takes `&self`: to send in one task and receive in another, share it in an
/// [`Rc`](std::rc::Rc).
///
/// ```
/// # runtime::runtime::Runtime::new()?.block_on(async {
/// use runtime::net::UdpSocket;
///
/// let echo = UdpSocket::bind("127.0.0.1:0").await?;
/// let addr = echo.local_addr()?;
/// runtime::spawn(async move {
///     let mut buffer = [0; 1500];
///     loop {
///         let (len, from) = echo.recv_from(&mut buffer).await?;
///         echo.send_to(&buffer[..len], from).await?;
///     }
///     # #[allow(unreachable_code)]
///     Ok::<(), std::io::Error>(())
/// });
///
/// let client = UdpSocket::bind("127.0.0.1:0").await?;
/// client.connect(addr).await?;
/// client.send(b"hello").await?;
/// let mut buffer = [0; 1500];
/// let len = client.recv(&mut buffer).await?;
/// assert_eq!(&buffer[..len], b"hello");
/// # Ok::<(), std::io::Error>(())
/// # })?;
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct UdpSocket {
    pub(super) registration: Registration<mio::net::UdpSocket>,
}

impl UdpSocket {
    /// Binds a socket to the first of the addresses that can be had. Port 0 lets the system
    /// choose: see [`local_addr`](UdpSocket::local_addr).
    ///
    /// # Errors
    ///
    /// Those of the last address that was tried: it is in use, is not of this machine, or needs
    /// privileges; or the name cannot be found.
    ///
    /// # Panics
    ///
    /// If there is no runtime on this thread, or it was built without
    /// [`enable_io`](crate::runtime::Builder::enable_io).
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// let socket = runtime::net::UdpSocket::bind("127.0.0.1:0").await?;
    /// assert_ne!(socket.local_addr()?.port(), 0);
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn bind<A: ToSocketAddrs>(addr: A) -> impl Future<Output = io::Result<UdpSocket>> {
        let at = Place::from(Location::caller());
        lined(async move {
            let mut last = None;
            for addr in resolve(&addr, at).await? {
                match mio::net::UdpSocket::bind(addr) {
                    Ok(socket) => return UdpSocket::register(socket, at),
                    Err(error) => last = Some(error),
                }
            }
            Err(last.unwrap_or_else(no_address))
        })
    }

    #[track_caller]
    fn register(socket: mio::net::UdpSocket, at: Place) -> io::Result<UdpSocket> {
        let registration = Registration::new(context::reactor(), socket, at)?;
        registration.assume_ready(Direction::Write);
        Ok(UdpSocket { registration })
    }

    /// Fixes whom the socket talks to: the first of the addresses that the system accepts. Nothing
    /// is sent, and nobody need be there.
    ///
    /// From then on [`send`](UdpSocket::send) sends there, and only what comes from there is
    /// received. To connect again changes the address.
    ///
    /// # Errors
    ///
    /// Those of the last address that was tried, such as one of the other family (IPv4, IPv6) or
    /// one that no route leads to; or the name cannot be found.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let socket = runtime::net::UdpSocket::bind("127.0.0.1:0").await?;
    /// let far = runtime::net::UdpSocket::bind("127.0.0.1:0").await?;
    /// socket.connect(far.local_addr()?).await?;
    /// assert_eq!(socket.peer_addr()?, far.local_addr()?);
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn connect<A: ToSocketAddrs>(&self, addr: A) -> impl Future<Output = io::Result<()>> {
        let at = Place::from(Location::caller());
        lined(async move {
            let mut last = None;
            for addr in resolve(&addr, at).await? {
                match self.registration.io().connect(addr) {
                    Ok(()) => return Ok(()),
                    Err(error) => last = Some(error),
                }
            }
            Err(last.unwrap_or_else(no_address))
        })
    }

    /// A socket of the standard library's, which must be non-blocking.
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
    /// let std = std::net::UdpSocket::bind("127.0.0.1:0")?;
    /// std.set_nonblocking(true)?;
    /// runtime::net::UdpSocket::from_std(std)?;
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn from_std(socket: std::net::UdpSocket) -> io::Result<UdpSocket> {
        let at = Place::from(Location::caller());
        UdpSocket::register(mio::net::UdpSocket::from_std(socket), at).and_then(blocking::refused)
    }

    /// The standard library's socket, out of the reactor, and still non-blocking.
    ///
    /// # Errors
    ///
    /// If the reactor cannot let go of it.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let socket = runtime::net::UdpSocket::bind("127.0.0.1:0").await?;
    /// socket.into_std()?.set_nonblocking(false)?;
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn into_std(self) -> io::Result<std::net::UdpSocket> {
        self.registration.into_inner().map(Into::into)
    }

    /// The address of this socket.
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let socket = runtime::net::UdpSocket::bind("127.0.0.1:0").await?;
    /// assert!(socket.local_addr()?.ip().is_loopback());
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.registration.io().local_addr()
    }

    /// The address that the socket was connected to.
    ///
    /// # Errors
    ///
    /// If it was not; else those of the operating system.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let socket = runtime::net::UdpSocket::bind("127.0.0.1:0").await?;
    /// assert!(socket.peer_addr().is_err());
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.registration.io().peer_addr()
    }

    /// The error that the socket has met since the last call, if any.
    ///
    /// # Errors
    ///
    /// Those of asking.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let socket = runtime::net::UdpSocket::bind("127.0.0.1:0").await?;
    /// assert!(socket.take_error()?.is_none());
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn take_error(&self) -> io::Result<Option<io::Error>> {
        self.registration.io().take_error()
    }
}
