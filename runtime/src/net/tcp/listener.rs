//! Accepting TCP connections.
//!
//! The operating system completes connections by itself and queues them; `accept` takes one
//! out. Those that nobody accepts wait there, up to the backlog: 128 after `bind`, as in the
//! standard library, or what [`TcpSocket::listen`](super::TcpSocket::listen) was given. Who
//! comes when the queue is full is kept waiting by Linux, and refused by others.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::panic::Location;
use std::task::{Context, Poll, ready};

use super::TcpStream;
use super::stream::is_tcp;
use crate::context;
use crate::net::addr::{ToSocketAddrs, no_address, resolve};
use crate::net::blocking;
use crate::net::lined::lined;
use crate::reactor::Registration;
use crate::trace::{Direction, Place};

/// A TCP socket that listens for connections.
///
/// ```
/// # runtime::runtime::Runtime::new()?.block_on(async {
/// use runtime::net::{TcpListener, TcpStream};
///
/// let listener = TcpListener::bind("127.0.0.1:0").await?;
/// let client = TcpStream::connect(listener.local_addr()?).await?;
/// let (stream, peer) = listener.accept().await?;
/// assert_eq!(peer, client.local_addr()?);
/// # Ok::<(), std::io::Error>(())
/// # })?;
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct TcpListener {
    pub(in crate::net) registration: Registration<mio::net::TcpListener>,
    /// Its sockets are of TCP, and of nothing that only seems to be.
    of_tcp: bool,
}

impl TcpListener {
    /// Listens on the first of the addresses that can be had. Port 0 lets the system choose:
    /// see [`local_addr`](TcpListener::local_addr).
    ///
    /// A server that was stopped a moment ago may be started again on the same port at once
    /// (`SO_REUSEADDR`).
    ///
    /// # Errors
    ///
    /// Those of the last address that was tried: the address is in use, is not of this
    /// machine, or needs privileges; or the name cannot be found.
    ///
    /// # Panics
    ///
    /// If there is no runtime on this thread, or it was built without
    /// [`enable_io`](crate::runtime::Builder::enable_io).
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// let listener = runtime::net::TcpListener::bind("127.0.0.1:0").await?;
    /// assert_ne!(listener.local_addr()?.port(), 0);
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn bind<A: ToSocketAddrs>(addr: A) -> impl Future<Output = io::Result<TcpListener>> {
        let at = Place::from(Location::caller());
        lined(async move {
            let mut last = None;
            for addr in resolve(&addr, at).await? {
                match mio::net::TcpListener::bind(addr) {
                    Ok(listener) => return TcpListener::register(listener, at),
                    Err(error) => last = Some(error),
                }
            }
            Err(last.unwrap_or_else(no_address))
        })
    }

    #[track_caller]
    pub(super) fn register(listener: mio::net::TcpListener, at: Place) -> io::Result<TcpListener> {
        let interest = mio::Interest::READABLE;
        let reactor = context::reactor();
        let registration = Registration::with_interest(reactor, listener, interest, at)?;
        Ok(TcpListener {
            of_tcp: is_tcp(registration.io()),
            registration,
        })
    }

    /// Waits for a connection, and takes it. Any number of tasks may wait at once.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a connection that was not returned stays in the queue.
    ///
    /// # Errors
    ///
    /// Those of the operating system; some concern one connection only (it was aborted before
    /// it could be accepted), some pass (the process is out of descriptors). A server goes on.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// use runtime::net::{TcpListener, TcpStream};
    /// let listener = TcpListener::bind("127.0.0.1:0").await?;
    /// let addr = listener.local_addr()?;
    /// let (accepted, connected) = runtime::join!(listener.accept(), TcpStream::connect(addr));
    /// assert_eq!(accepted?.1, connected?.local_addr()?);
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn accept(&self) -> impl Future<Output = io::Result<(TcpStream, SocketAddr)>> {
        let at = Place::from(Location::caller());
        lined(async move {
            let accept = |listener: &mio::net::TcpListener| listener.accept();
            let (stream, peer) = self.registration.perform(Direction::Read, accept).await?;
            Ok((TcpStream::accepted(stream, self.of_tcp, at)?, peer))
        })
    }

    /// As [`accept`](TcpListener::accept), for those who write `poll` by hand. Only the last
    /// caller is woken.
    ///
    /// # Errors
    ///
    /// As for `accept`.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// use runtime::net::{TcpListener, TcpStream};
    /// let listener = TcpListener::bind("127.0.0.1:0").await?;
    /// let client = TcpStream::connect(listener.local_addr()?).await?;
    /// let (_, peer) = std::future::poll_fn(|cx| listener.poll_accept(cx)).await?;
    /// assert_eq!(peer, client.local_addr()?);
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn poll_accept(&self, cx: &mut Context<'_>) -> Poll<io::Result<(TcpStream, SocketAddr)>> {
        let at = Place::from(Location::caller());
        let accepted =
            self.registration
                .poll_io(Direction::Read, cx, mio::net::TcpListener::accept);
        let (stream, peer) = ready!(accepted)?;
        let stream = TcpStream::accepted(stream, self.of_tcp, at);
        Poll::Ready(stream.map(|stream| (stream, peer)))
    }

    /// A listener of the standard library's, which must be non-blocking.
    ///
    /// # Errors
    ///
    /// If it is in blocking mode, or the reactor cannot take it.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// let std = std::net::TcpListener::bind("127.0.0.1:0")?;
    /// std.set_nonblocking(true)?;
    /// runtime::net::TcpListener::from_std(std)?;
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn from_std(listener: std::net::TcpListener) -> io::Result<TcpListener> {
        let at = Place::from(Location::caller());
        TcpListener::register(mio::net::TcpListener::from_std(listener), at)
            .and_then(blocking::refused)
    }

    /// The standard library's listener, out of the reactor, and still non-blocking.
    ///
    /// # Errors
    ///
    /// If the reactor cannot let go of it.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// let listener = runtime::net::TcpListener::bind("127.0.0.1:0").await?;
    /// listener.into_std()?.set_nonblocking(false)?;
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn into_std(self) -> io::Result<std::net::TcpListener> {
        self.registration.into_inner().map(Into::into)
    }

    /// The address it listens on.
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// let listener = runtime::net::TcpListener::bind("127.0.0.1:0").await?;
    /// assert!(listener.local_addr()?.ip().is_loopback());
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.registration.io().local_addr()
    }

    /// How many hops its packets may make.
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// let listener = runtime::net::TcpListener::bind("127.0.0.1:0").await?;
    /// assert!(listener.ttl()? > 0);
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn ttl(&self) -> io::Result<u32> {
        self.registration.io().ttl()
    }

    /// Sets how many hops its packets may make.
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// let listener = runtime::net::TcpListener::bind("127.0.0.1:0").await?;
    /// listener.set_ttl(100)?;
    /// assert_eq!(listener.ttl()?, 100);
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn set_ttl(&self, ttl: u32) -> io::Result<()> {
        self.registration.io().set_ttl(ttl)
    }
}
