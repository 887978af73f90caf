//! What answers on one path: a handler for each method.

use std::convert::Infallible;
use std::fmt;

use http::StatusCode;
use tower_service::Service;

use super::endpoint::{Allow, Endpoint, Origin};
use super::into_make_service::IntoMakeService;
use super::method_filter::{GET, HEAD, METHODS, MethodFilter, place};
use super::route::{Route, RouteFuture};
use super::stated::{Fallback, Stated};
use crate::extract::connect_info::IntoMakeServiceWithConnectInfo;
use crate::handler::Handler;
use crate::message::Request;
use crate::response::IntoResponse;

/// Handlers and services of one path, by method. From [`get`](super::get) and its like.
///
/// A method without a handler is answered with 405 and an `Allow` that lists the others.
///
/// ```
/// use server::{Router, routing::get};
/// use server::testing::TestClient;
///
/// let items = get(|| async { "all" }).post(|| async { "made" });
/// let app: Router = Router::new().route("/items", items);
/// # #[runtime::main(start_paused = true)] async fn test(app: Router) {
/// assert_eq!(TestClient::new(app).post("/items").await.text().await, "made");
/// # }
/// # test(app);
/// ```
#[must_use]
pub struct MethodRouter<S = (), E = Infallible> {
    /// By a method's place in [`METHODS`].
    pub(super) endpoints: [Option<Endpoint<S, E>>; METHODS.len()],
    pub(super) fallback: Fallback<S, E>,
    pub(super) allow: Allow,
}

impl<S> MethodRouter<S>
where
    S: Clone + 'static,
{
    /// Adds a handler for the methods of `filter`.
    ///
    /// # Panics
    ///
    /// If one of the methods has a handler already.
    ///
    /// ```
    /// use server::Router;
    /// use server::routing::{MethodFilter, MethodRouter};
    ///
    /// let methods = MethodRouter::new().on(MethodFilter::DELETE, || async { "gone" });
    /// let app: Router = Router::new().route("/", methods);
    /// # let _ = app;
    /// ```
    #[track_caller]
    pub fn on<H, T>(self, filter: MethodFilter, handler: H) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        self.on_endpoint(filter, &Stated::handler(handler), Origin::of::<H>())
    }

    /// Sets the handler of all other methods, in place of the 405.
    ///
    /// The `Allow` of the methods that have handlers is still added to its response, unless it
    /// has one.
    ///
    /// ```
    /// use server::{Router, http::StatusCode, routing::get};
    /// use server::testing::TestClient;
    ///
    /// let methods = get(|| async { "hello" }).fallback(|| async { StatusCode::IM_A_TEAPOT });
    /// let app: Router = Router::new().route("/", methods);
    /// # #[runtime::main(start_paused = true)] async fn test(app: Router) {
    /// assert_eq!(TestClient::new(app).put("/").await.status(), 418);
    /// # }
    /// # test(app);
    /// ```
    pub fn fallback<H, T>(mut self, handler: H) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        self.fallback = Fallback::Custom(Stated::handler(handler));
        self
    }

    /// Sets the handler of all other methods, if there is none yet.
    pub(super) fn default_fallback<H, T>(self, handler: H) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        match self.fallback {
            Fallback::Default(_) => self.fallback(handler),
            Fallback::Custom(_) => self,
        }
    }
}

impl<S, E> MethodRouter<S, E>
where
    S: Clone + 'static,
    E: 'static,
{
    /// A router of no methods: 405 to all of them.
    ///
    /// ```
    /// let methods: server::routing::MethodRouter = server::routing::MethodRouter::new();
    /// # let _ = methods;
    /// ```
    pub fn new() -> Self {
        let refuse = |_| async { Ok(StatusCode::METHOD_NOT_ALLOWED.into_response()) };
        MethodRouter {
            endpoints: [const { None }; METHODS.len()],
            fallback: Fallback::Default(Route::from_fn(refuse)),
            allow: Allow::Methods(Vec::new()),
        }
    }

    /// A fallback for all methods, of a router that is nested.
    pub(super) fn of_fallback(stated: Stated<S, E>) -> Self {
        let mut methods = MethodRouter::new().skip_allow_header();
        methods.fallback = Fallback::Custom(stated);
        methods
    }

    /// Adds a service for the methods of `filter`.
    ///
    /// # Panics
    ///
    /// If one of the methods has a handler already.
    ///
    /// ```
    /// use server::files::ServeFile;
    /// use server::routing::{MethodFilter, post};
    ///
    /// let methods = post(|| async { "made" });
    /// let methods = methods.on_service(MethodFilter::GET, ServeFile::new("public/form.html"));
    /// # let _: server::routing::MethodRouter = methods;
    /// ```
    #[track_caller]
    pub fn on_service<T>(self, filter: MethodFilter, service: T) -> Self
    where
        T: Service<Request, Error = E> + Clone + 'static,
        T::Response: IntoResponse + 'static,
        T::Future: 'static,
    {
        self.on_endpoint(
            filter,
            &Stated::Route(Route::new(service)),
            Origin::of::<T>(),
        )
    }

    /// Sets the service of all other methods; as [`fallback`](MethodRouter::fallback) does.
    ///
    /// ```
    /// use server::files::ServeFile;
    /// use server::routing::post;
    ///
    /// let methods = post(|| async { "made" });
    /// let methods = methods.fallback_service(ServeFile::new("public/form.html"));
    /// # let _: server::routing::MethodRouter = methods;
    /// ```
    pub fn fallback_service<T>(mut self, service: T) -> Self
    where
        T: Service<Request, Error = E> + Clone + 'static,
        T::Response: IntoResponse + 'static,
        T::Future: 'static,
    {
        self.fallback = Fallback::Custom(Stated::Route(Route::new(service)));
        self
    }

    #[track_caller]
    fn on_endpoint(mut self, filter: MethodFilter, stated: &Stated<S, E>, origin: Origin) -> Self {
        for (place, method) in METHODS.into_iter().enumerate() {
            if !filter.has(place) {
                continue;
            }
            assert!(
                self.endpoints[place].is_none(),
                "Overlapping method route. Cannot add two method routes that both handle `{method}`",
            );
            self.endpoints[place] = Some(Endpoint {
                stated: stated.clone(),
                origin,
            });
            self.allow.add(method);
            if place == GET {
                self.allow.add(METHODS[HEAD]);
            }
        }
        self
    }

    pub(super) fn skip_allow_header(mut self) -> Self {
        self.allow = Allow::Skip;
        self
    }

    /// Gives the handlers their state.
    ///
    /// ```
    /// use server::routing::{MethodRouter, get};
    ///
    /// let methods: MethodRouter<u32> = get(|| async { "hello" });
    /// let methods: MethodRouter = methods.with_state(7);
    /// # let _ = methods;
    /// ```
    pub fn with_state<S2>(self, state: S) -> MethodRouter<S2, E> {
        MethodRouter {
            endpoints: self.endpoints.map(|endpoint| {
                endpoint.map(|endpoint| Endpoint {
                    stated: endpoint.stated.with_state(state.clone()),
                    origin: endpoint.origin,
                })
            }),
            fallback: self.fallback.with_state(state),
            allow: self.allow,
        }
    }

    /// Which methods have handlers.
    ///
    /// ```
    /// use server::routing::{MethodFilter, MethodRouter, get};
    ///
    /// let methods: MethodRouter = get(|| async { "all" }).post(|| async { "made" });
    /// assert_eq!(methods.method_filter(), Some(MethodFilter::GET.or(MethodFilter::POST)));
    /// ```
    #[must_use]
    pub fn method_filter(&self) -> Option<MethodFilter> {
        let present = (0..METHODS.len()).filter(|place| self.endpoints[*place].is_some());
        present.map(MethodFilter::at).reduce(MethodFilter::or)
    }

    /// The methods that have handlers, and where these come from.
    pub(super) fn endpoints(&self) -> impl Iterator<Item = (&'static str, Origin)> {
        let endpoints = METHODS.into_iter().zip(&self.endpoints);
        endpoints.filter_map(|(method, endpoint)| Some((method, endpoint.as_ref()?.origin)))
    }

    /// Answers `request`, if no state is missing.
    pub(super) fn answer(&self, request: Request) -> RouteFuture<E> {
        let endpoint = place(request.method()).and_then(|place| {
            let own = self.endpoints[place].as_ref();
            own.or_else(|| self.endpoints[GET].as_ref().filter(|_| place == HEAD))
        });
        let route = match endpoint {
            Some(endpoint) => endpoint.stated.route(),
            None => self.fallback.route(),
        };
        let allow = match endpoint {
            Some(_) => None,
            None => self.allow.header(),
        };
        route
            .expect("a router that can be called misses no state")
            .call_outer(request, allow)
    }
}

impl MethodRouter {
    /// A maker of services that gives this one to every connection.
    ///
    /// ```
    /// let maker = server::routing::get(|| async { "hello" }).into_make_service();
    /// # let _ = maker;
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
    /// let app = server::routing::get(|| async { "hello" });
    /// let maker = app.into_make_service_with_connect_info::<SocketAddr>();
    /// # let _ = maker;
    /// ```
    #[must_use]
    pub fn into_make_service_with_connect_info<C>(self) -> IntoMakeServiceWithConnectInfo<Self, C> {
        IntoMakeServiceWithConnectInfo::new(self)
    }
}

impl<S, E> Default for MethodRouter<S, E>
where
    S: Clone + 'static,
    E: 'static,
{
    fn default() -> Self {
        MethodRouter::new()
    }
}

impl<S, E> Clone for MethodRouter<S, E> {
    fn clone(&self) -> Self {
        MethodRouter {
            endpoints: self.endpoints.clone(),
            fallback: self.fallback.clone(),
            allow: self.allow.clone(),
        }
    }
}

impl<S, E> fmt::Debug for MethodRouter<S, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MethodRouter")
            .field("allow", &self.allow)
            .finish_non_exhaustive()
    }
}
