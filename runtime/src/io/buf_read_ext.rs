//! What a program calls on something that has a buffer to read from.
//!
//! [`AsyncBufReadExt`] is implemented for every [`AsyncBufRead`]: a
//! [`BufReader`](super::BufReader) around any stream, or a slice of bytes. Its methods do
//! nothing but make futures; those are in `until.rs`, `lines.rs` and `fill_buf.rs`.

use std::pin::Pin;

use futures_io::AsyncBufRead;

use super::fill_buf::FillBuf;
use super::lines::{Lines, Split};
use super::until::{ReadLine, ReadUntil};

/// Methods for reading lines and other delimited bytes, on everything that is an
/// [`AsyncBufRead`].
///
/// The names and the behaviour are those of Tokio's `AsyncBufReadExt`.
///
/// # Examples
///
/// ```
/// # #[runtime::main] async fn main() -> std::io::Result<()> {
/// use runtime::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
///
/// let (mut client, server) = runtime::io::duplex(64);
/// client.write_all(b"one\ntwo\n").await?;
/// drop(client);
///
/// let mut lines = BufReader::new(server).lines();
/// assert_eq!(lines.next_line().await?.as_deref(), Some("one"));
/// assert_eq!(lines.next_line().await?.as_deref(), Some("two"));
/// assert_eq!(lines.next_line().await?, None);
/// # Ok(()) }
/// ```
pub trait AsyncBufReadExt: AsyncBufRead {
    /// Reads up to and including the byte `byte`, appends that to `buf`, and returns how
    /// many bytes it was.
    ///
    /// If the stream ends first, what came is appended without a delimiter; `Ok(0)` means
    /// that nothing came. A peer that never sends the delimiter fills the memory: put a
    /// [`take`](super::AsyncReadExt::take) in front of a stream that is not trusted.
    ///
    /// # Errors
    ///
    /// The first error that the stream reports, except `Interrupted`, which is tried
    /// again. What came before it has been appended to `buf`.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped before it is ready, what came so far is in `buf`: call
    /// again with the same `buf` to go on. The count begins anew.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// use runtime::io::AsyncBufReadExt;
    ///
    /// let mut source: &[u8] = b"name=value";
    /// let mut buf = Vec::new();
    /// assert_eq!(source.read_until(b'=', &mut buf).await?, 5);
    /// assert_eq!(buf, b"name=");
    /// # Ok(()) }
    /// ```
    #[track_caller]
    fn read_until<'a>(&'a mut self, byte: u8, buf: &'a mut Vec<u8>) -> ReadUntil<'a, Self>
    where
        Self: Unpin,
    {
        ReadUntil::new(self, byte, buf)
    }

    /// Reads up to and including a line feed, appends that to `buf` as text, and returns
    /// how many bytes it was.
    ///
    /// If the stream ends first, what came is appended without a line feed; `Ok(0)` means
    /// that nothing came.
    ///
    /// # Errors
    ///
    /// [`InvalidData`](std::io::ErrorKind::InvalidData) if the line is not UTF-8: the line
    /// is gone from the stream, and `buf` is as it was. Otherwise as
    /// [`read_until`](Self::read_until); what came before an error is appended if it is
    /// UTF-8.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: if the future is dropped before it is ready, what came of the line
    /// is lost (`buf` is as it was before the call). [`lines`](Self::lines) and
    /// [`read_until`](Self::read_until) lose nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// use runtime::io::AsyncBufReadExt;
    ///
    /// let mut source: &[u8] = b"first\nsecond";
    /// let mut line = String::new();
    /// assert_eq!(source.read_line(&mut line).await?, 6);
    /// assert_eq!(line, "first\n");
    ///
    /// line.clear();
    /// assert_eq!(source.read_line(&mut line).await?, 6);
    /// assert_eq!(line, "second", "the last line need not end with a line feed");
    /// assert_eq!(source.read_line(&mut line).await?, 0);
    /// # Ok(()) }
    /// ```
    #[track_caller]
    fn read_line<'a>(&'a mut self, buf: &'a mut String) -> ReadLine<'a, Self>
    where
        Self: Unpin,
    {
        ReadLine::new(self, buf)
    }

    /// The pieces of this stream between one delimiter `byte` and the next.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// use runtime::io::{AsyncBufReadExt, BufReader};
    ///
    /// let source: &[u8] = b"a,,b";
    /// let mut fields = BufReader::new(source).split(b',');
    /// let mut seen = Vec::new();
    /// while let Some(field) = fields.next_segment().await? {
    ///     seen.push(field);
    /// }
    /// assert_eq!(seen, [&b"a"[..], b"", b"b"]);
    /// # Ok(()) }
    /// ```
    fn split(self, byte: u8) -> Split<Self>
    where
        Self: Sized + Unpin,
    {
        Split::new(self, byte)
    }

    /// The buffer's content, filled from the stream first if it was empty.
    ///
    /// An empty slice means that the stream has ended. What has been dealt with is to be
    /// [`consume`](Self::consume)d; the rest comes again with the next call.
    ///
    /// # Errors
    ///
    /// Whatever the stream reports.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: nothing is taken out of the buffer.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// use runtime::io::AsyncBufReadExt;
    ///
    /// let mut source: &[u8] = b"   indented";
    /// let spaces = source.fill_buf().await?.iter().take_while(|&&b| b == b' ').count();
    /// source.consume(spaces);
    /// assert_eq!(source.fill_buf().await?, b"indented");
    /// # Ok(()) }
    /// ```
    #[track_caller]
    fn fill_buf(&mut self) -> FillBuf<'_, Self>
    where
        Self: Unpin,
    {
        FillBuf::new(self)
    }

    /// Takes `amt` bytes out of the buffer that [`fill_buf`](Self::fill_buf) lent.
    ///
    /// Some readers panic if `amt` is more than it held. See
    /// [`fill_buf`](Self::fill_buf) for an example.
    fn consume(&mut self, amt: usize)
    where
        Self: Unpin,
    {
        AsyncBufRead::consume(Pin::new(self), amt);
    }

    /// The lines of this stream, as strings without their line ends.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// use runtime::io::AsyncBufReadExt;
    ///
    /// let source: &[u8] = b"one\r\ntwo\n\nfour";
    /// let mut lines = source.lines();
    /// let mut seen = Vec::new();
    /// while let Some(line) = lines.next_line().await? {
    ///     seen.push(line);
    /// }
    /// assert_eq!(seen, ["one", "two", "", "four"]);
    /// # Ok(()) }
    /// ```
    fn lines(self) -> Lines<Self>
    where
        Self: Sized,
    {
        Lines::new(self)
    }
}

impl<R: AsyncBufRead + ?Sized> AsyncBufReadExt for R {}
