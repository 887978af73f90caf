//! Handlers: async functions whose arguments are extractors.
//!
//! ```
//! use server::extract::Request;
//! use server::{Router, routing::get};
//! use server::testing::TestClient;
//!
//! async fn hello(request: Request) -> String {
//!     format!("you asked for {}", request.uri())
//! }
//!
//! let app: Router = Router::new().route("/", get(hello));
//! # #[runtime::main(start_paused = true)] async fn test(app: Router) {
//! assert_eq!(TestClient::new(app).get("/?a").await.text().await, "you asked for /?a");
//! # }
//! # test(app);
//! ```
//!
//! A handler is called with the request and the router's state. It makes its arguments one
//! after the other, from left to right, and stops at the first that cannot be made: that
//! one's rejection is the response. Then the function runs, and what it returns becomes the
//! response ([`IntoResponse`]).
//!
//! Neither the function, nor its future, nor the state has to be `Send`.

mod functions;

use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::task::{Context, Poll};

use bytes::Bytes;
use tower_layer::Layer;
use tower_service::Service;

use crate::body::{Body, BoxError};
use crate::extract::connect_info::IntoMakeServiceWithConnectInfo;
use crate::message::{Request, Response};
use crate::response::IntoResponse;
use crate::routing::into_make_service::IntoMakeService;
use crate::routing::route::{Answered, InfallibleRouteFuture, RouteFuture, oneshot};

/// An async function that may answer requests. Its example is the [module](self)'s.
///
/// Implemented for functions of up to sixteen arguments that are extractors, the last of
/// which may take the body, and that return what can become a response; and for every value
/// that can become a response, which is then the response to each request.
///
/// The parameter `T` is the tuple of the argument types; leave it to the compiler.
///
/// # If the compiler says that a function is no handler
///
/// Every argument but the last must implement
/// [`FromRequestParts`](crate::extract::FromRequestParts), the last one
/// [`FromRequest`](crate::extract::FromRequest). The return type must implement
/// [`IntoResponse`]. The function must be `async`. A closure's arguments need
/// their types.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a handler",
    label = "this cannot answer requests",
    note = "a handler is an `async fn` whose arguments are extractors (only the last may take the body) and whose result implements `IntoResponse`",
    note = "`#[server::debug_handler]` above the function says which of them does not fit"
)]
pub trait Handler<T, S>: Clone + Sized + 'static {
    /// Begins to answer `request`.
    ///
    /// ```
    /// use server::extract::Request;
    /// use server::handler::Handler;
    /// use server::Body;
    ///
    /// # #[runtime::main] async fn main() {
    /// async fn greet(name: String) -> String {
    ///     format!("Hello, {name}!")
    /// }
    ///
    /// // What a router does with it:
    /// let response = greet.call(Request::new(Body::from("Ada")), ()).await;
    /// assert_eq!(response.status(), 200);
    /// # }
    /// ```
    fn call(self, request: Request, state: S) -> impl Future<Output = Response> + 'static;

    /// The same handler inside a middleware of its own.
    ///
    /// ```
    /// use server::{Router, handler::Handler, routing::get};
    /// use tower_layer::Identity;
    ///
    /// async fn hello() -> &'static str {
    ///     "hello"
    /// }
    ///
    /// let app: Router = Router::new().route("/", get(hello.layer(Identity::new())));
    /// # let _ = app;
    /// ```
    fn layer<L>(self, layer: L) -> Layered<L, Self, T, S>
    where
        L: Layer<HandlerService<Self, T, S>> + Clone,
    {
        Layered::new(layer, self)
    }

    /// The handler with its state: a service.
    ///
    /// ```
    /// use server::handler::{Handler, HandlerService};
    ///
    /// async fn hello() -> &'static str {
    ///     "hello"
    /// }
    ///
    /// let service: HandlerService<_, _, u32> = hello.with_state(7);
    /// # let _ = service;
    /// ```
    fn with_state(self, state: S) -> HandlerService<Self, T, S> {
        HandlerService::new(self, state)
    }
}

/// A [`Handler`] and its state, as a service. From
/// [`Handler::with_state`] and [`HandlerWithoutStateExt::into_service`].
/// Its example is [`Handler::with_state`]'s.
pub struct HandlerService<H, T, S> {
    handler: H,
    state: S,
    arguments: PhantomData<fn() -> T>,
}

impl<H, T, S> HandlerService<H, T, S> {
    fn new(handler: H, state: S) -> Self {
        HandlerService {
            handler,
            state,
            arguments: PhantomData,
        }
    }

    /// The handler's state. Its example is [`Handler::with_state`]'s.
    pub fn state(&self) -> &S {
        &self.state
    }

    /// A maker of services that gives this one to every connection.
    ///
    /// ```
    /// use server::handler::HandlerWithoutStateExt;
    ///
    /// let maker = (|| async { "hello" }).into_service().into_make_service();
    /// # let _ = maker;
    /// ```
    pub fn into_make_service(self) -> IntoMakeService<Self> {
        IntoMakeService::new(self)
    }

    /// A maker of services that gives this one to every connection; its requests carry a
    /// [`ConnectInfo`](crate::extract::ConnectInfo) of `C`.
    ///
    /// ```
    /// use std::net::SocketAddr;
    /// use server::handler::HandlerWithoutStateExt;
    ///
    /// let app = (|| async { "hello" }).into_service();
    /// let maker = app.into_make_service_with_connect_info::<SocketAddr>();
    /// # let _ = maker;
    /// ```
    pub fn into_make_service_with_connect_info<C>(self) -> IntoMakeServiceWithConnectInfo<Self, C> {
        IntoMakeServiceWithConnectInfo::new(self)
    }
}

impl<H, T, S, B> Service<Request<B>> for HandlerService<H, T, S>
where
    B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + 'static,
    H: Handler<T, S>,
    S: Clone + 'static,
    T: 'static,
{
    type Response = Response;
    type Error = Infallible;
    type Future = RouteFuture<Infallible>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> RouteFuture<Infallible> {
        let request = request.map(Body::new);
        let answer = self.handler.clone().call(request, self.state.clone());
        RouteFuture::boxed(Answered::new(answer))
    }
}

impl<H, T, S> crate::Service for HandlerService<H, T, S>
where
    H: Handler<T, S>,
    S: Clone + 'static,
    T: 'static,
{
    type Future = InfallibleRouteFuture;

    fn call(&self, request: Request) -> Self::Future {
        let answer = self.handler.clone().call(request, self.state.clone());
        RouteFuture::boxed(Answered::new(answer)).infallible()
    }
}

impl<H: Clone, T, S: Clone> Clone for HandlerService<H, T, S> {
    fn clone(&self) -> Self {
        HandlerService::new(self.handler.clone(), self.state.clone())
    }
}

impl<H, T, S> fmt::Debug for HandlerService<H, T, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HandlerService").finish_non_exhaustive()
    }
}

/// Handlers that need no state, as services.
///
/// ```
/// use std::net::SocketAddr;
/// use server::handler::HandlerWithoutStateExt;
/// use server::{Router, extract::Request};
/// use server::testing::TestClient;
///
/// async fn not_found(request: Request) -> String {
///     format!("there is no {}", request.uri())
/// }
///
/// // A handler may be all that a server has. With the addresses of its clients:
/// let alone = not_found.into_make_service_with_connect_info::<SocketAddr>();
/// # let _ = (alone, not_found.into_make_service());
///
/// let app: Router = Router::new().fallback_service(not_found.into_service());
/// # #[runtime::main(start_paused = true)] async fn test(app: Router) {
/// assert_eq!(TestClient::new(app).get("/x").await.text().await, "there is no /x");
/// # }
/// # test(app);
/// ```
pub trait HandlerWithoutStateExt<T>: Handler<T, ()> {
    /// The handler as a service. Its example is [`HandlerWithoutStateExt`]'s.
    fn into_service(self) -> HandlerService<Self, T, ()> {
        self.with_state(())
    }

    /// A maker of services that gives the handler to every connection.
    /// Its example is [`HandlerWithoutStateExt`]'s.
    fn into_make_service(self) -> IntoMakeService<HandlerService<Self, T, ()>> {
        self.into_service().into_make_service()
    }

    /// A maker of services that gives the handler to every connection; its requests carry a
    /// [`ConnectInfo`](crate::extract::ConnectInfo) of `C`.
    /// Its example is [`HandlerWithoutStateExt`]'s.
    fn into_make_service_with_connect_info<C>(
        self,
    ) -> IntoMakeServiceWithConnectInfo<HandlerService<Self, T, ()>, C> {
        self.into_service().into_make_service_with_connect_info()
    }
}

impl<H, T> HandlerWithoutStateExt<T> for H where H: Handler<T, ()> {}

/// A handler inside a middleware. From [`Handler::layer`]. Its example is [`Handler::layer`]'s.
pub struct Layered<L, H, T, S> {
    layer: L,
    handler: H,
    arguments: PhantomData<fn() -> (T, S)>,
}

impl<L, H, T, S> Layered<L, H, T, S> {
    fn new(layer: L, handler: H) -> Self {
        Layered {
            layer,
            handler,
            arguments: PhantomData,
        }
    }
}

impl<L, H, T, S> Handler<T, S> for Layered<L, H, T, S>
where
    L: Layer<HandlerService<H, T, S>> + Clone + 'static,
    H: Handler<T, S>,
    L::Service: Service<Request, Error = Infallible> + 'static,
    <L::Service as Service<Request>>::Response: IntoResponse,
    <L::Service as Service<Request>>::Future: 'static,
    T: 'static,
    S: 'static,
{
    async fn call(self, request: Request, state: S) -> Response {
        let service = self.layer.layer(self.handler.with_state(state));
        match oneshot(service, request).await {
            Ok(response) => response.into_response(),
            Err(never) => match never {},
        }
    }
}

impl<L: Clone, H: Clone, T, S> Clone for Layered<L, H, T, S> {
    fn clone(&self) -> Self {
        Layered::new(self.layer.clone(), self.handler.clone())
    }
}

impl<L: fmt::Debug, H, T, S> fmt::Debug for Layered<L, H, T, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Layered")
            .field("layer", &self.layer)
            .finish_non_exhaustive()
    }
}
