//! Server-sent events: a response that never needs to end.
//!
//! The client opens one request, and the server sends it events, one after the other, as text
//! (WHATWG HTML, section 9.2). A browser's `EventSource` reads them; when the connection
//! breaks, it connects again and says which event it saw last ([`LastEventId`]).
//!
//! A server that stops ends the response, in good order, before the next event: so a stream that
//! never ends does not hold up the shutdown. The browser connects again, to the server's successor.
//!
//! ```
//! use std::convert::Infallible;
//! use std::time::Duration;
//! use futures_core::Stream;
//! use runtime::time::interval;
//! use server::{Router, routing::get};
//! use server::response::sse::{Event, KeepAlive, Sse};
//! use server::testing::TestClient;
//!
//! async fn ticks() -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
//!     let mut ticks = interval(Duration::from_secs(1));
//!     let stream = futures_lite::stream::poll_fn(move |cx| {
//!         ticks.poll_tick(cx).map(|_| Some(Ok(Event::default().data("tick"))))
//!     });
//!     Sse::new(stream).keep_alive(KeepAlive::default())
//! }
//!
//! let app: Router = Router::new().route("/ticks", get(ticks));
//! # #[runtime::main(start_paused = true)] async fn test(app: Router) {
//! let mut ticks = TestClient::new(app).get("/ticks").await;
//! assert_eq!(ticks.header("content-type"), Some("text/event-stream"));
//! for _ in 0..3 {
//!     assert_eq!(ticks.read_until("\n\n").await.unwrap(), "data: tick\n\n");
//! }
//! # }
//! # test(app);
//! ```

mod event;
mod keep_alive;
mod last_event_id;

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use pin_project_lite::pin_project;

pub use event::{Event, EventDataWriter};
pub use keep_alive::{KeepAlive, KeepAliveStream};
pub use last_event_id::LastEventId;

use crate::body::{Body, BoxError};
use crate::current::is_stopping;
use crate::message::Response;
use crate::response::IntoResponse;

/// A response of events. An error of the stream breaks the connection off.
/// Its example is the [module](self)'s.
#[derive(Clone)]
#[must_use]
pub struct Sse<S> {
    stream: S,
}

impl<S> Sse<S> {
    /// The events of `stream`, as they come.
    ///
    /// ```
    /// use std::convert::Infallible;
    /// use server::response::sse::{Event, Sse};
    ///
    /// let events = [Ok::<_, Infallible>(Event::default().data("hello"))];
    /// let response = Sse::new(futures_lite::stream::iter(events));
    /// # let _ = response;
    /// ```
    pub fn new<E>(stream: S) -> Self
    where
        S: Stream<Item = Result<Event, E>> + 'static,
        E: Into<BoxError>,
    {
        Sse { stream }
    }

    /// The same, with something sent whenever nothing has been sent for a while: so that
    /// proxies do not take the connection for dead, and a client that is gone is noticed.
    ///
    /// ```
    /// use std::convert::Infallible;
    /// use server::response::sse::{Event, KeepAlive, Sse};
    ///
    /// # runtime::runtime::Runtime::new().unwrap().block_on(async {
    /// let never = futures_lite::stream::pending::<Result<Event, Infallible>>();
    /// let response = Sse::new(never).keep_alive(KeepAlive::default());
    /// # let _ = response;
    /// # });
    /// ```
    pub fn keep_alive(self, keep_alive: KeepAlive) -> Sse<KeepAliveStream<S>> {
        Sse {
            stream: KeepAliveStream::new(self.stream, keep_alive),
        }
    }
}

impl<S> fmt::Debug for Sse<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sse")
            .field("stream", &std::any::type_name::<S>())
            .finish()
    }
}

impl<S, E> IntoResponse for Sse<S>
where
    S: Stream<Item = Result<Event, E>> + 'static,
    E: Into<BoxError> + 'static,
{
    fn into_response(self) -> Response {
        let body = Body::from_stream(Lines {
            events: self.stream,
        });
        let mut response = Response::new(body);
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        response
    }
}

pin_project! {
    /// Events as the bytes that are sent.
    struct Lines<S> {
        #[pin]
        events: S,
    }
}

impl<S, E> Stream for Lines<S>
where
    S: Stream<Item = Result<Event, E>>,
{
    type Item = Result<Bytes, E>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if is_stopping() {
            return Poll::Ready(None);
        }
        let event = ready!(self.project().events.poll_next(cx));
        Poll::Ready(event.map(|event| event.map(Event::into_bytes)))
    }
}
