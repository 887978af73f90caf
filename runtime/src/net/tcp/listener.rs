//! A TCP socket that listens for connections; `net/listener.rs` has how it accepts them.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::panic::Location;

use super::TcpStream;
use super::stream::is_tcp;
use crate::machine::context::ask_for_descriptor;
use crate::machine::reactor::Registration;
use crate::net::addr::{ToSocketAddrs, first_of};
use crate::net::listener::accepts;
use crate::net::socket::{of_std, source, tells, with_caller};
use crate::net::system;
use crate::trace::{Direction, Line};

/// A TCP socket that listens for connections.
///
/// ```
/// # #[runtime::main] async fn main() -> std::io::Result<()> {
/// use runtime::net::{TcpListener, TcpStream};
///
/// let listener = TcpListener::bind("127.0.0.1:0").await?;
/// listener.set_ttl(100)?; // an option
/// let client = TcpStream::connect(listener.local_addr()?).await?;
/// let (stream, peer) = listener.accept().await?;
/// assert_eq!(peer, client.local_addr()?);
/// # Ok(()) }
/// ```
pub struct TcpListener {
    pub(super) registration: Registration<system::TcpListener>,
    /// Its sockets are of TCP, and of nothing that only seems to be.
    of_tcp: bool,
}

source!(TcpListener);
of_std!(
    TcpListener,
    std::net::TcpListener,
    TcpListener::register,
    "listener"
);
tells!(TcpListener, SocketAddr: local_addr);
accepts! { TcpListener => TcpStream, SocketAddr;
    /// # let listener = runtime::net::TcpListener::bind("127.0.0.1:0").await?;
    /// # let client = runtime::net::TcpStream::connect(listener.local_addr()?).await?;
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
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// let listener = runtime::net::TcpListener::bind("127.0.0.1:0").await?;
    /// assert_ne!(listener.local_addr()?.port(), 0);
    /// # Ok(()) }
    /// ```
    #[track_caller]
    pub fn bind<A: ToSocketAddrs>(addr: A) -> impl Future<Output = io::Result<TcpListener>> {
        let at = Location::caller();
        with_caller(async move {
            let bind = async |addr| {
                ask_for_descriptor()?;
                system::TcpListener::bind(addr)
            };
            TcpListener::register(first_of(&addr, at, bind).await?, at)
        })
    }

    #[track_caller]
    pub(super) fn register(listener: system::TcpListener, at: Line) -> io::Result<TcpListener> {
        let registration = Registration::one_way(listener, Direction::Read, at)?;
        Ok(TcpListener {
            of_tcp: is_tcp(registration.io()),
            registration,
        })
    }

    #[track_caller]
    fn accepted(&self, stream: system::TcpStream, at: Line) -> io::Result<TcpStream> {
        TcpStream::accepted(stream, self.of_tcp, at)
    }
}
