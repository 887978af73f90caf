//! Extractors as middleware: a request that one refuses goes no further.

use std::convert::Infallible;
use std::fmt;
use std::marker::PhantomData;

use tower_layer::Layer;
use tower_service::Service;

use crate::extract::FromRequestParts;
use crate::message::Request;
use crate::response::IntoResponse;
use crate::routing::route::Route;

/// Middleware that makes the extractor `E` and forgets it; a request from which it cannot be
/// made gets its rejection.
///
/// ```
/// use server::{Router, http::{StatusCode, request::Parts}, routing::get};
/// use server::extract::FromRequestParts;
/// use server::middleware::from_extractor;
/// use server::testing::TestClient;
///
/// struct SignedIn;
///
/// impl<S> FromRequestParts<S> for SignedIn {
///     type Rejection = StatusCode;
///
///     async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
///         let there = parts.headers.contains_key("authorization");
///         there.then_some(SignedIn).ok_or(StatusCode::UNAUTHORIZED)
///     }
/// }
///
/// let app: Router = Router::new()
///     .route("/", get(|| async { "hello" }))
///     .route_layer(from_extractor::<SignedIn>());
/// # #[runtime::main(start_paused = true)] async fn test(app: Router) {
/// let client = TestClient::new(app);
/// assert_eq!(client.get("/").await.status(), 401);
/// assert_eq!(client.get("/").bearer_auth("me").await.status(), 200);
/// # }
/// # test(app);
/// ```
pub fn from_extractor<E>() -> FromExtractorLayer<E, ()> {
    from_extractor_with_state(())
}

/// As [`from_extractor`], with a state for the extractor.
/// Its example is [`from_fn_with_state`](crate::middleware::from_fn_with_state)'s.
pub fn from_extractor_with_state<E, S>(state: S) -> FromExtractorLayer<E, S> {
    FromExtractorLayer {
        state,
        extractor: PhantomData,
    }
}

/// A layer that makes an extractor first. From [`from_extractor`].
/// Its example is [`from_extractor`]'s.
#[must_use]
pub struct FromExtractorLayer<E, S> {
    state: S,
    extractor: PhantomData<fn() -> E>,
}

impl<E, S, I> Layer<I> for FromExtractorLayer<E, S>
where
    E: FromRequestParts<S> + 'static,
    S: Clone + 'static,
    I: Service<Request, Error = Infallible> + Clone + 'static,
    I::Response: IntoResponse + 'static,
    I::Future: 'static,
{
    type Service = Route;

    fn layer(&self, inner: I) -> Route {
        let (state, inner) = (self.state.clone(), Route::new(inner));
        Route::from_fn(move |request: Request| {
            let (state, inner) = (state.clone(), inner.clone());
            async move {
                let (mut parts, body) = request.into_parts();
                match E::from_request_parts(&mut parts, &state).await {
                    Ok(_) => inner.call_inner(Request::from_parts(parts, body)).await,
                    Err(rejection) => Ok(rejection.into_response()),
                }
            }
        })
    }
}

impl<E, S: Clone> Clone for FromExtractorLayer<E, S> {
    fn clone(&self) -> Self {
        from_extractor_with_state(self.state.clone())
    }
}

impl<E, S: fmt::Debug> fmt::Debug for FromExtractorLayer<E, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FromExtractorLayer")
            .field("extractor", &std::any::type_name::<E>())
            .field("state", &self.state)
            .finish()
    }
}
