//! Datagrams between processes of this machine: whole messages, in order, none lost.
//!
//! Unlike UDP's they wait: the queue of a receiver has few places (ten or so on Linux), and a
//! sender to a full one waits until the receiver takes from it.
//!
//! This file makes sockets and sends to paths. What datagrams of all kinds have in common is in
//! `net/datagrams.rs`.
//!
//! How it can go wrong: a buffer that is smaller than a datagram gets its beginning, and the rest
//! is thrown away. And a socket that is not connected is not told when the queue of another has
//! room again: its `send_to` waits until something else happens to it. Connect it, or ask for
//! answers and send no more than a few ahead.

use std::future::Future;
use std::io;
use std::net::Shutdown;
use std::os::unix::net;
use std::panic::Location;
use std::path::Path;

use super::addr::SocketAddr;
use crate::machine::context::ask_for_descriptor;
use crate::machine::reactor::Registration;
use crate::net::datagrams::datagrams;
use crate::net::readiness::operation;
use crate::net::socket::{of_std, source, tells};
use crate::net::system::ask_for_path;
use crate::trace::Line;

/// A Unix socket for datagrams.
///
/// Everything takes `&self`: to send in one task and receive in another, share it in an
/// [`Rc`](std::rc::Rc).
///
/// ```
/// # #[runtime::main] async fn main() -> std::io::Result<()> {
/// let (near, far) = runtime::net::UnixDatagram::pair()?;
/// near.send(b"hello").await?;
/// let mut buffer = [0; 16];
/// let len = far.recv(&mut buffer).await?;
/// assert_eq!(&buffer[..len], b"hello");
/// # Ok(()) }
/// ```
pub struct UnixDatagram {
    registration: Registration<mio::net::UnixDatagram>,
}

source!(UnixDatagram);
of_std!(
    UnixDatagram,
    net::UnixDatagram,
    UnixDatagram::register,
    "socket"
);
tells!(UnixDatagram, SocketAddr: local_addr, peer_addr, take_error);
datagrams! { UnixDatagram, SocketAddr, receive;
    /// let (near, far) = runtime::net::UnixDatagram::pair()?;
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
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// let dir = tempfile::tempdir()?;
    /// let path = dir.path().join("socket");
    /// let socket = runtime::net::UnixDatagram::bind(&path)?;
    /// assert_eq!(socket.local_addr()?.as_pathname(), Some(path.as_path()));
    /// # Ok(()) }
    /// ```
    #[track_caller]
    pub fn bind<P: AsRef<Path>>(path: P) -> io::Result<UnixDatagram> {
        let at = Location::caller();
        ask_for_path()?;
        ask_for_descriptor()?;
        UnixDatagram::register(mio::net::UnixDatagram::bind(path)?, at)
    }

    /// A socket without a name: it can send, and cannot be answered.
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
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// let dir = tempfile::tempdir()?;
    /// let path = dir.path().join("socket");
    /// # let far = runtime::net::UnixDatagram::bind(&path)?;
    /// let near = runtime::net::UnixDatagram::unbound()?;
    /// near.send_to(b"hi", &path).await?;
    /// let (len, from) = far.recv_from(&mut [0; 16]).await?;
    /// assert!(len == 2 && from.is_unnamed());
    /// # Ok(()) }
    /// ```
    #[track_caller]
    pub fn unbound() -> io::Result<UnixDatagram> {
        let at = Location::caller();
        ask_for_descriptor()?;
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
    #[track_caller]
    pub fn pair() -> io::Result<(UnixDatagram, UnixDatagram)> {
        let at = Location::caller();
        ask_for_descriptor()?;
        let (near, far) = mio::net::UnixDatagram::pair()?;
        Ok((
            UnixDatagram::register(near, at)?,
            UnixDatagram::register(far, at)?,
        ))
    }

    #[track_caller]
    pub(super) fn register(socket: mio::net::UnixDatagram, at: Line) -> io::Result<UnixDatagram> {
        let registration = Registration::writable(socket, at)?;
        Ok(UnixDatagram { registration })
    }

    /// Fixes the peer. From then on [`send`](UnixDatagram::send) sends there, and only what comes
    /// from there is received.
    ///
    /// # Errors
    ///
    /// If nothing is there, or it may not be used.
    ///
    /// ```
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// let dir = tempfile::tempdir()?;
    /// let path = dir.path().join("socket");
    /// # let far = runtime::net::UnixDatagram::bind(&path)?;
    /// let near = runtime::net::UnixDatagram::unbound()?;
    /// near.connect(&path)?;
    /// near.send(b"hi").await?;
    /// # Ok(()) }
    /// ```
    pub fn connect<P: AsRef<Path>>(&self, path: P) -> io::Result<()> {
        ask_for_path()?;
        self.registration.io().connect(path)
    }

    /// Ends one direction, or both: nothing is sent from here any more, or to here. On Linux a
    /// receive that waits at this end waits on.
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    ///
    /// ```
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// # let (near, far) = runtime::net::UnixDatagram::pair()?;
    /// near.shutdown(std::net::Shutdown::Write)?;
    /// assert!(near.send(b"hi").await.is_err());
    /// # Ok(()) }
    /// ```
    pub fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        self.registration.io().shutdown(how)
    }

    operation! {
        /// Sends a datagram to the socket under a path; returns its length.
        ///
        /// # Cancel safety
        ///
        /// Cancel safe: dropped before it is ready, it has sent nothing.
        ///
        /// # Errors
        ///
        /// If nothing is there, or the datagram is too long; else those of the operating system.
        ///
        /// ```
        /// # #[runtime::main] async fn main() -> std::io::Result<()> {
        /// let dir = tempfile::tempdir()?;
        /// let path = dir.path().join("socket");
        /// # let far = runtime::net::UnixDatagram::bind(&path)?;
        /// let near = runtime::net::UnixDatagram::unbound()?;
        /// assert_eq!(near.send_to(b"hi", &path).await?, 2);
        /// # Ok(()) }
        /// ```
        send_to / poll_send_to / try_send_to <P: AsRef<Path>> (data: &[u8], target: P) -> usize =
            Write |socket| {
                ask_for_path()?;
                socket.send_to(data, target.as_ref())
            }
    }
}

/// Receives; the sender's address is of our own type.
fn receive(socket: &mio::net::UnixDatagram, buffer: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
    let (len, from) = socket.recv_from(buffer)?;
    Ok((len, SocketAddr(from)))
}
