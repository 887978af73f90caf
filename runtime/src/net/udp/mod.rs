//! UDP: datagrams, each of which arrives whole, or not at all.
//!
//! There is no connection. One socket sends to any address and receives from any; each **datagram**
//! is sent by one call and received by one call. It may be lost, come twice, or overtake another,
//! and neither side is told: a program that must know asks for an answer, and waits no longer than
//! it wants to ([`timeout`](crate::time::timeout)). To `connect` a socket only fixes its peer: then
//! `send` and `recv` need no address, and what others send is not received.
//!
//! This file makes sockets and sends to addresses. `peek.rs` looks without taking, `options.rs` has
//! the settings. What datagrams of all kinds have in common is in `net/datagrams.rs`.
//!
//! How it can go wrong: a buffer that is smaller than a datagram gets its beginning, and the rest
//! is thrown away. And a machine where no socket has the port may say so: then the *next* call on a
//! connected socket fails with "connection refused", though it is about something sent before.

mod options;
mod peek;

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::panic::Location;
use std::task::{Context, Poll};

use super::addr::{ToSocketAddrs, first_of, no_address, resolve};
use super::datagrams::datagrams;
use super::socket::{of_std, source, tells, with_caller};
use super::system;
use crate::machine::context::ask_for_descriptor;
use crate::machine::reactor::Registration;
use crate::trace::{Direction, Line};

/// A UDP socket.
///
/// Everything takes `&self`: to send in one task and receive in another, share it in an
/// [`Rc`](std::rc::Rc).
///
/// ```
/// # #[runtime::main] async fn main() -> std::io::Result<()> {
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
/// client.set_ttl(100)?; // an option
/// client.connect(addr).await?;
/// client.send(b"hello").await?;
/// let mut buffer = [0; 1500];
/// let len = client.recv(&mut buffer).await?;
/// assert_eq!(&buffer[..len], b"hello");
/// # Ok(()) }
/// ```
pub struct UdpSocket {
    registration: Registration<system::UdpSocket>,
}

source!(UdpSocket);
of_std!(
    UdpSocket,
    std::net::UdpSocket,
    UdpSocket::register,
    "socket"
);
tells!(UdpSocket, SocketAddr: local_addr, peer_addr, take_error);
datagrams! { UdpSocket, SocketAddr, system::UdpSocket::recv_from;
    /// # use runtime::net::UdpSocket;
    /// # let near = UdpSocket::bind("127.0.0.1:0").await?;
    /// # let far = UdpSocket::bind("127.0.0.1:0").await?;
    /// # near.connect(far.local_addr()?).await?;
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
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// let socket = runtime::net::UdpSocket::bind("127.0.0.1:0").await?;
    /// assert_ne!(socket.local_addr()?.port(), 0);
    /// # Ok(()) }
    /// ```
    #[track_caller]
    pub fn bind<A: ToSocketAddrs>(addr: A) -> impl Future<Output = io::Result<UdpSocket>> {
        let at = Location::caller();
        with_caller(async move {
            let bind = async |addr| {
                ask_for_descriptor()?;
                system::UdpSocket::bind(addr)
            };
            UdpSocket::register(first_of(&addr, at, bind).await?, at)
        })
    }

    #[track_caller]
    fn register(socket: system::UdpSocket, at: Line) -> io::Result<UdpSocket> {
        let registration = Registration::writable(socket, at)?;
        Ok(UdpSocket { registration })
    }

    /// Fixes the peer: the first of the addresses that the system accepts. Nothing is sent, and
    /// the peer need not be there.
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
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// # let socket = runtime::net::UdpSocket::bind("127.0.0.1:0").await?;
    /// let far = runtime::net::UdpSocket::bind("127.0.0.1:0").await?;
    /// socket.connect(far.local_addr()?).await?;
    /// assert_eq!(socket.peer_addr()?, far.local_addr()?);
    /// # Ok(()) }
    /// ```
    #[track_caller]
    pub fn connect<A: ToSocketAddrs>(&self, addr: A) -> impl Future<Output = io::Result<()>> {
        let at = Location::caller();
        with_caller(async move {
            first_of(&addr, at, async |addr| self.registration.io().connect(addr)).await
        })
    }

    /// Sends a datagram to the first of the addresses; returns its length. Only this form takes a
    /// name: to look one up is to wait. Whether a datagram has arrived is not told, so no other
    /// address is tried.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: dropped before it is ready, it has sent nothing.
    ///
    /// # Errors
    ///
    /// If the datagram is too long, no route leads there, or the name cannot be found; else those
    /// of the operating system.
    ///
    /// ```
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// # let socket = runtime::net::UdpSocket::bind("127.0.0.1:0").await?;
    /// let far = runtime::net::UdpSocket::bind("127.0.0.1:0").await?;
    /// assert_eq!(socket.send_to(b"hi", far.local_addr()?).await?, 2);
    /// # Ok(()) }
    /// ```
    #[track_caller]
    pub fn send_to<A: ToSocketAddrs>(
        &self,
        data: &[u8],
        addr: A,
    ) -> impl Future<Output = io::Result<usize>> {
        let at = Location::caller();
        with_caller(async move {
            let addrs = resolve(&addr, at).await?;
            let target = *addrs.first().ok_or_else(no_address)?;
            let send = |socket: &system::UdpSocket| socket.send_to(data, target);
            self.registration.perform(Direction::Write, send).await
        })
    }

    /// As [`send_to`](UdpSocket::send_to), for a `poll` that is written by hand. Only the last
    /// caller is woken.
    ///
    /// # Errors
    ///
    /// As for `send_to`.
    pub fn poll_send_to(
        &self,
        cx: &mut Context<'_>,
        data: &[u8],
        target: SocketAddr,
    ) -> Poll<io::Result<usize>> {
        let send = |socket: &system::UdpSocket| socket.send_to(data, target);
        self.registration.poll_io(Direction::Write, cx, send)
    }

    /// As [`send_to`](UdpSocket::send_to), without waiting.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if there is no room; else those of the operating system.
    pub fn try_send_to(&self, data: &[u8], target: SocketAddr) -> io::Result<usize> {
        let send = |socket: &system::UdpSocket| socket.send_to(data, target);
        self.registration.try_io(Direction::Write, send)
    }
}
