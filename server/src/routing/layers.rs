//! Layers around the routes of a router.

use std::convert::Infallible;

use http::request::Parts;
use tower_layer::Layer;
use tower_service::Service;

use super::method_router::MethodRouter;
use super::route::Route;
use super::router::{Inner, Router};
use crate::error_handling::HandleErrorLayer;
use crate::extract::rejection::{OnRejection, Rejection};
use crate::message::Request;
use crate::middleware::arguments::FunctionOfError;
use crate::response::IntoResponse;

impl<S> Router<S>
where
    S: Clone + 'static,
{
    /// Puts `layer` around all routes so far, and around the fallback. The layer that is added
    /// last sees a request first.
    ///
    /// It runs after the path was found, so it cannot change where a request goes. A layer
    /// around the whole router can: `layer.layer(router)` (see [`ServiceExt`](crate::ServiceExt)).
    ///
    /// ```
    /// use server::{Router, routing::get};
    /// use tower_layer::Identity;
    ///
    /// let app: Router = Router::new().route("/", get(|| async { "home" })).layer(Identity::new());
    /// # let _ = app;
    /// ```
    pub fn layer<L>(self, layer: L) -> Router<S>
    where
        L: Layer<Route> + Clone + 'static,
        L::Service: Service<Request> + Clone + 'static,
        <L::Service as Service<Request>>::Response: IntoResponse + 'static,
        <L::Service as Service<Request>>::Error: Into<Infallible> + 'static,
        <L::Service as Service<Request>>::Future: 'static,
    {
        let inner = self.into_inner();
        let around = move |route: Route| route.layer(&layer);
        Router::from(Inner {
            paths: inner.paths.map(around.clone()),
            nested_fallbacks: inner.nested_fallbacks.map(around.clone()),
            fallback: inner.fallback.map(around),
        })
    }

    /// Answers in the place of extractors that could not be made: `hook` words the refusal of
    /// all routes so far, and of the fallback ([`OnRejection`]).
    ///
    /// ```
    /// use http::StatusCode;
    /// use http::request::Parts;
    /// use server::extract::rejection::Rejection;
    /// use server::{Json, Router, routing::post};
    /// use server::testing::TestClient;
    ///
    /// fn reword(rejection: &Rejection, _: &Parts) -> (StatusCode, String) {
    ///     (rejection.status(), format!("no: {}", rejection.text()))
    /// }
    ///
    /// let app: Router = Router::new()
    ///     .route("/", post(|Json(n): Json<u8>| async move { n.to_string() }))
    ///     .on_rejection(reword);
    /// # #[runtime::main(start_paused = true)] async fn test(app: Router) {
    /// let response = TestClient::new(app).post("/").json(&256).await;
    /// assert!(response.text().await.starts_with("no: Failed to deserialize the JSON body"));
    /// # }
    /// # test(app);
    /// ```
    pub fn on_rejection<F, R>(self, hook: F) -> Router<S>
    where
        F: Fn(&Rejection, &Parts) -> R + 'static,
        R: IntoResponse + 'static,
    {
        self.layer(OnRejection::new(hook))
    }

    /// Puts `layer` around all routes so far, but not around the fallback: what it does is
    /// not done to requests for paths that do not exist.
    /// Its example is [`from_fn`](crate::middleware::from_fn())'s.
    ///
    /// # Panics
    ///
    /// If there is no route yet.
    #[track_caller]
    pub fn route_layer<L>(self, layer: L) -> Self
    where
        L: Layer<Route> + Clone + 'static,
        L::Service: Service<Request> + Clone + 'static,
        <L::Service as Service<Request>>::Response: IntoResponse + 'static,
        <L::Service as Service<Request>>::Error: Into<Infallible> + 'static,
        <L::Service as Service<Request>>::Future: 'static,
    {
        assert!(
            self.has_routes(),
            "Adding a route_layer before any routes is a no-op. \
             Add the routes you want the layer to apply to first.",
        );
        let inner = self.into_inner();
        Router::from(Inner {
            paths: inner.paths.map(move |route| route.layer(&layer)),
            nested_fallbacks: inner.nested_fallbacks,
            fallback: inner.fallback,
        })
    }
}

impl<S, E> MethodRouter<S, E>
where
    S: Clone + 'static,
    E: 'static,
{
    /// Puts `layer` around every handler so far, and around the fallback.
    ///
    /// ```
    /// use server::{Router, routing::get};
    /// use tower_layer::Identity;
    ///
    /// let app: Router = Router::new().route("/", get(|| async { "hello" }).layer(Identity::new()));
    /// # let _ = app;
    /// ```
    pub fn layer<L, E2>(self, layer: L) -> MethodRouter<S, E2>
    where
        L: Layer<Route<E>> + Clone + 'static,
        L::Service: Service<Request> + Clone + 'static,
        <L::Service as Service<Request>>::Response: IntoResponse + 'static,
        <L::Service as Service<Request>>::Error: Into<E2> + 'static,
        <L::Service as Service<Request>>::Future: 'static,
        E2: 'static,
    {
        self.map(move |route| route.layer(&layer))
    }

    /// The same, with `change` done to every route and to the fallback.
    pub(super) fn map<E2: 'static>(
        self,
        change: impl Fn(Route<E>) -> Route<E2> + Clone + 'static,
    ) -> MethodRouter<S, E2> {
        MethodRouter {
            endpoints: self
                .endpoints
                .map(|endpoint| endpoint.map(|endpoint| endpoint.map(change.clone()))),
            fallback: self.fallback.map(change),
            allow: self.allow,
        }
    }

    /// Puts `layer` around every handler so far, but not around the fallback: what it does
    /// (ask for a password, say) is not done to requests of other methods.
    /// Its example is [`from_fn`](crate::middleware::from_fn())'s.
    ///
    /// # Panics
    ///
    /// If there is no handler yet.
    #[track_caller]
    pub fn route_layer<L>(mut self, layer: L) -> Self
    where
        L: Layer<Route<E>> + Clone + 'static,
        L::Service: Service<Request, Error = E> + Clone + 'static,
        <L::Service as Service<Request>>::Response: IntoResponse + 'static,
        <L::Service as Service<Request>>::Future: 'static,
    {
        assert!(
            self.endpoints.iter().any(Option::is_some),
            "Adding a route_layer before any routes is a no-op. \
             Add the routes you want the layer to apply to first.",
        );
        self.endpoints = self.endpoints.map(|endpoint| {
            let layer = layer.clone();
            endpoint.map(|endpoint| endpoint.map(move |route| route.layer(&layer)))
        });
        self
    }

    /// Turns the errors of all services so far into responses, which the async function
    /// `function` makes ([`HandleErrorLayer`]).
    /// Its example is [`HandleErrorLayer`]'s.
    pub fn handle_error<F, T>(self, function: F) -> MethodRouter<S, Infallible>
    where
        F: FunctionOfError<E, T>,
        T: 'static,
    {
        self.layer(HandleErrorLayer::new(function))
    }
}
