//! Streams without content: nothing to read, and nothing kept of what is written.
//!
//! They stand where an interface asks for a stream and there is none: a body that is empty, a log
//! that is not kept.
//!
//! How it can go wrong: they are ready at all times, and a loop over something that is always
//! ready never gives the thread back. So each operation spends a unit of the task's budget.

use std::fmt;
use std::io::{self, IoSlice, SeekFrom};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_io::{AsyncBufRead, AsyncRead, AsyncSeek, AsyncWrite};

use crate::machine::coop;

/// A stream that has ended before it began, and accepts everything that is written to it.
///
/// # Examples
///
/// ```
/// # #[runtime::main] async fn main() -> std::io::Result<()> {
/// use runtime::io::{AsyncReadExt, empty};
///
/// let mut text = String::new();
/// assert_eq!(empty().read_to_string(&mut text).await?, 0);
/// # Ok(()) }
/// ```
pub fn empty() -> Empty {
    Empty { _private: () }
}

/// A writer that accepts everything and keeps nothing.
///
/// # Examples
///
/// ```
/// # #[runtime::main] async fn main() -> std::io::Result<()> {
/// let mut source: &[u8] = b"unwanted";
/// assert_eq!(runtime::io::copy(&mut source, &mut runtime::io::sink()).await?, 8);
/// # Ok(()) }
/// ```
pub fn sink() -> Sink {
    Sink { _private: () }
}

/// A reader that reads as one byte, without end.
///
/// # Examples
///
/// ```
/// # #[runtime::main] async fn main() -> std::io::Result<()> {
/// use runtime::io::{AsyncReadExt, repeat};
///
/// let mut buf = [0; 3];
/// repeat(7).read_exact(&mut buf).await?;
/// assert_eq!(buf, [7, 7, 7]);
/// # Ok(()) }
/// ```
pub fn repeat(byte: u8) -> Repeat {
    Repeat { byte }
}

/// Made by [`empty`].
pub struct Empty {
    _private: (),
}

/// Made by [`sink`].
pub struct Sink {
    _private: (),
}

/// Made by [`repeat`].
#[derive(Debug)]
pub struct Repeat {
    byte: u8,
}

impl AsyncRead for Empty {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        _: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        done(cx, 0)
    }
}

impl AsyncBufRead for Empty {
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        done(cx, &[])
    }

    fn consume(self: Pin<&mut Self>, _: usize) {}
}

impl AsyncSeek for Empty {
    fn poll_seek(self: Pin<&mut Self>, cx: &mut Context<'_>, _: SeekFrom) -> Poll<io::Result<u64>> {
        done(cx, 0)
    }
}

impl AsyncRead for Repeat {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let n = ready!(done(cx, buf.len()))?;
        buf.fill(self.byte);
        Poll::Ready(Ok(n))
    }
}

/// Accepts everything.
macro_rules! accept {
    ($type:ty) => {
        impl AsyncWrite for $type {
            fn poll_write(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                src: &[u8],
            ) -> Poll<io::Result<usize>> {
                done(cx, src.len())
            }

            fn poll_write_vectored(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                bufs: &[IoSlice<'_>],
            ) -> Poll<io::Result<usize>> {
                done(cx, bufs.iter().map(|buf| buf.len()).sum())
            }

            fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
                done(cx, ())
            }

            fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
                done(cx, ())
            }
        }

        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($type)).finish_non_exhaustive()
            }
        }
    };
}

accept!(Empty);
accept!(Sink);

/// Ready, for a unit of the budget.
fn done<T>(cx: &mut Context<'_>, answer: T) -> Poll<io::Result<T>> {
    ready!(coop::poll_proceed(cx)).made_progress();
    Poll::Ready(Ok(answer))
}
