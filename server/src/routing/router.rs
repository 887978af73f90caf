//! Paths and their handlers, as a program puts them together.

use std::convert::Infallible;
use std::fmt;
use std::rc::Rc;

use http::StatusCode;
use tower_service::Service;

use super::into_make_service::IntoMakeService;
use super::list::{self, RouteInfo};
use super::matched::{remember_fallback, remember_match, remember_uri};
use super::method_router::MethodRouter;
use super::path_router::{Endpoint, PathRouter};
use super::route::{Route, RouteFuture};
use super::stated::{Fallback, Stated};
use crate::extract::connect_info::IntoMakeServiceWithConnectInfo;
use crate::handler::Handler;
use crate::message::Request;
use crate::response::IntoResponse;

/// Paths and their handlers.
///
/// `S` is the state that is still *missing*: `Router<Db>` is a router that cannot answer
/// before it gets a `Db` ([`with_state`](Self::with_state)); only a `Router<()>` can be
/// served. A clone is another handle to the same routes.
///
/// ```
/// use server::{Router, routing::get};
/// use server::testing::TestClient;
///
/// let app: Router = Router::new()
///     .route("/", get(|| async { "home" }))
///     .route("/items/{id}", get(|| async { "one" }).delete(|| async { "gone" }));
/// # #[runtime::main(start_paused = true)] async fn test(app: Router) {
/// let client = TestClient::new(app);
/// assert_eq!(client.delete("/items/7").await.text().await, "gone");
/// # }
/// # test(app);
/// ```
///
/// # Paths
///
/// A path begins with a slash. `{name}` stands for one segment, `{*name}` at the end for all
/// the rest, at least one character; `{{` and `}}` are braces. `:name` and `*name` are
/// understood too, as axum 0.7 wrote them
/// ([`without_v07_checks`](Self::without_v07_checks) takes them as they are). A literal
/// segment goes before a capture, in whatever order they were added; two captures cannot
/// stand at the same place. `/a` and `/a/` are two paths.
#[must_use]
pub struct Router<S = ()> {
    inner: Rc<Inner<S>>,
}

#[derive(Debug, Clone)]
pub(super) struct Inner<S> {
    pub(super) paths: PathRouter<S>,
    /// The fallbacks of nested routers, at their prefixes.
    pub(super) nested_fallbacks: PathRouter<S>,
    pub(super) fallback: Fallback<S>,
}

impl<S> Router<S>
where
    S: Clone + 'static,
{
    /// A router without routes: 404 to everything.
    ///
    /// ```
    /// let app: server::Router = server::Router::new();
    /// assert!(!app.has_routes());
    /// ```
    pub fn new() -> Self {
        Router::from(Inner {
            paths: PathRouter::new(),
            nested_fallbacks: PathRouter::new(),
            fallback: not_found(),
        })
    }

    /// Takes `:name` and `*name` as they stand, not as captures in the syntax of axum 0.7.
    /// Applies to routes that are added afterwards.
    ///
    /// ```
    /// use server::{Router, routing::get};
    ///
    /// let app: Router = Router::new()
    ///     .without_v07_checks()
    ///     .route("/:colon", get(|| async { "a path that begins with a colon" }));
    /// # let _ = app;
    /// ```
    pub fn without_v07_checks(self) -> Self {
        self.change(|inner| inner.paths.without_v07_checks())
    }

    /// Adds handlers at `path`, beside those that are there already for other methods.
    ///
    /// # Panics
    ///
    /// If the path is none, if another route is in its way, or if one of the methods has a
    /// handler there already.
    ///
    /// ```
    /// use server::{Router, routing::{get, post}};
    ///
    /// let app: Router = Router::new()
    ///     .route("/items", get(|| async { "all" }))
    ///     .route("/items", post(|| async { "made" }));
    /// # let _ = app;
    /// ```
    #[track_caller]
    pub fn route(self, path: &str, methods: MethodRouter<S>) -> Self {
        self.try_change(|inner| inner.paths.route(path, methods))
    }

    /// Adds a service that answers all methods at `path`. Its example is [`files`](crate::files)'s.
    ///
    /// # Panics
    ///
    /// As [`route`](Self::route), and if the service is a `Router`: that is what
    /// [`nest`](Self::nest) is for.
    #[track_caller]
    pub fn route_service<T>(self, path: &str, service: T) -> Self
    where
        T: Service<Request, Error = Infallible> + Clone + 'static,
        T::Response: IntoResponse + 'static,
        T::Future: 'static,
    {
        assert!(
            !(&service as &dyn std::any::Any).is::<Router<S>>(),
            "Invalid route: `Router::route_service` cannot be used with `Router`s. \
             Use `Router::nest` instead",
        );
        let endpoint = Endpoint::Route(Route::new(service));
        self.try_change(|inner| inner.paths.route_endpoint(path, endpoint))
    }

    /// Whether there is any route.
    #[must_use]
    pub fn has_routes(&self) -> bool {
        !self.inner.paths.is_empty()
    }

    /// Sets the handler of all requests that no route fits, in place of the 404.
    ///
    /// ```
    /// use server::{Router, http::{StatusCode, Uri}};
    ///
    /// let nothing = || async { (StatusCode::NOT_FOUND, "there is nothing here") };
    /// let app: Router = Router::new().fallback(nothing);
    /// drop(app.reset_fallback()); // it answers with a plain 404 again
    /// ```
    pub fn fallback<H, T>(self, handler: H) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        let fallback = Fallback::Custom(Stated::handler(handler));
        self.change(|inner| inner.fallback = fallback)
    }

    /// Sets the service of all other requests. Its example is [`ServeDir`](crate::files::ServeDir)'s.
    pub fn fallback_service<T>(self, service: T) -> Self
    where
        T: Service<Request, Error = Infallible> + Clone + 'static,
        T::Response: IntoResponse + 'static,
        T::Future: 'static,
    {
        let fallback = Fallback::Custom(Stated::Route(Route::new(service)));
        self.change(|inner| inner.fallback = fallback)
    }

    /// Takes the fallback away: 404 again. Its example is [`fallback`](Self::fallback)'s.
    pub fn reset_fallback(self) -> Self {
        self.change(|inner| {
            inner.nested_fallbacks = PathRouter::new();
            inner.fallback = not_found();
        })
    }

    /// Sets the handler of requests whose path is known but not for this method, at all paths
    /// that were added so far and have no such handler yet.
    ///
    /// ```
    /// use server::{Router, routing::get};
    ///
    /// let app: Router = Router::new()
    ///     .route("/", get(|| async { "home" }))
    ///     .method_not_allowed_fallback(|| async { "only GET, please" });
    /// # let _ = app;
    /// ```
    #[allow(clippy::needless_pass_by_value, reason = "axum takes it by value")]
    pub fn method_not_allowed_fallback<H, T>(self, handler: H) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        self.change(|inner| inner.paths.method_not_allowed_fallback(&handler))
    }

    /// Gives all handlers so far their state. What is added afterwards misses a state of the
    /// type `S2`, any type.
    ///
    /// ```
    /// use std::rc::Rc;
    /// use server::{Router, routing::get};
    ///
    /// let app: Router<Rc<str>> = Router::new().route("/", get(|| async { "home" }));
    /// let app: Router = app.with_state("loom".into());
    /// # let _ = app;
    /// ```
    pub fn with_state<S2>(self, state: S) -> Router<S2> {
        let inner = self.into_inner();
        Router {
            inner: Rc::new(Inner {
                paths: inner.paths.with_state(&state),
                nested_fallbacks: inner.nested_fallbacks.with_state(&state),
                fallback: inner.fallback.with_state(state),
            }),
        }
    }

    /// All routes: method, path, handler, and the line that added it.
    ///
    /// ```
    /// use server::{Router, routing::get};
    ///
    /// let app: Router = Router::new().route("/items/{id}", get(|| async { "one" }));
    /// let route = &app.routes()[0]; // It has handler() and location(), too.
    /// assert_eq!((route.method(), route.path()), (Some("GET"), "/items/{id}"));
    /// ```
    #[must_use]
    pub fn routes(&self) -> Vec<RouteInfo> {
        list::routes(&self.inner.paths)
    }

    pub(super) fn doubtful(&self) -> Vec<String> {
        list::doubtful(&self.inner.paths)
    }

    fn change(self, change: impl FnOnce(&mut Inner<S>)) -> Self {
        let mut inner = self.into_inner();
        change(&mut inner);
        Router::from(inner)
    }

    #[track_caller]
    pub(super) fn try_change(
        self,
        change: impl FnOnce(&mut Inner<S>) -> Result<(), String>,
    ) -> Self {
        let mut inner = self.into_inner();
        if let Err(message) = change(&mut inner) {
            panic!("{message}");
        }
        Router::from(inner)
    }

    pub(super) fn into_inner(self) -> Inner<S> {
        Rc::unwrap_or_clone(self.inner)
    }
}

/// The fallback of a router that was given none.
pub(super) fn not_found<S>() -> Fallback<S> {
    Fallback::Default(Route::from_fn(|_| async {
        Ok(StatusCode::NOT_FOUND.into_response())
    }))
}

impl Router {
    /// A maker of services that gives this router to every connection.
    ///
    /// ```
    /// let maker = server::Router::new().into_make_service();
    /// # let _: server::routing::IntoMakeService<server::Router> = maker;
    /// ```
    #[must_use]
    pub fn into_make_service(self) -> IntoMakeService<Self> {
        IntoMakeService::new(self)
    }

    /// A maker of services that gives this one to every connection; its requests carry a
    /// [`ConnectInfo`](crate::extract::ConnectInfo) of `C`.
    ///
    /// ```
    /// use std::net::SocketAddr;
    ///
    /// let app = server::Router::new();
    /// let maker = app.into_make_service_with_connect_info::<SocketAddr>();
    /// # let _ = maker;
    /// ```
    #[must_use]
    pub fn into_make_service_with_connect_info<C>(self) -> IntoMakeServiceWithConnectInfo<Self, C> {
        IntoMakeServiceWithConnectInfo::new(self)
    }

    /// Answers `request`.
    pub(super) fn answer(&self, mut request: Request) -> RouteFuture<Infallible> {
        let inner = &*self.inner;
        remember_uri(&mut request);
        let uri = request.uri().clone();
        if let Some(found) = inner.paths.find(uri.path()) {
            remember_match(&mut request, &found);
            return found.endpoint.call(request);
        }
        let found = inner.nested_fallbacks.find(uri.path());
        remember_fallback(&mut request, found.as_ref());
        if let Some(found) = found {
            return found.endpoint.call(request);
        }
        let route = inner.fallback.route();
        route
            .expect("a router that can be called misses no state")
            .call_outer(request, None)
    }
}

impl<S> From<Inner<S>> for Router<S> {
    fn from(inner: Inner<S>) -> Self {
        Router {
            inner: Rc::new(inner),
        }
    }
}

impl<S> Clone for Router<S> {
    fn clone(&self) -> Self {
        Router {
            inner: self.inner.clone(),
        }
    }
}

impl<S> Default for Router<S>
where
    S: Clone + 'static,
{
    fn default() -> Self {
        Router::new()
    }
}

impl<S> fmt::Debug for Router<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Router")
            .field("paths", &self.inner.paths)
            .finish_non_exhaustive()
    }
}
