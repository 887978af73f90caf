//! A Unix datagram socket, used by hand: wait until it is ready, then try.
//!
//! Waiting transfers nothing, so dropping it loses nothing. Trying never waits. To be ready is a
//! memory, not a promise: another task may have been quicker, so the attempt may still say
//! "would block", and whoever uses these methods goes round in a loop.

use std::future::Future;
use std::io;
use std::path::Path;
use std::task::{Context, Poll};

use bytes::BufMut;

use super::UnixDatagram;
use super::transfer::from;
use crate::net::growing::into_buffer;
use crate::net::lined::lined;
use crate::net::unix::addr::SocketAddr;
use crate::reactor::{Interest, Ready};
use crate::trace::Direction;

impl UnixDatagram {
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
    /// # let (near, far) = runtime::net::UnixDatagram::pair()?;
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
    /// # let (near, far) = runtime::net::UnixDatagram::pair()?;
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
    /// # let (near, far) = runtime::net::UnixDatagram::pair()?;
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

    /// As [`readable`](UnixDatagram::readable), for those who write `poll` by hand; only the last
    /// caller is woken.
    ///
    /// # Errors
    ///
    /// If the runtime has been shut down.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let (near, far) = runtime::net::UnixDatagram::pair()?;
    /// near.send(b"hi").await?;
    /// std::future::poll_fn(|cx| far.poll_recv_ready(cx)).await?;
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn poll_recv_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.registration.poll_readiness(Direction::Read, cx)
    }

    /// As [`writable`](UnixDatagram::writable), for those who write `poll` by hand; only the last
    /// caller is woken.
    ///
    /// # Errors
    ///
    /// If the runtime has been shut down.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let (near, far) = runtime::net::UnixDatagram::pair()?;
    /// std::future::poll_fn(|cx| near.poll_send_ready(cx)).await?;
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn poll_send_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.registration.poll_readiness(Direction::Write, cx)
    }

    /// As [`send`](UnixDatagram::send), without waiting.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if there is no room; else those of the operating system.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let (near, far) = runtime::net::UnixDatagram::pair()?;
    /// assert_eq!(near.try_send(b"hi")?, 2);
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn try_send(&self, data: &[u8]) -> io::Result<usize> {
        self.registration
            .try_io(Direction::Write, |socket| socket.send(data))
    }

    /// As [`send_to`](UnixDatagram::send_to), without waiting.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if there is no room; else those of the operating system.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let path = std::env::temp_dir().join(format!("treadle-doc-dgram-try-send-to-{}", std::process::id()));
    /// # let _ = std::fs::remove_file(&path);
    /// # let far = runtime::net::UnixDatagram::bind(&path)?;
    /// let near = runtime::net::UnixDatagram::unbound()?;
    /// assert_eq!(near.try_send_to(b"hi", &path)?, 2);
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn try_send_to<P: AsRef<Path>>(&self, data: &[u8], target: P) -> io::Result<usize> {
        let send = |socket: &mio::net::UnixDatagram| socket.send_to(data, target.as_ref());
        self.registration.try_io(Direction::Write, send)
    }

    /// As [`recv`](UnixDatagram::recv), without waiting.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if nothing is there; else those of the operating system.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let (near, far) = runtime::net::UnixDatagram::pair()?;
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

    /// As [`recv_buf`](UnixDatagram::recv_buf), without waiting.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if nothing is there; else those of the operating system.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let (near, far) = runtime::net::UnixDatagram::pair()?;
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

    /// As [`recv_from`](UnixDatagram::recv_from), without waiting.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if nothing is there; else those of the operating system.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let (near, far) = runtime::net::UnixDatagram::pair()?;
    /// assert!(far.try_recv_from(&mut [0; 16]).is_err());
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn try_recv_from(&self, buffer: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        self.registration
            .try_io(Direction::Read, |socket| from(socket, buffer))
    }

    /// As [`recv_buf_from`](UnixDatagram::recv_buf_from), without waiting.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if nothing is there; else those of the operating system.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let (near, far) = runtime::net::UnixDatagram::pair()?;
    /// assert!(far.try_recv_buf_from(&mut Vec::with_capacity(16)).is_err());
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn try_recv_buf_from<B: BufMut>(&self, buffer: &mut B) -> io::Result<(usize, SocketAddr)> {
        self.registration.try_io(Direction::Read, |socket| {
            into_buffer(buffer, |buffer| from(socket, buffer))
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
    /// # let (near, far) = runtime::net::UnixDatagram::pair()?;
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

    /// As [`try_io`](UnixDatagram::try_io), and waits until `operation` does not say `WouldBlock`.
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
    /// # let (near, far) = runtime::net::UnixDatagram::pair()?;
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
