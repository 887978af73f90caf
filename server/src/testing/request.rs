//! A request of a test, as it is put together.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::panic::Location;
use std::pin::Pin;
use std::rc::Rc;

use http::header::{CONTENT_TYPE, HOST, HeaderName, HeaderValue};
use http::uri::PathAndQuery;
use http::{HeaderMap, Method, Request, Uri};
use serde::Serialize;

use super::lines::Lines;
use super::response::TestResponse;
use crate::body::Body;
use crate::h1::client::{Error, Retry};
use crate::ws::codec::mask::Masks;
use crate::ws::{WebSocket, WebSocketConfig};

/// A request under construction; from [`TestClient::get`](super::TestClient::get) and its neighbours.
///
/// Await it to have the response, or to have the test fail if there is none. [`send`](Self::send)
/// it to see the error. `Host` is `localhost` unless the path is a whole address, or the header is
/// set.
///
/// ```
/// # #[runtime::main(start_paused = true)] async fn main() {
/// use http::{HeaderMap, Method};
/// use server::Router;
/// use server::extract::RawQuery;
/// use server::routing::any;
/// use server::testing::TestClient;
///
/// async fn show(method: Method, RawQuery(query): RawQuery, headers: HeaderMap, body: String) -> String {
///     let host = headers["host"].to_str().unwrap();
///     format!("{method} at {host}, {}: {body}", query.unwrap_or_default())
/// }
///
/// let client = TestClient::new(Router::new().route("/", any(show)));
/// let request = client.put("/").query(&[("page", 2)]).body("text");
/// assert_eq!(request.await.text().await, "PUT at localhost, page=2: text");
/// let request = client.delete("http://example.com/").form(&[("a", "b")]);
/// assert_eq!(request.await.text().await, "DELETE at example.com, : a=b");
/// # }
/// ```
#[must_use = "a request is sent when it is awaited, or by `send`"]
pub struct TestRequest {
    lines: Rc<Lines>,
    request: Request<Body>,
    at: &'static Location<'static>,
}

impl TestRequest {
    #[track_caller]
    pub(super) fn new(lines: Rc<Lines>, method: Method, path: &str) -> Self {
        let at = Location::caller();
        let uri: Uri = match path.parse() {
            Ok(uri) => uri,
            Err(error) => panic!("{path:?} is no path: {error}"),
        };
        let host = uri.authority().map_or("localhost", |host| host.as_str());
        let host = HeaderValue::from_str(host).expect("an authority is visible text");
        let mut request = Request::new(Body::empty());
        *request.method_mut() = method;
        request.headers_mut().insert(HOST, host);
        *request.uri_mut() = target(&uri);
        TestRequest { lines, request, at }
    }

    /// Adds a header; `Host` and `Content-Type` take the place of what they were.
    ///
    /// # Panics
    ///
    /// If it is no header.
    ///
    /// ```
    /// # use server::{Router, testing::TestClient};
    /// # runtime::runtime::Runtime::new().unwrap().block_on(async {
    /// # let client = TestClient::new(Router::new());
    /// let request = client.get("/").header("accept", "text/html").header("x-trace", "7");
    /// # drop(request);
    /// # });
    /// ```
    #[track_caller]
    pub fn header<K, V>(mut self, name: K, value: V) -> Self
    where
        HeaderName: TryFrom<K, Error: fmt::Debug>,
        HeaderValue: TryFrom<V, Error: fmt::Debug>,
    {
        let name = HeaderName::try_from(name).expect("the name of a header");
        let value = HeaderValue::try_from(value).expect("the value of a header");
        let headers = self.request.headers_mut();
        if name == HOST || name == CONTENT_TYPE {
            headers.insert(name, value);
        } else {
            headers.append(name, value);
        }
        self
    }

    /// Adds headers. Its example is [`header`](Self::header)'s.
    pub fn headers(mut self, headers: HeaderMap) -> Self {
        self.request.headers_mut().extend(headers);
        self
    }

    /// Adds `Authorization: Bearer` with this token. Its example is [`header`](Self::header)'s.
    ///
    /// # Panics
    ///
    /// If the token is not visible text.
    #[track_caller]
    pub fn bearer_auth(self, token: impl fmt::Display) -> Self {
        self.header(http::header::AUTHORIZATION, format!("Bearer {token}"))
    }

    /// Sets the query. Its example is [`TestRequest`]'s.
    ///
    /// # Panics
    ///
    /// If the value cannot be written as a query.
    #[track_caller]
    pub fn query<T: Serialize + ?Sized>(mut self, query: &T) -> Self {
        let text = serde_html_form::to_string(query).expect("a query");
        let path = self.request.uri().path();
        let uri = format!("{path}?{text}")
            .parse()
            .expect("a path and a query");
        *self.request.uri_mut() = uri;
        self
    }

    /// Sets the body. Its example is [`TestRequest`]'s.
    pub fn body(mut self, body: impl Into<Body>) -> Self {
        *self.request.body_mut() = body.into();
        self
    }

    /// Sets the body to this value as JSON, with its content type. Its example is
    /// [`TestClient`](super::TestClient)'s.
    ///
    /// # Panics
    ///
    /// If the value cannot be written as JSON.
    #[track_caller]
    pub fn json<T: Serialize + ?Sized>(self, value: &T) -> Self {
        let text = serde_json::to_vec(value).expect("a value for JSON");
        self.header(CONTENT_TYPE, "application/json").body(text)
    }

    /// Sets the body to this value as a form, with its content type. Its example is
    /// [`TestRequest`]'s.
    ///
    /// # Panics
    ///
    /// If the value cannot be written as a form.
    #[track_caller]
    pub fn form<T: Serialize + ?Sized>(self, value: &T) -> Self {
        let text = serde_html_form::to_string(value).expect("a value for a form");
        self.header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(text)
    }

    /// Sends it, and waits for the head of the response.
    ///
    /// A request of which nothing has left, because its connection was closed just then, is sent
    /// again on a new one.
    ///
    /// # Errors
    ///
    /// The connection failed, or the server had stopped.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes the connection, unless nothing has been sent.
    ///
    /// ```
    /// # #[runtime::main(start_paused = true)] async fn main() {
    /// use server::Router;
    /// use server::testing::TestServer;
    ///
    /// let server = TestServer::new(Router::new());
    /// let client = server.client();
    /// assert_eq!(client.get("/").send().await.unwrap().status(), 404);
    /// server.shutdown().await;
    /// assert!(client.get("/").send().await.is_err());
    /// # }
    /// ```
    pub async fn send(self) -> Result<TestResponse, Error> {
        let TestRequest {
            lines,
            mut request,
            at,
        } = self;
        loop {
            let (mut line, is_new) = match lines.free().await {
                Some(line) => (line, false),
                None => (lines.open().await?, true),
            };
            match line.sender.try_send_request(request).await {
                Ok(response) => return Ok(TestResponse::new(response, lines, line, at)),
                Err(mut failed) => match (failed.error().retry(), failed.take_message()) {
                    (Retry::Safe, Some(back)) if !is_new => request = back,
                    _ => return Err(failed.into_error()),
                },
            }
        }
    }

    /// Asks for a WebSocket, on a connection of its own.
    ///
    /// # Errors
    ///
    /// The connection failed, or the server did not agree: then the error's inside is
    /// [`WebSocketError::Refused`](crate::ws::WebSocketError::Refused).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes the connection.
    ///
    /// ```
    /// # #[runtime::main(start_paused = true)] async fn main() -> Result<(), server::Error> {
    /// use server::Router;
    /// use server::routing::any;
    /// use server::testing::TestClient;
    /// use server::ws::{Message, WebSocketUpgrade};
    ///
    /// let echo = |upgrade: WebSocketUpgrade| async {
    ///     upgrade.on_upgrade(|mut socket| async move {
    ///         while let Some(Ok(message)) = socket.recv().await {
    ///             let _ = socket.send(message).await;
    ///         }
    ///     })
    /// };
    /// let client = TestClient::new(Router::new().route("/echo", any(echo)));
    /// let mut socket = client.get("/echo").websocket().await?;
    /// socket.send(Message::text("tea?")).await?;
    /// assert_eq!(socket.recv().await.unwrap()?, Message::text("tea?"));
    /// # Ok(())
    /// # }
    /// ```
    pub async fn websocket(self) -> Result<WebSocket, crate::Error> {
        self.websocket_with_config(WebSocketConfig::default()).await
    }

    /// Asks for a WebSocket, with limits of your own. Its example is
    /// [`websocket`](Self::websocket)'s.
    ///
    /// # Errors
    ///
    /// As [`websocket`](Self::websocket).
    ///
    /// # Cancel safety
    ///
    /// As [`websocket`](Self::websocket).
    pub async fn websocket_with_config(
        self,
        config: WebSocketConfig,
    ) -> Result<WebSocket, crate::Error> {
        let stream = self.lines.connect().map_err(crate::Error::new)?;
        let masks = Masks::foreseeable(stream.number() as u64);
        let request = self.request.map(drop);
        let (socket, _) = crate::ws::client::connect_with(stream, request, config, masks).await?;
        Ok(socket)
    }
}

/// What goes into the request line: the path and the query.
fn target(uri: &Uri) -> Uri {
    let target = uri.path_and_query().cloned();
    Uri::from(target.unwrap_or_else(|| PathAndQuery::from_static("/")))
}

impl IntoFuture for TestRequest {
    type Output = TestResponse;
    type IntoFuture = Pin<Box<dyn Future<Output = TestResponse>>>;

    /// # Panics
    ///
    /// The future panics if there is no response.
    fn into_future(self) -> Self::IntoFuture {
        let (at, name) = (self.at, self.name());
        Box::pin(async move {
            match self.send().await {
                Ok(response) => response,
                Err(error) => panic!("{name} at {at}: {error}"),
            }
        })
    }
}

impl TestRequest {
    fn name(&self) -> String {
        format!("{} {}", self.request.method(), self.request.uri())
    }
}

impl fmt::Debug for TestRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestRequest")
            .field("request", &self.request)
            .field("at", &self.at)
            .finish_non_exhaustive()
    }
}
