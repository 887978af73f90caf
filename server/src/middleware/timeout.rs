//! A handler that takes too long.

use std::convert::Infallible;
use std::time::Duration;

use http::StatusCode;
use runtime::time::timeout;
use tower_layer::Layer;
use tower_service::Service;

use crate::message::Request;
use crate::response::IntoResponse;
use crate::routing::route::Route;

/// Gives a handler some time; then drops it, and answers with a status.
///
/// The time runs until the response's head is there. Its body may take as long as it takes.
///
/// ```
/// use std::time::Duration;
/// use server::{Router, http::StatusCode, middleware::TimeoutLayer, routing::get};
/// use server::testing::TestClient;
///
/// let patience = TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, Duration::from_secs(10));
/// let app: Router = Router::new().route("/", get(|| std::future::pending::<()>())).layer(patience);
/// # #[runtime::main(start_paused = true)] async fn test(app: Router) {
/// assert_eq!(TestClient::new(app).get("/").await.status(), 504);
/// # }
/// # test(app);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct TimeoutLayer {
    duration: Duration,
    status: StatusCode,
}

impl TimeoutLayer {
    /// `duration` for each request, then 408.
    ///
    /// ```
    /// # use std::time::Duration;
    /// let layer = server::middleware::TimeoutLayer::new(Duration::from_secs(10));
    /// # let _ = layer;
    /// ```
    #[must_use]
    pub fn new(duration: Duration) -> Self {
        TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, duration)
    }

    /// `duration` for each request, then `status`.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use server::{http::StatusCode, middleware::TimeoutLayer};
    /// let layer = TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, Duration::from_secs(1));
    /// # let _ = layer;
    /// ```
    #[must_use]
    pub fn with_status_code(status: StatusCode, duration: Duration) -> Self {
        TimeoutLayer { duration, status }
    }
}

impl<I> Layer<I> for TimeoutLayer
where
    I: Service<Request, Error = Infallible> + Clone + 'static,
    I::Response: IntoResponse + 'static,
    I::Future: 'static,
{
    type Service = Route;

    fn layer(&self, inner: I) -> Route {
        let (inner, TimeoutLayer { duration, status }) = (Route::new(inner), *self);
        Route::from_fn(move |request| {
            let answer = inner.call_inner(request);
            async move {
                let answer = timeout(duration, answer).await;
                answer.unwrap_or_else(|_| Ok(status.into_response()))
            }
        })
    }
}
