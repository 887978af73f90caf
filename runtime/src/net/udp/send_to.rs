//! Sending a datagram to an address, which may be a name.
//!
//! Only the form that waits takes a name: to look one up is to wait. Of those that are found,
//! the first is taken, for nobody says whether a datagram has arrived.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::task::{Context, Poll};

use super::UdpSocket;
use crate::net::addr::{ToSocketAddrs, no_address, resolve};
use crate::net::lined::lined;
use crate::trace::Direction;

impl UdpSocket {
    /// Sends a datagram to the first of the addresses; returns its length.
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
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let socket = runtime::net::UdpSocket::bind("127.0.0.1:0").await?;
    /// let far = runtime::net::UdpSocket::bind("127.0.0.1:0").await?;
    /// assert_eq!(socket.send_to(b"hi", far.local_addr()?).await?, 2);
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn send_to<A: ToSocketAddrs>(
        &self,
        data: &[u8],
        addr: A,
    ) -> impl Future<Output = io::Result<usize>> {
        let at = std::panic::Location::caller();
        lined(async move {
            let addrs = resolve(&addr, at.into()).await?;
            let target = *addrs.first().ok_or_else(no_address)?;
            let send = |socket: &mio::net::UdpSocket| socket.send_to(data, target);
            self.registration.perform(Direction::Write, send).await
        })
    }

    /// As [`send_to`](UdpSocket::send_to), for those who write `poll` by hand.
    ///
    /// # Errors
    ///
    /// As for `send_to`.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let socket = runtime::net::UdpSocket::bind("127.0.0.1:0").await?;
    /// let addr = socket.local_addr()?;
    /// assert_eq!(std::future::poll_fn(|cx| socket.poll_send_to(cx, b"hi", addr)).await?, 2);
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn poll_send_to(
        &self,
        cx: &mut Context<'_>,
        data: &[u8],
        target: SocketAddr,
    ) -> Poll<io::Result<usize>> {
        let send = |socket: &mio::net::UdpSocket| socket.send_to(data, target);
        self.registration.poll_io(Direction::Write, cx, send)
    }

    /// As [`send_to`](UdpSocket::send_to), without waiting.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if there is no room; else those of the operating system.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # use runtime::net::UdpSocket;
    /// # let near = UdpSocket::bind("127.0.0.1:0").await?;
    /// # let far = UdpSocket::bind("127.0.0.1:0").await?;
    /// # near.connect(far.local_addr()?).await?;
    /// # far.connect(near.local_addr()?).await?;
    /// # let near = UdpSocket::bind("127.0.0.1:0").await?;
    /// assert_eq!(near.try_send_to(b"hi", far.local_addr()?)?, 2);
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn try_send_to(&self, data: &[u8], target: SocketAddr) -> io::Result<usize> {
        self.registration
            .try_io(Direction::Write, |socket| socket.send_to(data, target))
    }
}
