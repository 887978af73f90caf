//! A UDP socket, used by hand: wait until it is ready, then try.
//!
//! Waiting transfers nothing, so dropping it loses nothing. Trying never waits. To be ready is a
//! memory, not a promise: another task may have been quicker, so the attempt may still say
//! "would block", and whoever uses these methods goes round in a loop.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::task::{Context, Poll};

use bytes::BufMut;

use super::UdpSocket;
use crate::net::growing::into_buffer;
use crate::net::lined::lined;
use crate::reactor::{Interest, Ready};
use crate::trace::Direction;

impl UdpSocket {
    /// Waits until a receive would not block. Any number of tasks may wait at once.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe.
    ///
    /// # Errors
    ///
    /// If the runtime has been shut down.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # use runtime::net::UdpSocket;
    /// # let near = UdpSocket::bind("127.0.0.1:0").await?;
    /// # let far = UdpSocket::bind("127.0.0.1:0").await?;
    /// # near.connect(far.local_addr()?).await?;
    /// # far.connect(near.local_addr()?).await?;
    /// near.send(b"hi").await?;
    /// far.readable().await?;
    /// assert_eq!(far.try_recv(&mut [0; 16])?, 2);
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn readable(&self) -> impl Future<Output = io::Result<()>> {
        let readiness = self.registration.readiness(Interest::READABLE);
        lined(async { readiness.await.map(drop) })
    }

    /// Waits until a send would not block. Any number of tasks may wait at once.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe.
    ///
    /// # Errors
    ///
    /// If the runtime has been shut down.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # use runtime::net::UdpSocket;
    /// # let near = UdpSocket::bind("127.0.0.1:0").await?;
    /// # let far = UdpSocket::bind("127.0.0.1:0").await?;
    /// # near.connect(far.local_addr()?).await?;
    /// # far.connect(near.local_addr()?).await?;
    /// near.writable().await?;
    /// assert_eq!(near.try_send(b"hi")?, 2);
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn writable(&self) -> impl Future<Output = io::Result<()>> {
        let readiness = self.registration.readiness(Interest::WRITABLE);
        lined(async { readiness.await.map(drop) })
    }

    /// Waits until one of the wanted directions is ready, and says which are.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe.
    ///
    /// # Errors
    ///
    /// If the runtime has been shut down.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # use runtime::net::UdpSocket;
    /// # let near = UdpSocket::bind("127.0.0.1:0").await?;
    /// # let far = UdpSocket::bind("127.0.0.1:0").await?;
    /// # near.connect(far.local_addr()?).await?;
    /// # far.connect(near.local_addr()?).await?;
    /// use runtime::io::Interest;
    /// let ready = near.ready(Interest::READABLE | Interest::WRITABLE).await?;
    /// assert!(ready.is_writable() && !ready.is_readable());
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn ready(&self, interest: Interest) -> impl Future<Output = io::Result<Ready>> {
        lined(self.registration.readiness(interest))
    }

    /// As [`readable`](UdpSocket::readable), for those who write `poll` by hand; only the last
    /// caller is woken.
    ///
    /// # Errors
    ///
    /// If the runtime has been shut down.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # use runtime::net::UdpSocket;
    /// # let near = UdpSocket::bind("127.0.0.1:0").await?;
    /// # let far = UdpSocket::bind("127.0.0.1:0").await?;
    /// # near.connect(far.local_addr()?).await?;
    /// # far.connect(near.local_addr()?).await?;
    /// near.send(b"hi").await?;
    /// std::future::poll_fn(|cx| far.poll_recv_ready(cx)).await?;
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn poll_recv_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.registration.poll_readiness(Direction::Read, cx)
    }

    /// As [`writable`](UdpSocket::writable), for those who write `poll` by hand; only the last
    /// caller is woken.
    ///
    /// # Errors
    ///
    /// If the runtime has been shut down.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # use runtime::net::UdpSocket;
    /// # let near = UdpSocket::bind("127.0.0.1:0").await?;
    /// # let far = UdpSocket::bind("127.0.0.1:0").await?;
    /// # near.connect(far.local_addr()?).await?;
    /// # far.connect(near.local_addr()?).await?;
    /// std::future::poll_fn(|cx| near.poll_send_ready(cx)).await?;
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn poll_send_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.registration.poll_readiness(Direction::Write, cx)
    }

    /// As [`send`](UdpSocket::send), without waiting.
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
    /// assert_eq!(near.try_send(b"hi")?, 2);
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn try_send(&self, data: &[u8]) -> io::Result<usize> {
        self.registration
            .try_io(Direction::Write, |socket| socket.send(data))
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

    /// As [`recv`](UdpSocket::recv), without waiting.
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
    /// let error = far.try_recv(&mut [0; 16]).unwrap_err();
    /// assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock);
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn try_recv(&self, buffer: &mut [u8]) -> io::Result<usize> {
        self.registration
            .try_io(Direction::Read, |socket| socket.recv(buffer))
    }

    /// As [`recv_buf`](UdpSocket::recv_buf), without waiting.
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
    /// assert!(far.try_recv_buf(&mut Vec::with_capacity(16)).is_err());
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn try_recv_buf<B: BufMut>(&self, buffer: &mut B) -> io::Result<usize> {
        self.registration.try_io(Direction::Read, |socket| {
            into_buffer(buffer, |space| Ok((socket.recv(space)?, ()))).map(|(len, ())| len)
        })
    }

    /// As [`recv_from`](UdpSocket::recv_from), without waiting.
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
    /// assert!(far.try_recv_from(&mut [0; 16]).is_err());
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn try_recv_from(&self, buffer: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        self.registration
            .try_io(Direction::Read, |socket| socket.recv_from(buffer))
    }

    /// As [`recv_buf_from`](UdpSocket::recv_buf_from), without waiting.
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
    /// assert!(far.try_recv_buf_from(&mut Vec::with_capacity(16)).is_err());
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn try_recv_buf_from<B: BufMut>(&self, buffer: &mut B) -> io::Result<(usize, SocketAddr)> {
        self.registration.try_io(Direction::Read, |socket| {
            into_buffer(buffer, |buffer| socket.recv_from(buffer))
        })
    }

    /// Tries an operation of your own on the socket, without waiting. It must be about the socket,
    /// and must say `WouldBlock` when it would: then the socket is remembered as not ready. Of an
    /// interest in both directions, the one that is ready is taken.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if it is not ready; else those of `operation`.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # use runtime::net::UdpSocket;
    /// # let near = UdpSocket::bind("127.0.0.1:0").await?;
    /// # let far = UdpSocket::bind("127.0.0.1:0").await?;
    /// # near.connect(far.local_addr()?).await?;
    /// # far.connect(near.local_addr()?).await?;
    /// use runtime::io::Interest;
    /// assert_eq!(near.try_io(Interest::WRITABLE, || Ok(7))?, 7);
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn try_io<R>(
        &self,
        interest: Interest,
        operation: impl FnOnce() -> io::Result<R>,
    ) -> io::Result<R> {
        let want = self.registration.pick(interest);
        self.registration.try_io(want, |_| operation())
    }

    /// As [`try_io`](UdpSocket::try_io), and waits until `operation` does not say `WouldBlock`.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe, if `operation` is not half done when it says `WouldBlock`.
    ///
    /// # Errors
    ///
    /// Those of `operation`.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # use runtime::net::UdpSocket;
    /// # let near = UdpSocket::bind("127.0.0.1:0").await?;
    /// # let far = UdpSocket::bind("127.0.0.1:0").await?;
    /// # near.connect(far.local_addr()?).await?;
    /// # far.connect(near.local_addr()?).await?;
    /// use runtime::io::Interest;
    /// assert_eq!(near.async_io(Interest::WRITABLE, || Ok(7)).await?, 7);
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn async_io<R>(
        &self,
        interest: Interest,
        mut operation: impl FnMut() -> io::Result<R>,
    ) -> impl Future<Output = io::Result<R>> {
        lined(
            self.registration
                .perform_either(interest, move |_| operation()),
        )
    }
}
