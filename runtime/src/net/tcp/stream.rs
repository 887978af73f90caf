//! A TCP connection: bytes both ways.
//!
//! A stream is a socket and its place in the reactor. Made by connecting, by accepting, or out
//! of the standard library's, it is read and written through the I/O traits, at the end of this
//! file, by way of `net/bytes.rs`, which tries the system call and waits when it must.
//! `net/by_hand.rs` has the two halves of that apart, for who wants to wait and try by themselves;
//! here, `peek.rs` looks without taking, and `options.rs` has the socket's settings.

mod options;
mod peek;

use std::future::Future;
use std::io;
use std::net::{Shutdown, SocketAddr};
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_io::{AsyncRead, AsyncWrite};

use crate::context;
use crate::net::addr::{ToSocketAddrs, no_address, resolve};
use crate::net::blocking;
use crate::net::bytes::{end_of_writing, poll_reads, poll_writes};
use crate::net::lined::lined;
use crate::reactor::{Interest, Registration};
use crate::trace::{Direction, Place};

/// A TCP connection.
///
/// Reading and writing are methods of [`AsyncReadExt`](crate::io::AsyncReadExt) and
/// [`AsyncWriteExt`](crate::io::AsyncWriteExt). Dropping the stream closes both directions.
///
/// ```
/// # runtime::runtime::Runtime::new()?.block_on(async {
/// use runtime::io::{AsyncReadExt, AsyncWriteExt};
/// use runtime::net::{TcpListener, TcpStream};
///
/// let listener = TcpListener::bind("127.0.0.1:0").await?;
/// let mut client = TcpStream::connect(listener.local_addr()?).await?;
/// let (mut server, _) = listener.accept().await?;
///
/// client.write_all(b"hello").await?;
/// let mut buffer = [0; 5];
/// server.read_exact(&mut buffer).await?;
/// assert_eq!(&buffer, b"hello");
/// # Ok::<(), std::io::Error>(())
/// # })?;
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct TcpStream {
    pub(in crate::net) registration: Registration<mio::net::TcpStream>,
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
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// use runtime::net::{TcpListener, TcpStream};
    /// let listener = TcpListener::bind("127.0.0.1:0").await?;
    /// let addr = listener.local_addr()?;
    /// assert_eq!(TcpStream::connect(addr).await?.peer_addr()?, addr);
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn connect<A: ToSocketAddrs>(addr: A) -> impl Future<Output = io::Result<TcpStream>> {
        let at = Place::from(Location::caller());
        lined(async move {
            let mut last = None;
            for addr in resolve(&addr, at).await? {
                match TcpStream::connect_to(addr, at).await {
                    Ok(stream) => return Ok(stream),
                    Err(error) => last = Some(error),
                }
            }
            Err(last.unwrap_or_else(no_address))
        })
    }

    async fn connect_to(addr: SocketAddr, at: Place) -> io::Result<TcpStream> {
        TcpStream::finish_connecting(mio::net::TcpStream::connect(addr)?, at).await
    }

    /// Waits until a connection that was begun is there. The socket becomes writable when it
    /// is, and also when it failed, which its error tells.
    pub(super) async fn finish_connecting(
        stream: mio::net::TcpStream,
        at: Place,
    ) -> io::Result<TcpStream> {
        let registration = Registration::new(context::reactor(), stream, at)?;
        registration.readiness(Interest::WRITABLE).await?;
        match registration.io().take_error()? {
            Some(error) => Err(error),
            None => Ok(TcpStream { registration }.examined()),
        }
    }

    /// A stream that is connected: it is taken as writable from the start.
    #[track_caller]
    pub(super) fn connected(stream: mio::net::TcpStream, at: Place) -> io::Result<TcpStream> {
        let registration = Registration::new(context::reactor(), stream, at)?;
        registration.assume_ready(Direction::Write);
        Ok(TcpStream { registration })
    }

    /// A stream that was accepted: whoever connected has probably sent something, so the first
    /// read is tried at once. `of_tcp`: its listener is one of TCP, and then it is too.
    #[track_caller]
    pub(super) fn accepted(
        stream: mio::net::TcpStream,
        of_tcp: bool,
        at: Place,
    ) -> io::Result<TcpStream> {
        let stream = TcpStream::connected(stream, at)?;
        stream.registration.assume_ready(Direction::Read);
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
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    /// # let addr = listener.local_addr()?;
    /// let std = std::net::TcpStream::connect(addr)?;
    /// std.set_nonblocking(true)?;
    /// let stream = runtime::net::TcpStream::from_std(std)?;
    /// assert_eq!(stream.peer_addr()?, addr);
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn from_std(stream: std::net::TcpStream) -> io::Result<TcpStream> {
        let at = Place::from(Location::caller());
        TcpStream::connected(mio::net::TcpStream::from_std(stream), at)
            .and_then(blocking::refused)
            .map(TcpStream::examined)
    }

    /// The standard library's stream, out of the reactor, and still non-blocking.
    ///
    /// # Errors
    ///
    /// If the reactor cannot let go of it.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let listener = runtime::net::TcpListener::bind("127.0.0.1:0").await?;
    /// let stream = runtime::net::TcpStream::connect(listener.local_addr()?).await?;
    /// stream.into_std()?.set_nonblocking(false)?;
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn into_std(self) -> io::Result<std::net::TcpStream> {
        self.registration.into_inner().map(Into::into)
    }

    /// The address of this end.
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let listener = runtime::net::TcpListener::bind("127.0.0.1:0").await?;
    /// # let stream = runtime::net::TcpStream::connect(listener.local_addr()?).await?;
    /// assert_eq!(stream.local_addr()?, listener.accept().await?.1);
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.registration.io().local_addr()
    }

    /// The address of the other end.
    ///
    /// # Errors
    ///
    /// Those of the operating system; the connection may be gone.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let listener = runtime::net::TcpListener::bind("127.0.0.1:0").await?;
    /// # let stream = runtime::net::TcpStream::connect(listener.local_addr()?).await?;
    /// assert_eq!(stream.peer_addr()?, listener.local_addr()?);
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.registration.io().peer_addr()
    }

    /// The error that the socket has met since the last call, if any.
    ///
    /// # Errors
    ///
    /// Those of asking.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let listener = runtime::net::TcpListener::bind("127.0.0.1:0").await?;
    /// # let stream = runtime::net::TcpStream::connect(listener.local_addr()?).await?;
    /// assert!(stream.take_error()?.is_none());
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn take_error(&self) -> io::Result<Option<io::Error>> {
        self.registration.io().take_error()
    }

    /// Ends the writing direction.
    pub(super) fn shut_down_write(&self) -> io::Result<()> {
        end_of_writing(self.registration.io().shutdown(Shutdown::Write))
    }
}

impl AsyncRead for TcpStream {
    poll_reads!(registration);
}

impl AsyncWrite for TcpStream {
    poll_writes!(registration);

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(self.shut_down_write())
    }
}

/// Whether a socket is what its type says. The standard library does not look, and a whole program can
/// be made to speak multipath TCP (`mptcpize`).
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
