//! A stream in memory that goes one way: what is written is what is read.
//!
//! A [`duplex`](super::duplex()) has two pipes and two ends that talk to each other. This is one
//! pipe: what is written to it is read from it. Split into its two halves it connects the part
//! of a program that writes with the part that reads.
//!
//! How it can go wrong: *one task writes more than fits, and then reads.* The write waits for a
//! read that never begins.

use std::fmt;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_io::{AsyncRead, AsyncWrite};

use super::pipe::Pipe;
use super::{ReadHalf, WriteHalf, split};

/// Makes the two halves of a stream that goes one way and holds at most `max_buf_size` bytes.
///
/// The reader sees the end when the writer has shut down, not when it is dropped: a half
/// that is dropped does not close the stream, of which the other half is still a part.
///
/// # Panics
///
/// If `max_buf_size` is 0: nothing could ever be written.
///
/// # Examples
///
/// ```
/// # #[runtime::main] async fn main() -> std::io::Result<()> {
/// use runtime::io::{AsyncReadExt, AsyncWriteExt};
///
/// let (mut reader, mut writer) = runtime::io::simplex(64);
/// writer.write_all(b"hello").await?;
/// writer.shutdown().await?;
/// let mut text = String::new();
/// reader.read_to_string(&mut text).await?;
/// assert_eq!(text, "hello");
/// # Ok(()) }
/// ```
#[track_caller]
pub fn simplex(max_buf_size: usize) -> (ReadHalf<SimplexStream>, WriteHalf<SimplexStream>) {
    split(SimplexStream::new_unsplit(max_buf_size))
}

/// A stream that reads as what is written to it; made by [`simplex`].
///
/// # Examples
///
/// ```
/// # #[runtime::main] async fn main() -> std::io::Result<()> {
/// use runtime::io::{AsyncReadExt, AsyncWriteExt, SimplexStream};
///
/// let mut stream = SimplexStream::new_unsplit(64);
/// stream.write_all(b"hello").await?;
/// let mut buf = [0; 5];
/// stream.read_exact(&mut buf).await?;
/// assert_eq!(&buf, b"hello");
/// # Ok(()) }
/// ```
pub struct SimplexStream {
    pipe: Pipe,
}

impl SimplexStream {
    /// A stream in one piece that holds at most `max_buf_size` bytes.
    ///
    /// # Panics
    ///
    /// If `max_buf_size` is 0.
    #[track_caller]
    pub fn new_unsplit(max_buf_size: usize) -> SimplexStream {
        assert!(
            max_buf_size > 0,
            "a simplex stream of 0 bytes could carry none: max_buf_size must be at least 1"
        );
        let pipe = Pipe::new(max_buf_size);
        SimplexStream { pipe }
    }
}

impl AsyncRead for SimplexStream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        self.pipe.poll_read(cx, buf)
    }
}

impl AsyncWrite for SimplexStream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        src: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.pipe.poll_write(cx, &[IoSlice::new(src)])
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.pipe.poll_write(cx, bufs)
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.pipe.no_more_writes();
        Poll::Ready(Ok(()))
    }
}

impl fmt::Debug for SimplexStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SimplexStream")
            .field("pipe", &self.pipe)
            .finish()
    }
}
