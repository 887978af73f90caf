//! A line for each request.

use std::convert::Infallible;
use std::fmt;
use std::rc::Rc;

use tower_layer::Layer;
use tower_service::Service;

use super::access_entry::{Counted, Entry, Form, Unit};
use crate::body::Body;
use crate::console;
use crate::message::Request;
use crate::response::IntoResponse;
use crate::routing::route::Route;

/// Writes one line for each request, as text or as JSON.
///
/// ```text
/// GET /items/7 200 1234 12ms 192.0.2.1:51234
/// {"method":"GET","path":"/items/7","status":200,"bytes":1234,"duration_ms":12,"peer":"192.0.2.1:51234","complete":true}
/// ```
///
/// A line is written when the body of the response has been handed to the engine as a whole, or is
/// dropped. The bytes are those of the body that were handed over. `incomplete` (in JSON
/// `"complete":false`) says that there would have been more. Then the handler or its body was
/// dropped in the middle: the client left, a layer outside lost patience, or the code panicked. A
/// request that got no answer has the status `-` (`null`).
///
/// A layer sees what handlers answer. Requests that the engine refuses before, because they are malformed or too
/// large, have no line; [`Config::refusals`](crate::Config::refusals) counts them. If the engine puts an answer of
/// its own in the place of the handler's (a 413, because the body has become too large), the line has the handler's.
///
/// The path stands there without its query, which may be secret. What is unknown is `-` (`null`):
/// the peer is known if the service was made
/// [with its connect info](crate::Router::into_make_service_with_connect_info), a `SocketAddr`.
/// Of what the client sends, all bytes that are not visible ASCII are escaped, so no client can
/// forge a line, or send commands to the terminal of a reader.
///
/// ```
/// use server::{Router, middleware::AccessLogLayer, routing::get};
///
/// let app: Router = Router::new()
///     .route("/", get(|| async { "hello" }))
///     .layer(AccessLogLayer::json().in_microseconds());
/// # let _ = app;
/// ```
#[derive(Clone)]
#[must_use]
pub struct AccessLogLayer {
    form: Form,
    unit: Unit,
    with_ids: bool,
    write: Rc<dyn Fn(&str)>,
}

impl AccessLogLayer {
    /// Lines of text: method, path, status, bytes, duration, peer.
    ///
    /// ```
    /// let layer = server::middleware::AccessLogLayer::text();
    /// # let _ = layer;
    /// ```
    pub fn text() -> Self {
        Self::new(Form::Text)
    }

    /// Lines of JSON: an object with the fields `method`, `path`, `status`, `bytes`, `duration_ms`
    /// (or `duration_us`), `peer` and `complete`.
    ///
    /// ```
    /// let layer = server::middleware::AccessLogLayer::json();
    /// # let _ = layer;
    /// ```
    pub fn json() -> Self {
        Self::new(Form::Json)
    }

    fn new(form: Form) -> Self {
        AccessLogLayer {
            form,
            unit: Unit::Milliseconds,
            with_ids: false,
            write: Rc::new(|line| console::stderr().print(line)),
        }
    }

    fn entry(&self, request: &Request) -> Entry {
        Entry::new(
            request,
            self.form,
            self.unit,
            self.with_ids,
            self.write.clone(),
        )
    }

    /// Durations in whole microseconds, and not in whole milliseconds.
    ///
    /// ```
    /// let layer = server::middleware::AccessLogLayer::text().in_microseconds();
    /// # let _ = layer;
    /// ```
    pub fn in_microseconds(mut self) -> Self {
        self.unit = Unit::Microseconds;
        self
    }

    /// Tells the numbers of the connection and of the request
    /// ([`ConnectionId`](crate::extract::ConnectionId),
    /// [`RequestId`](crate::extract::RequestId)): in text `3/17` behind the peer, in JSON the fields
    /// `connection` and `request` behind `peer`.
    ///
    /// ```
    /// let layer = server::middleware::AccessLogLayer::json().with_ids();
    /// # let _ = layer;
    /// ```
    pub fn with_ids(mut self) -> Self {
        self.with_ids = true;
        self
    }

    /// What takes the lines. Each ends in a line feed. Unless told otherwise, it is
    /// [`console::stderr`], which never blocks.
    ///
    /// `write` runs in the thread that serves, so it must not block. A panic of it ends there.
    ///
    /// ```
    /// use std::cell::RefCell;
    /// use std::rc::Rc;
    /// use server::middleware::AccessLogLayer;
    ///
    /// let lines = Rc::new(RefCell::new(Vec::new()));
    /// let seen = lines.clone();
    /// let layer = AccessLogLayer::text().write_to(move |line| seen.borrow_mut().push(line.to_owned()));
    /// # let _ = layer;
    /// ```
    pub fn write_to(mut self, write: impl Fn(&str) + 'static) -> Self {
        self.write = Rc::new(write);
        self
    }
}

impl fmt::Debug for AccessLogLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessLogLayer")
            .field("form", &self.form)
            .field("unit", &self.unit)
            .finish_non_exhaustive()
    }
}

impl<I> Layer<I> for AccessLogLayer
where
    I: Service<Request, Error = Infallible> + Clone + 'static,
    I::Response: IntoResponse + 'static,
    I::Future: 'static,
{
    type Service = Route;

    fn layer(&self, inner: I) -> Route {
        let (inner, log) = (Route::new(inner), self.clone());
        Route::from_fn(move |request: Request| {
            let mut entry = log.entry(&request);
            let answer = inner.call_inner(request);
            async move {
                let response = answer.await?;
                entry.answered(&response);
                Ok(response.map(|body| watch(body, entry)))
            }
        })
    }
}

/// The body, with its bytes counted. One that is all here is counted at once.
fn watch(body: Body, mut entry: Entry) -> Body {
    let Some(bytes) = body.full() else {
        return Body::new(Counted::new(body, entry));
    };
    entry.count(bytes.len());
    entry.complete();
    body
}
