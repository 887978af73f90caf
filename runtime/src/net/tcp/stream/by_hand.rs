//! A TCP connection, used by hand: wait until it is ready, then try.
//!
//! `read` and `write` wait and transfer in one call, for one task in each direction. Here the
//! two halves are apart. Waiting takes `&self` and any number of tasks; it transfers nothing,
//! so dropping it loses nothing. Trying never waits. (`peek` does both, and takes nothing either.)
//!
//! How it can go wrong: to be ready is a memory, not a promise. Between the news and the
//! attempt another task may have taken the bytes. So the attempt may still say "would block",
//! which corrects the memory, and whoever uses these methods goes round in a loop.

use std::future::Future;
use std::io::{self, IoSlice, IoSliceMut};
use std::task::{Context, Poll};

use bytes::BufMut;

use super::TcpStream;
use crate::net::lined::lined;
use crate::reactor::{Interest, Ready};
use crate::trace::Direction;

impl TcpStream {
    /// Waits until a read would not block, or would find the end.
    ///
    /// It may be wrong: another task may have read meanwhile. [`try_read`](TcpStream::try_read)
    /// tells. Any number of tasks may wait at once.
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
    /// # use runtime::{io::AsyncWriteExt, net::{TcpListener, TcpStream}};
    /// # let listener = TcpListener::bind("127.0.0.1:0").await?;
    /// # let stream = TcpStream::connect(listener.local_addr()?).await?;
    /// # let (mut peer, _) = listener.accept().await?;
    /// # peer.write_all(b"x").await?;
    /// let mut buffer = [0; 16];
    /// let count = loop {
    ///     stream.readable().await?;
    ///     match stream.try_read(&mut buffer) {
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

    /// Waits until a write would not block, or would fail.
    ///
    /// Everything else is as for [`readable`](TcpStream::readable).
    ///
    /// # Errors
    ///
    /// If the runtime has been shut down.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let listener = runtime::net::TcpListener::bind("127.0.0.1:0").await?;
    /// let stream = runtime::net::TcpStream::connect(listener.local_addr()?).await?;
    /// stream.writable().await?;
    /// assert_eq!(stream.try_write(b"hi")?, 2);
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
    /// Cancel safety and errors are those of [`readable`](TcpStream::readable).
    ///
    /// # Errors
    ///
    /// If the runtime has been shut down.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # use runtime::io::Interest;
    /// # let listener = runtime::net::TcpListener::bind("127.0.0.1:0").await?;
    /// let stream = runtime::net::TcpStream::connect(listener.local_addr()?).await?;
    /// let ready = stream.ready(Interest::READABLE | Interest::WRITABLE).await?;
    /// assert!(ready.is_writable() && !ready.is_readable());
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn ready(&self, interest: Interest) -> impl Future<Output = io::Result<Ready>> {
        lined(self.registration.readiness(interest))
    }

    /// As [`readable`](TcpStream::readable), for those who write `poll` by hand; only the
    /// last caller is woken.
    ///
    /// # Errors
    ///
    /// If the runtime has been shut down.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let listener = runtime::net::TcpListener::bind("127.0.0.1:0").await?;
    /// # let stream = runtime::net::TcpStream::connect(listener.local_addr()?).await?;
    /// drop(listener); // the connection is reset
    /// std::future::poll_fn(|cx| stream.poll_read_ready(cx)).await?;
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn poll_read_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.registration.poll_readiness(Direction::Read, cx)
    }

    /// As [`writable`](TcpStream::writable), for those who write `poll` by hand; only the
    /// last caller is woken.
    ///
    /// # Errors
    ///
    /// If the runtime has been shut down.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let listener = runtime::net::TcpListener::bind("127.0.0.1:0").await?;
    /// # let stream = runtime::net::TcpStream::connect(listener.local_addr()?).await?;
    /// std::future::poll_fn(|cx| stream.poll_write_ready(cx)).await?;
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
    /// # let listener = runtime::net::TcpListener::bind("127.0.0.1:0").await?;
    /// # let stream = runtime::net::TcpStream::connect(listener.local_addr()?).await?;
    /// let error = stream.try_read(&mut [0; 16]).unwrap_err();
    /// assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock);
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn try_read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        self.registration.try_read(buffer)
    }

    /// As [`try_read`](TcpStream::try_read), into several buffers.
    ///
    /// # Errors
    ///
    /// As for `try_read`.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let listener = runtime::net::TcpListener::bind("127.0.0.1:0").await?;
    /// # let stream = runtime::net::TcpStream::connect(listener.local_addr()?).await?;
    /// let (mut a, mut b) = ([0; 4], [0; 4]);
    /// let mut buffers = [std::io::IoSliceMut::new(&mut a), std::io::IoSliceMut::new(&mut b)];
    /// assert!(stream.try_read_vectored(&mut buffers).is_err());
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn try_read_vectored(&self, buffers: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        self.registration.try_read_vectored(buffers)
    }

    /// As [`try_read`](TcpStream::try_read), to the end of a growing buffer: what it has room for,
    /// or 64 bytes if a `Vec` is full. It copies once.
    ///
    /// # Errors
    ///
    /// As for `try_read`.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # use runtime::{io::AsyncWriteExt, net::{TcpListener, TcpStream}};
    /// # let listener = TcpListener::bind("127.0.0.1:0").await?;
    /// # let stream = TcpStream::connect(listener.local_addr()?).await?;
    /// # let (mut peer, _) = listener.accept().await?;
    /// peer.write_all(b"x").await?;
    /// stream.readable().await?;
    /// let mut buffer = Vec::with_capacity(16);
    /// assert_eq!(stream.try_read_buf(&mut buffer)?, 1);
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
    /// # let listener = runtime::net::TcpListener::bind("127.0.0.1:0").await?;
    /// # let stream = runtime::net::TcpStream::connect(listener.local_addr()?).await?;
    /// assert_eq!(stream.try_write(b"hello")?, 5);
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn try_write(&self, data: &[u8]) -> io::Result<usize> {
        self.registration.try_write(data)
    }

    /// As [`try_write`](TcpStream::try_write), from several buffers.
    ///
    /// # Errors
    ///
    /// As for `try_write`.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let listener = runtime::net::TcpListener::bind("127.0.0.1:0").await?;
    /// # let stream = runtime::net::TcpStream::connect(listener.local_addr()?).await?;
    /// let buffers = [std::io::IoSlice::new(b"hello, "), std::io::IoSlice::new(b"world")];
    /// assert_eq!(stream.try_write_vectored(&buffers)?, 12);
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn try_write_vectored(&self, buffers: &[IoSlice<'_>]) -> io::Result<usize> {
        self.registration.try_write_vectored(buffers)
    }

    /// Calls `operation`, one of your own on this socket, if the direction is remembered as
    /// ready; a "would block" from it is remembered in turn. `interest` is one direction; with
    /// both, the one that is ready is taken.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if it is not ready; else those of `operation`.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # use runtime::io::Interest;
    /// # let listener = runtime::net::TcpListener::bind("127.0.0.1:0").await?;
    /// # let stream = runtime::net::TcpStream::connect(listener.local_addr()?).await?;
    /// assert_eq!(stream.try_io(Interest::WRITABLE, || Ok(7))?, 7);
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

    /// As [`try_io`](TcpStream::try_io), and waits until `operation` does not say `WouldBlock`.
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
    /// # let listener = runtime::net::TcpListener::bind("127.0.0.1:0").await?;
    /// # let stream = runtime::net::TcpStream::connect(listener.local_addr()?).await?;
    /// use runtime::io::Interest;
    /// assert_eq!(stream.async_io(Interest::WRITABLE, || Ok(7)).await?, 7);
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

    /// Waits for data and copies it without taking it: the next read finds it again. 0 is the
    /// end of the stream (or of `buffer`).
    ///
    /// # Cancel safety
    ///
    /// Cancel safe.
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # use runtime::{io::{AsyncReadExt, AsyncWriteExt}, net::{TcpListener, TcpStream}};
    /// # let listener = TcpListener::bind("127.0.0.1:0").await?;
    /// # let mut stream = TcpStream::connect(listener.local_addr()?).await?;
    /// # let (mut peer, _) = listener.accept().await?;
    /// # peer.write_all(b"x").await?;
    /// let mut buffer = [0; 16];
    /// assert_eq!(stream.peek(&mut buffer).await?, 1);
    /// assert_eq!(stream.read(&mut buffer).await?, 1);
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn peek(&self, buffer: &mut [u8]) -> impl Future<Output = io::Result<usize>> {
        let peek = |stream: &mio::net::TcpStream| stream.peek(buffer);
        lined(self.registration.perform(Direction::Read, peek))
    }

    /// As [`peek`](TcpStream::peek), for those who write `poll` by hand; only the last caller is
    /// woken.
    ///
    /// # Errors
    ///
    /// As for `peek`.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # use runtime::{io::AsyncWriteExt, net::{TcpListener, TcpStream}};
    /// # let listener = TcpListener::bind("127.0.0.1:0").await?;
    /// # let stream = TcpStream::connect(listener.local_addr()?).await?;
    /// # let (mut peer, _) = listener.accept().await?;
    /// peer.write_all(b"x").await?;
    /// let mut buffer = [0; 16];
    /// assert_eq!(std::future::poll_fn(|cx| stream.poll_peek(cx, &mut buffer)).await?, 1);
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn poll_peek(&self, cx: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<usize>> {
        let peek = |stream: &mio::net::TcpStream| stream.peek(buffer);
        self.registration.poll_io(Direction::Read, cx, peek)
    }
}
