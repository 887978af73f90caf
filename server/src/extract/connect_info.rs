//! Where a request comes from.

use std::convert::Infallible;
use std::fmt;
use std::future::{Ready, ready};
use std::marker::PhantomData;
use std::net::SocketAddr;
use std::ops::{Deref, DerefMut};
use std::task::{Context, Poll};

use http::Request;
use http::request::Parts;
use tower_layer::Layer;
use tower_service::Service;

use super::FromRequestParts;
use super::rejection::ExtensionRejection;
use crate::body::Body;
use crate::extension::{AddExtension, Extension};
use crate::mark::Mark;

/// What is known of the connection that a request came on; a server address, usually.
///
/// The service must be made with
/// [`into_make_service_with_connect_info`](crate::Router::into_make_service_with_connect_info).
/// A request that lacks it is refused with 500.
///
/// ```
/// use std::net::SocketAddr;
/// use server::testing::TestServer;
/// use server::{Router, extract::ConnectInfo, routing::get};
///
/// async fn address(ConnectInfo(from): ConnectInfo<SocketAddr>) -> String {
///     from.to_string()
/// }
///
/// # #[runtime::main(start_paused = true)] async fn main() {
/// let app = Router::new().route("/", get(address));
/// // As for `serve`:
/// let server = TestServer::new(app.into_make_service_with_connect_info::<SocketAddr>());
/// assert_eq!(server.client().get("/").await.text().await, "10.0.0.1:49152");
/// # }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct ConnectInfo<T>(pub T);

impl<S, T> FromRequestParts<S> for ConnectInfo<T>
where
    T: Clone + Send + Sync + 'static,
{
    type Rejection = ExtensionRejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ExtensionRejection> {
        match Extension::<Self>::from_request_parts(parts, state).await {
            Ok(Extension(info)) => Ok(info),
            Err(missing) => match parts.extensions.get::<MockConnectInfo<T>>() {
                Some(MockConnectInfo(info)) => Ok(ConnectInfo(info.clone())),
                None => Err(missing),
            },
        }
    }
}

impl<T> Deref for ConnectInfo<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for ConnectInfo<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T> Mark for ConnectInfo<T>
where
    T: Clone + Send + Sync + 'static,
{
    fn mark(&self, request: &mut Request<Body>) {
        request.extensions_mut().insert(self.clone());
    }
}

/// What is made of a connection when it has been accepted: `T` is the connection
/// ([`IncomingStream`](crate::serve::IncomingStream)).
///
/// ```
/// use runtime::net::TcpListener;
/// use server::extract::connect_info::Connected;
/// use server::serve::IncomingStream;
///
/// #[derive(Clone)]
/// struct Port(u16);
///
/// impl Connected<IncomingStream<'_, TcpListener>> for Port {
///     fn connect_info(stream: IncomingStream<'_, TcpListener>) -> Self {
///         Port(stream.remote_addr().port())
///     }
/// }
/// # let _ = |port: Port| port.0;
/// ```
pub trait Connected<T>: Clone + Send + Sync + 'static {
    /// Looks at the connection. Its example is [`Connected`]'s.
    fn connect_info(stream: T) -> Self;
}

/// An address that is known already.
impl Connected<SocketAddr> for SocketAddr {
    fn connect_info(remote_addr: SocketAddr) -> Self {
        remote_addr
    }
}

/// A service whose requests carry a [`ConnectInfo`] of `C`. From
/// [`into_make_service_with_connect_info`](crate::Router::into_make_service_with_connect_info).
/// Its example is [`ConnectInfo`]'s.
pub struct IntoMakeServiceWithConnectInfo<S, C> {
    service: S,
    info: PhantomData<fn() -> C>,
}

impl<S, C> IntoMakeServiceWithConnectInfo<S, C> {
    pub(crate) fn new(service: S) -> Self {
        IntoMakeServiceWithConnectInfo {
            service,
            info: PhantomData,
        }
    }

    pub(crate) fn into_inner(self) -> S {
        self.service
    }
}

/// A service for each connection, for a server other than ours that asks for one.
impl<S, C, T> Service<T> for IntoMakeServiceWithConnectInfo<S, C>
where
    S: Clone,
    C: Connected<T>,
{
    type Response = AddExtension<S, ConnectInfo<C>>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, connection: T) -> Self::Future {
        let info = ConnectInfo(C::connect_info(connection));
        ready(Ok(Extension(info).layer(self.service.clone())))
    }
}

impl<S: Clone, C> Clone for IntoMakeServiceWithConnectInfo<S, C> {
    fn clone(&self) -> Self {
        Self::new(self.service.clone())
    }
}

impl<S: fmt::Debug, C> fmt::Debug for IntoMakeServiceWithConnectInfo<S, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IntoMakeServiceWithConnectInfo")
            .field("service", &self.service)
            .finish_non_exhaustive()
    }
}

/// A layer that stands in for [`ConnectInfo`] where there is no connection: in tests.
///
/// ```
/// use std::net::SocketAddr;
/// use server::{Router, extract::{ConnectInfo, connect_info::MockConnectInfo}, routing::get};
/// use server::testing::TestClient;
///
/// let app: Router = Router::new()
///     .route("/", get(|ConnectInfo(from): ConnectInfo<SocketAddr>| async move { from.to_string() }))
///     .layer(MockConnectInfo(SocketAddr::from(([0, 0, 0, 0], 1337))));
/// # #[runtime::main(start_paused = true)] async fn test(app: Router) {
/// assert_eq!(TestClient::new(app).get("/").await.text().await, "0.0.0.0:1337");
/// # }
/// # test(app);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct MockConnectInfo<T>(pub T);

impl<S, T> Layer<S> for MockConnectInfo<T>
where
    T: Clone + Send + Sync + 'static,
{
    type Service = AddExtension<S, Self>;

    fn layer(&self, inner: S) -> Self::Service {
        Extension(self.clone()).layer(inner)
    }
}
