//! Sending and receiving datagrams: UDP's, and those between processes of one machine.
//!
//! Each has two forms here: one that waits, and one that is polled by hand, of which only the
//! last caller in each direction is woken. Those that wait may be called by any number of tasks
//! at once; each datagram goes to one of them.
//!
//! Both kinds of sockets have these methods, so each is written once, in a macro; at the end of
//! the file it is told which sockets they are. To send to an address is not among them: what an
//! address is they do not agree upon, so each has that in a file of its own, `send_to.rs`.
//!
//! Where Tokio's forms take a `ReadBuf` or a `BufMut`, these take a slice, or copy once: to lend
//! memory that nobody has written yet takes unsafe code.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::task::{Context, Poll};

use bytes::BufMut;

use crate::net::UdpSocket;
use crate::net::growing::{append, append_with};
use crate::net::lined::lined;
#[cfg(unix)]
use crate::net::{UnixDatagram, unix::SocketAddr as UnixSocketAddr};
use crate::trace::Direction;

/// A socket, who its datagrams are from, and how the system is asked for one with that.
macro_rules! datagrams {
    ($Socket:ident, $SocketAddr:path, $recv_from:path:
     $(#[$near_and_far:meta])* => $(#[$from_near:meta])*) => {
        impl $Socket {
            /// Sends a datagram to whom the socket is connected; returns its length. Waits while
            /// there is no room for it: in this socket, or, between processes of one machine, in
            /// the receiver's queue.
            ///
            /// # Cancel safety
            ///
            /// Cancel safe: dropped before it is ready, it has sent nothing.
            ///
            /// # Errors
            ///
            /// If the socket is not connected, the receiver is known to be gone, or the datagram
            /// is too long; else those of the operating system. With UDP they may be about a
            /// datagram that was sent before.
            ///
            /// ```
            /// # runtime::runtime::Runtime::new()?.block_on(async {
            $(#[$near_and_far])*
            /// assert_eq!(near.send(b"hi").await?, 2);
            /// # Ok::<(), std::io::Error>(())
            /// # })?;
            /// # Ok::<(), std::io::Error>(())
            /// ```
            #[track_caller]
            pub fn send(&self, data: &[u8]) -> impl Future<Output = io::Result<usize>> {
                let want = Direction::Write;
                lined(self.registration.perform(want, |socket| socket.send(data)))
            }

            /// As [`send`](Self::send), for those who write `poll` by hand.
            ///
            /// # Errors
            ///
            /// As for `send`.
            ///
            /// ```
            /// # runtime::runtime::Runtime::new()?.block_on(async {
            $(#[$near_and_far])*
            /// assert_eq!(std::future::poll_fn(|cx| near.poll_send(cx, b"hi")).await?, 2);
            /// # Ok::<(), std::io::Error>(())
            /// # })?;
            /// # Ok::<(), std::io::Error>(())
            /// ```
            pub fn poll_send(&self, cx: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
                let want = Direction::Write;
                self.registration.poll_io(want, cx, |socket| socket.send(data))
            }

            /// Waits for a datagram, and copies it into `buffer`; returns its length. What does
            /// not fit is thrown away.
            ///
            /// # Cancel safety
            ///
            /// Cancel safe: a datagram that was not returned stays with the socket.
            ///
            /// # Errors
            ///
            /// Those of the operating system. With UDP they may be about a datagram that was sent
            /// before.
            ///
            /// ```
            /// # runtime::runtime::Runtime::new()?.block_on(async {
            $(#[$near_and_far])*
            /// near.send(b"hi").await?;
            /// let mut buffer = [0; 16];
            /// assert_eq!(far.recv(&mut buffer).await?, 2);
            /// # Ok::<(), std::io::Error>(())
            /// # })?;
            /// # Ok::<(), std::io::Error>(())
            /// ```
            #[track_caller]
            pub fn recv(&self, buffer: &mut [u8]) -> impl Future<Output = io::Result<usize>> {
                let want = Direction::Read;
                lined(self.registration.perform(want, |socket| socket.recv(buffer)))
            }

            /// As [`recv`](Self::recv), for those who write `poll` by hand.
            ///
            /// # Errors
            ///
            /// As for `recv`.
            ///
            /// ```
            /// # runtime::runtime::Runtime::new()?.block_on(async {
            $(#[$near_and_far])*
            /// near.send(b"hi").await?;
            /// let mut buffer = [0; 16];
            /// assert_eq!(std::future::poll_fn(|cx| far.poll_recv(cx, &mut buffer)).await?, 2);
            /// # Ok::<(), std::io::Error>(())
            /// # })?;
            /// # Ok::<(), std::io::Error>(())
            /// ```
            pub fn poll_recv(
                &self,
                cx: &mut Context<'_>,
                buffer: &mut [u8],
            ) -> Poll<io::Result<usize>> {
                let want = Direction::Read;
                self.registration.poll_io(want, cx, |socket| socket.recv(buffer))
            }

            /// As [`recv`](Self::recv), to the end of a growing buffer. It takes what the buffer
            /// has room for, or 64 bytes if a `Vec` is full; give it the room for a datagram.
            ///
            /// # Cancel safety
            ///
            /// Cancel safe: a datagram that was not returned stays with the socket.
            ///
            /// # Errors
            ///
            /// As for `recv`.
            ///
            /// ```
            /// # runtime::runtime::Runtime::new()?.block_on(async {
            $(#[$near_and_far])*
            /// near.send(b"hi").await?;
            /// let mut buffer = Vec::with_capacity(1500);
            /// far.recv_buf(&mut buffer).await?;
            /// assert_eq!(buffer, b"hi");
            /// # Ok::<(), std::io::Error>(())
            /// # })?;
            /// # Ok::<(), std::io::Error>(())
            /// ```
            #[track_caller]
            pub fn recv_buf<B: BufMut>(
                &self,
                buffer: &mut B,
            ) -> impl Future<Output = io::Result<usize>> {
                lined(self.registration.perform(Direction::Read, |socket| {
                    append(buffer, |space| socket.recv(space))
                }))
            }

            /// Waits for a datagram, and copies it into `buffer`; returns its length, and who sent
            /// it. What does not fit is thrown away.
            ///
            /// # Cancel safety
            ///
            /// Cancel safe: a datagram that was not returned stays with the socket.
            ///
            /// # Errors
            ///
            /// As for [`recv`](Self::recv).
            ///
            /// ```
            /// # runtime::runtime::Runtime::new()?.block_on(async {
            $(#[$near_and_far])*
            /// near.send(b"hi").await?;
            /// let mut buffer = [0; 16];
            /// let (len, from) = far.recv_from(&mut buffer).await?;
            /// assert_eq!(&buffer[..len], b"hi");
            $(#[$from_near])*
            /// # Ok::<(), std::io::Error>(())
            /// # })?;
            /// # Ok::<(), std::io::Error>(())
            /// ```
            #[track_caller]
            pub fn recv_from(
                &self,
                buffer: &mut [u8],
            ) -> impl Future<Output = io::Result<(usize, $SocketAddr)>> {
                let want = Direction::Read;
                lined(self.registration.perform(want, |socket| $recv_from(socket, buffer)))
            }

            /// As [`recv_from`](Self::recv_from), for those who write `poll` by hand.
            ///
            /// # Errors
            ///
            /// As for `recv_from`.
            ///
            /// ```
            /// # runtime::runtime::Runtime::new()?.block_on(async {
            $(#[$near_and_far])*
            /// near.send(b"hi").await?;
            /// let mut buffer = [0; 16];
            /// let (len, _) = std::future::poll_fn(|cx| far.poll_recv_from(cx, &mut buffer)).await?;
            /// assert_eq!(&buffer[..len], b"hi");
            /// # Ok::<(), std::io::Error>(())
            /// # })?;
            /// # Ok::<(), std::io::Error>(())
            /// ```
            pub fn poll_recv_from(
                &self,
                cx: &mut Context<'_>,
                buffer: &mut [u8],
            ) -> Poll<io::Result<(usize, $SocketAddr)>> {
                let want = Direction::Read;
                self.registration.poll_io(want, cx, |socket| $recv_from(socket, buffer))
            }

            /// As [`recv_from`](Self::recv_from), to the end of a growing buffer: see
            /// [`recv_buf`](Self::recv_buf).
            ///
            /// # Cancel safety
            ///
            /// Cancel safe: a datagram that was not returned stays with the socket.
            ///
            /// # Errors
            ///
            /// As for `recv_from`.
            ///
            /// ```
            /// # runtime::runtime::Runtime::new()?.block_on(async {
            $(#[$near_and_far])*
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
            ) -> impl Future<Output = io::Result<(usize, $SocketAddr)>> {
                lined(self.registration.perform(Direction::Read, |socket| {
                    append_with(buffer, |space| $recv_from(socket, space))
                }))
            }
        }
    };
}

datagrams! { UdpSocket, SocketAddr, mio::net::UdpSocket::recv_from:
    /// # use runtime::net::UdpSocket;
    /// # let near = UdpSocket::bind("127.0.0.1:0").await?;
    /// # let far = UdpSocket::bind("127.0.0.1:0").await?;
    /// # near.connect(far.local_addr()?).await?;
    /// # far.connect(near.local_addr()?).await?;
    =>
    /// assert_eq!(from, near.local_addr()?);
}

#[cfg(unix)]
datagrams! { UnixDatagram, UnixSocketAddr, UnixDatagram::receive:
    /// # let (near, far) = runtime::net::UnixDatagram::pair()?;
    =>
    /// assert!(from.is_unnamed()); // as the ends of a pair are
}
