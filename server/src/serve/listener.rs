//! Where connections come from.
//!
//! A server can listen at a TCP port, at a Unix socket, or at anything that yields streams of
//! bytes: a socket with TLS around it, a queue of connections in memory. That is a [`Listener`].

use std::fmt;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use futures_io::{AsyncRead, AsyncWrite};
use runtime::net::{TcpListener, TcpStream, UnixListener, UnixStream, unix};
use runtime::time::sleep;
use socket2::SockRef;

/// What yields connections.
///
/// ```
/// use server::serve::Listener;
/// use runtime::io::DuplexStream;
/// use runtime::sync::mpsc;
///
/// /// Connections in memory.
/// struct Queue(mpsc::Receiver<DuplexStream>);
///
/// impl Listener for Queue {
///     type Io = DuplexStream;
///     type Addr = ();
///
///     async fn accept(&mut self) -> (DuplexStream, ()) {
///         match self.0.recv().await {
///             Some(stream) => (stream, ()),
///             None => std::future::pending().await,
///         }
///     }
///
///     fn local_addr(&self) -> std::io::Result<()> {
///         Ok(())
///     }
/// }
/// # fn takes(_: impl Listener) {}
/// # takes(Queue(mpsc::channel(1).1));
/// ```
pub trait Listener: 'static {
    /// A connection.
    type Io: AsyncRead + AsyncWrite + Unpin + 'static;
    /// Where it comes from.
    type Addr: 'static;

    /// Whether its connections are secure, as TLS makes them: then a server takes addresses of
    /// `https` ([`Config::is_secure`](crate::Config::is_secure)).
    const IS_SECURE: bool = false;

    /// The next connection. It must be cancel safe: a future that is dropped loses none.
    /// Its example is [`Listener`]'s.
    ///
    /// There is no error to return. What goes wrong concerns one connection, and then the next
    /// one is waited for, or it passes, and then it is waited until it has.
    fn accept(&mut self) -> impl Future<Output = (Self::Io, Self::Addr)>;

    /// Where connections are expected. Its example is [`Listener`]'s.
    ///
    /// # Errors
    ///
    /// What the system says.
    fn local_addr(&self) -> io::Result<Self::Addr>;

    /// As [`accept`](Self::accept), but an error of the system comes out: if the process lacks
    /// something, the server can close an idle connection.
    ///
    /// # Errors
    ///
    /// None, unless the listener has an own version of this.
    fn try_accept(&mut self) -> impl Future<Output = io::Result<(Self::Io, Self::Addr)>> {
        async { Ok(self.accept().await) }
    }

    /// Lets so many connections wait to be accepted. By default it does nothing. Its example is
    /// [`Serve::with_backlog`](super::Serve::with_backlog)'s.
    fn set_backlog(&mut self, _connections: u32) {}

    /// Prepares a connection that has just been accepted. By default it does nothing. Its example is
    /// [`ListenerExt::tap_io`]'s.
    fn prepare(_io: &Self::Io) {}

    /// Sees to it that a connection that is dropped now is reset, and not closed (see
    /// [`Connection::with_reset`](crate::h1::Connection::with_reset), which has the example). By
    /// default it does nothing.
    fn reset(_io: &Self::Io) {}
}

impl Listener for TcpListener {
    type Io = TcpStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (TcpStream, SocketAddr) {
        loop {
            match TcpListener::accept(self).await {
                Ok(accepted) => return accepted,
                Err(_) => sleep(REST).await,
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        TcpListener::local_addr(self)
    }

    async fn try_accept(&mut self) -> io::Result<(TcpStream, SocketAddr)> {
        TcpListener::accept(self).await
    }

    fn set_backlog(&mut self, connections: u32) {
        listen(&*self, connections);
    }

    fn prepare(stream: &TcpStream) {
        // Answers are written whole, so there is nothing that the kernel should wait for. An
        // error means that the peer is gone, and the connection will find that out.
        let _ = stream.set_nodelay(true);
        tell_small_progress(stream);
    }

    fn reset(stream: &TcpStream) {
        let _ = stream.set_linger(Some(Duration::ZERO));
    }
}

impl Listener for UnixListener {
    type Io = UnixStream;
    type Addr = unix::SocketAddr;

    async fn accept(&mut self) -> (UnixStream, unix::SocketAddr) {
        loop {
            match UnixListener::accept(self).await {
                Ok(accepted) => return accepted,
                Err(_) => sleep(REST).await,
            }
        }
    }

    fn local_addr(&self) -> io::Result<unix::SocketAddr> {
        UnixListener::local_addr(self)
    }

    async fn try_accept(&mut self) -> io::Result<(UnixStream, unix::SocketAddr)> {
        UnixListener::accept(self).await
    }

    fn set_backlog(&mut self, connections: u32) {
        listen(&*self, connections);
    }
}

/// Time between two attempts to accept when the process lacks something.
pub(super) const REST: Duration = Duration::from_millis(100);

/// Lets so many connections wait in the kernel's queue. To listen again changes nothing else.
fn listen<'a>(listener: impl Into<SockRef<'a>>, backlog: u32) {
    let backlog = i32::try_from(backlog).unwrap_or(i32::MAX);
    // A listener that has a shorter queue is no reason not to serve.
    let _ = listener.into().listen(backlog);
}

/// Bytes of an answer that the kernel takes before it can send them.
#[cfg(any(target_os = "linux", target_os = "android"))]
const UNSENT: u32 = 64 * 1024;

/// Makes the kernel tell when a peer has taken a little of an answer.
///
/// By default a socket is called writable when a third of its send buffer is free. The buffer
/// grows to megabytes, so a peer that takes 20 kB a second would look dead for most of a
/// minute. With this option a socket is writable when less than half of [`UNSENT`] waits to be
/// sent. A fast peer is not slowed down, as bytes that are on their way do not count.
fn tell_small_progress(stream: &TcpStream) {
    // Without it a slow peer is cut earlier; that is no reason not to serve.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    let _ = SockRef::from(stream).set_tcp_notsent_lowat(UNSENT);
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    let _ = stream;
}

/// What every [`Listener`] can do.
///
/// ```
/// # runtime::runtime::Runtime::new().unwrap().block_on(async {
/// use runtime::net::TcpListener;
/// use server::serve::ListenerExt;
///
/// let listener = TcpListener::bind("127.0.0.1:0").await?.tap_io(|stream| {
///     let _ = stream.set_ttl(64);
/// });
/// # let _ = listener;
/// # std::io::Result::Ok(())
/// # }).unwrap();
/// ```
pub trait ListenerExt: Listener + Sized {
    /// Calls `look` with each connection, after it has been accepted. Its example is
    /// [`ListenerExt`]'s.
    fn tap_io<F>(self, look: F) -> TapIo<Self, F>
    where
        F: FnMut(&mut Self::Io) + 'static,
    {
        TapIo {
            listener: self,
            look,
        }
    }
}

impl<L: Listener> ListenerExt for L {}

/// A listener whose connections are looked at. From [`ListenerExt::tap_io`].
/// Its example is [`ListenerExt`]'s.
pub struct TapIo<L, F> {
    listener: L,
    look: F,
}

impl<L, F> Listener for TapIo<L, F>
where
    L: Listener,
    F: FnMut(&mut L::Io) + 'static,
{
    type Io = L::Io;
    type Addr = L::Addr;
    const IS_SECURE: bool = L::IS_SECURE;

    async fn accept(&mut self) -> (L::Io, L::Addr) {
        let (mut io, addr) = self.listener.accept().await;
        (self.look)(&mut io);
        (io, addr)
    }

    fn local_addr(&self) -> io::Result<L::Addr> {
        self.listener.local_addr()
    }

    async fn try_accept(&mut self) -> io::Result<(L::Io, L::Addr)> {
        let (mut io, addr) = self.listener.try_accept().await?;
        (self.look)(&mut io);
        Ok((io, addr))
    }

    fn set_backlog(&mut self, connections: u32) {
        self.listener.set_backlog(connections);
    }

    fn prepare(io: &L::Io) {
        L::prepare(io);
    }

    fn reset(io: &L::Io) {
        L::reset(io);
    }
}

impl<L: fmt::Debug, F> fmt::Debug for TapIo<L, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TapIo")
            .field("listener", &self.listener)
            .finish_non_exhaustive()
    }
}
