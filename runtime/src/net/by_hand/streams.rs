//! Bytes by hand: of connections both ways, of each end of a pipe one way.

use std::future::Future;
use std::io::{self, IoSlice, IoSliceMut};
use std::task::{Context, Poll};

use bytes::BufMut;

use crate::net::TcpStream;
#[cfg(unix)]
use crate::net::UnixStream;
use crate::net::lined::lined;
#[cfg(unix)]
use crate::net::unix::pipe::{Receiver, Sender};
use crate::reactor::Interest;
use crate::trace::Direction;

/// What is read, by hand.
macro_rules! reads {
    ($Stream:ident: $(#[$near_and_far:meta])*) => {
        impl $Stream {
            /// Waits until a read would not block, or would find the end.
            ///
            /// It may be wrong: another task may have read meanwhile.
            /// [`try_read`](Self::try_read) tells. Any number of tasks may wait at once.
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
            /// # use runtime::io::AsyncWriteExt;
            $(#[$near_and_far])*
            /// far.write_all(b"x").await?;
            /// let mut buffer = [0; 16];
            /// let count = loop {
            ///     near.readable().await?;
            ///     match near.try_read(&mut buffer) {
            ///         Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            ///         result => break result?,
            ///     }
            /// };
            /// assert_eq!(count, 1);
            /// # Ok::<(), std::io::Error>(())
            /// # })?;
            /// # Ok::<(), std::io::Error>(())
            /// ```
            #[track_caller]
            pub fn readable(&self) -> impl Future<Output = io::Result<()>> {
                let readiness = self.registration.readiness(Interest::READABLE);
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
            /// drop(far); // the end can be read
            /// std::future::poll_fn(|cx| near.poll_read_ready(cx)).await?;
            /// assert_eq!(near.try_read(&mut [0; 16])?, 0);
            /// # Ok::<(), std::io::Error>(())
            /// # })?;
            /// # Ok::<(), std::io::Error>(())
            /// ```
            pub fn poll_read_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
                self.registration.poll_readiness(Direction::Read, cx)
            }

            /// Reads what is there, without waiting. 0 is the end of the stream (or of `buffer`).
            ///
            /// # Errors
            ///
            /// `WouldBlock` if nothing is there; else those of the operating system.
            ///
            /// ```
            /// # runtime::runtime::Runtime::new()?.block_on(async {
            $(#[$near_and_far])*
            /// let error = near.try_read(&mut [0; 16]).unwrap_err();
            /// assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock);
            /// # Ok::<(), std::io::Error>(())
            /// # })?;
            /// # Ok::<(), std::io::Error>(())
            /// ```
            pub fn try_read(&self, buffer: &mut [u8]) -> io::Result<usize> {
                self.registration.try_read(buffer)
            }

            /// As [`try_read`](Self::try_read), into several buffers.
            ///
            /// # Errors
            ///
            /// As for `try_read`.
            ///
            /// ```
            /// # runtime::runtime::Runtime::new()?.block_on(async {
            /// # use runtime::io::AsyncWriteExt;
            $(#[$near_and_far])*
            /// far.write_all(b"hello").await?;
            /// near.readable().await?;
            /// let (mut a, mut b) = ([0; 2], [0; 8]);
            /// let mut buffers = [std::io::IoSliceMut::new(&mut a), std::io::IoSliceMut::new(&mut b)];
            /// assert_eq!(near.try_read_vectored(&mut buffers)?, 5);
            /// assert_eq!((&a, &b[..3]), (b"he", &b"llo"[..]));
            /// # Ok::<(), std::io::Error>(())
            /// # })?;
            /// # Ok::<(), std::io::Error>(())
            /// ```
            pub fn try_read_vectored(&self, buffers: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
                self.registration.try_read_vectored(buffers)
            }

            /// As [`try_read`](Self::try_read), to the end of a growing buffer: what it has room
            /// for, or 64 bytes if a `Vec` is full. It copies once.
            ///
            /// # Errors
            ///
            /// As for `try_read`.
            ///
            /// ```
            /// # runtime::runtime::Runtime::new()?.block_on(async {
            /// # use runtime::io::AsyncWriteExt;
            $(#[$near_and_far])*
            /// far.write_all(b"x").await?;
            /// near.readable().await?;
            /// let mut buffer = Vec::with_capacity(16);
            /// assert_eq!(near.try_read_buf(&mut buffer)?, 1);
            /// # Ok::<(), std::io::Error>(())
            /// # })?;
            /// # Ok::<(), std::io::Error>(())
            /// ```
            pub fn try_read_buf<B: BufMut>(&self, buffer: &mut B) -> io::Result<usize> {
                self.registration.try_read_buf(buffer)
            }
        }
    };
}

/// What is written, by hand.
macro_rules! writes {
    ($Stream:ident: $(#[$near_and_far:meta])*) => {
        impl $Stream {
            /// Waits until a write would not block, or would fail.
            ///
            /// It may be wrong: another task may have written meanwhile.
            /// [`try_write`](Self::try_write) tells. Any number of tasks may wait at once.
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
            /// assert_eq!(near.try_write(b"hi")?, 2);
            /// # Ok::<(), std::io::Error>(())
            /// # })?;
            /// # Ok::<(), std::io::Error>(())
            /// ```
            #[track_caller]
            pub fn writable(&self) -> impl Future<Output = io::Result<()>> {
                let readiness = self.registration.readiness(Interest::WRITABLE);
                lined(async { readiness.await.map(drop) })
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
            /// std::future::poll_fn(|cx| near.poll_write_ready(cx)).await?;
            /// # Ok::<(), std::io::Error>(())
            /// # })?;
            /// # Ok::<(), std::io::Error>(())
            /// ```
            pub fn poll_write_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
                self.registration.poll_readiness(Direction::Write, cx)
            }

            /// Writes as much as there is room for, without waiting.
            ///
            /// # Errors
            ///
            /// `WouldBlock` if there is no room; else those of the operating system.
            ///
            /// ```
            /// # runtime::runtime::Runtime::new()?.block_on(async {
            $(#[$near_and_far])*
            /// near.writable().await?;
            /// assert_eq!(near.try_write(b"hello")?, 5);
            /// # Ok::<(), std::io::Error>(())
            /// # })?;
            /// # Ok::<(), std::io::Error>(())
            /// ```
            pub fn try_write(&self, data: &[u8]) -> io::Result<usize> {
                self.registration.try_write(data)
            }

            /// As [`try_write`](Self::try_write), from several buffers.
            ///
            /// # Errors
            ///
            /// As for `try_write`.
            ///
            /// ```
            /// # runtime::runtime::Runtime::new()?.block_on(async {
            $(#[$near_and_far])*
            /// near.writable().await?;
            /// let buffers = [std::io::IoSlice::new(b"hello, "), std::io::IoSlice::new(b"world")];
            /// assert_eq!(near.try_write_vectored(&buffers)?, 12);
            /// # Ok::<(), std::io::Error>(())
            /// # })?;
            /// # Ok::<(), std::io::Error>(())
            /// ```
            pub fn try_write_vectored(&self, buffers: &[IoSlice<'_>]) -> io::Result<usize> {
                self.registration.try_write_vectored(buffers)
            }
        }
    };
}

reads! { TcpStream:
    /// # let listener = runtime::net::TcpListener::bind("127.0.0.1:0").await?;
    /// # let near = runtime::net::TcpStream::connect(listener.local_addr()?).await?;
    /// # let (mut far, _) = listener.accept().await?;
}

writes! { TcpStream:
    /// # let listener = runtime::net::TcpListener::bind("127.0.0.1:0").await?;
    /// # let near = runtime::net::TcpStream::connect(listener.local_addr()?).await?;
    /// # let (far, _) = listener.accept().await?;
}

#[cfg(unix)]
reads! { UnixStream:
    /// # let (near, mut far) = runtime::net::UnixStream::pair()?;
}

#[cfg(unix)]
writes! { UnixStream:
    /// # let (near, far) = runtime::net::UnixStream::pair()?;
}

#[cfg(unix)]
reads! { Receiver:
    /// # let (mut far, near) = runtime::net::unix::pipe::pipe()?;
}

#[cfg(unix)]
writes! { Sender:
    /// # let (near, far) = runtime::net::unix::pipe::pipe()?;
}
