//! What a program calls on something that has places to go to.
//!
//! A stream is read and written at a *position*, counted in bytes from its beginning, which
//! moves on with what is read and written. Where it can be moved by hand as well, the stream is
//! an [`AsyncSeek`]: a file is, a socket is not.

use std::io::SeekFrom;

use futures_io::AsyncSeek;

use super::seek::Seek;

/// Methods for going to another place, on everything that is an [`AsyncSeek`].
///
/// The names and the behaviour are those of Tokio's `AsyncSeekExt`.
///
/// # Examples
///
/// ```
/// # #[runtime::main] async fn main() -> std::io::Result<()> {
/// use runtime::io::{AsyncReadExt, AsyncSeekExt, SeekFrom};
///
/// let mut text = futures_lite::io::Cursor::new("over and out");
/// text.seek(SeekFrom::End(-3)).await?;
/// let mut word = String::new();
/// text.read_to_string(&mut word).await?;
/// assert_eq!(word, "out");
/// # Ok(()) }
/// ```
pub trait AsyncSeekExt: AsyncSeek {
    /// Goes to `to`, and returns where that is, in bytes from the beginning.
    ///
    /// What has been written is written where it was meant to be. To go beyond the end is
    /// allowed; what happens there is the stream's affair (a file has zeros up to what is written
    /// there).
    ///
    /// # Errors
    ///
    /// For a place before the beginning, and whatever the stream reports.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped before it is ready, the stream may have gone or not.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// use runtime::io::{AsyncSeekExt, SeekFrom};
    ///
    /// let mut text = futures_lite::io::Cursor::new("abc");
    /// assert_eq!(text.seek(SeekFrom::Start(2)).await?, 2);
    /// assert_eq!(text.seek(SeekFrom::Current(-1)).await?, 1);
    /// assert!(text.seek(SeekFrom::Current(-2)).await.is_err());
    /// # Ok(()) }
    /// ```
    #[track_caller]
    fn seek(&mut self, to: SeekFrom) -> Seek<'_, Self>
    where
        Self: Unpin,
    {
        Seek::new(self, to)
    }

    /// Goes to the beginning.
    ///
    /// # Errors
    ///
    /// As [`seek`](AsyncSeekExt::seek).
    ///
    /// # Examples
    ///
    /// ```
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// use runtime::io::{AsyncSeekExt, SeekFrom};
    ///
    /// let mut text = futures_lite::io::Cursor::new("abc");
    /// text.seek(SeekFrom::End(0)).await?;
    /// assert_eq!(text.rewind().await?, 0);
    /// # Ok(()) }
    /// ```
    #[track_caller]
    fn rewind(&mut self) -> Seek<'_, Self>
    where
        Self: Unpin,
    {
        self.seek(SeekFrom::Start(0))
    }

    /// Where the stream is, in bytes from the beginning.
    ///
    /// # Errors
    ///
    /// As [`seek`](AsyncSeekExt::seek).
    ///
    /// # Examples
    ///
    /// ```
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// use runtime::io::{AsyncReadExt, AsyncSeekExt};
    ///
    /// let mut text = futures_lite::io::Cursor::new("abc");
    /// text.read_exact(&mut [0; 2]).await?;
    /// assert_eq!(text.stream_position().await?, 2);
    /// # Ok(()) }
    /// ```
    #[track_caller]
    fn stream_position(&mut self) -> Seek<'_, Self>
    where
        Self: Unpin,
    {
        self.seek(SeekFrom::Current(0))
    }
}

impl<S: AsyncSeek + ?Sized> AsyncSeekExt for S {}
