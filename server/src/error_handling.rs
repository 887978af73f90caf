//! Errors of services, turned into responses.
//!
//! A router's services cannot fail: whatever happens has a response. A service from elsewhere
//! may fail (a timeout, say); [`HandleErrorLayer`] turns its errors into responses.

use std::convert::Infallible;
use std::fmt;
use std::marker::PhantomData;

use tower_layer::Layer;
use tower_service::Service;

use crate::message::Request;
use crate::middleware::arguments::{FunctionOfError, with_error};
use crate::response::IntoResponse;
use crate::routing::route::{Route, oneshot};

/// A layer around services that may fail: an async function makes the response.
///
/// The function takes extractors that read the head of the request, then the error.
///
/// ```
/// use std::io;
/// use server::error_handling::HandleErrorLayer;
/// use server::http::StatusCode;
///
/// async fn explain(error: io::Error) -> (StatusCode, String) {
///     (StatusCode::BAD_GATEWAY, error.to_string())
/// }
///
/// let layer: HandleErrorLayer<_, ()> = HandleErrorLayer::new(explain);
/// # let _ = layer;
/// ```
pub struct HandleErrorLayer<F, T> {
    function: F,
    arguments: PhantomData<fn() -> T>,
}

/// What a [`HandleErrorLayer`] makes of a service.
pub type HandleError = Route;

impl<F, T> HandleErrorLayer<F, T> {
    /// A layer whose responses to errors `function` makes.
    pub fn new(function: F) -> Self {
        HandleErrorLayer {
            function,
            arguments: PhantomData,
        }
    }
}

impl<F, T, I> Layer<I> for HandleErrorLayer<F, T>
where
    F: FunctionOfError<I::Error, T>,
    T: 'static,
    I: Service<Request> + Clone + 'static,
    I::Response: IntoResponse + 'static,
    I::Error: 'static,
    I::Future: 'static,
{
    type Service = HandleError;

    fn layer(&self, inner: I) -> HandleError {
        let function = self.function.clone();
        Route::from_fn(move |request| {
            let function = function.clone();
            let (parts, request) = with_error(request);
            let answer = oneshot(inner.clone(), request);
            async move {
                Ok::<_, Infallible>(match answer.await {
                    Ok(response) => response.into_response(),
                    Err(error) => function.run(parts, error).await,
                })
            }
        })
    }
}

impl<F: Clone, T> Clone for HandleErrorLayer<F, T> {
    fn clone(&self) -> Self {
        HandleErrorLayer::new(self.function.clone())
    }
}

impl<F, T> fmt::Debug for HandleErrorLayer<F, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HandleErrorLayer")
            .field("function", &std::any::type_name::<F>())
            .finish()
    }
}
