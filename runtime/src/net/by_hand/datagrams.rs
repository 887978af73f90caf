//! Datagrams by hand: each is taken whole, or not at all.

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
use crate::reactor::Interest;
use crate::trace::Direction;

/// A socket, who its datagrams are from, and how the system is asked for one with that.
macro_rules! datagrams {
    ($Socket:ident, $SocketAddr:path, $recv_from:path: $(#[$near_and_far:meta])*) => {
        impl $Socket {
            /// Waits until a receive would not block.
            ///
            /// It may be wrong: another task may have received meanwhile.
            /// [`try_recv`](Self::try_recv) tells. Any number of tasks may wait at once.
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
            $(#[$near_and_far])*
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
            $(#[$near_and_far])*
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

            /// As [`readable`](Self::readable), for those who write `poll` by hand; only the last
            /// caller is woken.
            ///
            /// # Errors
            ///
            /// If the runtime has been shut down.
            ///
            /// ```
            /// # runtime::runtime::Runtime::new()?.block_on(async {
            $(#[$near_and_far])*
            /// near.send(b"hi").await?;
            /// std::future::poll_fn(|cx| far.poll_recv_ready(cx)).await?;
            /// # Ok::<(), std::io::Error>(())
            /// # })?;
            /// # Ok::<(), std::io::Error>(())
            /// ```
            pub fn poll_recv_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
                self.registration.poll_readiness(Direction::Read, cx)
            }

            /// As [`writable`](Self::writable), for those who write `poll` by hand; only the last
            /// caller is woken.
            ///
            /// # Errors
            ///
            /// If the runtime has been shut down.
            ///
            /// ```
            /// # runtime::runtime::Runtime::new()?.block_on(async {
            $(#[$near_and_far])*
            /// std::future::poll_fn(|cx| near.poll_send_ready(cx)).await?;
            /// # Ok::<(), std::io::Error>(())
            /// # })?;
            /// # Ok::<(), std::io::Error>(())
            /// ```
            pub fn poll_send_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
                self.registration.poll_readiness(Direction::Write, cx)
            }

            /// As [`send`](Self::send), without waiting.
            ///
            /// # Errors
            ///
            /// `WouldBlock` if there is no room; else those of the operating system.
            ///
            /// ```
            /// # runtime::runtime::Runtime::new()?.block_on(async {
            $(#[$near_and_far])*
            /// assert_eq!(near.try_send(b"hi")?, 2);
            /// # Ok::<(), std::io::Error>(())
            /// # })?;
            /// # Ok::<(), std::io::Error>(())
            /// ```
            pub fn try_send(&self, data: &[u8]) -> io::Result<usize> {
                let want = Direction::Write;
                self.registration.try_io(want, |socket| socket.send(data))
            }

            /// As [`recv`](Self::recv), without waiting.
            ///
            /// # Errors
            ///
            /// `WouldBlock` if nothing is there; else those of the operating system.
            ///
            /// ```
            /// # runtime::runtime::Runtime::new()?.block_on(async {
            $(#[$near_and_far])*
            /// let error = far.try_recv(&mut [0; 16]).unwrap_err();
            /// assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock);
            /// # Ok::<(), std::io::Error>(())
            /// # })?;
            /// # Ok::<(), std::io::Error>(())
            /// ```
            pub fn try_recv(&self, buffer: &mut [u8]) -> io::Result<usize> {
                let want = Direction::Read;
                self.registration.try_io(want, |socket| socket.recv(buffer))
            }

            /// As [`recv_buf`](Self::recv_buf), without waiting.
            ///
            /// # Errors
            ///
            /// `WouldBlock` if nothing is there; else those of the operating system.
            ///
            /// ```
            /// # runtime::runtime::Runtime::new()?.block_on(async {
            $(#[$near_and_far])*
            /// assert!(far.try_recv_buf(&mut Vec::with_capacity(16)).is_err());
            /// # Ok::<(), std::io::Error>(())
            /// # })?;
            /// # Ok::<(), std::io::Error>(())
            /// ```
            pub fn try_recv_buf<B: BufMut>(&self, buffer: &mut B) -> io::Result<usize> {
                self.registration.try_io(Direction::Read, |socket| {
                    append(buffer, |space| socket.recv(space))
                })
            }

            /// As [`recv_from`](Self::recv_from), without waiting.
            ///
            /// # Errors
            ///
            /// `WouldBlock` if nothing is there; else those of the operating system.
            ///
            /// ```
            /// # runtime::runtime::Runtime::new()?.block_on(async {
            $(#[$near_and_far])*
            /// assert!(far.try_recv_from(&mut [0; 16]).is_err());
            /// # Ok::<(), std::io::Error>(())
            /// # })?;
            /// # Ok::<(), std::io::Error>(())
            /// ```
            pub fn try_recv_from(&self, buffer: &mut [u8]) -> io::Result<(usize, $SocketAddr)> {
                let want = Direction::Read;
                self.registration.try_io(want, |socket| $recv_from(socket, buffer))
            }

            /// As [`recv_buf_from`](Self::recv_buf_from), without waiting.
            ///
            /// # Errors
            ///
            /// `WouldBlock` if nothing is there; else those of the operating system.
            ///
            /// ```
            /// # runtime::runtime::Runtime::new()?.block_on(async {
            $(#[$near_and_far])*
            /// assert!(far.try_recv_buf_from(&mut Vec::with_capacity(16)).is_err());
            /// # Ok::<(), std::io::Error>(())
            /// # })?;
            /// # Ok::<(), std::io::Error>(())
            /// ```
            pub fn try_recv_buf_from<B: BufMut>(
                &self,
                buffer: &mut B,
            ) -> io::Result<(usize, $SocketAddr)> {
                self.registration.try_io(Direction::Read, |socket| {
                    append_with(buffer, |space| $recv_from(socket, space))
                })
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
}

#[cfg(unix)]
datagrams! { UnixDatagram, UnixSocketAddr, UnixDatagram::receive:
    /// # let (near, far) = runtime::net::UnixDatagram::pair()?;
}
