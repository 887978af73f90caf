//! Both directions buffered: a [`BufReader`] around a [`BufWriter`].
//!
//! For a conversation of small messages over one stream. What holds for the two holds
//! here: reads may have run ahead, and writes wait for a flush. A program that writes a
//! question and then waits for the answer without a flush waits for ever.

use std::io::{self, IoSlice, SeekFrom};
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_io::{AsyncBufRead, AsyncRead, AsyncSeek, AsyncWrite};
use pin_project_lite::pin_project;

use super::{BufReader, BufWriter};

pin_project! {
    /// Puts a buffer in front of both directions of a stream.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// use runtime::io::{AsyncBufReadExt, AsyncWriteExt, BufStream};
    ///
    /// let (client, server) = runtime::io::duplex(64);
    /// let (mut client, mut server) = (BufStream::new(client), BufStream::new(server));
    ///
    /// client.write_all(b"what time is it?\n").await?;
    /// client.flush().await?;
    ///
    /// let mut question = String::new();
    /// server.read_line(&mut question).await?;
    /// assert_eq!(question, "what time is it?\n");
    /// # Ok(()) }
    /// ```
    #[derive(Debug)]
    pub struct BufStream<RW> {
        #[pin]
        inner: BufReader<BufWriter<RW>>,
    }
}

impl<RW: AsyncRead + AsyncWrite> BufStream<RW> {
    /// With two buffers of 8 KiB.
    pub fn new(stream: RW) -> Self {
        BufReader::new(BufWriter::new(stream)).into()
    }

    /// With buffers of so many bytes.
    ///
    /// # Panics
    ///
    /// If `reader_capacity` is zero.
    ///
    /// ```
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// use runtime::io::{AsyncReadExt, AsyncWriteExt, BufStream};
    ///
    /// let (stream, mut peer) = runtime::io::duplex(64);
    /// let mut stream = BufStream::with_capacity(16, 4, stream);
    /// stream.write_all(b"abc").await?;
    /// stream.write_all(b"def").await?; // does not fit: what was there goes to the peer
    /// assert_eq!(peer.read_u8().await?, b'a');
    /// # Ok(()) }
    /// ```
    #[track_caller]
    pub fn with_capacity(reader_capacity: usize, writer_capacity: usize, stream: RW) -> Self {
        let writer = BufWriter::with_capacity(writer_capacity, stream);
        BufReader::with_capacity(reader_capacity, writer).into()
    }
}

impl<RW> BufStream<RW> {
    /// The stream.
    pub fn get_ref(&self) -> &RW {
        self.inner.get_ref().get_ref()
    }

    /// The stream. Reading from it and writing to it goes past the buffers.
    ///
    /// ```
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// use runtime::io::{AsyncReadExt, AsyncWriteExt, BufStream};
    ///
    /// let (stream, mut peer) = runtime::io::duplex(64);
    /// let mut stream = BufStream::new(stream);
    /// stream.write_all(b"second").await?;
    /// stream.get_mut().write_all(b"first").await?;
    /// stream.shutdown().await?;
    /// let mut text = String::new();
    /// peer.read_to_string(&mut text).await?;
    /// assert_eq!(text, "firstsecond");
    /// # Ok(()) }
    /// ```
    pub fn get_mut(&mut self) -> &mut RW {
        self.inner.get_mut().get_mut()
    }

    /// The stream, pinned. Reading from it and writing to it goes past the buffers.
    pub fn get_pin_mut(self: Pin<&mut Self>) -> Pin<&mut RW> {
        self.project().inner.get_pin_mut().get_pin_mut()
    }

    /// Gives the stream back. What is in the buffers is lost: flush first.
    ///
    /// ```
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// use runtime::io::{AsyncReadExt, AsyncWriteExt, BufStream};
    ///
    /// let (stream, mut peer) = runtime::io::duplex(64);
    /// let mut stream = BufStream::new(stream);
    /// stream.write_all(b"x").await?;
    /// stream.flush().await?;
    /// let _: runtime::io::DuplexStream = stream.into_inner();
    /// assert_eq!(peer.read_u8().await?, b'x');
    /// # Ok(()) }
    /// ```
    pub fn into_inner(self) -> RW {
        self.inner.into_inner().into_inner()
    }
}

impl<RW> From<BufReader<BufWriter<RW>>> for BufStream<RW> {
    fn from(inner: BufReader<BufWriter<RW>>) -> Self {
        BufStream { inner }
    }
}

impl<RW> From<BufWriter<BufReader<RW>>> for BufStream<RW> {
    /// What is in the two buffers stays there.
    fn from(outer: BufWriter<BufReader<RW>>) -> Self {
        let (reader, writer) = outer.give_up_inner(());
        let inner = reader.map_inner(|stream| writer.give_up_inner(stream).1);
        BufStream { inner }
    }
}

impl<RW: AsyncRead + AsyncWrite> AsyncRead for BufStream<RW> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        dst: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        self.project().inner.poll_read(cx, dst)
    }
}

impl<RW: AsyncRead + AsyncWrite> AsyncBufRead for BufStream<RW> {
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        self.project().inner.poll_fill_buf(cx)
    }

    fn consume(self: Pin<&mut Self>, amt: usize) {
        self.project().inner.consume(amt);
    }
}

impl<RW: AsyncRead + AsyncWrite + AsyncSeek> AsyncSeek for BufStream<RW> {
    fn poll_seek(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        to: SeekFrom,
    ) -> Poll<io::Result<u64>> {
        self.project().inner.poll_seek(cx, to)
    }
}

impl<RW: AsyncRead + AsyncWrite> AsyncWrite for BufStream<RW> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        src: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.project().inner.poll_write(cx, src)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.project().inner.poll_write_vectored(cx, bufs)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.project().inner.poll_flush(cx)
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.project().inner.poll_close(cx)
    }
}
