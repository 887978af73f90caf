//! Async functions as middleware.

use std::convert::Infallible;
use std::fmt;
use std::marker::PhantomData;

use tower_layer::Layer;
use tower_service::Service;

use super::arguments::FunctionOfNext;
use super::next::Next;
use crate::message::Request;
use crate::response::IntoResponse;
use crate::routing::route::{Answered, Route};

/// Middleware made of an async function.
///
/// The function takes any number of extractors that read the head, then one that takes the
/// request (usually [`Request`] itself), then [`Next`], and returns what can become a
/// response. It need not call [`Next::run`]: then the handler does not run.
///
/// ```
/// use server::{Router, http::{HeaderMap, StatusCode}, middleware::{self, Next}, routing::get};
/// use server::extract::Request;
/// use server::response::Response;
/// use server::testing::TestClient;
///
/// async fn guard(request: Request, next: Next) -> Result<Response, StatusCode> {
///     match request.headers().get("authorization") {
///         Some(_) => Ok(next.run(request).await),
///         None => Err(StatusCode::UNAUTHORIZED),
///     }
/// }
///
/// let app: Router = Router::new()
///     .route("/", get(|| async { "hello" }))
///     .route_layer(middleware::from_fn(guard));
/// # #[runtime::main(start_paused = true)] async fn test(app: Router) {
/// let client = TestClient::new(app);
/// assert_eq!(client.get("/").await.status(), 401);
/// assert_eq!(client.get("/").bearer_auth("me").await.text().await, "hello");
/// # }
/// # test(app);
/// ```
pub fn from_fn<F, T>(function: F) -> FromFnLayer<F, (), T> {
    from_fn_with_state((), function)
}

/// Middleware made of an async function whose extractors need `state`.
///
/// ```
/// use server::extract::{Request, State};
/// use server::http::StatusCode;
/// use server::middleware::{Next, from_fn_with_state};
/// use server::response::Response;
/// use server::testing::TestClient;
/// use server::{Router, routing::get};
///
/// async fn only_when_open(State(is_open): State<bool>, request: Request, next: Next) -> Result<Response, StatusCode> {
///     match is_open {
///         true => Ok(next.run(request).await),
///         false => Err(StatusCode::SERVICE_UNAVAILABLE),
///     }
/// }
///
/// # #[runtime::main(start_paused = true)] async fn main() {
/// let app = Router::new().route("/", get(|| async { "hello" }));
/// let app = app.layer(from_fn_with_state(false, only_when_open));
/// assert_eq!(TestClient::new(app).get("/").await.status(), 503);
/// # }
/// ```
pub fn from_fn_with_state<F, S, T>(state: S, function: F) -> FromFnLayer<F, S, T> {
    FromFnLayer {
        function,
        state,
        arguments: PhantomData,
    }
}

/// A layer made of an async function. From [`from_fn`] and [`from_fn_with_state`].
/// Its example is [`from_fn`]'s.
#[must_use]
pub struct FromFnLayer<F, S, T> {
    function: F,
    state: S,
    arguments: PhantomData<fn() -> T>,
}

/// What a [`FromFnLayer`] makes of a service. Its example is [`from_fn`]'s.
pub type FromFn = Route;

impl<F, S, T, I> Layer<I> for FromFnLayer<F, S, T>
where
    F: FunctionOfNext<S, T>,
    S: Clone + 'static,
    T: 'static,
    I: Service<Request, Error = Infallible> + Clone + 'static,
    I::Response: IntoResponse + 'static,
    I::Future: 'static,
{
    type Service = FromFn;

    fn layer(&self, inner: I) -> FromFn {
        let (function, state) = (self.function.clone(), self.state.clone());
        let next = Next::new(Route::new(inner));
        Route::from_fn(move |request| {
            Answered::new(function.clone().run(request, state.clone(), next.clone()))
        })
    }
}

impl<F: Clone, S: Clone, T> Clone for FromFnLayer<F, S, T> {
    fn clone(&self) -> Self {
        from_fn_with_state(self.state.clone(), self.function.clone())
    }
}

impl<F, S: fmt::Debug, T> fmt::Debug for FromFnLayer<F, S, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FromFnLayer")
            .field("function", &std::any::type_name::<F>())
            .field("state", &self.state)
            .finish()
    }
}
