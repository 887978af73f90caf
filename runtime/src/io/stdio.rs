//! The standard streams of the process: input, output, errors.
//!
//! Each may be a terminal, a pipe or a file. The operating system cannot tell for all of these
//! when they are ready; so they are read and written on the blocking pool. Each handle is a
//! [`BlockingIo`] of its own. Beneath it is the standard library's stream, with the
//! lock and the buffer that the whole process shares.
//!
//! How it can go wrong:
//!
//! * What was written is on its way to the stream, not there: without `flush` a program that
//!   ends loses the end of what it said. (A runtime that is dropped waits for writes, but what
//!   the standard library still has in its buffer is a line that was not ended.)
//! * A read of input cannot be stopped. A runtime that is dropped while a thread reads waits until
//!   the user has pressed Enter; `shutdown_background` does not.
//! * Two tasks that write through handles of their own may have their pieces mixed, one piece
//!   being at most what one write took.

use std::io::{self, IoSlice, Read, SeekFrom, Write};
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_io::{AsyncRead, AsyncWrite};

use crate::base::simulated::is_simulated;
use crate::blocking::{BlockingIo, Device};

/// A simulation would stand still until a line is typed.
const NO_INPUT: &str =
    "a simulated host has no standard input: have the program read from any `AsyncRead`";

/// A handle to the standard input of the process. (A host of a [simulation](crate::sim) has none: to read is an error.)
///
/// Meant for input that a program reads to its end. For one that a user types, a thread of its own
/// that reads lines and sends them is better: the read that waits for the next line holds up the
/// end of the runtime, as in Tokio.
///
/// # Panics
///
/// Reading panics if there is no runtime on this thread.
///
/// ```no_run
/// # #[runtime::main] async fn main() -> std::io::Result<()> {
/// use runtime::io::{AsyncBufReadExt, BufReader, stdin};
///
/// let mut lines = BufReader::new(stdin()).lines();
/// while let Some(line) = lines.next_line().await? {
///     println!("{line}");
/// }
/// # Ok(()) }
/// ```
pub fn stdin() -> Stdin {
    Stdin(BlockingIo::new(Input))
}

/// A handle to the standard output of the process: see the heading of [`Stdout`].
///
/// ```
/// # #[runtime::main] async fn main() -> std::io::Result<()> {
/// use runtime::io::{AsyncWriteExt, stdout};
///
/// let mut out = stdout();
/// out.write_all(b"hello\n").await?;
/// out.flush().await?;
/// # Ok(()) }
/// ```
pub fn stdout() -> Stdout {
    Stdout(BlockingIo::new(Output))
}

/// A handle to the standard error stream of the process: see the heading of [`Stderr`].
pub fn stderr() -> Stderr {
    Stderr(BlockingIo::new(Errors))
}

/// The standard input, made by [`stdin`].
///
/// # Cancel safety
///
/// A read that is given up goes on, and the next read of the *same handle* has its bytes. With the
/// handle they are lost.
#[derive(Debug)]
pub struct Stdin(BlockingIo<Input>);

/// The standard output, made by [`stdout`].
///
/// A write takes the bytes, sends them to a thread of the pool and is done. Only `flush` knows that
/// they have arrived; call it before the program ends.
///
/// # Panics
///
/// Writing panics if there is no runtime on this thread.
#[derive(Debug)]
pub struct Stdout(BlockingIo<Output>);

/// The standard error stream, made by [`stderr`].
///
/// As [`Stdout`]; there is no buffer beneath it, but `flush` is still what waits for the thread.
///
/// # Panics
///
/// Writing panics if there is no runtime on this thread.
#[derive(Debug)]
pub struct Stderr(BlockingIo<Errors>);

impl AsyncRead for Stdin {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        if is_simulated() {
            return Poll::Ready(Err(io::Error::new(io::ErrorKind::Unsupported, NO_INPUT)));
        }
        self.0.poll_read(cx, into)
    }
}

macro_rules! written {
    ($stream:ident) => {
        impl AsyncWrite for $stream {
            fn poll_write(
                mut self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                bytes: &[u8],
            ) -> Poll<io::Result<usize>> {
                self.0.poll_write(cx, &[IoSlice::new(bytes)])
            }

            fn poll_write_vectored(
                mut self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                slices: &[IoSlice<'_>],
            ) -> Poll<io::Result<usize>> {
                self.0.poll_write(cx, slices)
            }

            fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
                self.0.poll_flush(cx)
            }

            fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
                self.0.poll_flush(cx)
            }
        }
    };
}

written!(Stdout);
written!(Stderr);

macro_rules! descriptor {
    ($stream:ident, $lent:ident) => {
        #[cfg(unix)]
        impl std::os::fd::AsFd for $stream {
            fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
                rustix::stdio::$lent()
            }
        }

        #[cfg(unix)]
        impl std::os::fd::AsRawFd for $stream {
            fn as_raw_fd(&self) -> std::os::fd::RawFd {
                std::os::fd::AsFd::as_fd(self).as_raw_fd()
            }
        }
    };
}

descriptor!(Stdin, stdin);
descriptor!(Stdout, stdout);
descriptor!(Stderr, stderr);

// What a thread of the pool does with each of them.

#[derive(Clone, Copy, Debug)]
struct Input;

#[derive(Clone, Copy, Debug)]
struct Output;

#[derive(Clone, Copy, Debug)]
struct Errors;

impl Device for Input {
    const BUFFERS: bool = false;

    fn read(&self, into: &mut [u8]) -> io::Result<usize> {
        io::stdin().read(into)
    }

    fn write_all(&self, _: &[u8]) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn flush(&self) -> io::Result<()> {
        Ok(())
    }

    fn seek(&self, _: SeekFrom) -> io::Result<u64> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

macro_rules! output {
    ($device:ident, $std:path) => {
        impl Device for $device {
            const BUFFERS: bool = true;

            fn read(&self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::ErrorKind::Unsupported.into())
            }

            fn write_all(&self, bytes: &[u8]) -> io::Result<()> {
                $std().write_all(bytes)
            }

            fn flush(&self) -> io::Result<()> {
                $std().flush()
            }

            fn seek(&self, _: SeekFrom) -> io::Result<u64> {
                Err(io::ErrorKind::Unsupported.into())
            }
        }
    };
}

output!(Output, io::stdout);
output!(Errors, io::stderr);
