//! One stream in two hands: a half that reads and a half that writes.
//!
//! `read` and `write` both borrow their stream mutably, so one task that reads and another
//! that writes cannot share it as it is. [`split`] puts it behind a counted pointer and
//! gives out two halves, each of which borrows it for the length of one poll.
//!
//! The two halves may wait in two tasks at once. Each passes on the waker of its own task,
//! and a stream keeps a reader's waker and a writer's apart; so each is woken for what it
//! waits for.
//!
//! How it can go wrong: a stream whose poll method polls the other half of itself would
//! find it borrowed. On one thread that cannot be waited out, so it panics and says so.
//!
//! A stream that is dropped is closed, and a half is not: the stream lives until both
//! halves are gone. To tell the peer that nothing more comes, call `shutdown` on the
//! writing half.

use std::cell::{RefCell, RefMut};
use std::fmt;
use std::io::{self, IoSlice, IoSliceMut};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use futures_io::{AsyncRead, AsyncWrite};

/// Splits a stream into a half that reads and a half that writes.
///
/// Works for every stream. `TcpStream::into_split` does the same for one kind without
/// the borrow.
///
/// # Examples
///
/// ```
/// # #[runtime::main] async fn main() -> std::io::Result<()> {
/// use runtime::io::{AsyncReadExt, AsyncWriteExt};
///
/// let (stream, mut peer) = runtime::io::duplex(64);
/// let (mut reader, mut writer) = runtime::io::split(stream);
///
/// writer.write_all(b"ping").await?;
/// peer.write_all(b"pong").await?;
/// let mut buf = [0; 4];
/// reader.read_exact(&mut buf).await?;
/// assert_eq!(&buf, b"pong");
///
/// let _stream = reader.unsplit(writer);
/// # Ok(()) }
/// ```
pub fn split<T>(stream: T) -> (ReadHalf<T>, WriteHalf<T>)
where
    T: AsyncRead + AsyncWrite,
{
    let shared = Shared(Rc::new(RefCell::new(Box::pin(stream))));
    (
        ReadHalf {
            shared: shared.clone(),
        },
        WriteHalf { shared },
    )
}

/// The half that reads, made by [`split`]. Its methods come from
/// [`AsyncReadExt`](super::AsyncReadExt).
pub struct ReadHalf<T> {
    shared: Shared<T>,
}

/// The half that writes, made by [`split`]. Its methods come from
/// [`AsyncWriteExt`](super::AsyncWriteExt).
pub struct WriteHalf<T> {
    shared: Shared<T>,
}

impl<T> ReadHalf<T> {
    /// Whether the two halves are of the same stream.
    ///
    /// # Examples
    ///
    /// ```
    /// let (left, right) = runtime::io::duplex(64);
    /// let (left_reader, left_writer) = runtime::io::split(left);
    /// let (_, right_writer) = runtime::io::split(right);
    /// assert!(left_reader.is_pair_of(&left_writer));
    /// assert!(!left_reader.is_pair_of(&right_writer));
    /// ```
    pub fn is_pair_of(&self, other: &WriteHalf<T>) -> bool {
        other.is_pair_of(self)
    }

    /// Puts the two halves together again.
    ///
    /// # Panics
    ///
    /// If they are not of the same stream; [`is_pair_of`](Self::is_pair_of) tells.
    ///
    /// # Examples
    ///
    /// ```
    /// let (stream, _peer) = runtime::io::duplex(64);
    /// let (reader, writer) = runtime::io::split(stream);
    /// let _stream: runtime::io::DuplexStream = reader.unsplit(writer);
    /// ```
    #[track_caller]
    pub fn unsplit(self, wr: WriteHalf<T>) -> T
    where
        T: Unpin,
    {
        assert!(
            self.is_pair_of(&wr),
            "unsplit was given halves of two different streams"
        );
        drop(wr);
        let Ok(stream) = Rc::try_unwrap(self.shared.0) else {
            unreachable!("the two halves are the only owners, and one is gone")
        };
        *Pin::into_inner(stream.into_inner())
    }
}

impl<T> WriteHalf<T> {
    /// Whether the two halves are of the same stream, as [`ReadHalf::is_pair_of`].
    ///
    /// ```
    /// let (stream, _peer) = runtime::io::duplex(64);
    /// let (reader, writer) = runtime::io::split(stream);
    /// assert!(writer.is_pair_of(&reader));
    /// ```
    pub fn is_pair_of(&self, other: &ReadHalf<T>) -> bool {
        Rc::ptr_eq(&self.shared.0, &other.shared.0)
    }
}

impl<T: AsyncRead> AsyncRead for ReadHalf<T> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        self.shared.borrow().as_mut().poll_read(cx, buf)
    }

    fn poll_read_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &mut [IoSliceMut<'_>],
    ) -> Poll<io::Result<usize>> {
        self.shared.borrow().as_mut().poll_read_vectored(cx, bufs)
    }
}

impl<T: AsyncWrite> AsyncWrite for WriteHalf<T> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        src: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.shared.borrow().as_mut().poll_write(cx, src)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.shared.borrow().as_mut().poll_write_vectored(cx, bufs)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.shared.borrow().as_mut().poll_flush(cx)
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.shared.borrow().as_mut().poll_close(cx)
    }
}

impl<T: fmt::Debug> fmt::Debug for ReadHalf<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadHalf")
            .field("stream", &self.shared.0)
            .finish()
    }
}

impl<T: fmt::Debug> fmt::Debug for WriteHalf<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WriteHalf")
            .field("stream", &self.shared.0)
            .finish()
    }
}

/// The stream, in a box of its own because it may be one that must not move.
struct Shared<T>(Rc<RefCell<Pin<Box<T>>>>);

impl<T> Shared<T> {
    fn borrow(&self) -> RefMut<'_, Pin<Box<T>>> {
        let busy = "a stream's poll method polled the other half of the stream it is in";
        self.0.try_borrow_mut().expect(busy)
    }
}

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Shared(self.0.clone())
    }
}
