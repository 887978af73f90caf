//! A response, as a test reads it.

use std::fmt;
use std::panic::Location;
use std::rc::Rc;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, Response, StatusCode};
use serde::de::DeserializeOwned;

use super::lines::{Line, Lines};
use crate::body::{Body, BodyError};

/// A response; from [`TestRequest`](super::TestRequest).
///
/// Its connection serves the next request when the body has been read, or the response is
/// dropped.
///
/// ```
/// # #[runtime::main(start_paused = true)] async fn main() {
/// use server::Router;
/// use server::response::Redirect;
/// use server::routing::get;
/// use server::testing::TestClient;
///
/// let app = Router::new()
///     .route("/", get(|| async { "hello" }))
///     .route("/old", get(|| async { Redirect::to("/") }));
/// let client = TestClient::new(app);
///
/// let response = client.get("/old").await;
/// assert_eq!((response.status().as_u16(), response.header("location")), (303, Some("/")));
/// assert_eq!(response.headers()["content-length"], "0");
/// assert_eq!(response.connection(), 1);
/// drop(response);
///
/// let response = client.get("/").await;
/// assert_eq!(response.connection(), 1, "the connection was kept");
/// assert_eq!(response.text().await, "hello");
/// # }
/// ```
pub struct TestResponse {
    response: Response<Body>,
    /// What was read and not yet returned.
    rest: BytesMut,
    lines: Rc<Lines>,
    number: usize,
    /// `None`: the connection will not be used again.
    line: Option<Line>,
    at: &'static Location<'static>,
}

impl TestResponse {
    pub(super) fn new(
        response: Response<Body>,
        lines: Rc<Lines>,
        line: Line,
        at: &'static Location<'static>,
    ) -> Self {
        TestResponse {
            response,
            rest: BytesMut::new(),
            lines,
            number: line.number,
            line: Some(line),
            at,
        }
    }

    /// The status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.response.status()
    }

    /// The headers.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }

    /// The first value of a header, if it is there and is text. Its example is
    /// [`TestResponse`]'s.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let value = self.response.headers().get(name)?;
        value.to_str().ok()
    }

    /// The number of the connection; the server's first one has 1. Its example is
    /// [`TestResponse`]'s.
    #[must_use]
    pub fn connection(&self) -> usize {
        self.number
    }

    /// The whole body.
    ///
    /// # Panics
    ///
    /// The future panics if the body breaks off. To see that, use [`chunk`](Self::chunk).
    ///
    /// ```
    /// # #[runtime::main(start_paused = true)] async fn main() {
    /// # use server::{Router, routing::get, testing::TestClient};
    /// let client = TestClient::new(Router::new().route("/", get(|| async { [1, 2] })));
    /// assert_eq!(client.get("/").await.bytes().await, [1, 2][..]);
    /// # }
    /// ```
    pub async fn bytes(mut self) -> Bytes {
        let at = self.at;
        match self.collect().await {
            Ok(bytes) => bytes,
            Err(error) => panic!("the response to the request at {at}: {error}"),
        }
    }

    /// The whole body as text. Its example is [`TestResponse`]'s.
    ///
    /// # Panics
    ///
    /// As [`bytes`](Self::bytes), and if it is not UTF-8.
    pub async fn text(self) -> String {
        let at = self.at;
        match String::from_utf8(self.bytes().await.into()) {
            Ok(text) => text,
            Err(error) => panic!("the response to the request at {at} is no text: {error}"),
        }
    }

    /// The whole body as a value of JSON. Its example is
    /// [`TestClient`](super::TestClient)'s.
    ///
    /// # Panics
    ///
    /// As [`bytes`](Self::bytes), and if it is not JSON of this type.
    pub async fn json<T: DeserializeOwned>(self) -> T {
        let at = self.at;
        let bytes = self.bytes().await;
        match serde_json::from_slice(&bytes) {
            Ok(value) => value,
            Err(error) => panic!(
                "the response to the request at {at}: {error} in {:?}",
                String::from_utf8_lossy(&bytes)
            ),
        }
    }

    /// The next piece of the body, as it comes; `None` at its end.
    ///
    /// # Errors
    ///
    /// The body broke off.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe.
    ///
    /// ```
    /// # #[runtime::main(start_paused = true)] async fn main() {
    /// # use server::{Router, routing::get, testing::TestClient};
    /// let client = TestClient::new(Router::new().route("/", get(|| async { "all of it" })));
    /// let mut response = client.get("/").await;
    /// assert_eq!(response.chunk().await.unwrap().unwrap(), "all of it");
    /// assert!(response.chunk().await.is_none());
    /// # }
    /// ```
    pub async fn chunk(&mut self) -> Option<Result<Bytes, BodyError>> {
        if !self.rest.is_empty() {
            return Some(Ok(self.rest.split().freeze()));
        }
        self.response.body_mut().chunk().await
    }

    /// Text of the body up to `end`, with it; `None` at the end of the body. What comes after
    /// `end` is kept. An event of a stream of events ends with an empty line: `"\n\n"`.
    ///
    /// # Panics
    ///
    /// The future panics if the body breaks off, or ends in the middle.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe.
    ///
    /// ```
    /// # #[runtime::main(start_paused = true)] async fn main() {
    /// # use server::{Router, routing::get, testing::TestClient};
    /// let client = TestClient::new(Router::new().route("/", get(|| async { "one\ntwo\n" })));
    /// let mut response = client.get("/").await;
    /// assert_eq!(response.read_until("\n").await.as_deref(), Some("one\n"));
    /// assert_eq!(response.read_until("\n").await.as_deref(), Some("two\n"));
    /// assert_eq!(response.read_until("\n").await, None);
    /// # }
    /// ```
    pub async fn read_until(&mut self, end: &str) -> Option<String> {
        let at = self.at;
        loop {
            if let Some(found) = memchr::memmem::find(&self.rest, end.as_bytes()) {
                let text = self.rest.split_to(found + end.len());
                return Some(String::from_utf8_lossy(&text).into_owned());
            }
            match self.response.body_mut().chunk().await {
                Some(Ok(piece)) => self.rest.extend_from_slice(&piece),
                Some(Err(error)) => panic!("the response to the request at {at}: {error}"),
                None if self.rest.is_empty() => return None,
                None => panic!("the response to the request at {at} ended before {end:?}"),
            }
        }
    }

    /// The response of the crate `http`. Its connection is not used again. An
    /// [upgrade](crate::upgrade::on) is taken from it.
    ///
    /// What [`read_until`](Self::read_until) has read beyond its end is lost.
    ///
    /// ```
    /// # #[runtime::main(start_paused = true)] async fn main() {
    /// # use server::{Router, testing::TestClient};
    /// let response = TestClient::new(Router::new()).get("/").await.into_inner();
    /// assert_eq!(response.status(), 404);
    /// # }
    /// ```
    #[must_use]
    pub fn into_inner(mut self) -> Response<Body> {
        drop(self.line.take());
        std::mem::take(&mut self.response)
    }

    async fn collect(&mut self) -> Result<Bytes, BodyError> {
        let mut all = self.rest.split();
        while let Some(piece) = self.response.body_mut().chunk().await {
            all.extend_from_slice(&piece?);
        }
        Ok(all.freeze())
    }
}

impl Drop for TestResponse {
    fn drop(&mut self) {
        if let Some(line) = self.line.take() {
            self.lines.give_back(line);
        }
    }
}

impl fmt::Debug for TestResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestResponse")
            .field("response", &self.response)
            .field("connection", &self.number)
            .finish_non_exhaustive()
    }
}
