//! A handler that runs to its end, also when its client leaves.

use std::convert::Infallible;
use std::fmt;
use std::future::{Future, pending};
use std::panic::resume_unwind;
use std::pin::Pin;
use std::task::{Context, Poll};

use http::StatusCode;
use http::request::Parts;
use runtime::sync::CancellationToken;
use tower_layer::Layer;
use tower_service::Service;

use crate::extract::FromRequestParts;
use crate::extract::ids::ids;
use crate::locals;
use crate::message::Request;
use crate::response::IntoResponse;
use crate::routing::route::Route;
use crate::stopping::Task;

/// Runs handlers to their end.
///
/// The engine drops a handler when its client leaves. That is right for most: the answer has no reader
/// any more. It is wrong for one that must finish what it began, a payment say. Inside this layer a
/// handler runs in a task of its own, which goes on without the client. [`ClientGone`] tells it.
///
/// A server that stops waits for such tasks as it waits for connections, and no longer than its
/// deadline ([`with_deadline`](crate::WithGracefulShutdown::with_deadline)). Then it aborts them,
/// and ends when they are dropped. A panic is answered
/// with 500, as always; if the client has left, the panic's message is all that is seen of it. The
/// body of the answer belongs to the connection: it is dropped when the client leaves.
///
/// ```
/// use std::cell::Cell;
/// use std::rc::Rc;
/// use std::time::Duration;
/// use runtime::time::{sleep, timeout};
/// use server::extract::State;
/// use server::{Router, middleware::DetachLayer, routing::get};
/// use server::testing::TestClient;
///
/// type Receipts = Rc<Cell<u32>>;
///
/// async fn pay(State(receipts): State<Receipts>) -> &'static str {
///     sleep(Duration::from_secs(5)).await; // The money is taken, and the receipt must follow.
///     receipts.set(receipts.get() + 1);
///     "paid"
/// }
///
/// let app: Router = Router::new()
///     .route("/pay", get(pay).layer(DetachLayer::new()))
///     .route("/receipts", get(|State(receipts): State<Receipts>| async move { receipts.get().to_string() }))
///     .with_state(Receipts::default());
/// # #[runtime::main(start_paused = true)] async fn test(app: Router) {
/// let client = TestClient::new(app);
/// // A client that leaves after a second.
/// drop(timeout(Duration::from_secs(1), client.get("/pay").send()).await);
/// sleep(Duration::from_secs(10)).await;
/// assert_eq!(client.get("/receipts").await.text().await, "1");
/// # }
/// # test(app);
/// ```
///
/// # Panics
///
/// A request outside a runtime panics, as a task is spawned for it.
#[derive(Debug, Clone, Copy, Default)]
pub struct DetachLayer {
    _private: (),
}

impl DetachLayer {
    /// The layer.
    ///
    /// ```
    /// let layer = server::middleware::DetachLayer::new();
    /// # let _ = layer;
    /// ```
    #[must_use]
    pub fn new() -> Self {
        DetachLayer::default()
    }
}

impl<I> Layer<I> for DetachLayer
where
    I: Service<Request, Error = Infallible> + Clone + 'static,
    I::Response: IntoResponse + 'static,
    I::Future: 'static,
{
    type Service = Route;

    fn layer(&self, inner: I) -> Route {
        let inner = Route::new(inner);
        Route::from_fn(move |mut request: Request| {
            let gone = CancellationToken::new();
            drop(locals::insert(request.extensions_mut(), gone.clone()));
            if let Some(ids) = ids(request.extensions()) {
                drop(locals::insert(request.extensions_mut(), ids));
            }
            let task = Task::begin().spawn(inner.call_inner(request));
            // The connection drops its future when the client leaves.
            let watch = gone.drop_guard();
            async move {
                let end = task.await;
                watch.disarm();
                match end {
                    Ok(answer) => answer,
                    Err(error) if error.is_panic() => resume_unwind(error.into_panic()),
                    Err(_) => Ok(StatusCode::SERVICE_UNAVAILABLE.into_response()),
                }
            }
        })
    }
}

/// A future that completes when the client of a request has left; an extractor.
///
/// It is of use in a handler that goes on without its client ([`DetachLayer`]). Without that
/// layer the engine drops the handler when the client leaves, and this future never completes. It
/// never completes either if the handler answers first.
///
/// A client that only closes its sending direction has not left: it waits for the answer.
///
/// # Cancel safety
///
/// Cancel safe.
///
/// ```
/// use std::time::Duration;
/// use runtime::{select, time::sleep};
/// use server::middleware::{ClientGone, DetachLayer};
/// use server::{Router, routing::get};
/// use server::testing::TestClient;
///
/// async fn report(gone: ClientGone) -> &'static str {
///     select! {
///         () = gone => "the client has left: tidy up, and end early",
///         () = sleep(Duration::from_secs(60)) => "the report",
///     }
/// }
///
/// let app: Router = Router::new().route("/", get(report).layer(DetachLayer::new()));
/// # #[runtime::main(start_paused = true)] async fn test(app: Router) {
/// assert_eq!(TestClient::new(app).get("/").await.text().await, "the report");
/// # }
/// # test(app);
/// ```
pub struct ClientGone {
    token: Option<CancellationToken>,
    wait: Pin<Box<dyn Future<Output = ()>>>,
}

impl ClientGone {
    fn new(token: Option<CancellationToken>) -> Self {
        let wait: Pin<Box<dyn Future<Output = ()>>> = match token.clone() {
            Some(token) => Box::pin(token.cancelled_owned()),
            None => Box::pin(pending()),
        };
        ClientGone { token, wait }
    }

    /// Whether the client has left.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        self.token
            .as_ref()
            .is_some_and(CancellationToken::is_cancelled)
    }
}

impl Future for ClientGone {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.wait.as_mut().poll(cx)
    }
}

impl<S> FromRequestParts<S> for ClientGone {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let token = locals::get::<CancellationToken>(&parts.extensions);
        Ok(ClientGone::new(token.map(|token| (*token).clone())))
    }
}

impl fmt::Debug for ClientGone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientGone")
            .field("is_gone", &self.is_gone())
            .finish()
    }
}
