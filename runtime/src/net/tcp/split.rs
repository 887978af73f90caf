//! The two directions of a stream, borrowed.
//!
//! A stream reads and writes through a shared reference inside; only the I/O traits ask for
//! a unique one. So its halves are two references to it, each with the methods of one
//! direction, and splitting costs nothing.

use std::future::Future;
use std::io::{self, IoSlice, IoSliceMut};
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_io::{AsyncRead, AsyncWrite};

use super::TcpStream;

/// The reading direction of a [`TcpStream`]; made by [`TcpStream::split`].
#[derive(Debug)]
pub struct ReadHalf<'a>(pub(super) &'a TcpStream);

/// The writing direction of a [`TcpStream`]; made by [`TcpStream::split`].
///
/// Closing it ([`shutdown`](crate::io::AsyncWriteExt::shutdown)) ends that direction only;
/// dropping it does nothing.
#[derive(Debug)]
pub struct WriteHalf<'a>(pub(super) &'a TcpStream);

impl TcpStream {
    /// The two directions, borrowed: one may be read while the other is written.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # use runtime::{io::{AsyncReadExt, AsyncWriteExt}, net::{TcpListener, TcpStream}};
    /// # let listener = TcpListener::bind("127.0.0.1:0").await?;
    /// # let mut stream = TcpStream::connect(listener.local_addr()?).await?;
    /// # let (mut peer, _) = listener.accept().await?;
    /// # peer.write_all(b"x").await?;
    /// let (mut read, mut write) = stream.split();
    /// let mut buffer = [0; 1];
    /// let (wrote, got) = runtime::join!(write.write_all(b"y"), read.read(&mut buffer));
    /// assert_eq!((wrote.is_ok(), got?), (true, 1));
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn split(&mut self) -> (ReadHalf<'_>, WriteHalf<'_>) {
        (ReadHalf(self), WriteHalf(self))
    }
}

/// The inherent methods of a half, borrowed or owned, which are the stream's own.
macro_rules! shared_methods {
    ($($half:ty),*) => {$(
        impl $half {
            /// As [`TcpStream::local_addr`].
            ///
            /// # Errors
            ///
            /// Those of the operating system.
            pub fn local_addr(&self) -> std::io::Result<std::net::SocketAddr> {
                self.0.local_addr()
            }

            /// As [`TcpStream::peer_addr`].
            ///
            /// # Errors
            ///
            /// Those of the operating system.
            pub fn peer_addr(&self) -> std::io::Result<std::net::SocketAddr> {
                self.0.peer_addr()
            }
        }
    )*};
}
pub(super) use shared_methods;

/// Reading, for a half that derefs to the stream in its field 0.
macro_rules! reads {
    ($($half:ty),*) => {$(
        impl $half {
            /// As [`TcpStream::readable`].
            ///
            /// # Errors
            ///
            /// If the runtime has been shut down.
            #[track_caller]
            pub fn readable(&self) -> impl Future<Output = io::Result<()>> {
                self.0.readable()
            }

            /// As [`TcpStream::try_read`].
            ///
            /// # Errors
            ///
            /// `WouldBlock` if nothing is there; else those of the operating system.
            pub fn try_read(&self, buffer: &mut [u8]) -> io::Result<usize> {
                self.0.try_read(buffer)
            }

            /// As [`TcpStream::peek`].
            ///
            /// # Errors
            ///
            /// Those of the operating system.
            #[track_caller]
            pub fn peek(&mut self, buffer: &mut [u8]) -> impl Future<Output = io::Result<usize>> {
                self.0.peek(buffer)
            }
        }

        impl AsyncRead for $half {
            fn poll_read(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                buffer: &mut [u8],
            ) -> Poll<io::Result<usize>> {
                self.0.read_polled(cx, buffer)
            }

            fn poll_read_vectored(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                buffers: &mut [IoSliceMut<'_>],
            ) -> Poll<io::Result<usize>> {
                self.0.read_vectored_polled(cx, buffers)
            }
        }
    )*};
}
pub(super) use reads;

/// Writing, for a half that derefs to the stream in its field 0.
macro_rules! writes {
    ($($half:ty),*) => {$(
        impl $half {
            /// As [`TcpStream::writable`].
            ///
            /// # Errors
            ///
            /// If the runtime has been shut down.
            #[track_caller]
            pub fn writable(&self) -> impl Future<Output = io::Result<()>> {
                self.0.writable()
            }

            /// As [`TcpStream::try_write`].
            ///
            /// # Errors
            ///
            /// `WouldBlock` if there is no room; else those of the operating system.
            pub fn try_write(&self, data: &[u8]) -> io::Result<usize> {
                self.0.try_write(data)
            }
        }

        impl AsyncWrite for $half {
            fn poll_write(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                data: &[u8],
            ) -> Poll<io::Result<usize>> {
                self.0.write_polled(cx, data)
            }

            fn poll_write_vectored(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                buffers: &[IoSlice<'_>],
            ) -> Poll<io::Result<usize>> {
                self.0.write_vectored_polled(cx, buffers)
            }

            fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
                Poll::Ready(Ok(()))
            }

            fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
                Poll::Ready(self.0.shut_down_write())
            }
        }
    )*};
}
pub(super) use writes;

shared_methods!(ReadHalf<'_>, WriteHalf<'_>);
reads!(ReadHalf<'_>);
writes!(WriteHalf<'_>);
