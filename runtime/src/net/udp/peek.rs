//! Looking at the next datagram without taking it.
//!
//! Whoever looks may decide who is to have it: by its first bytes, or by who sent it. The next
//! receive finds it again. What does not fit into the buffer is not lost here, only not seen.
//!
//! How it can go wrong: between looking and taking another task may take. The datagram that is
//! received need not be the one that was seen.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::task::{Context, Poll};

use socket2::SockRef;

use super::UdpSocket;
use crate::net::lined::lined;
use crate::trace::Direction;

impl UdpSocket {
    /// Waits for a datagram, and copies its beginning into `buffer` without taking it; returns how
    /// many bytes that were.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: it takes nothing.
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
    /// assert_eq!(far.peek(&mut buffer).await?, 2);
    /// assert_eq!(far.recv(&mut buffer).await?, 2);
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn peek(&self, buffer: &mut [u8]) -> impl Future<Output = io::Result<usize>> {
        lined(
            self.registration
                .perform(Direction::Read, |socket| socket.peek(buffer)),
        )
    }

    /// As [`peek`](UdpSocket::peek), for those who write `poll` by hand; only the last caller is
    /// woken.
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
    /// std::future::poll_fn(|cx| far.poll_peek(cx, &mut buffer)).await?;
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn poll_peek(&self, cx: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<usize>> {
        self.registration
            .poll_io(Direction::Read, cx, |socket| socket.peek(buffer))
    }

    /// As [`peek`](UdpSocket::peek), without waiting.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if nothing is there; else those of the operating system.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # use runtime::net::UdpSocket;
    /// # let near = UdpSocket::bind("127.0.0.1:0").await?;
    /// # let far = UdpSocket::bind("127.0.0.1:0").await?;
    /// # near.connect(far.local_addr()?).await?;
    /// # far.connect(near.local_addr()?).await?;
    /// let mut buffer = [0; 16];
    /// let error = far.try_peek(&mut buffer).unwrap_err();
    /// assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock);
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn try_peek(&self, buffer: &mut [u8]) -> io::Result<usize> {
        self.registration
            .try_io(Direction::Read, |socket| socket.peek(buffer))
    }

    /// As [`peek`](UdpSocket::peek), and says who sent it.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: it takes nothing.
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
    /// assert_eq!(far.peek_from(&mut buffer).await?, (2, near.local_addr()?));
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn peek_from(
        &self,
        buffer: &mut [u8],
    ) -> impl Future<Output = io::Result<(usize, SocketAddr)>> {
        lined(
            self.registration
                .perform(Direction::Read, |socket| socket.peek_from(buffer)),
        )
    }

    /// As [`peek_from`](UdpSocket::peek_from), for those who write `poll` by hand; only the last
    /// caller is woken.
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
    /// std::future::poll_fn(|cx| far.poll_peek_from(cx, &mut buffer)).await?;
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn poll_peek_from(
        &self,
        cx: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<(usize, SocketAddr)>> {
        self.registration
            .poll_io(Direction::Read, cx, |socket| socket.peek_from(buffer))
    }

    /// As [`peek_from`](UdpSocket::peek_from), without waiting.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if nothing is there; else those of the operating system.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # use runtime::net::UdpSocket;
    /// # let near = UdpSocket::bind("127.0.0.1:0").await?;
    /// # let far = UdpSocket::bind("127.0.0.1:0").await?;
    /// # near.connect(far.local_addr()?).await?;
    /// # far.connect(near.local_addr()?).await?;
    /// let mut buffer = [0; 16];
    /// let error = far.try_peek_from(&mut buffer).unwrap_err();
    /// assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock);
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn try_peek_from(&self, buffer: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        self.registration
            .try_io(Direction::Read, |socket| socket.peek_from(buffer))
    }

    /// Waits for a datagram, and says who sent it, without taking it.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: it takes nothing.
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
    /// assert_eq!(far.peek_sender().await?, near.local_addr()?);
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn peek_sender(&self) -> impl Future<Output = io::Result<SocketAddr>> {
        lined(self.registration.perform(Direction::Read, sender))
    }

    /// As [`peek_sender`](UdpSocket::peek_sender), for those who write `poll` by hand; only the
    /// last caller is woken.
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
    /// std::future::poll_fn(|cx| far.poll_peek_sender(cx)).await?;
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn poll_peek_sender(&self, cx: &mut Context<'_>) -> Poll<io::Result<SocketAddr>> {
        self.registration.poll_io(Direction::Read, cx, sender)
    }

    /// As [`peek_sender`](UdpSocket::peek_sender), without waiting.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if nothing is there; else those of the operating system.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # use runtime::net::UdpSocket;
    /// # let near = UdpSocket::bind("127.0.0.1:0").await?;
    /// # let far = UdpSocket::bind("127.0.0.1:0").await?;
    /// # near.connect(far.local_addr()?).await?;
    /// # far.connect(near.local_addr()?).await?;
    /// let error = far.try_peek_sender().unwrap_err();
    /// assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock);
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn try_peek_sender(&self) -> io::Result<SocketAddr> {
        self.registration.try_io(Direction::Read, sender)
    }
}

fn sender(socket: &mio::net::UdpSocket) -> io::Result<SocketAddr> {
    let addr = SockRef::from(socket).peek_sender()?.as_socket();
    addr.ok_or_else(|| io::Error::other("the sender's address is not an IP address"))
}
