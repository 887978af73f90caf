//! Datagrams between processes of this machine: whole messages, in order, none lost.
//!
//! Unlike UDP's they wait: the queue of a receiver has few places (ten or so on Linux), and
//! whoever sends to one that is full waits until it receives.
//!
//! This file makes sockets, and `send_to.rs` sends to a path. What datagrams of all kinds have in
//! common is in `net`: `datagrams.rs` sends and receives, `by_hand.rs` waits and tries apart.
//!
//! How it can go wrong: a buffer that is smaller than a datagram gets its beginning, and the rest
//! is thrown away. And a socket that is not connected is not told when the queue of another has
//! room again: its `send_to` waits until something else happens to it. Connect it, or ask for
//! answers and send no more than a few ahead.

mod send_to;

use std::io;
use std::net::Shutdown;
use std::os::unix::net;
use std::panic::Location;
use std::path::Path;

use super::addr::SocketAddr;
use crate::context;
use crate::net::blocking;
use crate::reactor::Registration;
use crate::trace::{Direction, Place};

/// A Unix socket for datagrams.
///
/// Everything takes `&self`: to send in one task and receive in another, share it in an
/// [`Rc`](std::rc::Rc).
///
/// ```
/// # runtime::runtime::Runtime::new()?.block_on(async {
/// let (near, far) = runtime::net::UnixDatagram::pair()?;
/// near.send(b"hello").await?;
/// let mut buffer = [0; 16];
/// let len = far.recv(&mut buffer).await?;
/// assert_eq!(&buffer[..len], b"hello");
/// # Ok::<(), std::io::Error>(())
/// # })?;
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct UnixDatagram {
    pub(in crate::net) registration: Registration<mio::net::UnixDatagram>,
}

impl UnixDatagram {
    /// A socket under a path, which must not be there yet.
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
    /// # let path = std::env::temp_dir().join(format!("treadle-doc-dgram-bind-{}", std::process::id()));
    /// # let _ = std::fs::remove_file(&path);
    /// let socket = runtime::net::UnixDatagram::bind(&path)?;
    /// assert_eq!(socket.local_addr()?.as_pathname(), Some(path.as_path()));
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn bind<P: AsRef<Path>>(path: P) -> io::Result<UnixDatagram> {
        let at = Place::from(Location::caller());
        UnixDatagram::register(mio::net::UnixDatagram::bind(path)?, at)
    }

    /// A socket without a name: it can send, and nobody can answer.
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    ///
    /// # Panics
    ///
    /// If there is no runtime on this thread, or it was built without
    /// [`enable_io`](crate::runtime::Builder::enable_io).
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let path = std::env::temp_dir().join(format!("treadle-doc-dgram-unbound-{}", std::process::id()));
    /// # let _ = std::fs::remove_file(&path);
    /// # let far = runtime::net::UnixDatagram::bind(&path)?;
    /// let near = runtime::net::UnixDatagram::unbound()?;
    /// near.send_to(b"hi", &path).await?;
    /// let (len, from) = far.recv_from(&mut [0; 16]).await?;
    /// assert!(len == 2 && from.is_unnamed());
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn unbound() -> io::Result<UnixDatagram> {
        let at = Place::from(Location::caller());
        UnixDatagram::register(mio::net::UnixDatagram::unbound()?, at)
    }

    /// Two sockets that are connected to each other, and have no name.
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    ///
    /// # Panics
    ///
    /// If there is no runtime on this thread, or it was built without
    /// [`enable_io`](crate::runtime::Builder::enable_io).
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// let (near, far) = runtime::net::UnixDatagram::pair()?;
    /// near.send(b"hi").await?;
    /// assert_eq!(far.recv(&mut [0; 16]).await?, 2);
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn pair() -> io::Result<(UnixDatagram, UnixDatagram)> {
        let at = Place::from(Location::caller());
        let (near, far) = mio::net::UnixDatagram::pair()?;
        Ok((
            UnixDatagram::register(near, at)?,
            UnixDatagram::register(far, at)?,
        ))
    }

    #[track_caller]
    pub(super) fn register(socket: mio::net::UnixDatagram, at: Place) -> io::Result<UnixDatagram> {
        let registration = Registration::new(context::reactor(), socket, at)?;
        registration.assume_ready(Direction::Write);
        Ok(UnixDatagram { registration })
    }

    /// Fixes whom the socket talks to. From then on [`send`](UnixDatagram::send) sends there, and
    /// only what comes from there is received.
    ///
    /// # Errors
    ///
    /// If nothing is there, or it may not be used.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let path = std::env::temp_dir().join(format!("treadle-doc-dgram-connect-{}", std::process::id()));
    /// # let _ = std::fs::remove_file(&path);
    /// # let far = runtime::net::UnixDatagram::bind(&path)?;
    /// let near = runtime::net::UnixDatagram::unbound()?;
    /// near.connect(&path)?;
    /// near.send(b"hi").await?;
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn connect<P: AsRef<Path>>(&self, path: P) -> io::Result<()> {
        self.registration.io().connect(path)
    }

    /// A socket of the standard library's, which must be non-blocking.
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
    /// let (std, _far) = std::os::unix::net::UnixDatagram::pair()?;
    /// std.set_nonblocking(true)?;
    /// runtime::net::UnixDatagram::from_std(std)?;
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn from_std(socket: net::UnixDatagram) -> io::Result<UnixDatagram> {
        let at = Place::from(Location::caller());
        UnixDatagram::register(mio::net::UnixDatagram::from_std(socket), at)
            .and_then(blocking::refused)
    }

    /// The standard library's socket, out of the reactor, and still non-blocking.
    ///
    /// # Errors
    ///
    /// If the reactor cannot let go of it.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let (near, far) = runtime::net::UnixDatagram::pair()?;
    /// near.into_std()?.set_nonblocking(false)?;
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn into_std(self) -> io::Result<net::UnixDatagram> {
        self.registration.into_inner().map(Into::into)
    }

    /// The address of this socket.
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let (near, far) = runtime::net::UnixDatagram::pair()?;
    /// assert!(near.local_addr()?.is_unnamed());
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.registration.io().local_addr().map(SocketAddr)
    }

    /// The address that the socket was connected to.
    ///
    /// # Errors
    ///
    /// If it was not; else those of the operating system.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let (near, far) = runtime::net::UnixDatagram::pair()?;
    /// assert!(near.peer_addr()?.is_unnamed());
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.registration.io().peer_addr().map(SocketAddr)
    }

    /// The error that the socket has met since the last call, if any.
    ///
    /// # Errors
    ///
    /// Those of asking.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let (near, far) = runtime::net::UnixDatagram::pair()?;
    /// assert!(near.take_error()?.is_none());
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn take_error(&self) -> io::Result<Option<io::Error>> {
        self.registration.io().take_error()
    }

    /// Ends one direction, or both: nothing is sent from here any more, or to here. On Linux a
    /// receive that waits at this end waits on.
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let (near, far) = runtime::net::UnixDatagram::pair()?;
    /// near.shutdown(std::net::Shutdown::Write)?;
    /// assert!(near.send(b"hi").await.is_err());
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        self.registration.io().shutdown(how)
    }

    /// Receives, and says from whom in our own type.
    pub(in crate::net) fn receive(
        socket: &mio::net::UnixDatagram,
        buffer: &mut [u8],
    ) -> io::Result<(usize, SocketAddr)> {
        let (len, from) = socket.recv_from(buffer)?;
        Ok((len, SocketAddr(from)))
    }
}
