//! A Unix connection, used by hand: wait until it is ready, then try.
//!
//! As for a [`TcpStream`](crate::net::TcpStream): waiting transfers nothing and may be done by
//! any number of tasks; trying never waits. To be ready is a memory, not a promise, so the attempt
//! may still say "would block", and whoever uses these methods goes round in a loop.

use std::future::Future;
use std::io::{self, IoSlice, IoSliceMut};
use std::task::{Context, Poll};

use bytes::BufMut;

use super::UnixStream;
use crate::net::lined::lined;
use crate::reactor::{Interest, Ready};
use crate::trace::Direction;

impl UnixStream {
    /// Waits until a read would not block, or would find the end. Any number of tasks may wait at
    /// once.
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
    /// # use runtime::io::{AsyncReadExt, AsyncWriteExt};
    /// # let (mut near, mut far) = runtime::net::UnixStream::pair()?;
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

    /// Waits until a write would not block, or would fail. Any number of tasks may wait at once.
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
    /// # let (near, far) = runtime::net::UnixStream::pair()?;
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
    /// # let (near, far) = runtime::net::UnixStream::pair()?;
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

    /// As [`readable`](UnixStream::readable), for those who write `poll` by hand; only the last
    /// caller is woken.
    ///
    /// # Errors
    ///
    /// If the runtime has been shut down.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let (near, far) = runtime::net::UnixStream::pair()?;
    /// drop(far); // the end can be read
    /// std::future::poll_fn(|cx| near.poll_read_ready(cx)).await?;
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn poll_read_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.registration.poll_readiness(Direction::Read, cx)
    }

    /// As [`writable`](UnixStream::writable), for those who write `poll` by hand; only the last
    /// caller is woken.
    ///
    /// # Errors
    ///
    /// If the runtime has been shut down.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let (near, far) = runtime::net::UnixStream::pair()?;
    /// std::future::poll_fn(|cx| near.poll_write_ready(cx)).await?;
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn poll_write_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.registration.poll_readiness(Direction::Write, cx)
    }

    /// Reads what is there, without waiting. 0 is the end of the stream (or of `buffer`).
    ///
    /// # Errors
    ///
    /// `WouldBlock` if nothing is there; else those of the operating system.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let (near, far) = runtime::net::UnixStream::pair()?;
    /// let error = near.try_read(&mut [0; 16]).unwrap_err();
    /// assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock);
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn try_read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        self.registration.try_read(buffer)
    }

    /// As [`try_read`](UnixStream::try_read), into several buffers.
    ///
    /// # Errors
    ///
    /// As for `try_read`.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let (near, far) = runtime::net::UnixStream::pair()?;
    /// let mut buffer = [0; 4];
    /// assert!(near.try_read_vectored(&mut [std::io::IoSliceMut::new(&mut buffer)]).is_err());
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn try_read_vectored(&self, buffers: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        self.registration.try_read_vectored(buffers)
    }

    /// As [`try_read`](UnixStream::try_read), to the end of a growing buffer: what it has room
    /// for, or 64 bytes if a `Vec` is full. It copies once.
    ///
    /// # Errors
    ///
    /// As for `try_read`.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # use runtime::io::AsyncWriteExt;
    /// # let (near, mut far) = runtime::net::UnixStream::pair()?;
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

    /// Writes as much as there is room for, without waiting.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if there is no room; else those of the operating system.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let (near, far) = runtime::net::UnixStream::pair()?;
    /// assert_eq!(near.try_write(b"hello")?, 5);
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn try_write(&self, data: &[u8]) -> io::Result<usize> {
        self.registration.try_write(data)
    }

    /// As [`try_write`](UnixStream::try_write), from several buffers.
    ///
    /// # Errors
    ///
    /// As for `try_write`.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let (near, far) = runtime::net::UnixStream::pair()?;
    /// let buffers = [std::io::IoSlice::new(b"hel"), std::io::IoSlice::new(b"lo")];
    /// assert_eq!(near.try_write_vectored(&buffers)?, 5);
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn try_write_vectored(&self, buffers: &[IoSlice<'_>]) -> io::Result<usize> {
        self.registration.try_write_vectored(buffers)
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
    /// # let (near, far) = runtime::net::UnixStream::pair()?;
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

    /// As [`try_io`](UnixStream::try_io), and waits until `operation` does not say `WouldBlock`.
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
    /// # let (near, far) = runtime::net::UnixStream::pair()?;
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
