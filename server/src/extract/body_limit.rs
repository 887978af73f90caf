//! How long a body may be that an extractor collects.

use std::task::{Context, Poll};

use http::Request;
use tower_layer::Layer;
use tower_service::Service;

use crate::body::Body;

/// Bytes that an extractor collects of a body without a limit: 2 MiB.
const DEFAULT: u64 = 2_097_152;

/// A layer that sets how many bytes of a body are collected by `Bytes`, `String`, `Json`,
/// `Form`, `Multipart` and the other extractors that keep the body in memory.
///
/// It takes the place of the limit that the engine gives to each request's body
/// ([`Config::max_body`](crate::Config)). A body with neither, such as one that a layer has
/// wrapped, may have 2,097,152 bytes. A longer body is refused with 413. Extractors that do
/// not collect (`Request`, `Body`) do not look at it: for these, the engine's limit holds. Of
/// several layers the innermost counts.
///
/// ```
/// use server::extract::DefaultBodyLimit;
/// use server::{Router, routing::post};
/// use server::testing::TestClient;
///
/// async fn length(text: String) -> String {
///     text.len().to_string()
/// }
///
/// let app: Router = Router::new()
///     .route("/", post(length))
///     .layer(DefaultBodyLimit::max(1024));
/// # #[runtime::main(start_paused = true)] async fn test(app: Router) {
/// let client = TestClient::new(app);
/// assert_eq!(client.post("/").body("x".repeat(1024)).await.text().await, "1024");
/// assert_eq!(client.post("/").body("x".repeat(1025)).await.status(), 413);
/// # }
/// # test(app);
/// ```
#[derive(Debug, Clone, Copy)]
#[must_use]
pub struct DefaultBodyLimit {
    limit: u64,
}

impl DefaultBodyLimit {
    /// At most `limit` bytes. Its example is [`DefaultBodyLimit`]'s.
    pub const fn max(limit: usize) -> Self {
        DefaultBodyLimit {
            limit: limit as u64,
        }
    }

    /// No limit: a client may fill the memory.
    /// Its example is [`RequestBodyLimitLayer`](crate::middleware::RequestBodyLimitLayer)'s.
    pub const fn disable() -> Self {
        DefaultBodyLimit { limit: u64::MAX }
    }

    /// Sets the limit for one request. For a middleware that decides by what is in the
    /// request.
    ///
    /// ```
    /// use http::Method;
    /// use server::extract::{DefaultBodyLimit, Request};
    /// use server::middleware::Next;
    /// use server::response::Response;
    ///
    /// async fn small_patches(mut request: Request, next: Next) -> Response {
    ///     if *request.method() == Method::PATCH {
    ///         DefaultBodyLimit::max(1024).apply(&mut request);
    ///     }
    ///     next.run(request).await
    /// }
    /// # let _ = small_patches;
    /// ```
    pub fn apply<B>(self, request: &mut Request<B>) {
        request.extensions_mut().insert(self);
    }
}

/// The body of `request`, which ends with an error behind the request's limit.
pub(crate) fn limited(request: Request<Body>) -> Request<Body> {
    let limit = request.extensions().get::<DefaultBodyLimit>().copied();
    request.map(|body| match limit {
        Some(DefaultBodyLimit { limit }) => body.with_limit(limit),
        None => body.with_default_limit(DEFAULT),
    })
}

impl<S> Layer<S> for DefaultBodyLimit {
    type Service = DefaultBodyLimitService<S>;

    fn layer(&self, inner: S) -> DefaultBodyLimitService<S> {
        DefaultBodyLimitService {
            inner,
            limit: *self,
        }
    }
}

/// A service whose requests carry a limit. From [`DefaultBodyLimit`] as a layer.
/// Its example is [`DefaultBodyLimit`]'s.
#[derive(Debug, Clone, Copy)]
pub struct DefaultBodyLimitService<S> {
    inner: S,
    limit: DefaultBodyLimit,
}

impl<B, S: Service<Request<B>>> Service<Request<B>> for DefaultBodyLimitService<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> S::Future {
        self.limit.apply(&mut request);
        self.inner.call(request)
    }
}
