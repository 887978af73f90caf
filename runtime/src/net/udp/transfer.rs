//! Sending and receiving datagrams.
//!
//! Each has two forms here: one that waits, and one that is polled by hand, of which only the
//! last caller in each direction is woken. Those that wait may be called by any number of tasks
//! at once; each datagram goes to one of them.
//!
//! Where Tokio's forms take a `ReadBuf` or a `BufMut`, these take a slice, or copy once: to lend
//! memory that nobody has written yet takes unsafe code.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::task::{Context, Poll};

use bytes::BufMut;

use super::UdpSocket;
use crate::net::addr::{ToSocketAddrs, no_address, resolve};
use crate::net::growing::into_buffer;
use crate::net::lined::lined;
use crate::trace::Direction;

impl UdpSocket {
    /// Sends a datagram to whom the socket is connected; returns its length.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: dropped before it is ready, it has sent nothing.
    ///
    /// # Errors
    ///
    /// If the socket is not connected, or the datagram is too long; else those of the operating
    /// system, which may be about a datagram that was sent before.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # use runtime::net::UdpSocket;
    /// # let near = UdpSocket::bind("127.0.0.1:0").await?;
    /// # let far = UdpSocket::bind("127.0.0.1:0").await?;
    /// # near.connect(far.local_addr()?).await?;
    /// # far.connect(near.local_addr()?).await?;
    /// assert_eq!(near.send(b"hi").await?, 2);
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn send(&self, data: &[u8]) -> impl Future<Output = io::Result<usize>> {
        let send = |socket: &mio::net::UdpSocket| socket.send(data);
        lined(self.registration.perform(Direction::Write, send))
    }

    /// As [`send`](UdpSocket::send), for those who write `poll` by hand.
    ///
    /// # Errors
    ///
    /// As for `send`.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # use runtime::net::UdpSocket;
    /// # let near = UdpSocket::bind("127.0.0.1:0").await?;
    /// # let far = UdpSocket::bind("127.0.0.1:0").await?;
    /// # near.connect(far.local_addr()?).await?;
    /// # far.connect(near.local_addr()?).await?;
    /// assert_eq!(std::future::poll_fn(|cx| near.poll_send(cx, b"hi")).await?, 2);
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn poll_send(&self, cx: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        let send = |socket: &mio::net::UdpSocket| socket.send(data);
        self.registration.poll_io(Direction::Write, cx, send)
    }

    /// Waits for a datagram, and copies it into `buffer`; returns its length. What does not fit is
    /// thrown away.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a datagram that was not returned stays with the socket.
    ///
    /// # Errors
    ///
    /// Those of the operating system, which may be about a datagram that was sent before.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # use runtime::net::UdpSocket;
    /// # let near = UdpSocket::bind("127.0.0.1:0").await?;
    /// # let far = UdpSocket::bind("127.0.0.1:0").await?;
    /// # near.connect(far.local_addr()?).await?;
    /// # far.connect(near.local_addr()?).await?;
    /// near.send(b"hi").await?;
    /// let mut buffer = [0; 16];
    /// assert_eq!(far.recv(&mut buffer).await?, 2);
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn recv(&self, buffer: &mut [u8]) -> impl Future<Output = io::Result<usize>> {
        let recv = |socket: &mio::net::UdpSocket| socket.recv(buffer);
        lined(self.registration.perform(Direction::Read, recv))
    }

    /// As [`recv`](UdpSocket::recv), for those who write `poll` by hand.
    ///
    /// # Errors
    ///
    /// As for `recv`.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # use runtime::net::UdpSocket;
    /// # let near = UdpSocket::bind("127.0.0.1:0").await?;
    /// # let far = UdpSocket::bind("127.0.0.1:0").await?;
    /// # near.connect(far.local_addr()?).await?;
    /// # far.connect(near.local_addr()?).await?;
    /// near.send(b"hi").await?;
    /// let mut buffer = [0; 16];
    /// assert_eq!(std::future::poll_fn(|cx| far.poll_recv(cx, &mut buffer)).await?, 2);
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn poll_recv(&self, cx: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<usize>> {
        let recv = |socket: &mio::net::UdpSocket| socket.recv(buffer);
        self.registration.poll_io(Direction::Read, cx, recv)
    }

    /// As [`recv`](UdpSocket::recv), to the end of a growing buffer. It takes what the buffer has
    /// room for, or 64 bytes if a `Vec` is full; give it the room for a datagram.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a datagram that was not returned stays with the socket.
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # use runtime::net::UdpSocket;
    /// # let near = UdpSocket::bind("127.0.0.1:0").await?;
    /// # let far = UdpSocket::bind("127.0.0.1:0").await?;
    /// # near.connect(far.local_addr()?).await?;
    /// # far.connect(near.local_addr()?).await?;
    /// near.send(b"hi").await?;
    /// let mut buffer = Vec::with_capacity(1500);
    /// far.recv_buf(&mut buffer).await?;
    /// assert_eq!(buffer, b"hi");
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn recv_buf<B: BufMut>(&self, buffer: &mut B) -> impl Future<Output = io::Result<usize>> {
        let recv = |socket: &mio::net::UdpSocket| {
            into_buffer(buffer, |space| Ok((socket.recv(space)?, ()))).map(|(len, ())| len)
        };
        lined(self.registration.perform(Direction::Read, recv))
    }

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

    /// Waits for a datagram, and copies it into `buffer`; returns its length, and who sent it.
    /// What does not fit is thrown away.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a datagram that was not returned stays with the socket.
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # use runtime::net::UdpSocket;
    /// # let near = UdpSocket::bind("127.0.0.1:0").await?;
    /// # let far = UdpSocket::bind("127.0.0.1:0").await?;
    /// # near.connect(far.local_addr()?).await?;
    /// # far.connect(near.local_addr()?).await?;
    /// near.send(b"hi").await?;
    /// let mut buffer = [0; 16];
    /// assert_eq!(far.recv_from(&mut buffer).await?, (2, near.local_addr()?));
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn recv_from(
        &self,
        buffer: &mut [u8],
    ) -> impl Future<Output = io::Result<(usize, SocketAddr)>> {
        let recv = |socket: &mio::net::UdpSocket| socket.recv_from(buffer);
        lined(self.registration.perform(Direction::Read, recv))
    }

    /// As [`recv_from`](UdpSocket::recv_from), for those who write `poll` by hand.
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # use runtime::net::UdpSocket;
    /// # let near = UdpSocket::bind("127.0.0.1:0").await?;
    /// # let far = UdpSocket::bind("127.0.0.1:0").await?;
    /// # near.connect(far.local_addr()?).await?;
    /// # far.connect(near.local_addr()?).await?;
    /// near.send(b"hi").await?;
    /// let mut buffer = [0; 16];
    /// let got = std::future::poll_fn(|cx| far.poll_recv_from(cx, &mut buffer)).await?;
    /// assert_eq!(got, (2, near.local_addr()?));
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn poll_recv_from(
        &self,
        cx: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<(usize, SocketAddr)>> {
        let recv = |socket: &mio::net::UdpSocket| socket.recv_from(buffer);
        self.registration.poll_io(Direction::Read, cx, recv)
    }

    /// As [`recv_from`](UdpSocket::recv_from), to the end of a growing buffer: see
    /// [`recv_buf`](UdpSocket::recv_buf).
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a datagram that was not returned stays with the socket.
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # use runtime::net::UdpSocket;
    /// # let near = UdpSocket::bind("127.0.0.1:0").await?;
    /// # let far = UdpSocket::bind("127.0.0.1:0").await?;
    /// # near.connect(far.local_addr()?).await?;
    /// # far.connect(near.local_addr()?).await?;
    /// near.send(b"hi").await?;
    /// let mut buffer = Vec::with_capacity(1500);
    /// let (len, from) = far.recv_buf_from(&mut buffer).await?;
    /// assert_eq!((len, from), (2, near.local_addr()?));
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn recv_buf_from<B: BufMut>(
        &self,
        buffer: &mut B,
    ) -> impl Future<Output = io::Result<(usize, SocketAddr)>> {
        let recv =
            |socket: &mio::net::UdpSocket| into_buffer(buffer, |space| socket.recv_from(space));
        lined(self.registration.perform(Direction::Read, recv))
    }
}
