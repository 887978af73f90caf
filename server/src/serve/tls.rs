//! TLS around another listener's connections, by rustls. With the feature `tls`.
//!
//! ```text
//!   accept ──▶ TlsStream (nothing has come yet) ──▶ a connection's task
//!                                                     first read: the handshake
//!                                                     then: bytes in, bytes out
//! ```
//!
//! The handshake is not a part of accepting. A connection is handed on as it arrives, and its own
//! task makes the handshake when it reads for the first time. So many handshakes are under way at
//! once, and the limits of a connection hold for them without a word more:
//!
//! * their number: they are connections, at most
//!   [`with_max_connections`](crate::Serve::with_max_connections);
//! * their time: [`Config::head_timeout`](crate::Config::head_timeout) is for the handshake and the
//!   first byte of the first request together;
//! * a full server closes those first on which nothing has come, as a connection is while it
//!   shakes hands;
//! * a handshake that fails ends its connection and no other.
//!
//! The end of a connection is a message of its own in TLS, `close_notify`. The server sends it when
//! it closes a connection. A connection that is cut off ends without it, and the client can tell.
//!
//! How it can go wrong: rustls keeps what a full socket did not take, and says that it was
//! written. So a writer must flush, which the engine does after what it writes.

use std::fmt;
use std::future::Future;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use futures_io::{AsyncRead, AsyncWrite};
pub use futures_rustls::rustls;
use futures_rustls::rustls::{ServerConfig, ServerConnection};
use futures_rustls::server::TlsStream as OpenStream;
use futures_rustls::{Accept, TlsAcceptor};

use super::listener::Listener;

/// A listener whose connections are encrypted.
///
/// [`rustls`] is the version that it is made with. Let [`ServerConfig::alpn_protocols`] name
/// `http/1.1`, or leave it empty. The cryptography is that of the crate `ring`, unless the
/// configuration is made with another provider.
///
/// A request whose target is a whole `https` address, and not a path, is answered with 421 unless
/// [`Config::is_secure`](crate::Config::is_secure) says that the connections are secured.
///
/// ```no_run
/// use runtime::net::TcpListener;
/// use server::serve::tls::{TlsListener, rustls};
/// use server::{Router, routing::get, serve};
/// use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
///
/// # #[runtime::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let chain = CertificateDer::pem_file_iter("chain.pem")?.collect::<Result<_, _>>()?;
/// let key = PrivateKeyDer::from_pem_file("key.pem")?;
/// let config = rustls::ServerConfig::builder()
///     .with_no_client_auth()
///     .with_single_cert(chain, key)?;
/// let listener = TlsListener::new(TcpListener::bind("0.0.0.0:443").await?, config);
/// serve(listener, Router::new().route("/", get(|| async { "in private" }))).await?;
/// # Ok(())
/// # }
/// ```
pub struct TlsListener<L> {
    listener: L,
    acceptor: TlsAcceptor,
}

impl<L: Listener> TlsListener<L> {
    /// Lays TLS around the connections of `listener`. Its example is [`TlsListener`]'s.
    pub fn new(listener: L, config: impl Into<Arc<ServerConfig>>) -> Self {
        TlsListener {
            listener,
            acceptor: TlsAcceptor::from(config.into()),
        }
    }

    fn wrap(&self, (io, addr): (L::Io, L::Addr)) -> (TlsStream<L::Io>, L::Addr) {
        L::prepare(&io);
        let state = State::Handshake(Box::new(self.acceptor.accept(io)));
        (TlsStream { state }, addr)
    }
}

impl<L: Listener> Listener for TlsListener<L> {
    type Io = TlsStream<L::Io>;
    type Addr = L::Addr;
    const IS_SECURE: bool = true;

    async fn accept(&mut self) -> (TlsStream<L::Io>, L::Addr) {
        let accepted = self.listener.accept().await;
        self.wrap(accepted)
    }

    fn local_addr(&self) -> io::Result<L::Addr> {
        self.listener.local_addr()
    }

    async fn try_accept(&mut self) -> io::Result<(TlsStream<L::Io>, L::Addr)> {
        let accepted = self.listener.try_accept().await?;
        Ok(self.wrap(accepted))
    }

    fn set_backlog(&mut self, connections: u32) {
        self.listener.set_backlog(connections);
    }

    fn reset(stream: &TlsStream<L::Io>) {
        // While the handshake lasts there is no answer whose end could be mistaken.
        if let Some((io, _)) = stream.get_ref() {
            L::reset(io);
        }
    }
}

impl<L: fmt::Debug> fmt::Debug for TlsListener<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsListener")
            .field("listener", &self.listener)
            .finish_non_exhaustive()
    }
}

/// An encrypted connection; from [`TlsListener`], which has the example. Its first read makes the
/// handshake.
///
/// # Errors
///
/// A read fails with the reason why the handshake failed, and with
/// [`UnexpectedEof`](io::ErrorKind::UnexpectedEof) if the client's bytes end without
/// `close_notify`.
///
/// # Cancel safety
///
/// It has no futures of its own. Dropping it ends the connection without `close_notify`.
pub struct TlsStream<I> {
    state: State<I>,
}

enum State<I> {
    /// Not done yet; it also stands for a handshake that nothing has polled.
    Handshake(Box<Accept<I>>),
    Open(Box<OpenStream<I>>),
    /// Closed, or failed, before the handshake was done.
    Closed,
}

impl<I> TlsStream<I> {
    /// The connection inside, and what rustls knows of it: the protocol, the client's
    /// certificates. `None` before the handshake is done.
    ///
    /// ```
    /// use server::serve::tls::TlsStream;
    /// use runtime::net::TcpStream;
    ///
    /// fn host(stream: &TlsStream<TcpStream>) -> Option<&str> {
    ///     stream.get_ref()?.1.server_name()
    /// }
    /// # let _ = host;
    /// ```
    #[must_use]
    pub fn get_ref(&self) -> Option<(&I, &ServerConnection)> {
        match &self.state {
            State::Open(stream) => Some(stream.get_ref()),
            State::Handshake(_) | State::Closed => None,
        }
    }
}

impl<I: AsyncRead + AsyncWrite + Unpin> TlsStream<I> {
    /// The stream after the handshake; `None` if it was closed before that.
    fn poll_open(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<Option<Pin<&mut OpenStream<I>>>>> {
        if let State::Handshake(handshake) = &mut self.state {
            match ready!(Pin::new(&mut **handshake).poll(cx)) {
                Ok(stream) => self.state = State::Open(Box::new(stream)),
                Err(error) => {
                    self.state = State::Closed;
                    return Poll::Ready(Err(error));
                }
            }
        }
        Poll::Ready(Ok(match &mut self.state {
            State::Open(stream) => Some(Pin::new(&mut **stream)),
            State::Handshake(_) | State::Closed => None,
        }))
    }
}

fn closed() -> io::Error {
    io::ErrorKind::BrokenPipe.into()
}

impl<I: AsyncRead + AsyncWrite + Unpin> AsyncRead for TlsStream<I> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        match ready!(self.poll_open(cx))? {
            Some(stream) => stream.poll_read(cx, buf),
            None => Poll::Ready(Ok(0)),
        }
    }
}

impl<I: AsyncRead + AsyncWrite + Unpin> AsyncWrite for TlsStream<I> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        match ready!(self.poll_open(cx))? {
            Some(stream) => stream.poll_write(cx, buf),
            None => Poll::Ready(Err(closed())),
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match ready!(self.poll_open(cx))? {
            Some(stream) => stream.poll_write_vectored(cx, pieces),
            None => Poll::Ready(Err(closed())),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.state {
            State::Open(stream) => Pin::new(&mut **stream).poll_flush(cx),
            State::Handshake(_) | State::Closed => Poll::Ready(Ok(())),
        }
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.state {
            State::Open(stream) => Pin::new(&mut **stream).poll_close(cx),
            State::Handshake(_) | State::Closed => {
                self.state = State::Closed;
                Poll::Ready(Ok(()))
            }
        }
    }
}

impl<I> fmt::Debug for TlsStream<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match &self.state {
            State::Handshake(_) => "handshake",
            State::Open(_) => "open",
            State::Closed => "closed",
        };
        f.debug_struct("TlsStream")
            .field("state", &state)
            .finish_non_exhaustive()
    }
}
