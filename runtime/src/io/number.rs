//! Numbers in binary formats: so many bytes, in one of two orders.
//!
//! *Big-endian* ("network order") writes the most significant byte first, as people write
//! digits; nearly every protocol of the internet does. *Little-endian* writes it last, as
//! today's processors keep numbers in memory. A number that is read in the wrong order is
//! another number, and no error tells: the format's description must.
//!
//! The lists at the end become methods of [`AsyncReadExt`](super::AsyncReadExt) and
//! [`AsyncWriteExt`](super::AsyncWriteExt): for each type of number one of either order.
//!
//! How it can go wrong: the bytes of a number may come in pieces, and the future keeps those
//! that have come. Dropping it loses them. A number of one byte comes whole or not at all.

use std::fmt;
use std::future::Future;
use std::io;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_io::{AsyncRead, AsyncWrite};

use super::interrupted;
use super::write::takes_no_more;
use crate::trace::with_line;

/// The future of `read_u8` and its kin.
#[must_use = "a future does nothing until it is awaited"]
pub struct ReadNumber<'a, R: ?Sized, T, const N: usize> {
    reader: &'a mut R,
    buf: [u8; N],
    /// How many bytes have come.
    filled: usize,
    /// From bytes, in the order of the format, to the number.
    number: fn([u8; N]) -> T,
    /// The line that made it.
    at: &'static Location<'static>,
}

impl<'a, R: ?Sized, T, const N: usize> ReadNumber<'a, R, T, N> {
    #[track_caller]
    pub(super) fn new(reader: &'a mut R, number: fn([u8; N]) -> T) -> Self {
        ReadNumber {
            reader,
            buf: [0; N],
            filled: 0,
            number,
            at: Location::caller(),
        }
    }
}

impl<R, T, const N: usize> Future for ReadNumber<'_, R, T, N>
where
    R: AsyncRead + Unpin + ?Sized,
{
    type Output = io::Result<T>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let me = &mut *self;
        with_line(me.at, || {
            while me.filled < N {
                let rest = &mut me.buf[me.filled..];
                let result = ready!(Pin::new(&mut *me.reader).poll_read(cx, rest));
                if interrupted(&result) {
                    continue;
                }
                match result? {
                    0 => return Poll::Ready(Err(ended_early(me.filled, N))),
                    n => me.filled += n,
                }
            }
            Poll::Ready(Ok((me.number)(me.buf)))
        })
    }
}

impl<R: ?Sized, T, const N: usize> fmt::Debug for ReadNumber<'_, R, T, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let come = &self.buf[..self.filled];
        f.debug_struct("ReadNumber")
            .field("come", &come)
            .finish_non_exhaustive()
    }
}

fn ended_early(filled: usize, wanted: usize) -> io::Error {
    let text = format!("the stream ended after {filled} of the {wanted} bytes of a number");
    io::Error::new(io::ErrorKind::UnexpectedEof, text)
}

/// The future of `write_u8` and its kin.
#[must_use = "a future does nothing until it is awaited"]
pub struct WriteNumber<'a, W: ?Sized, const N: usize> {
    writer: &'a mut W,
    bytes: [u8; N],
    /// How many bytes have been written.
    written: usize,
    /// The line that made it.
    at: &'static Location<'static>,
}

impl<'a, W: ?Sized, const N: usize> WriteNumber<'a, W, N> {
    #[track_caller]
    pub(super) fn new(writer: &'a mut W, bytes: [u8; N]) -> Self {
        WriteNumber {
            writer,
            bytes,
            written: 0,
            at: Location::caller(),
        }
    }
}

impl<W, const N: usize> Future for WriteNumber<'_, W, N>
where
    W: AsyncWrite + Unpin + ?Sized,
{
    type Output = io::Result<()>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let me = &mut *self;
        with_line(me.at, || {
            while me.written < N {
                let rest = &me.bytes[me.written..];
                let result = ready!(Pin::new(&mut *me.writer).poll_write(cx, rest));
                if interrupted(&result) {
                    continue;
                }
                match result? {
                    0 => return Poll::Ready(Err(takes_no_more(rest.len()))),
                    n => me.written += n,
                }
            }
            Poll::Ready(Ok(()))
        })
    }
}

impl<W: ?Sized, const N: usize> fmt::Debug for WriteNumber<'_, W, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rest = &self.bytes[self.written..];
        f.debug_struct("WriteNumber")
            .field("rest", &rest)
            .finish_non_exhaustive()
    }
}

/// One method of `AsyncReadExt` a line: its name, the number, how it is made of bytes, and how
/// the documentation calls it.
macro_rules! read_numbers {
    ($($method:ident $type:ident $from:ident $what:literal;)*) => {$(
        #[doc = concat!("Reads ", $what, ".")]
        ///
        /// # Errors
        ///
        /// [`UnexpectedEof`](std::io::ErrorKind::UnexpectedEof) if the stream ends before all
        /// bytes have come, otherwise whatever the stream reports; `Interrupted` is tried again.
        ///
        /// # Cancel safety
        ///
        /// Not cancel safe, if it has more than one byte: those that have come are lost.
        ///
        /// # Examples
        ///
        /// ```
        /// # #[runtime::main] async fn main() -> std::io::Result<()> {
        /// use runtime::io::AsyncReadExt;
        ///
        #[doc = concat!("let mut source: &[u8] = &[1; size_of::<", stringify!($type), ">()];")]
        #[doc = concat!("let number = source.", stringify!($method), "().await?;")]
        #[doc = concat!("assert_eq!(number, ", stringify!($type), "::", stringify!($from),
            "([1; size_of::<", stringify!($type), ">()]));")]
        /// # Ok(()) }
        /// ```
        #[track_caller]
        fn $method(&mut self) -> ReadNumber<'_, Self, $type, { size_of::<$type>() }>
        where
            Self: Unpin,
        {
            ReadNumber::new(self, $type::$from)
        }
    )*};
}
pub(super) use read_numbers;

/// The same for `AsyncWriteExt`.
macro_rules! write_numbers {
    ($($method:ident $type:ident $to:ident $what:literal;)*) => {$(
        #[doc = concat!("Writes ", $what, ".")]
        ///
        /// # Errors
        ///
        /// [`WriteZero`](std::io::ErrorKind::WriteZero) if the stream takes no more, otherwise
        /// whatever it reports; `Interrupted` is tried again.
        ///
        /// # Cancel safety
        ///
        /// Not cancel safe, if it has more than one byte: some may have been written.
        ///
        /// # Examples
        ///
        /// ```
        /// # #[runtime::main] async fn main() -> std::io::Result<()> {
        /// use runtime::io::AsyncWriteExt;
        ///
        /// let mut target = Vec::new();
        #[doc = concat!("target.", stringify!($method), "(7 as ", stringify!($type), ").await?;")]
        #[doc = concat!("assert_eq!(target, (7 as ", stringify!($type), ").", stringify!($to), "());")]
        /// # Ok(()) }
        /// ```
        #[track_caller]
        fn $method(&mut self, number: $type) -> WriteNumber<'_, Self, { size_of::<$type>() }>
        where
            Self: Unpin,
        {
            WriteNumber::new(self, number.$to())
        }
    )*};
}
pub(super) use write_numbers;
