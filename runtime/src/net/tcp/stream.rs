//! A TCP connection: bytes both ways.
//!
//! A stream is a socket and its place in the reactor. It is written out here; the other sockets are
//! made from the same parts, which `net/socket.rs` lists. Made by connecting, by accepting, or out
//! of the standard library's, it is read and written through the I/O traits, at the end of this
//! file, by way of `net/bytes.rs`, which tries the system call and waits when it must.
//! `net/readiness.rs` has the two halves of that apart, for programs that wait and try by
//! themselves; `options.rs` has the socket's settings.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::ops::Deref;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_io::{AsyncRead, AsyncWrite};

use crate::machine::context::ask_for_descriptor;
use crate::machine::reactor::Registration;
use crate::net::addr::{ToSocketAddrs, first_of};
use crate::net::bytes::{both_ways, poll_reads, poll_writes};
use crate::net::half::split::splits;
use crate::net::half::{Reader, Stream};
use crate::net::socket::{refuse_blocking, source, with_caller};
use crate::net::system;
use crate::trace::{Direction, Line};

/// A TCP connection.
///
/// Reading and writing are methods of [`AsyncReadExt`](crate::io::AsyncReadExt) and
/// [`AsyncWriteExt`](crate::io::AsyncWriteExt). Dropping the stream closes both directions.
///
/// ```
/// # #[runtime::main] async fn main() -> std::io::Result<()> {
/// use runtime::io::{AsyncReadExt, AsyncWriteExt};
/// use runtime::net::{TcpListener, TcpStream};
///
/// let listener = TcpListener::bind("127.0.0.1:0").await?;
/// let mut client = TcpStream::connect(listener.local_addr()?).await?;
/// let (mut server, _) = listener.accept().await?;
///
/// client.set_nodelay(true)?; // an option
/// client.write_all(b"hello").await?;
/// let mut buffer = [0; 5];
/// server.read_exact(&mut buffer).await?;
/// assert_eq!(&buffer, b"hello");
/// # Ok(()) }
/// ```
pub struct TcpStream {
    pub(super) registration: Registration<system::TcpStream>,
}

impl TcpStream {
    /// Connects to the first of the addresses that answers.
    ///
    /// # Cancel safety
    ///
    /// Dropping it gives the attempt up and closes the socket.
    ///
    /// # Errors
    ///
    /// Those of the last address that was tried: refused, unreachable, timed out by the
    /// system (which may take minutes: use [`timeout`](crate::time::timeout)); or the name
    /// cannot be found.
    ///
    /// # Panics
    ///
    /// If there is no runtime on this thread, or it was built without
    /// [`enable_io`](crate::runtime::Builder::enable_io).
    ///
    /// ```
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// use runtime::net::{TcpListener, TcpStream};
    /// let listener = TcpListener::bind("127.0.0.1:0").await?;
    /// let addr = listener.local_addr()?;
    /// assert_eq!(TcpStream::connect(addr).await?.peer_addr()?, addr);
    /// # Ok(()) }
    /// ```
    #[track_caller]
    pub fn connect<A: ToSocketAddrs>(addr: A) -> impl Future<Output = io::Result<TcpStream>> {
        let at = Location::caller();
        with_caller(async move {
            let connect = |addr| TcpStream::connect_to(addr, at);
            first_of(&addr, at, connect).await
        })
    }

    async fn connect_to(addr: SocketAddr, at: Line) -> io::Result<TcpStream> {
        ask_for_descriptor()?;
        TcpStream::finish_connecting(system::TcpStream::connect(addr)?, at).await
    }

    /// Waits until a connection that was begun is there, or has failed.
    pub(super) async fn finish_connecting(
        stream: system::TcpStream,
        at: Line,
    ) -> io::Result<TcpStream> {
        let (take_error, peer) = (system::TcpStream::take_error, system::TcpStream::peer_addr);
        let registration = Registration::connecting(stream, take_error, peer, at).await?;
        Ok(TcpStream { registration }.examined())
    }

    /// A stream that was accepted: it is taken as writable, and as readable, from the start.
    /// `of_tcp`: its listener is one of TCP, and then it is too.
    #[track_caller]
    pub(super) fn accepted(
        stream: system::TcpStream,
        of_tcp: bool,
        at: Line,
    ) -> io::Result<TcpStream> {
        let registration = Registration::accepted(stream, at)?;
        let stream = TcpStream { registration };
        Ok(if of_tcp { stream } else { stream.examined() })
    }

    /// Asks the descriptor what it is. Of one that is not of TCP a short transfer proves nothing.
    fn examined(self) -> TcpStream {
        if !is_tcp(self.registration.io()) {
            self.registration.short_is_no_proof();
        }
        self
    }

    /// A stream of the standard library's, which must be connected and non-blocking.
    ///
    /// # Errors
    ///
    /// If it is in blocking mode, or the reactor cannot take it.
    ///
    /// ```
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// # let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    /// # let addr = listener.local_addr()?;
    /// let std = std::net::TcpStream::connect(addr)?;
    /// std.set_nonblocking(true)?;
    /// let stream = runtime::net::TcpStream::from_std(std)?;
    /// assert_eq!(stream.peer_addr()?, addr);
    /// # Ok(()) }
    /// ```
    #[track_caller]
    pub fn from_std(stream: std::net::TcpStream) -> io::Result<TcpStream> {
        let at = Location::caller();
        let registration = Registration::writable(system::TcpStream::from_std(stream), at)?;
        refuse_blocking(TcpStream { registration }).map(TcpStream::examined)
    }

    /// The standard library's stream, out of the reactor, and still non-blocking.
    ///
    /// # Errors
    ///
    /// If the reactor cannot let go of it.
    pub fn into_std(self) -> io::Result<std::net::TcpStream> {
        self.registration.into_inner().and_then(system::into_std)
    }

    /// The address of this end.
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.registration.io().local_addr()
    }

    /// The address of the other end.
    ///
    /// # Errors
    ///
    /// Those of the operating system; the connection may be gone.
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.registration.io().peer_addr()
    }

    /// The error that the socket has met since the last call, if any.
    ///
    /// # Errors
    ///
    /// Those of asking.
    pub fn take_error(&self) -> io::Result<Option<io::Error>> {
        self.registration.io().take_error()
    }

    /// Waits for data and copies it without taking it: the next read finds it again. 0 is the
    /// end of the stream (or of `buffer`).
    ///
    /// # Cancel safety
    ///
    /// Cancel safe.
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    ///
    /// ```
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// # use runtime::io::{AsyncReadExt, AsyncWriteExt};
    /// # let listener = runtime::net::TcpListener::bind("127.0.0.1:0").await?;
    /// # let mut stream = runtime::net::TcpStream::connect(listener.local_addr()?).await?;
    /// # let (mut peer, _) = listener.accept().await?;
    /// peer.write_all(b"x").await?;
    /// let mut buffer = [0; 16];
    /// assert_eq!(stream.peek(&mut buffer).await?, 1);
    /// assert_eq!(stream.read(&mut buffer).await?, 1);
    /// # Ok(()) }
    /// ```
    #[track_caller]
    pub fn peek(&self, buffer: &mut [u8]) -> impl Future<Output = io::Result<usize>> {
        let peek = |stream: &system::TcpStream| stream.peek(buffer);
        with_caller(self.registration.perform(Direction::Read, peek))
    }

    /// As [`peek`](TcpStream::peek), for a `poll` that is written by hand. Only the last caller is
    /// woken.
    ///
    /// # Errors
    ///
    /// As for `peek`.
    pub fn poll_peek(&self, cx: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<usize>> {
        let peek = |stream: &system::TcpStream| stream.peek(buffer);
        self.registration.poll_io(Direction::Read, cx, peek)
    }
}

source!(TcpStream);

both_ways! { TcpStream;
    /// # let listener = runtime::net::TcpListener::bind("127.0.0.1:0").await?;
    /// # let near = runtime::net::TcpStream::connect(listener.local_addr()?).await?;
    /// # let (far, _) = listener.accept().await?;
}

splits! { TcpStream, SocketAddr;
    /// # let listener = runtime::net::TcpListener::bind("127.0.0.1:0").await?;
    /// # let mut near = runtime::net::TcpStream::connect(listener.local_addr()?).await?;
    /// # let (mut far, _) = listener.accept().await?;
}

impl<H: Deref<Target = TcpStream>> Reader<H> {
    /// As [`TcpStream::peek`].
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    #[track_caller]
    pub fn peek(&mut self, buffer: &mut [u8]) -> impl Future<Output = io::Result<usize>> {
        self.0.peek(buffer)
    }
}

impl TryFrom<std::net::TcpStream> for TcpStream {
    type Error = io::Error;

    /// As [`TcpStream::from_std`].
    #[track_caller]
    fn try_from(stream: std::net::TcpStream) -> io::Result<TcpStream> {
        TcpStream::from_std(stream)
    }
}

impl AsRef<TcpStream> for TcpStream {
    /// Itself, as the halves refer to their stream.
    fn as_ref(&self) -> &TcpStream {
        self
    }
}

impl AsyncRead for TcpStream {
    poll_reads!(registration);
}

impl AsyncWrite for TcpStream {
    poll_writes!(registration);

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(self.end_writing())
    }
}

/// Whether a socket is what its type says. The standard library does not look, and a whole program
/// can be made to speak multipath TCP (`mptcpize`).
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(super) fn is_tcp(socket: &impl std::os::fd::AsFd) -> bool {
    matches!(
        rustix::net::sockopt::socket_protocol(socket),
        Ok(Some(rustix::net::ipproto::TCP))
    )
}

/// Elsewhere it does not matter: no short transfer is believed.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(super) fn is_tcp<S>(_: &S) -> bool {
    true
}
