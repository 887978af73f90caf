//! The two directions of a Unix connection, borrowed or owned; `net/half.rs` tells what they are.

use std::io;
use std::rc::Rc;

use super::addr::SocketAddr;
use super::stream::UnixStream;
use crate::net::half::owned::{self, Ending, into_split};
use crate::net::half::{End, Reader, Stream, Writer, split};
use crate::reactor::Registration;

/// The reading direction of a [`UnixStream`]; made by [`UnixStream::split`].
pub type ReadHalf<'a> = Reader<&'a UnixStream>;

/// The writing direction of a [`UnixStream`]; made by [`UnixStream::split`]. Dropping it does
/// nothing.
pub type WriteHalf<'a> = Writer<&'a UnixStream>;

/// The reading direction of a [`UnixStream`]; made by [`UnixStream::into_split`].
pub type OwnedReadHalf = Reader<Rc<UnixStream>>;

/// The writing direction of a [`UnixStream`]; made by [`UnixStream::into_split`].
///
/// Dropping it ends that direction: the peer reads the end of the stream. To drop it without,
/// [`forget`](Writer::forget) it.
pub type OwnedWriteHalf = Writer<Ending<UnixStream>>;

/// Two halves were not of one stream; it gives them back.
pub type ReuniteError = owned::ReuniteError<UnixStream>;

impl UnixStream {
    /// The two directions, borrowed: one may be read while the other is written.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # use runtime::io::{AsyncReadExt, AsyncWriteExt};
    /// # let (mut near, mut far) = runtime::net::UnixStream::pair()?;
    /// far.write_all(b"x").await?;
    /// let (mut read, mut write) = near.split();
    /// let mut buffer = [0; 1];
    /// let (wrote, got) = runtime::join!(write.write_all(b"y"), read.read(&mut buffer));
    /// assert_eq!((wrote.is_ok(), got?), (true, 1));
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn split(&mut self) -> (ReadHalf<'_>, WriteHalf<'_>) {
        split(self)
    }

    /// The two directions, each of which may go to another task.
    ///
    /// Dropping the write half ends that direction: the peer reads the end of the stream.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # use runtime::io::AsyncReadExt;
    /// # let (near, mut far) = runtime::net::UnixStream::pair()?;
    /// let (_read, write) = near.into_split();
    /// drop(write);
    /// assert_eq!(far.read(&mut [0; 1]).await?, 0);
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn into_split(self) -> (OwnedReadHalf, OwnedWriteHalf) {
        into_split(self)
    }
}

#[allow(private_interfaces, reason = "sealed; see the trait")]
impl Stream for UnixStream {
    type Addr = SocketAddr;
    type Io = mio::net::UnixStream;

    fn registration(&self) -> &Registration<mio::net::UnixStream> {
        &self.registration
    }

    fn addr_of(&self, end: End) -> io::Result<SocketAddr> {
        match end {
            End::Local => self.local_addr(),
            End::Peer => self.peer_addr(),
        }
    }

    fn shut_down_write(&self) -> io::Result<()> {
        UnixStream::shut_down_write(self)
    }
}
