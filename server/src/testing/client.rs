//! A client in memory: what a test asks with.

use std::fmt;
use std::io;
use std::rc::Rc;

use http::Method;

use super::hub::Hub;
use super::lines::Lines;
use super::request::TestRequest;
use super::stream::TestStream;

/// A client of a [`TestServer`](super::TestServer), in memory.
///
/// It sends each request on a connection that is free, or on a new one. So requests one after
/// another share a connection, and requests at the same time have one each. A clone is the same
/// client. It follows no redirects and keeps no cookies: a test sees what the server answers.
///
/// ```
/// # #[runtime::main(start_paused = true)] async fn main() {
/// use server::{Json, Router};
/// use server::routing::post;
/// use server::testing::TestClient;
///
/// async fn double(Json(n): Json<u32>) -> Json<u32> {
///     Json(2 * n)
/// }
///
/// let client = TestClient::new(Router::new().route("/double", post(double)));
/// let response = client.post("/double").json(&21).await;
/// assert_eq!(response.status(), 200);
/// assert_eq!(response.json::<u32>().await, 42);
/// # }
/// ```
#[derive(Clone)]
pub struct TestClient {
    lines: Rc<Lines>,
}

impl TestClient {
    pub(super) fn of(hub: Rc<Hub>) -> Self {
        TestClient {
            lines: Rc::new(Lines::new(hub)),
        }
    }

    /// A GET request. Its example is [`TestRequest`]'s.
    ///
    /// # Panics
    ///
    /// If `path` is no path. All methods of this kind do.
    #[track_caller]
    pub fn get(&self, path: &str) -> TestRequest {
        self.request(Method::GET, path)
    }

    /// A HEAD request. Its example is [`TestRequest`]'s.
    #[track_caller]
    pub fn head(&self, path: &str) -> TestRequest {
        self.request(Method::HEAD, path)
    }

    /// A POST request. Its example is [`TestRequest`]'s.
    #[track_caller]
    pub fn post(&self, path: &str) -> TestRequest {
        self.request(Method::POST, path)
    }

    /// A PUT request. Its example is [`TestRequest`]'s.
    #[track_caller]
    pub fn put(&self, path: &str) -> TestRequest {
        self.request(Method::PUT, path)
    }

    /// A PATCH request. Its example is [`TestRequest`]'s.
    #[track_caller]
    pub fn patch(&self, path: &str) -> TestRequest {
        self.request(Method::PATCH, path)
    }

    /// A DELETE request. Its example is [`TestRequest`]'s.
    #[track_caller]
    pub fn delete(&self, path: &str) -> TestRequest {
        self.request(Method::DELETE, path)
    }

    /// A request with any method. Its example is [`TestRequest`]'s.
    #[track_caller]
    pub fn request(&self, method: Method, path: &str) -> TestRequest {
        TestRequest::new(self.lines.clone(), method, path)
    }

    /// A connection of this client, to say on it what no client would say; as
    /// [`TestServer::connect`](super::TestServer::connect), which has an example.
    ///
    /// # Errors
    ///
    /// `ConnectionRefused`: the server has stopped.
    pub fn connect(&self) -> io::Result<TestStream> {
        self.lines.connect()
    }
}

impl fmt::Debug for TestClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestClient")
            .field("address", &self.lines.address)
            .finish_non_exhaustive()
    }
}
