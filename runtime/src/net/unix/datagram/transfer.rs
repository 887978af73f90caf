//! Sending and receiving Unix datagrams.
//!
//! Each has two forms here: one that waits, and one that is polled by hand, of which only the
//! last caller in each direction is woken. Those that wait may be called by any number of tasks
//! at once; each datagram goes to one of them.

use std::future::Future;
use std::io;
use std::path::Path;
use std::task::{Context, Poll};

use bytes::BufMut;

use super::UnixDatagram;
use crate::net::growing::into_buffer;
use crate::net::lined::lined;
use crate::net::unix::addr::SocketAddr;
use crate::trace::Direction;

impl UnixDatagram {
    /// Sends a datagram to whom the socket is connected; returns its length. Waits while the
    /// receiver's queue is full.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: dropped before it is ready, it has sent nothing.
    ///
    /// # Errors
    ///
    /// If the socket is not connected, the receiver is gone, or the datagram is too long; else
    /// those of the operating system.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let (near, far) = runtime::net::UnixDatagram::pair()?;
    /// assert_eq!(near.send(b"hi").await?, 2);
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn send(&self, data: &[u8]) -> impl Future<Output = io::Result<usize>> {
        let send = |socket: &mio::net::UnixDatagram| socket.send(data);
        lined(self.registration.perform(Direction::Write, send))
    }

    /// As [`send`](UnixDatagram::send), for those who write `poll` by hand.
    ///
    /// # Errors
    ///
    /// As for `send`.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let (near, far) = runtime::net::UnixDatagram::pair()?;
    /// assert_eq!(std::future::poll_fn(|cx| near.poll_send(cx, b"hi")).await?, 2);
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn poll_send(&self, cx: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        let send = |socket: &mio::net::UnixDatagram| socket.send(data);
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
    /// Those of the operating system.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let (near, far) = runtime::net::UnixDatagram::pair()?;
    /// near.send(b"hi").await?;
    /// let mut buffer = [0; 16];
    /// assert_eq!(far.recv(&mut buffer).await?, 2);
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn recv(&self, buffer: &mut [u8]) -> impl Future<Output = io::Result<usize>> {
        let recv = |socket: &mio::net::UnixDatagram| socket.recv(buffer);
        lined(self.registration.perform(Direction::Read, recv))
    }

    /// As [`recv`](UnixDatagram::recv), for those who write `poll` by hand.
    ///
    /// # Errors
    ///
    /// As for `recv`.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let (near, far) = runtime::net::UnixDatagram::pair()?;
    /// near.send(b"hi").await?;
    /// let mut buffer = [0; 16];
    /// assert_eq!(std::future::poll_fn(|cx| far.poll_recv(cx, &mut buffer)).await?, 2);
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn poll_recv(&self, cx: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<usize>> {
        let recv = |socket: &mio::net::UnixDatagram| socket.recv(buffer);
        self.registration.poll_io(Direction::Read, cx, recv)
    }

    /// As [`recv`](UnixDatagram::recv), to the end of a growing buffer. It takes what the buffer
    /// has room for, or 64 bytes if a `Vec` is full; give it the room for a datagram.
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
    /// # let (near, far) = runtime::net::UnixDatagram::pair()?;
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
        let recv = |socket: &mio::net::UnixDatagram| {
            into_buffer(buffer, |space| Ok((socket.recv(space)?, ()))).map(|(len, ())| len)
        };
        lined(self.registration.perform(Direction::Read, recv))
    }

    /// Sends a datagram to the socket under a path; returns its length.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: dropped before it is ready, it has sent nothing.
    ///
    /// # Errors
    ///
    /// If nothing is there, or the datagram is too long; else those of the operating system.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let path = std::env::temp_dir().join(format!("treadle-doc-dgram-send-to-{}", std::process::id()));
    /// # let _ = std::fs::remove_file(&path);
    /// # let far = runtime::net::UnixDatagram::bind(&path)?;
    /// let near = runtime::net::UnixDatagram::unbound()?;
    /// assert_eq!(near.send_to(b"hi", &path).await?, 2);
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn send_to<P: AsRef<Path>>(
        &self,
        data: &[u8],
        target: P,
    ) -> impl Future<Output = io::Result<usize>> {
        let send = move |socket: &mio::net::UnixDatagram| socket.send_to(data, target.as_ref());
        lined(self.registration.perform(Direction::Write, send))
    }

    /// As [`send_to`](UnixDatagram::send_to), for those who write `poll` by hand.
    ///
    /// # Errors
    ///
    /// As for `send_to`.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let path = std::env::temp_dir().join(format!("treadle-doc-dgram-poll-send-to-{}", std::process::id()));
    /// # let _ = std::fs::remove_file(&path);
    /// # let far = runtime::net::UnixDatagram::bind(&path)?;
    /// let near = runtime::net::UnixDatagram::unbound()?;
    /// assert_eq!(std::future::poll_fn(|cx| near.poll_send_to(cx, b"hi", &path)).await?, 2);
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn poll_send_to<P: AsRef<Path>>(
        &self,
        cx: &mut Context<'_>,
        data: &[u8],
        target: P,
    ) -> Poll<io::Result<usize>> {
        let send = |socket: &mio::net::UnixDatagram| socket.send_to(data, target.as_ref());
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
    /// # let (near, far) = runtime::net::UnixDatagram::pair()?;
    /// near.send(b"hi").await?;
    /// let mut buffer = [0; 16];
    /// let (len, from) = far.recv_from(&mut buffer).await?;
    /// assert!(len == 2 && from.is_unnamed());
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn recv_from(
        &self,
        buffer: &mut [u8],
    ) -> impl Future<Output = io::Result<(usize, SocketAddr)>> {
        let recv = |socket: &mio::net::UnixDatagram| from(socket, buffer);
        lined(self.registration.perform(Direction::Read, recv))
    }

    /// As [`recv_from`](UnixDatagram::recv_from), for those who write `poll` by hand.
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let (near, far) = runtime::net::UnixDatagram::pair()?;
    /// near.send(b"hi").await?;
    /// let mut buffer = [0; 16];
    /// let (len, _) = std::future::poll_fn(|cx| far.poll_recv_from(cx, &mut buffer)).await?;
    /// assert_eq!(len, 2);
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn poll_recv_from(
        &self,
        cx: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<(usize, SocketAddr)>> {
        let recv = |socket: &mio::net::UnixDatagram| from(socket, buffer);
        self.registration.poll_io(Direction::Read, cx, recv)
    }

    /// As [`recv_from`](UnixDatagram::recv_from), to the end of a growing buffer: see
    /// [`recv_buf`](UnixDatagram::recv_buf).
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
    /// # let (near, far) = runtime::net::UnixDatagram::pair()?;
    /// near.send(b"hi").await?;
    /// let mut buffer = Vec::with_capacity(1500);
    /// let (len, _) = far.recv_buf_from(&mut buffer).await?;
    /// assert_eq!((len, buffer.as_slice()), (2, &b"hi"[..]));
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
            |socket: &mio::net::UnixDatagram| into_buffer(buffer, |space| from(socket, space));
        lined(self.registration.perform(Direction::Read, recv))
    }
}

/// Receives, and says from whom in our own type.
pub(super) fn from(
    socket: &mio::net::UnixDatagram,
    buffer: &mut [u8],
) -> io::Result<(usize, SocketAddr)> {
    let (len, from) = socket.recv_from(buffer)?;
    Ok((len, SocketAddr(from)))
}
