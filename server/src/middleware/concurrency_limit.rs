//! More requests at once than the program can do.

use std::cell::Cell;
use std::convert::Infallible;
use std::rc::Rc;
use std::time::Duration;

use http::StatusCode;
use http::header::RETRY_AFTER;
use tower_layer::Layer;
use tower_service::Service;

use crate::message::Request;
use crate::response::IntoResponse;
use crate::routing::route::Route;

/// Lets so many requests at once through, and refuses the others at once: 503, with a
/// `Retry-After`.
///
/// Nothing waits here: a queue before a server that is too slow only makes all answers late.
/// All services that one layer and its clones are put around share the limit. A request
/// counts until its response's head is there, or its client has gone.
///
/// ```
/// use std::time::Duration;
/// use runtime::time::sleep;
/// use server::{Router, middleware::ConcurrencyLimitLayer, routing::get};
/// use server::testing::TestClient;
///
/// let app: Router = Router::new()
///     .route("/report", get(|| sleep(Duration::from_secs(9))))
///     .layer(ConcurrencyLimitLayer::new(1));
/// # #[runtime::main(start_paused = true)] async fn test(app: Router) {
/// let client = TestClient::new(app);
/// let (first, second) = runtime::join!(client.get("/report"), client.get("/report"));
/// assert_eq!((first.status().as_u16(), second.status().as_u16()), (200, 503));
/// # }
/// # test(app);
/// ```
#[derive(Debug, Clone)]
pub struct ConcurrencyLimitLayer {
    free: Rc<Cell<usize>>,
    retry_after: Duration,
}

impl ConcurrencyLimitLayer {
    /// At most `limit` requests at once.
    ///
    /// ```
    /// let layer = server::middleware::ConcurrencyLimitLayer::new(10);
    /// # let _ = layer;
    /// ```
    #[must_use]
    pub fn new(limit: usize) -> Self {
        ConcurrencyLimitLayer {
            free: Rc::new(Cell::new(limit)),
            retry_after: Duration::from_secs(1),
        }
    }

    /// What `Retry-After` says, in whole seconds. Default one second.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use server::middleware::ConcurrencyLimitLayer;
    /// let layer = ConcurrencyLimitLayer::new(10).retry_after(Duration::from_secs(5));
    /// # let _ = layer;
    /// ```
    #[must_use]
    pub fn retry_after(mut self, duration: Duration) -> Self {
        self.retry_after = duration;
        self
    }

    fn admit(&self) -> Option<Admitted> {
        self.free.set(self.free.get().checked_sub(1)?);
        Some(Admitted {
            free: self.free.clone(),
        })
    }
}

/// One of the requests that are let through.
struct Admitted {
    free: Rc<Cell<usize>>,
}

impl Drop for Admitted {
    fn drop(&mut self) {
        self.free.set(self.free.get() + 1);
    }
}

impl<I> Layer<I> for ConcurrencyLimitLayer
where
    I: Service<Request, Error = Infallible> + Clone + 'static,
    I::Response: IntoResponse + 'static,
    I::Future: 'static,
{
    type Service = Route;

    fn layer(&self, inner: I) -> Route {
        let (inner, limit) = (Route::new(inner), self.clone());
        Route::from_fn(move |request| {
            let retry_after = limit.retry_after.as_secs().max(1);
            let answer = limit
                .admit()
                .map(|admitted| (admitted, inner.call_inner(request)));
            async move {
                let Some((_admitted, answer)) = answer else {
                    let mut response = StatusCode::SERVICE_UNAVAILABLE.into_response();
                    response
                        .headers_mut()
                        .insert(RETRY_AFTER, retry_after.into());
                    return Ok(response);
                };
                answer.await
            }
        })
    }
}
