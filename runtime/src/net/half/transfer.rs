//! What goes through a half: the I/O traits, and trying by hand.

use std::io::{self, IoSlice, IoSliceMut, Read, Write};
use std::ops::Deref;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::BufMut;
use futures_io::{AsyncRead, AsyncWrite};

use super::{Reader, Stream, Writer};
use crate::net::bytes::{poll_reads, poll_writes};

/// What the operating system calls the stream that `H` holds.
type Io<H> = <<H as Deref>::Target as Stream>::Io;

impl<H: Deref<Target: Stream>> Reader<H>
where
    for<'a> &'a Io<H>: Read,
{
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
    /// let (read, _write) = stream.into_split();
    /// let error = read.try_read(&mut [0; 16]).unwrap_err();
    /// assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock);
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn try_read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.registration().try_read(buffer)
    }

    /// As [`try_read`](Reader::try_read), into several buffers.
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
    /// let (read, _write) = stream.into_split();
    /// peer.write_all(b"hello").await?;
    /// read.readable().await?;
    /// let (mut a, mut b) = ([0; 2], [0; 8]);
    /// let mut buffers = [std::io::IoSliceMut::new(&mut a), std::io::IoSliceMut::new(&mut b)];
    /// assert_eq!(read.try_read_vectored(&mut buffers)?, 5);
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn try_read_vectored(&self, buffers: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        self.0.registration().try_read_vectored(buffers)
    }

    /// As [`try_read`](Reader::try_read), to the end of a growing buffer; copies once.
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
    /// let (read, _write) = stream.into_split();
    /// peer.write_all(b"x").await?;
    /// read.readable().await?;
    /// let mut buffer = Vec::with_capacity(16);
    /// assert_eq!(read.try_read_buf(&mut buffer)?, 1);
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn try_read_buf<B: BufMut>(&self, buffer: &mut B) -> io::Result<usize> {
        self.0.registration().try_read_buf(buffer)
    }
}

impl<H: Deref<Target: Stream>> Writer<H>
where
    for<'a> &'a Io<H>: Write,
{
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
    /// let (_read, write) = stream.into_split();
    /// write.writable().await?;
    /// assert_eq!(write.try_write(b"hello")?, 5);
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn try_write(&self, data: &[u8]) -> io::Result<usize> {
        self.0.registration().try_write(data)
    }

    /// As [`try_write`](Writer::try_write), from several buffers.
    ///
    /// # Errors
    ///
    /// As for `try_write`.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let listener = runtime::net::TcpListener::bind("127.0.0.1:0").await?;
    /// # let stream = runtime::net::TcpStream::connect(listener.local_addr()?).await?;
    /// let (_read, write) = stream.into_split();
    /// write.writable().await?;
    /// let buffers = [std::io::IoSlice::new(b"hello, "), std::io::IoSlice::new(b"world")];
    /// assert_eq!(write.try_write_vectored(&buffers)?, 12);
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn try_write_vectored(&self, buffers: &[IoSlice<'_>]) -> io::Result<usize> {
        self.0.registration().try_write_vectored(buffers)
    }
}

impl<H: Deref<Target: Stream>> AsyncRead for Reader<H>
where
    for<'a> &'a Io<H>: Read,
{
    poll_reads!(0.registration());
}

impl<H: Deref<Target: Stream>> AsyncWrite for Writer<H>
where
    for<'a> &'a Io<H>: Write,
{
    poll_writes!(0.registration());

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(self.0.shut_down_write())
    }
}
