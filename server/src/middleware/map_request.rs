//! Changing requests, or refusing them.

use std::convert::Infallible;
use std::fmt;
use std::marker::PhantomData;

use tower_layer::Layer;
use tower_service::Service;

use super::arguments::FunctionOfRequest;
use crate::message::{Request, Response};
use crate::response::IntoResponse;
use crate::routing::route::Route;

/// Middleware made of an async function that changes the request.
///
/// The function takes extractors that read the head, then one that takes the request, and
/// returns a request, or a `Result` of a request and of what can become a response.
///
/// ```
/// use server::{Router, http::HeaderMap, middleware::map_request, routing::get};
/// use server::extract::Request;
/// use server::testing::TestClient;
///
/// async fn mark(mut request: Request) -> Request {
///     request.headers_mut().insert("x-seen", "yes".parse().unwrap());
///     request
/// }
///
/// let app: Router = Router::new()
///     .route("/", get(|headers: HeaderMap| async move {
///         headers["x-seen"].to_str().unwrap().to_owned()
///     }))
///     .layer(map_request(mark));
/// # #[runtime::main(start_paused = true)] async fn test(app: Router) {
/// assert_eq!(TestClient::new(app).get("/").await.text().await, "yes");
/// # }
/// # test(app);
/// ```
pub fn map_request<F, T>(function: F) -> MapRequestLayer<F, (), T> {
    map_request_with_state((), function)
}

/// As [`map_request`], with a state for the extractors.
/// Its example is [`from_fn_with_state`](crate::middleware::from_fn_with_state)'s.
pub fn map_request_with_state<F, S, T>(state: S, function: F) -> MapRequestLayer<F, S, T> {
    MapRequestLayer {
        function,
        state,
        arguments: PhantomData,
    }
}

/// A layer that changes requests. From [`map_request`]. Its example is [`map_request`]'s.
#[must_use]
pub struct MapRequestLayer<F, S, T> {
    function: F,
    state: S,
    arguments: PhantomData<fn() -> T>,
}

/// What a function of [`map_request`] may return. Its example is [`map_request`]'s.
pub trait IntoMapRequestResult {
    /// The request to go on with, or the response. Its example is [`map_request`]'s.
    ///
    /// # Errors
    ///
    /// The response, if the request goes no further.
    #[allow(
        clippy::result_large_err,
        reason = "a response is what the client gets"
    )]
    fn into_map_request_result(self) -> Result<Request, Response>;
}

impl IntoMapRequestResult for Request {
    fn into_map_request_result(self) -> Result<Request, Response> {
        Ok(self)
    }
}

impl<E: IntoResponse> IntoMapRequestResult for Result<Request, E> {
    fn into_map_request_result(self) -> Result<Request, Response> {
        self.map_err(IntoResponse::into_response)
    }
}

impl<F, S, T, I> Layer<I> for MapRequestLayer<F, S, T>
where
    F: FunctionOfRequest<S, T>,
    F::Output: IntoMapRequestResult + 'static,
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
            let changed = function.clone().run(request, state.clone());
            let inner = inner.clone();
            async move {
                match changed
                    .await
                    .and_then(IntoMapRequestResult::into_map_request_result)
                {
                    Ok(request) => inner.call_inner(request).await,
                    Err(response) => Ok(response),
                }
            }
        })
    }
}

impl<F: Clone, S: Clone, T> Clone for MapRequestLayer<F, S, T> {
    fn clone(&self) -> Self {
        map_request_with_state(self.state.clone(), self.function.clone())
    }
}

impl<F, S: fmt::Debug, T> fmt::Debug for MapRequestLayer<F, S, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MapRequestLayer")
            .field("function", &std::any::type_name::<F>())
            .field("state", &self.state)
            .finish()
    }
}
