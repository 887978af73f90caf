//! The two directions of a TCP connection, borrowed or owned; `net/half.rs` tells what they are.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::ops::Deref;
use std::rc::Rc;

use super::TcpStream;
use crate::net::half::owned::{self, Ending, into_split};
use crate::net::half::{End, Reader, Stream, Writer, split};
use crate::reactor::Registration;

/// The reading direction of a [`TcpStream`]; made by [`TcpStream::split`].
pub type ReadHalf<'a> = Reader<&'a TcpStream>;

/// The writing direction of a [`TcpStream`]; made by [`TcpStream::split`]. Dropping it does
/// nothing.
pub type WriteHalf<'a> = Writer<&'a TcpStream>;

/// The reading direction of a [`TcpStream`]; made by [`TcpStream::into_split`].
pub type OwnedReadHalf = Reader<Rc<TcpStream>>;

/// The writing direction of a [`TcpStream`]; made by [`TcpStream::into_split`].
///
/// Dropping it ends that direction: the peer reads the end of the stream. To drop it without,
/// [`forget`](Writer::forget) it.
pub type OwnedWriteHalf = Writer<Ending<TcpStream>>;

/// Two halves were not of one stream; it gives them back.
pub type ReuniteError = owned::ReuniteError<TcpStream>;

impl TcpStream {
    /// The two directions, borrowed: one may be read while the other is written.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # use runtime::{io::{AsyncReadExt, AsyncWriteExt}, net::{TcpListener, TcpStream}};
    /// # let listener = TcpListener::bind("127.0.0.1:0").await?;
    /// # let mut stream = TcpStream::connect(listener.local_addr()?).await?;
    /// # let (mut peer, _) = listener.accept().await?;
    /// # peer.write_all(b"x").await?;
    /// let (mut read, mut write) = stream.split();
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
    /// # let listener = runtime::net::TcpListener::bind("127.0.0.1:0").await?;
    /// # let stream = runtime::net::TcpStream::connect(listener.local_addr()?).await?;
    /// let (read, write) = stream.into_split();
    /// let stream = read.reunite(write).unwrap();
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn into_split(self) -> (OwnedReadHalf, OwnedWriteHalf) {
        into_split(self)
    }
}

impl<H: Deref<Target = TcpStream>> Reader<H> {
    /// As [`TcpStream::peek`].
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # use runtime::{io::AsyncReadExt, net::{TcpListener, TcpStream}};
    /// # let listener = TcpListener::bind("127.0.0.1:0").await?;
    /// # let stream = TcpStream::connect(listener.local_addr()?).await?;
    /// # let (peer, _) = listener.accept().await?;
    /// let (mut read, _write) = stream.into_split();
    /// peer.try_write(b"x")?;
    /// assert_eq!(read.peek(&mut [0; 8]).await?, 1);
    /// assert_eq!(read.read_u8().await?, b'x', "a look takes nothing");
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn peek(&mut self, buffer: &mut [u8]) -> impl Future<Output = io::Result<usize>> {
        self.0.peek(buffer)
    }
}

#[allow(private_interfaces, reason = "sealed; see the trait")]
impl Stream for TcpStream {
    type Addr = SocketAddr;
    type Io = mio::net::TcpStream;

    fn registration(&self) -> &Registration<mio::net::TcpStream> {
        &self.registration
    }

    fn addr_of(&self, end: End) -> io::Result<SocketAddr> {
        match end {
            End::Local => self.local_addr(),
            End::Peer => self.peer_addr(),
        }
    }

    fn shut_down_write(&self) -> io::Result<()> {
        TcpStream::shut_down_write(self)
    }
}
