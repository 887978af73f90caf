//! A Unix socket that listens for connections; `net/listener.rs` has how it accepts them.

use std::future::Future;
use std::io;
use std::os::unix::net;
use std::panic::Location;
use std::path::Path;

use super::addr::{SocketAddr, of_path};
use super::stream::UnixStream;
use crate::machine::context::ask_for_descriptor;
use crate::machine::reactor::Registration;
use crate::net::listener::accepts;
use crate::net::socket::{of_std, source, tells};
use crate::net::system::ask_for_path;
use crate::trace::{Direction, Line};

/// A Unix socket that listens for connections.
///
/// Dropping it does not remove its file.
///
/// ```
/// # #[runtime::main] async fn main() -> std::io::Result<()> {
/// use runtime::net::{UnixListener, UnixStream};
///
/// let dir = tempfile::tempdir()?;
/// let path = dir.path().join("socket");
/// let listener = UnixListener::bind(&path)?;
/// let client = UnixStream::connect(&path).await?;
/// let (stream, _) = listener.accept().await?;
/// assert_eq!(stream.local_addr()?.as_pathname(), Some(path.as_path()));
/// # Ok(()) }
/// ```
pub struct UnixListener {
    registration: Registration<mio::net::UnixListener>,
}

source!(UnixListener);
of_std!(
    UnixListener,
    net::UnixListener,
    UnixListener::register,
    "listener"
);
tells!(UnixListener, SocketAddr: local_addr, take_error);
accepts! { UnixListener => UnixStream, SocketAddr;
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path().join("socket");
    /// # let listener = runtime::net::UnixListener::bind(&path)?;
    /// # let client = runtime::net::UnixStream::connect(&path).await?;
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
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// let dir = tempfile::tempdir()?;
    /// let path = dir.path().join("socket");
    /// let listener = runtime::net::UnixListener::bind(&path)?;
    /// assert!(runtime::net::UnixListener::bind(&path).is_err());
    /// # Ok(()) }
    /// ```
    #[track_caller]
    pub fn bind<P: AsRef<Path>>(path: P) -> io::Result<UnixListener> {
        let at = Location::caller();
        let addr = of_path(path.as_ref())?;
        ask_for_path()?;
        ask_for_descriptor()?;
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
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// let dir = tempfile::tempdir()?;
    /// let path = dir.path().join("socket");
    /// let addr = std::os::unix::net::SocketAddr::from_pathname(&path)?;
    /// let listener = runtime::net::UnixListener::bind_addr(&addr.into())?;
    /// # Ok(()) }
    /// ```
    #[track_caller]
    pub fn bind_addr(addr: &SocketAddr) -> io::Result<UnixListener> {
        let at = Location::caller();
        ask_for_path()?;
        ask_for_descriptor()?;
        UnixListener::register(mio::net::UnixListener::bind_addr(&addr.0)?, at)
    }

    #[track_caller]
    pub(super) fn register(listener: mio::net::UnixListener, at: Line) -> io::Result<UnixListener> {
        let registration = Registration::one_way(listener, Direction::Read, at)?;
        Ok(UnixListener { registration })
    }

    #[track_caller]
    fn accepted(&self, stream: mio::net::UnixStream, at: Line) -> io::Result<UnixStream> {
        UnixStream::accepted(stream, at)
    }
}
