//! What a program calls on something it can write to.
//!
//! [`AsyncWriteExt`] is implemented for every [`AsyncWrite`]. Its methods do nothing but
//! make futures; those are in `write.rs` and `flush.rs`.
//!
//! A write may be *short*, as a read may: it returns how many bytes were accepted. A program
//! that has more asks again (or asks for `write_all`). A write that waits is *back-pressure*:
//! the peer does not keep up, and the program waits instead of filling the memory.

use std::io::IoSlice;

use bytes::Buf;
use futures_io::AsyncWrite;

use super::flush::{Flush, Shutdown};
use super::number::WriteNumber;
use super::write::{Write, WriteAll, WriteAllBuf, WriteBuf, WriteVectored};

/// Methods for writing bytes, on everything that is an [`AsyncWrite`].
///
/// The names and the behaviour are those of Tokio's `AsyncWriteExt`.
///
/// # Examples
///
/// ```
/// # #[runtime::main] async fn main() -> std::io::Result<()> {
/// use runtime::io::{AsyncReadExt, AsyncWriteExt};
///
/// let (mut here, mut there) = runtime::io::duplex(64);
/// here.write_all(b"hello").await?;
/// here.shutdown().await?;
///
/// let mut heard = String::new();
/// there.read_to_string(&mut heard).await?;
/// assert_eq!(heard, "hello");
/// # Ok(()) }
/// ```
pub trait AsyncWriteExt: AsyncWrite {
    /// Writes once, and returns how many bytes of `src` were accepted.
    ///
    /// Waits until at least one byte can be accepted. `Ok(0)` for a `src` that is not
    /// empty means that the stream will hardly take any more.
    ///
    /// # Errors
    ///
    /// Whatever the stream reports; then nothing was written.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: if the future is dropped before it is ready, no byte was written.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// use runtime::io::AsyncWriteExt;
    ///
    /// let (mut here, _there) = runtime::io::duplex(4);
    /// assert_eq!(here.write(b"abcdef").await?, 4, "there was room for four");
    /// # Ok(()) }
    /// ```
    #[track_caller]
    fn write<'a>(&'a mut self, src: &'a [u8]) -> Write<'a, Self>
    where
        Self: Unpin,
    {
        Write::new(self, src)
    }

    /// Writes once from several slices, in their order, and returns how many bytes were
    /// accepted in all.
    ///
    /// A stream that knows no better takes from the first slice that is not empty.
    ///
    /// # Errors
    ///
    /// Whatever the stream reports; then nothing was written.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: if the future is dropped before it is ready, no byte was written.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// use runtime::io::AsyncWriteExt;
    /// use std::io::IoSlice;
    ///
    /// let mut sink = Vec::new();
    /// let parts = [IoSlice::new(b"head, "), IoSlice::new(b"body")];
    /// assert_eq!(sink.write_vectored(&parts).await?, 10);
    /// assert_eq!(sink, b"head, body");
    /// # Ok(()) }
    /// ```
    #[track_caller]
    fn write_vectored<'a, 'b>(&'a mut self, bufs: &'a [IoSlice<'b>]) -> WriteVectored<'a, 'b, Self>
    where
        Self: Unpin,
    {
        WriteVectored::new(self, bufs)
    }

    /// Writes once from `src`, advances it past what was accepted, and returns how many
    /// bytes that was.
    ///
    /// # Errors
    ///
    /// Whatever the stream reports; then nothing was written and `src` is unchanged.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: if the future is dropped before it is ready, no byte was written.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// use runtime::io::AsyncWriteExt;
    ///
    /// let (mut here, _there) = runtime::io::duplex(4);
    /// let mut message: &[u8] = b"abcdef";
    /// here.write_buf(&mut message).await?;
    /// assert_eq!(message, b"ef", "what is still to be written");
    /// # Ok(()) }
    /// ```
    #[track_caller]
    fn write_buf<'a, B>(&'a mut self, src: &'a mut B) -> WriteBuf<'a, Self, B>
    where
        Self: Sized + Unpin,
        B: Buf,
    {
        WriteBuf::new(self, src)
    }

    /// Writes all of `src`, advancing it as it is accepted.
    ///
    /// # Errors
    ///
    /// [`WriteZero`](std::io::ErrorKind::WriteZero) if the stream takes no more, otherwise
    /// the first error that it reports; `Interrupted` is tried again. `src` then begins
    /// with the first byte that was not written.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped before it is ready, `src` begins with the first byte that
    /// was not written: call again to go on.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// use bytes::Bytes;
    /// use runtime::io::AsyncWriteExt;
    ///
    /// let mut sink = Vec::new();
    /// let mut message = Bytes::from_static(b"hello");
    /// sink.write_all_buf(&mut message).await?;
    /// assert!(message.is_empty());
    /// # Ok(()) }
    /// ```
    #[track_caller]
    fn write_all_buf<'a, B>(&'a mut self, src: &'a mut B) -> WriteAllBuf<'a, Self, B>
    where
        Self: Sized + Unpin,
        B: Buf,
    {
        WriteAllBuf::new(self, src)
    }

    /// Writes all of `src`.
    ///
    /// # Errors
    ///
    /// [`WriteZero`](std::io::ErrorKind::WriteZero) if the stream takes no more, otherwise
    /// the first error that it reports; `Interrupted` is tried again. How much was written
    /// before an error is not known.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: a part of `src` may have been written, and another call would
    /// write it again. [`write_all_buf`](Self::write_all_buf) remembers.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// use runtime::io::AsyncWriteExt;
    ///
    /// let mut sink = Vec::new();
    /// sink.write_all(b"hello").await?;
    /// assert_eq!(sink, b"hello");
    /// # Ok(()) }
    /// ```
    #[track_caller]
    fn write_all<'a>(&'a mut self, src: &'a [u8]) -> WriteAll<'a, Self>
    where
        Self: Unpin,
    {
        WriteAll::new(self, src)
    }

    super::number::write_numbers! {
        write_u8 u8 to_be_bytes "an unsigned number of 8 bits";
        write_i8 i8 to_be_bytes "a signed number of 8 bits";
        write_u16 u16 to_be_bytes "an unsigned number of 16 bits, the most significant byte first";
        write_i16 i16 to_be_bytes "a signed number of 16 bits, the most significant byte first";
        write_u32 u32 to_be_bytes "an unsigned number of 32 bits, the most significant byte first";
        write_i32 i32 to_be_bytes "a signed number of 32 bits, the most significant byte first";
        write_u64 u64 to_be_bytes "an unsigned number of 64 bits, the most significant byte first";
        write_i64 i64 to_be_bytes "a signed number of 64 bits, the most significant byte first";
        write_u128 u128 to_be_bytes "an unsigned number of 128 bits, the most significant byte first";
        write_i128 i128 to_be_bytes "a signed number of 128 bits, the most significant byte first";
        write_f32 f32 to_be_bytes "a floating-point number of 32 bits, the most significant byte first";
        write_f64 f64 to_be_bytes "a floating-point number of 64 bits, the most significant byte first";
        write_u16_le u16 to_le_bytes "an unsigned number of 16 bits, the least significant byte first";
        write_i16_le i16 to_le_bytes "a signed number of 16 bits, the least significant byte first";
        write_u32_le u32 to_le_bytes "an unsigned number of 32 bits, the least significant byte first";
        write_i32_le i32 to_le_bytes "a signed number of 32 bits, the least significant byte first";
        write_u64_le u64 to_le_bytes "an unsigned number of 64 bits, the least significant byte first";
        write_i64_le i64 to_le_bytes "a signed number of 64 bits, the least significant byte first";
        write_u128_le u128 to_le_bytes "an unsigned number of 128 bits, the least significant byte first";
        write_i128_le i128 to_le_bytes "a signed number of 128 bits, the least significant byte first";
        write_f32_le f32 to_le_bytes "a floating-point number of 32 bits, the least significant byte first";
        write_f64_le f64 to_le_bytes "a floating-point number of 64 bits, the least significant byte first";
    }

    /// Sees to it that everything accepted so far is on its way and in no buffer of ours.
    ///
    /// # Errors
    ///
    /// Whatever the stream reports.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: what has left the buffer has left it, and the rest goes with the next
    /// call.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// use runtime::io::AsyncWriteExt;
    ///
    /// let (mut here, _there) = runtime::io::duplex(64);
    /// here.write_all(b"hello").await?;
    /// here.flush().await?;
    /// # Ok(()) }
    /// ```
    #[track_caller]
    fn flush(&mut self) -> Flush<'_, Self>
    where
        Self: Unpin,
    {
        Flush::new(self)
    }

    /// Flushes, then tells the peer that nothing more will be written.
    ///
    /// Calls `poll_close` of [`AsyncWrite`]. Reading remains possible where the stream is
    /// one of two directions, such as a socket's.
    ///
    /// # Errors
    ///
    /// Whatever the stream reports.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: it may be called again.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// use runtime::io::{AsyncReadExt, AsyncWriteExt};
    ///
    /// let (mut here, mut there) = runtime::io::duplex(64);
    /// here.shutdown().await?;
    /// assert_eq!(there.read(&mut [0; 8]).await?, 0, "there hears the end");
    ///
    /// there.write_all(b"still here").await?;
    /// assert_eq!(here.read(&mut [0; 16]).await?, 10, "the other direction is open");
    /// # Ok(()) }
    /// ```
    #[track_caller]
    fn shutdown(&mut self) -> Shutdown<'_, Self>
    where
        Self: Unpin,
    {
        Shutdown::new(self)
    }
}

impl<W: AsyncWrite + ?Sized> AsyncWriteExt for W {}
