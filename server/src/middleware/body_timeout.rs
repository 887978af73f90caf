//! A body that does not go on.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use runtime::time::{Sleep, sleep};
use tower_layer::Layer;
use tower_service::Service;

use crate::body::{Body, BodyError, FrameResult};
use crate::message::Request;
use crate::response::IntoResponse;
use crate::routing::route::Route;

/// Gives each piece of a request's body some time; then the body fails
/// ([`BodyError::is_timeout`](crate::body::BodyError::is_timeout)), and an extractor that
/// collects it refuses with 408.
///
/// The time runs while the handler waits for a piece. The engine has such a time for all requests
/// ([`Config::body_timeout`](crate::Config)); this one is for some routes, and shorter.
///
/// ```
/// use std::time::Duration;
/// use server::{Body, Router, middleware::RequestBodyTimeoutLayer, routing::post};
/// use server::testing::TestClient;
///
/// let app: Router = Router::new()
///     .route("/", post(|text: String| async move { text }))
///     .layer(RequestBodyTimeoutLayer::new(Duration::from_secs(2)));
/// # #[runtime::main(start_paused = true)] async fn test(app: Router) {
/// let never = futures_lite::stream::pending::<Result<String, std::io::Error>>();
/// let request = TestClient::new(app).post("/").body(Body::from_stream(never));
/// assert_eq!(request.await.status(), 408);
/// # }
/// # test(app);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct RequestBodyTimeoutLayer {
    duration: Duration,
}

impl RequestBodyTimeoutLayer {
    /// `duration` for each piece.
    ///
    /// ```
    /// # use std::time::Duration;
    /// let layer = server::middleware::RequestBodyTimeoutLayer::new(Duration::from_secs(2));
    /// # let _ = layer;
    /// ```
    #[must_use]
    pub fn new(duration: Duration) -> Self {
        RequestBodyTimeoutLayer { duration }
    }
}

/// Gives each piece of a response's body some time to be made; then the response breaks off, and
/// so does the connection.
///
/// The time runs while the connection waits for a piece, and not while the client takes what there
/// is ([`Config::write_timeout`](crate::Config)).
///
/// ```
/// use std::time::Duration;
/// use server::{Body, Router, middleware::ResponseBodyTimeoutLayer, routing::get};
///
/// async fn rows() -> Body {
///     Body::from("a body that a database makes")
/// }
///
/// let app: Router = Router::new()
///     .route("/", get(rows))
///     .layer(ResponseBodyTimeoutLayer::new(Duration::from_secs(10)));
/// # let _ = app;
/// ```
#[derive(Debug, Clone, Copy)]
pub struct ResponseBodyTimeoutLayer {
    duration: Duration,
}

impl ResponseBodyTimeoutLayer {
    /// `duration` for each piece.
    ///
    /// ```
    /// # use std::time::Duration;
    /// let layer = server::middleware::ResponseBodyTimeoutLayer::new(Duration::from_secs(2));
    /// # let _ = layer;
    /// ```
    #[must_use]
    pub fn new(duration: Duration) -> Self {
        ResponseBodyTimeoutLayer { duration }
    }
}

impl<I> Layer<I> for RequestBodyTimeoutLayer
where
    I: Service<Request, Error = Infallible> + Clone + 'static,
    I::Response: IntoResponse + 'static,
    I::Future: 'static,
{
    type Service = Route;

    fn layer(&self, inner: I) -> Route {
        let (inner, duration) = (Route::new(inner), self.duration);
        Route::from_fn(move |request: Request| {
            inner.call_inner(request.map(|body| timed(body, duration)))
        })
    }
}

impl<I> Layer<I> for ResponseBodyTimeoutLayer
where
    I: Service<Request, Error = Infallible> + Clone + 'static,
    I::Response: IntoResponse + 'static,
    I::Future: 'static,
{
    type Service = Route;

    fn layer(&self, inner: I) -> Route {
        let (inner, duration) = (Route::new(inner), self.duration);
        Route::from_fn(move |request| {
            let answer = inner.call_inner(request);
            async move { Ok(answer.await?.map(|body| timed(body, duration))) }
        })
    }
}

/// The body, each piece of which has so much time. One that is all here needs none.
fn timed(body: Body, duration: Duration) -> Body {
    if body.full().is_some() {
        return body;
    }
    let limit = body.limit();
    let timed = Body::new(TimedBody {
        body,
        duration,
        alarm: None,
    });
    match limit {
        Some(limit) => timed.with_limit(limit),
        None => timed,
    }
}

/// A body that fails when it does not go on.
struct TimedBody {
    body: Body,
    duration: Duration,
    /// Runs while a piece is waited for.
    alarm: Option<Pin<Box<Sleep>>>,
}

impl http_body::Body for TimedBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let frame: Poll<Option<FrameResult>> = self.body.poll_any(cx);
        if frame.is_ready() {
            self.alarm = None;
            return frame;
        }
        let duration = self.duration;
        let alarm = self.alarm.get_or_insert_with(|| Box::pin(sleep(duration)));
        let overdue = alarm.as_mut().poll(cx);
        overdue.map(|()| Some(Err(BodyError::timed_out())))
    }

    fn is_end_stream(&self) -> bool {
        http_body::Body::is_end_stream(&self.body)
    }

    fn size_hint(&self) -> SizeHint {
        http_body::Body::size_hint(&self.body)
    }
}
