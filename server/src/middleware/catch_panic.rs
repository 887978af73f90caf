//! A handler that panics.

use std::any::Any;
use std::convert::Infallible;
use std::fmt;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;

use http::StatusCode;
use tower_layer::Layer;
use tower_service::Service;

use crate::message::{Request, Response};
use crate::response::IntoResponse;
use crate::routing::route::Route;

/// Makes a response of a handler's panic.
///
/// Without it the engine answers 500 and closes the connection. With it the connection goes
/// on, and the other middleware sees the response.
///
/// ```
/// use server::{Router, middleware::CatchPanicLayer, routing::get};
/// use server::testing::TestClient;
///
/// async fn stuck() -> &'static str {
///     panic!("the loom is stuck")
/// }
///
/// let app: Router = Router::new()
///     .route("/", get(stuck))
///     .layer(CatchPanicLayer::new());
/// # #[runtime::main(start_paused = true)] async fn test(app: Router) {
/// let response = TestClient::new(app).get("/").await;
/// assert_eq!(response.status(), 500);
/// # }
/// # test(app);
/// ```
#[derive(Clone)]
pub struct CatchPanicLayer {
    respond: Rc<Respond>,
}

/// Makes a response of what a panic carries.
type Respond = dyn Fn(Box<dyn Any + Send>) -> Response;

impl CatchPanicLayer {
    /// The response is 500, with the text "Service panicked".
    ///
    /// ```
    /// let layer = server::middleware::CatchPanicLayer::new();
    /// # let _ = layer;
    /// ```
    #[must_use]
    pub fn new() -> Self {
        CatchPanicLayer::custom(|_| (StatusCode::INTERNAL_SERVER_ERROR, "Service panicked"))
    }

    /// `respond` makes the response of what the panic carries.
    ///
    /// ```
    /// use server::{http::StatusCode, middleware::CatchPanicLayer};
    ///
    /// let layer = CatchPanicLayer::custom(|_| (StatusCode::INTERNAL_SERVER_ERROR, "sorry"));
    /// # let _ = layer;
    /// ```
    pub fn custom<F, R>(respond: F) -> Self
    where
        F: Fn(Box<dyn Any + Send>) -> R + 'static,
        R: IntoResponse,
    {
        CatchPanicLayer {
            respond: Rc::new(move |payload| respond(payload).into_response()),
        }
    }
}

impl Default for CatchPanicLayer {
    fn default() -> Self {
        CatchPanicLayer::new()
    }
}

impl fmt::Debug for CatchPanicLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CatchPanicLayer").finish_non_exhaustive()
    }
}

impl<I> Layer<I> for CatchPanicLayer
where
    I: Service<Request, Error = Infallible> + Clone + 'static,
    I::Response: IntoResponse + 'static,
    I::Future: 'static,
{
    type Service = Route;

    fn layer(&self, inner: I) -> Route {
        let (inner, respond) = (Route::new(inner), self.respond.clone());
        Route::from_fn(move |request| {
            let (inner, respond) = (inner.clone(), respond.clone());
            async move {
                // The call is made inside: a service may panic before there is a future.
                let answer = async { inner.call_inner(request).infallible().await };
                Ok(caught(answer)
                    .await
                    .unwrap_or_else(|payload| respond(payload)))
            }
        })
    }
}

/// The output of `future`, or what its panic carried. It is not polled after a panic.
async fn caught<F: Future>(future: F) -> Result<F::Output, Box<dyn Any + Send>> {
    let mut future = pin!(future);
    poll_fn(
        |cx| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx))) {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(output)) => Poll::Ready(Ok(output)),
            Err(payload) => Poll::Ready(Err(payload)),
        },
    )
    .await
}
