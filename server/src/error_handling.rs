//! Errors of services, turned into responses.
//!
//! A router's services cannot fail: whatever happens has a response. A service from elsewhere
//! may fail (a timeout, say); [`HandleErrorLayer`] turns its errors into responses.

use std::convert::Infallible;
use std::fmt;
use std::marker::PhantomData;
use std::task::{Context, Poll};

use bytes::Bytes;
use tower_layer::Layer;
use tower_service::Service;

use crate::body::BoxError;
use crate::message::{Request, Response};
use crate::middleware::arguments::{FunctionOfError, with_error};
use crate::response::IntoResponse;
use crate::routing::route::{Route, RouteFuture, oneshot};

/// A layer around services that may fail: an async function makes the response.
///
/// The function takes extractors that read the head of the request, then the error.
///
/// ```
/// use server::error_handling::HandleErrorLayer;
/// use server::extract::Request;
/// use server::http::StatusCode;
/// use server::response::Response;
/// use server::routing::get_service;
/// use server::testing::TestClient;
/// use server::{Router, ServiceExt};
/// use std::future::{Ready, ready};
/// use std::io;
/// use std::task::{Context, Poll};
/// use tower_layer::Layer;
///
/// #[derive(Clone)]
/// struct Fails;
///
/// impl tower_service::Service<Request> for Fails {
///     type Response = Response;
///     type Error = io::Error;
///     type Future = Ready<io::Result<Response>>;
///
///     fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
///         Poll::Ready(Ok(()))
///     }
///
///     fn call(&mut self, _: Request) -> Self::Future {
///         ready(Err(io::Error::other("the loom is stuck")))
///     }
/// }
///
/// async fn explain(error: io::Error) -> (StatusCode, String) {
///     (StatusCode::BAD_GATEWAY, error.to_string())
/// }
///
/// # #[runtime::main(start_paused = true)] async fn main() {
/// // Three ways to say the same:
/// let app = Router::new()
///     .route_service("/layer", HandleErrorLayer::new(explain).layer(Fails))
///     .route_service("/service", Fails.handle_error(explain))
///     .route("/route", get_service(Fails).handle_error(explain));
/// let client = TestClient::new(app);
/// for path in ["/layer", "/service", "/route"] {
///     let response = client.get(path).await;
///     assert_eq!(response.status(), 502);
///     assert_eq!(response.text().await, "the loom is stuck");
/// }
/// # }
/// ```
pub struct HandleErrorLayer<F, T> {
    function: F,
    arguments: PhantomData<fn() -> T>,
}

/// What a [`HandleErrorLayer`] makes of a service: one that does not fail.
///
/// ```
/// use std::convert::Infallible;
/// use server::Router;
/// use server::error_handling::HandleError;
/// use server::http::StatusCode;
///
/// // Any service will do; this one has no errors.
/// let inner: Router = Router::new();
/// async fn explain(error: Infallible) -> StatusCode {
///     match error {}
/// }
/// let app: Router = Router::new().route_service("/", HandleError::new(inner, explain));
/// # let _ = app;
/// ```
#[derive(Clone, Debug)]
pub struct HandleError(Route);

impl HandleError {
    /// The service `inner`, whose errors `function` turns into responses. Its example is
    /// [`HandleError`]'s.
    pub fn new<I, F, T>(inner: I, function: F) -> Self
    where
        F: FunctionOfError<I::Error, T>,
        T: 'static,
        I: Service<Request> + Clone + 'static,
        I::Response: IntoResponse + 'static,
        I::Error: 'static,
        I::Future: 'static,
    {
        HandleErrorLayer::new(function).layer(inner)
    }
}

/// A layer around it may wrap the body: any body will do.
impl<B> Service<Request<B>> for HandleError
where
    B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + 'static,
{
    type Response = Response;
    type Error = Infallible;
    type Future = RouteFuture<Infallible>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> RouteFuture<Infallible> {
        self.0.call(request)
    }
}

impl<F, T> HandleErrorLayer<F, T> {
    /// A layer whose responses to errors `function` makes. Its example is [`HandleErrorLayer`]'s.
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
        HandleError(Route::from_fn(move |request| {
            let function = function.clone();
            let (parts, request) = with_error(request);
            let answer = oneshot(inner.clone(), request);
            async move {
                Ok::<_, Infallible>(match answer.await {
                    Ok(response) => response.into_response(),
                    Err(error) => function.run(parts, error).await,
                })
            }
        }))
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
