//! What a server serves: one service, and for each connection perhaps a mark on its requests.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use runtime::net::unix;

use super::listener::Listener;
use crate::extract::connect_info::{ConnectInfo, Connected, IntoMakeServiceWithConnectInfo};
use crate::h1::Mark;
use crate::service::Service;

/// What can be served: every [`Service`], and a service whose requests tell where they come from
/// ([`IntoMakeServiceWithConnectInfo`]).
///
/// ```
/// use http::{Request, Response};
/// use runtime::net::TcpListener;
/// use server::{Body, serve::MakeService};
///
/// fn takes(_: impl MakeService<TcpListener>) {}
/// takes(|_: Request<Body>| async { Response::new(Body::empty()) });
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be served",
    label = "this is no service",
    note = "a `Router` can be served as soon as it has its state: `.with_state(state)`",
    note = "so can a function from a `Request<Body>` to a future of a `Response<Body>`; a service of `tower` can with `ServiceExt::into_make_service`"
)]
pub trait MakeService<L: Listener>: 'static {
    /// What answers, on all connections.
    type Service: Service;
    /// What the requests of one connection carry.
    type Mark: Mark;

    /// The service.
    fn into_service(self) -> Self::Service;

    /// The mark of a connection that has just been accepted. Its example is
    /// [`ConnectInfo`]'s.
    fn mark(stream: IncomingStream<'_, L>) -> Self::Mark;
}

#[diagnostic::do_not_recommend]
impl<L: Listener, S: Service> MakeService<L> for S {
    type Service = S;
    type Mark = ();

    fn into_service(self) -> S {
        self
    }

    fn mark(_: IncomingStream<'_, L>) {}
}

impl<L, S, C> MakeService<L> for IntoMakeServiceWithConnectInfo<S, C>
where
    L: Listener,
    S: Service,
    C: for<'a> Connected<IncomingStream<'a, L>>,
{
    type Service = S;
    type Mark = ConnectInfo<C>;

    fn into_service(self) -> S {
        self.into_inner()
    }

    fn mark(stream: IncomingStream<'_, L>) -> ConnectInfo<C> {
        ConnectInfo(C::connect_info(stream))
    }
}

/// A connection that has just been accepted, for [`Connected`].
/// Its example is [`Connected`]'s.
pub struct IncomingStream<'a, L: Listener> {
    io: &'a L::Io,
    remote_addr: L::Addr,
}

impl<'a, L: Listener> IncomingStream<'a, L> {
    pub(super) fn new(io: &'a L::Io, remote_addr: L::Addr) -> Self {
        IncomingStream { io, remote_addr }
    }

    /// The connection.
    #[must_use]
    pub fn io(&self) -> &L::Io {
        self.io
    }

    /// Where it comes from.
    /// Its example is [`Connected`]'s.
    #[must_use]
    pub fn remote_addr(&self) -> &L::Addr {
        &self.remote_addr
    }
}

impl<L: Listener> fmt::Debug for IncomingStream<'_, L>
where
    L::Addr: fmt::Debug,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IncomingStream")
            .field("remote_addr", &self.remote_addr)
            .finish_non_exhaustive()
    }
}

/// The address, of every listener that has one: also of a program's own.
impl<L> Connected<IncomingStream<'_, L>> for SocketAddr
where
    L: Listener<Addr = SocketAddr>,
{
    fn connect_info(stream: IncomingStream<'_, L>) -> Self {
        stream.remote_addr
    }
}

impl<L> Connected<IncomingStream<'_, L>> for Arc<unix::SocketAddr>
where
    L: Listener<Addr = unix::SocketAddr>,
{
    fn connect_info(stream: IncomingStream<'_, L>) -> Self {
        Arc::new(stream.remote_addr)
    }
}
