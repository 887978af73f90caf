//! How long a body may be that an extractor collects.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;
use http::{Extensions, Request};
use tower_layer::Layer;
use tower_service::Service;

use crate::body::{Body, BodyError};

/// Bytes that an extractor collects if nothing else is said: 2 MiB.
const DEFAULT: usize = 2_097_152;

/// A layer that sets how many bytes of a body are collected by `Bytes`, `String`, `Json`,
/// `Form` and the other extractors that keep the body in memory. Without it: 2,097,152.
///
/// A longer body is refused with 413. Extractors that do not collect (`Request`, `Body`) do
/// not look at it. Of several layers the innermost holds.
///
/// ```
/// use server::extract::DefaultBodyLimit;
/// use server::{Router, routing::post};
///
/// async fn length(text: String) -> String {
///     text.len().to_string()
/// }
///
/// let app: Router = Router::new()
///     .route("/", post(length))
///     .layer(DefaultBodyLimit::max(1024));
/// # let _ = app;
/// ```
#[derive(Debug, Clone, Copy)]
#[must_use]
pub struct DefaultBodyLimit {
    limit: usize,
}

impl DefaultBodyLimit {
    /// At most `limit` bytes.
    pub const fn max(limit: usize) -> Self {
        DefaultBodyLimit { limit }
    }

    /// No limit: a client may fill the memory.
    pub const fn disable() -> Self {
        DefaultBodyLimit { limit: usize::MAX }
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

/// How many bytes may be collected of the body of a request with these extensions.
pub(crate) fn limit(extensions: &Extensions) -> usize {
    let limit = extensions.get::<DefaultBodyLimit>();
    limit.map_or(DEFAULT, |limit| limit.limit)
}

/// `body`, which ends with an error behind `limit` bytes.
pub(crate) fn limited(body: Body, limit: usize) -> Body {
    if limit == usize::MAX {
        return body;
    }
    Body::from_stream(Limited { body, left: limit })
}

struct Limited {
    body: Body,
    left: usize,
}

impl Stream for Limited {
    type Item = Result<Bytes, BodyError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let piece = ready!(self.body.poll_chunk(cx)).transpose()?;
        let length = piece.as_ref().map_or(0, Bytes::len);
        let Some(left) = self.left.checked_sub(length) else {
            self.body = Body::empty();
            return Poll::Ready(Some(Err(BodyError::too_large())));
        };
        self.left = left;
        Poll::Ready(piece.map(Ok))
    }
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
