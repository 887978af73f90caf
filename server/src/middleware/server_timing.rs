//! The time of a request, in its answer: `Server-Timing`.
//!
//! A browser shows this header among the figures of a request (the W3C's "Server Timing"). It says how long the
//! handler ran, how long it stood in the run queue after it was woken, and how long it waited, until the head
//! of the answer was there.
//!
//! The layer measures by itself, whether the runtime is observed or not. The future around the handler notes
//! the time of each poll. It hands the handler a waker of its own, which notes when it is called first. From
//! there to the next poll the handler stands in the run queue; the rest of the time between two polls it waits. What
//! it waits for only the observer knows, if there is one ([`Times`]).
//!
//! How it can go wrong: the task of the handler may be woken for something else, and then the handler is
//! polled although its own waker was not called. That time is time of waiting.

mod times;

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use http::{HeaderName, HeaderValue};
use pin_project_lite::pin_project;
use runtime::time::Instant;
use runtime::trace::polled;
use tower_layer::Layer;
use tower_service::Service;

use times::Times;

use crate::message::Request;
use crate::response::IntoResponse;
use crate::routing::route::Route;

const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

/// Tells in each answer how the time up to it was spent, in the header `Server-Timing`.
///
/// ```text
/// Server-Timing: run;dur=0.214;desc="running", queue;dur=0.030;desc="in the run queue", wait;dur=12.500;desc="waiting"
/// ```
///
/// While the runtime is [observed](runtime::trace), each thing that was waited for has a part of its own, with the
/// line of the program that waited; the six longest have one, and `wait` is the rest:
///
/// ```text
/// wait1;dur=9.800;desc="waiting for mutex 2 at src/app.rs:14", wait2;dur=2.700;desc="waiting for timer 7 at src/app.rs:20"
/// ```
///
/// The figures are milliseconds. Together they are the time from the call of the handler to the head of its answer;
/// what the body takes after that is not among them. A header of that name that the handler has written stays.
/// While the clock is paused, running takes no time.
///
/// The figures tell every client how long the work inside takes: whether a name was found, whether a cache had
/// it, how busy the server is; and the lines tell of the source. So give them only where that may be known, for example while you develop.
///
/// ```
/// use std::time::Duration;
/// use server::{Router, middleware::ServerTimingLayer, routing::get};
/// use server::testing::TestClient;
///
/// async fn slow() {
///     runtime::time::sleep(Duration::from_millis(20)).await;
/// }
///
/// let app: Router = Router::new().route("/", get(slow)).layer(ServerTimingLayer::new());
/// # #[runtime::main(start_paused = true)] async fn test(app: Router) {
/// let answer = TestClient::new(app).get("/").await;
/// let timing = answer.header("server-timing").unwrap();
/// assert!(timing.ends_with("wait;dur=20.000;desc=\"waiting\""), "{timing}");
/// # }
/// # test(app);
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct ServerTimingLayer {
    _private: (),
}

impl ServerTimingLayer {
    /// The layer. It has no settings.
    #[must_use]
    pub fn new() -> Self {
        ServerTimingLayer::default()
    }
}

impl<I> Layer<I> for ServerTimingLayer
where
    I: Service<Request, Error = Infallible> + Clone + 'static,
    I::Response: IntoResponse + 'static,
    I::Future: 'static,
{
    type Service = Route;

    fn layer(&self, inner: I) -> Route {
        let inner = Route::new(inner);
        Route::from_fn(move |request| {
            let begun = Instant::now();
            let answer = Timed::new(inner.call_inner(request), begun);
            async move {
                let (answer, times) = answer.await;
                let mut response = answer?;
                if let Ok(value) = HeaderValue::try_from(times.to_string()) {
                    response.headers_mut().append(SERVER_TIMING, value);
                }
                Ok(response)
            }
        })
    }
}

pin_project! {
    /// A future, and what it does with its time.
    struct Timed<F> {
        #[pin]
        future: F,
        times: Times,
        // The end of the last poll.
        since: Instant,
        noticed: Option<Arc<Noticed>>,
    }
}

impl<F> Timed<F> {
    /// The future, which has been made since then.
    fn new(future: F, begun: Instant) -> Self {
        let since = Instant::now();
        let mut times = Times::default();
        times.running = since.saturating_duration_since(begun);
        Timed {
            future,
            times,
            since,
            noticed: None,
        }
    }
}

impl<F: Future> Future for Timed<F> {
    type Output = (F::Output, Times);

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let now = Instant::now();
        let between = now.saturating_duration_since(*this.since);
        let woken = this.noticed.as_ref().and_then(|it| it.take());
        let queued = woken.map_or(Duration::ZERO, |at| now.saturating_duration_since(at));
        let queued = queued.min(between);
        this.times.queued += queued;
        let polled = polled();
        this.times.waited(between - queued, polled.as_ref());
        let noticed = Noticed::for_task(this.noticed, cx.waker());
        let waker = Waker::from(noticed);
        let output = this.future.poll(&mut Context::from_waker(&waker));
        if output.is_pending() {
            this.times.waits_now(polled.as_ref());
        }
        let end = Instant::now();
        this.times.running += end.saturating_duration_since(now);
        *this.since = end;
        output.map(|output| (output, std::mem::take(this.times)))
    }
}

/// A waker that notes when it is called first, and calls the task's own.
struct Noticed {
    task: Waker,
    at: Mutex<Option<Instant>>,
}

impl Noticed {
    /// The one that there is, or another one if the task is.
    fn for_task(kept: &mut Option<Arc<Noticed>>, task: &Waker) -> Arc<Noticed> {
        if let Some(kept) = kept
            && kept.task.will_wake(task)
        {
            return Arc::clone(kept);
        }
        let (task, at) = (task.clone(), Mutex::new(None));
        let noticed = Arc::new(Noticed { task, at });
        *kept = Some(Arc::clone(&noticed));
        noticed
    }

    /// When it was called first since this was asked last.
    fn take(&self) -> Option<Instant> {
        let mut at = self.at.lock().unwrap_or_else(PoisonError::into_inner);
        at.take()
    }

    fn note(&self) {
        let now = Instant::now();
        let mut at = self.at.lock().unwrap_or_else(PoisonError::into_inner);
        at.get_or_insert(now);
    }
}

impl Wake for Noticed {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.note();
        self.task.wake_by_ref();
    }
}
