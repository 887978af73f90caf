//! Accepting connections of processes on this machine.

use std::future::Future;
use std::io;
use std::os::unix::net;
use std::panic::Location;
use std::path::Path;
use std::task::{Context, Poll, ready};

use super::addr::{SocketAddr, of_path};
use super::stream::UnixStream;
use crate::context;
use crate::net::blocking;
use crate::net::lined::lined;
use crate::reactor::Registration;
use crate::trace::{Direction, Place};

/// A Unix socket that listens for connections.
///
/// Dropping it does not remove its file.
///
/// ```
/// # runtime::runtime::Runtime::new()?.block_on(async {
/// # let path = std::env::temp_dir().join(format!("treadle-doc-listener-{}", std::process::id()));
/// # let _ = std::fs::remove_file(&path);
/// use runtime::net::{UnixListener, UnixStream};
///
/// let listener = UnixListener::bind(&path)?;
/// let client = UnixStream::connect(&path).await?;
/// let (stream, _) = listener.accept().await?;
/// assert_eq!(stream.local_addr()?.as_pathname(), Some(path.as_path()));
/// # std::fs::remove_file(&path)?;
/// # Ok::<(), std::io::Error>(())
/// # })?;
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct UnixListener {
    pub(in crate::net) registration: Registration<mio::net::UnixListener>,
}

impl UnixListener {
    /// Listens under a path, which must not be there yet. On Linux, one that begins with a zero
    /// byte is an abstract name.
    ///
    /// # Errors
    ///
    /// If the path is there already, its folder is not, it may not be written to, or it is too
    /// long.
    ///
    /// # Panics
    ///
    /// If there is no runtime on this thread, or it was built without
    /// [`enable_io`](crate::runtime::Builder::enable_io).
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let path = std::env::temp_dir().join(format!("treadle-doc-bind-{}", std::process::id()));
    /// # let _ = std::fs::remove_file(&path);
    /// let listener = runtime::net::UnixListener::bind(&path)?;
    /// assert!(runtime::net::UnixListener::bind(&path).is_err());
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn bind<P: AsRef<Path>>(path: P) -> io::Result<UnixListener> {
        let at = Place::from(Location::caller());
        let addr = of_path(path.as_ref())?;
        UnixListener::register(mio::net::UnixListener::bind_addr(&addr)?, at)
    }

    /// Listens under an address of any kind.
    ///
    /// # Errors
    ///
    /// As for [`bind`](UnixListener::bind).
    ///
    /// # Panics
    ///
    /// If there is no runtime on this thread, or it was built without
    /// [`enable_io`](crate::runtime::Builder::enable_io).
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let path = std::env::temp_dir().join(format!("treadle-doc-bind-addr-{}", std::process::id()));
    /// # let _ = std::fs::remove_file(&path);
    /// let addr = std::os::unix::net::SocketAddr::from_pathname(&path)?;
    /// let listener = runtime::net::UnixListener::bind_addr(&addr.into())?;
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn bind_addr(addr: &SocketAddr) -> io::Result<UnixListener> {
        let at = Place::from(Location::caller());
        UnixListener::register(mio::net::UnixListener::bind_addr(&addr.0)?, at)
    }

    #[track_caller]
    pub(super) fn register(
        listener: mio::net::UnixListener,
        at: Place,
    ) -> io::Result<UnixListener> {
        let interest = mio::Interest::READABLE;
        let reactor = context::reactor();
        let registration = Registration::with_interest(reactor, listener, interest, at)?;
        Ok(UnixListener { registration })
    }

    /// Waits for a connection, and takes it. Any number of tasks may wait at once. Most who
    /// connect have no address.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a connection that was not returned stays in the queue.
    ///
    /// # Errors
    ///
    /// Those of the operating system; some pass (the process is out of descriptors). A server goes
    /// on.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let path = std::env::temp_dir().join(format!("treadle-doc-accept-{}", std::process::id()));
    /// # let _ = std::fs::remove_file(&path);
    /// # let listener = runtime::net::UnixListener::bind(&path)?;
    /// let (accepted, connected) = runtime::join!(listener.accept(), runtime::net::UnixStream::connect(&path));
    /// assert!(accepted?.1.is_unnamed());
    /// # connected?;
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn accept(&self) -> impl Future<Output = io::Result<(UnixStream, SocketAddr)>> {
        let at = Place::from(Location::caller());
        let accept = |listener: &mio::net::UnixListener| listener.accept();
        let accepted = self.registration.perform(Direction::Read, accept);
        lined(async move {
            let (stream, peer) = accepted.await?;
            Ok((UnixStream::accepted(stream, at)?, SocketAddr(peer)))
        })
    }

    /// As [`accept`](UnixListener::accept), for those who write `poll` by hand. Only the last
    /// caller is woken.
    ///
    /// # Errors
    ///
    /// As for `accept`.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let path = std::env::temp_dir().join(format!("treadle-doc-poll-accept-{}", std::process::id()));
    /// # let _ = std::fs::remove_file(&path);
    /// # let listener = runtime::net::UnixListener::bind(&path)?;
    /// let client = runtime::net::UnixStream::connect(&path).await?;
    /// std::future::poll_fn(|cx| listener.poll_accept(cx)).await?;
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn poll_accept(&self, cx: &mut Context<'_>) -> Poll<io::Result<(UnixStream, SocketAddr)>> {
        let at = Place::from(Location::caller());
        let accept = mio::net::UnixListener::accept;
        let accepted = self.registration.poll_io(Direction::Read, cx, accept);
        let (stream, peer) = ready!(accepted)?;
        Poll::Ready(UnixStream::accepted(stream, at).map(|stream| (stream, SocketAddr(peer))))
    }

    /// A listener of the standard library's, which must be non-blocking.
    ///
    /// # Errors
    ///
    /// If it is in blocking mode, or the reactor cannot take it.
    ///
    /// # Panics
    ///
    /// If there is no runtime on this thread, or it was built without
    /// [`enable_io`](crate::runtime::Builder::enable_io).
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let path = std::env::temp_dir().join(format!("treadle-doc-from-std-{}", std::process::id()));
    /// # let _ = std::fs::remove_file(&path);
    /// let std = std::os::unix::net::UnixListener::bind(&path)?;
    /// std.set_nonblocking(true)?;
    /// runtime::net::UnixListener::from_std(std)?;
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn from_std(listener: net::UnixListener) -> io::Result<UnixListener> {
        let at = Place::from(Location::caller());
        UnixListener::register(mio::net::UnixListener::from_std(listener), at)
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
    /// # let path = std::env::temp_dir().join(format!("treadle-doc-into-std-{}", std::process::id()));
    /// # let _ = std::fs::remove_file(&path);
    /// # let listener = runtime::net::UnixListener::bind(&path)?;
    /// listener.into_std()?.set_nonblocking(false)?;
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn into_std(self) -> io::Result<net::UnixListener> {
        self.registration.into_inner().map(Into::into)
    }

    /// The address it listens under.
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let path = std::env::temp_dir().join(format!("treadle-doc-local-addr-{}", std::process::id()));
    /// # let _ = std::fs::remove_file(&path);
    /// # let listener = runtime::net::UnixListener::bind(&path)?;
    /// assert_eq!(listener.local_addr()?.as_pathname(), Some(path.as_path()));
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.registration.io().local_addr().map(SocketAddr)
    }

    /// The error that the socket has met since the last call, if any.
    ///
    /// # Errors
    ///
    /// Those of asking.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let path = std::env::temp_dir().join(format!("treadle-doc-take-error-{}", std::process::id()));
    /// # let _ = std::fs::remove_file(&path);
    /// # let listener = runtime::net::UnixListener::bind(&path)?;
    /// assert!(listener.take_error()?.is_none());
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn take_error(&self) -> io::Result<Option<io::Error>> {
        self.registration.io().take_error()
    }
}
