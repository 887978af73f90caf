//! Changing responses.

use std::convert::Infallible;
use std::fmt;
use std::marker::PhantomData;

use tower_layer::Layer;
use tower_service::Service;

use super::arguments::FunctionOfResponse;
use crate::message::Request;
use crate::response::IntoResponse;
use crate::routing::route::{Answered, Route};

/// Middleware made of an async function that changes the response.
///
/// The function takes extractors that read the head of the request, then the response, and
/// returns what can become a response.
///
/// ```
/// use server::{Router, middleware::map_response, routing::get};
/// use server::response::Response;
/// use server::testing::TestClient;
///
/// async fn stamp(mut response: Response) -> Response {
///     response.headers_mut().insert("x-loom", "treadle".parse().unwrap());
///     response
/// }
///
/// let app: Router = Router::new()
///     .route("/", get(|| async { "hello" }))
///     .layer(map_response(stamp));
/// # #[runtime::main(start_paused = true)] async fn test(app: Router) {
/// assert_eq!(TestClient::new(app).get("/").await.header("x-loom"), Some("treadle"));
/// # }
/// # test(app);
/// ```
pub fn map_response<F, T>(function: F) -> MapResponseLayer<F, (), T> {
    map_response_with_state((), function)
}

/// As [`map_response`], with a state for the extractors.
/// Its example is [`from_fn_with_state`](crate::middleware::from_fn_with_state)'s.
pub fn map_response_with_state<F, S, T>(state: S, function: F) -> MapResponseLayer<F, S, T> {
    MapResponseLayer {
        function,
        state,
        arguments: PhantomData,
    }
}

/// A layer that changes responses. From [`map_response`]. Its example is [`map_response`]'s.
#[must_use]
pub struct MapResponseLayer<F, S, T> {
    function: F,
    state: S,
    arguments: PhantomData<fn() -> T>,
}

impl<F, S, T, I> Layer<I> for MapResponseLayer<F, S, T>
where
    F: FunctionOfResponse<S, T>,
    S: Clone + 'static,
    T: 'static,
    I: Service<Request, Error = Infallible> + Clone + 'static,
    I::Response: IntoResponse + 'static,
    I::Future: 'static,
{
    type Service = Route;

    fn layer(&self, inner: I) -> Route {
        let (function, state) = (self.function.clone(), self.state.clone());
        let inner = Route::new(inner);
        Route::from_fn(move |request| {
            let inner = inner.clone();
            let inner = move |request| inner.call_inner(request).infallible();
            Answered::new(function.clone().run(request, state.clone(), inner))
        })
    }
}

impl<F: Clone, S: Clone, T> Clone for MapResponseLayer<F, S, T> {
    fn clone(&self) -> Self {
        map_response_with_state(self.state.clone(), self.function.clone())
    }
}

impl<F, S: fmt::Debug, T> fmt::Debug for MapResponseLayer<F, S, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MapResponseLayer")
            .field("function", &std::any::type_name::<F>())
            .field("state", &self.state)
            .finish()
    }
}
