//! Saying no: the answer to a request that is not one, or is too much.
//!
//! A peer that breaks the rules gets a status code and one sentence that says which rule,
//! because most broken requests come from an honest mistake. After that the
//! connection closes: with the rules broken no reader can say where the next request begins,
//! and to guess is how requests are smuggled.

use std::fmt;

use http::StatusCode;

use super::rules::rule;

/// Why a request is not served. Found in an [`Error`](crate::h1::Error).
///
/// ```
/// fn log(error: &server::h1::Error) -> String {
///     match error.refusal() {
///         Some(refusal) => format!("{} because {}", refusal.status(), refusal.reason()),
///         None => error.to_string(),
///     }
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Refusal {
    status: StatusCode,
    reason: &'static str,
}

impl Refusal {
    pub(crate) const fn new(status: StatusCode, reason: &'static str) -> Self {
        Refusal { status, reason }
    }

    /// 400, the answer to everything malformed.
    pub(crate) const fn bad(reason: &'static str) -> Self {
        Refusal::new(StatusCode::BAD_REQUEST, reason)
    }

    /// The status code that the peer was sent.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new().unwrap().block_on(async {
    /// use http::{Request, Response};
    /// use runtime::io::{AsyncWriteExt, duplex};
    /// use server::{Body, h1::Endpoint};
    ///
    /// let endpoint = Endpoint::new(|_: Request<Body>| async { Response::new(Body::empty()) });
    /// let (mut client, socket) = duplex(1024);
    /// client.write_all(b"not HTTP\r\n\r\n").await.unwrap();
    /// client.shutdown().await.unwrap();
    /// let error = endpoint.connection(socket).await.unwrap_err();
    /// assert_eq!(error.refusal().unwrap().status(), 400);
    /// # });
    /// ```
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// Which rule was broken, in words.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new().unwrap().block_on(async {
    /// use http::{Request, Response};
    /// use runtime::io::{AsyncWriteExt, duplex};
    /// use server::{Body, h1::Endpoint};
    ///
    /// let endpoint = Endpoint::new(|_: Request<Body>| async { Response::new(Body::empty()) });
    /// let (mut client, socket) = duplex(1024);
    /// client.write_all(b"not HTTP\r\n\r\n").await.unwrap();
    /// client.shutdown().await.unwrap();
    /// let error = endpoint.connection(socket).await.unwrap_err();
    /// assert!(!error.refusal().unwrap().reason().is_empty());
    /// # });
    /// ```
    #[must_use]
    pub fn reason(&self) -> &'static str {
        self.reason
    }

    /// Where that rule stands: an RFC and its section. The example is
    /// [`Refusals`](crate::h1::Refusals)'s.
    #[must_use]
    pub fn rule(&self) -> Option<&'static str> {
        rule(self.reason)
    }
}

/// `400 Bad Request: a header line is malformed`.
impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.status, self.reason)
    }
}
