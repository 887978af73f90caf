//! What a program calls on something it can read from.
//!
//! [`AsyncReadExt`] is implemented for every [`AsyncRead`]. Its methods do nothing but
//! make futures; the futures, and how they can go wrong, are in `read.rs`,
//! `read_to_end.rs`, `take.rs` and `chain.rs`.
//!
//! Two things surprise people who come from files. A read may be *short*: it returns what
//! has arrived, be it a single byte. A program that needs more asks again (or asks for
//! `read_exact`). And `Ok(0)` is not an error but the end of the stream: a loop that does
//! not look for it spins for ever.

use bytes::BufMut;
use futures_io::AsyncRead;

use super::chain::Chain;
use super::number::ReadNumber;
use super::read::{Read, ReadBuf, ReadExact};
use super::read_to_end::{ReadToEnd, ReadToString};
use super::take::Take;

/// Methods for reading bytes, on everything that is an [`AsyncRead`].
///
/// The names and the behaviour are those of Tokio's `AsyncReadExt`.
///
/// # Examples
///
/// ```
/// # #[runtime::main] async fn main() -> std::io::Result<()> {
/// use runtime::io::AsyncReadExt;
///
/// let mut source: &[u8] = b"length: 5, hello";
/// let mut head = [0; 8];
/// source.read_exact(&mut head).await?;
/// assert_eq!(&head, b"length: ");
///
/// let mut rest = String::new();
/// source.read_to_string(&mut rest).await?;
/// assert_eq!(rest, "5, hello");
/// # Ok(()) }
/// ```
pub trait AsyncReadExt: AsyncRead {
    /// Reads once, into `buf`, and returns how many bytes that gave.
    ///
    /// Waits until at least one byte is there, then takes as many as are there and fit.
    /// `Ok(0)` means that the stream has ended, or that `buf` is empty.
    ///
    /// # Errors
    ///
    /// Whatever the stream reports; then nothing was read.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: if the future is dropped before it is ready, no byte was read.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// use runtime::io::AsyncReadExt;
    ///
    /// let mut source: &[u8] = b"abc";
    /// let mut buf = [0; 16];
    /// assert_eq!(source.read(&mut buf).await?, 3);
    /// assert_eq!(source.read(&mut buf).await?, 0, "the end");
    /// # Ok(()) }
    /// ```
    #[track_caller]
    fn read<'a>(&'a mut self, buf: &'a mut [u8]) -> Read<'a, Self>
    where
        Self: Unpin,
    {
        Read::new(self, buf)
    }

    /// Reads once, appends what came to `buf`, and returns how many bytes that was.
    ///
    /// `Ok(0)` means that the stream has ended, or that `buf` has no room left. A
    /// `BytesMut` and a `Vec<u8>` make room by themselves. One call takes at most 8 KiB,
    /// and copies them once: to read straight into memory that has not been written yet
    /// would need unsafe code.
    ///
    /// # Errors
    ///
    /// Whatever the stream reports; then nothing was read.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: if the future is dropped before it is ready, no byte was read.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// use bytes::BytesMut;
    /// use runtime::io::AsyncReadExt;
    ///
    /// let mut source: &[u8] = b"abc";
    /// let mut buf = BytesMut::with_capacity(4096);
    /// while source.read_buf(&mut buf).await? > 0 {}
    /// assert_eq!(&buf[..], b"abc");
    /// # Ok(()) }
    /// ```
    #[track_caller]
    fn read_buf<'a, B>(&'a mut self, buf: &'a mut B) -> ReadBuf<'a, Self, B>
    where
        Self: Unpin,
        B: BufMut + ?Sized,
    {
        ReadBuf::new(self, buf)
    }

    /// Reads until `buf` is full, and returns its length.
    ///
    /// # Errors
    ///
    /// [`UnexpectedEof`](std::io::ErrorKind::UnexpectedEof) if the stream ends before
    /// that, otherwise whatever the stream reports; `Interrupted` is tried again. After
    /// an error it is not known how much of `buf` was written.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: what was read so far is in `buf`, but how much that is was known
    /// to the future alone. Keep the future, or count with [`read`](Self::read).
    ///
    /// # Examples
    ///
    /// ```
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// use runtime::io::{AsyncReadExt, ErrorKind};
    ///
    /// let mut source: &[u8] = b"abc";
    /// let mut two = [0; 2];
    /// assert_eq!(source.read_exact(&mut two).await?, 2);
    /// let error = source.read_exact(&mut two).await.unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
    /// # Ok(()) }
    /// ```
    #[track_caller]
    fn read_exact<'a>(&'a mut self, buf: &'a mut [u8]) -> ReadExact<'a, Self>
    where
        Self: Unpin,
    {
        ReadExact::new(self, buf)
    }

    /// Reads until the stream ends, appends everything to `buf`, and returns how many
    /// bytes that was.
    ///
    /// A peer that never stops sending fills the memory: put a
    /// [`take`](Self::take) in front of a stream that is not trusted.
    ///
    /// # Errors
    ///
    /// The first error that the stream reports, except `Interrupted`, which is tried
    /// again. What was read before it has been appended to `buf`.
    ///
    /// # Cancel safety
    ///
    /// What was read before the future was dropped has been appended to `buf`; the count
    /// is lost.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// use runtime::io::AsyncReadExt;
    ///
    /// let mut source: &[u8] = b"the rest";
    /// let mut buf = b"all ".to_vec();
    /// assert_eq!(source.read_to_end(&mut buf).await?, 8);
    /// assert_eq!(buf, b"all the rest");
    /// # Ok(()) }
    /// ```
    #[track_caller]
    fn read_to_end<'a>(&'a mut self, buf: &'a mut Vec<u8>) -> ReadToEnd<'a, Self>
    where
        Self: Unpin,
    {
        ReadToEnd::new(self, buf)
    }

    /// Reads until the stream ends, appends everything to `buf` as text, and returns how
    /// many bytes that was.
    ///
    /// # Errors
    ///
    /// [`InvalidData`](std::io::ErrorKind::InvalidData) if the bytes are not UTF-8,
    /// otherwise as [`read_to_end`](Self::read_to_end). After an error `buf` is as it was
    /// before the call.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: what was read is lost. `buf` is as it was before the call.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// use runtime::io::AsyncReadExt;
    ///
    /// let mut source: &[u8] = "grüß Gott".as_bytes();
    /// let mut text = String::new();
    /// assert_eq!(source.read_to_string(&mut text).await?, 11);
    /// assert_eq!(text, "grüß Gott");
    /// # Ok(()) }
    /// ```
    #[track_caller]
    fn read_to_string<'a>(&'a mut self, buf: &'a mut String) -> ReadToString<'a, Self>
    where
        Self: Unpin,
    {
        ReadToString::new(self, buf)
    }

    super::number::read_numbers! {
        read_u8 u8 from_be_bytes "an unsigned number of 8 bits";
        read_i8 i8 from_be_bytes "a signed number of 8 bits";
        read_u16 u16 from_be_bytes "an unsigned number of 16 bits, the most significant byte first";
        read_i16 i16 from_be_bytes "a signed number of 16 bits, the most significant byte first";
        read_u32 u32 from_be_bytes "an unsigned number of 32 bits, the most significant byte first";
        read_i32 i32 from_be_bytes "a signed number of 32 bits, the most significant byte first";
        read_u64 u64 from_be_bytes "an unsigned number of 64 bits, the most significant byte first";
        read_i64 i64 from_be_bytes "a signed number of 64 bits, the most significant byte first";
        read_u128 u128 from_be_bytes "an unsigned number of 128 bits, the most significant byte first";
        read_i128 i128 from_be_bytes "a signed number of 128 bits, the most significant byte first";
        read_f32 f32 from_be_bytes "a floating-point number of 32 bits, the most significant byte first";
        read_f64 f64 from_be_bytes "a floating-point number of 64 bits, the most significant byte first";
        read_u16_le u16 from_le_bytes "an unsigned number of 16 bits, the least significant byte first";
        read_i16_le i16 from_le_bytes "a signed number of 16 bits, the least significant byte first";
        read_u32_le u32 from_le_bytes "an unsigned number of 32 bits, the least significant byte first";
        read_i32_le i32 from_le_bytes "a signed number of 32 bits, the least significant byte first";
        read_u64_le u64 from_le_bytes "an unsigned number of 64 bits, the least significant byte first";
        read_i64_le i64 from_le_bytes "a signed number of 64 bits, the least significant byte first";
        read_u128_le u128 from_le_bytes "an unsigned number of 128 bits, the least significant byte first";
        read_i128_le i128 from_le_bytes "a signed number of 128 bits, the least significant byte first";
        read_f32_le f32 from_le_bytes "a floating-point number of 32 bits, the least significant byte first";
        read_f64_le f64 from_le_bytes "a floating-point number of 64 bits, the least significant byte first";
    }

    /// At most `limit` bytes of this stream, then the end.
    ///
    /// To go on with the stream afterwards, lend it: `(&mut stream).take(limit)`.
    fn take(self, limit: u64) -> Take<Self>
    where
        Self: Sized,
    {
        Take::new(self, limit)
    }

    /// This stream to its end, then `next`.
    fn chain<R>(self, next: R) -> Chain<Self, R>
    where
        Self: Sized,
        R: AsyncRead,
    {
        Chain::new(self, next)
    }
}

impl<R: AsyncRead + ?Sized> AsyncReadExt for R {}
