//! A request body that is too long, whichever way the handler reads it.

use std::convert::Infallible;

use http::StatusCode;
use http_body_util::Limited;
use tower_layer::Layer;
use tower_service::Service;

use crate::body::Body;
use crate::message::Request;
use crate::response::IntoResponse;
use crate::routing::route::Route;

/// Lets request bodies of so many bytes through, and refuses longer ones with 413: at once if the
/// request announces its length, else when the handler has read so much.
///
/// The limit takes the place of [`Config::max_body`](crate::Config), so it may be lower or higher.
/// Extractors that collect the body have a limit of their own besides
/// ([`DefaultBodyLimit`](crate::extract::DefaultBodyLimit)); the lower one counts.
///
/// tower-http's layer of this name does the same, but for one thing: a handler that reads the body
/// as a stream gets no more than `Config::max_body` through it.
///
/// ```
/// use server::extract::DefaultBodyLimit;
/// use server::middleware::RequestBodyLimitLayer;
/// use server::{Router, routing::post};
/// use server::testing::TestClient;
///
/// let app: Router = Router::new()
///     .route("/", post(|text: String| async move { text.len().to_string() }))
///     .layer(DefaultBodyLimit::disable())
///     .layer(RequestBodyLimitLayer::new(4_000_000));
/// # #[runtime::main(start_paused = true)] async fn test(app: Router) {
/// let client = TestClient::new(app);
/// assert_eq!(client.post("/").body("x".repeat(3_000_000)).await.text().await, "3000000");
/// assert_eq!(client.post("/").body("x".repeat(5_000_000)).await.status(), 413);
/// # }
/// # test(app);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct RequestBodyLimitLayer {
    limit: usize,
}

impl RequestBodyLimitLayer {
    /// At most `limit` bytes.
    ///
    /// ```
    /// let layer = server::middleware::RequestBodyLimitLayer::new(1024);
    /// # let _ = layer;
    /// ```
    #[must_use]
    pub fn new(limit: usize) -> Self {
        RequestBodyLimitLayer { limit }
    }
}

impl<I> Layer<I> for RequestBodyLimitLayer
where
    I: Service<Request, Error = Infallible> + Clone + 'static,
    I::Response: IntoResponse + 'static,
    I::Future: 'static,
{
    type Service = Route;

    fn layer(&self, inner: I) -> Route {
        let (inner, RequestBodyLimitLayer { limit }) = (Route::new(inner), *self);
        Route::from_fn(move |request| {
            let length = request.body().exact_length();
            let is_too_long = length.is_some_and(|length| length > limit as u64);
            let answer = (!is_too_long).then(|| {
                inner.call_inner(request.map(|body| Body::new(Limited::new(body, limit))))
            });
            async move {
                match answer {
                    Some(answer) => answer.await,
                    None => {
                        let text = "length limit exceeded";
                        Ok((StatusCode::PAYLOAD_TOO_LARGE, text).into_response())
                    }
                }
            }
        })
    }
}
