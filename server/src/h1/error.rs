//! Why a connection ended before its time.
//!
//! Most connections end well: the client has what it wanted and closes. This is about the
//! others. The server as a whole does not care, it goes on; but a test does, a log does, and
//! an operator who looks for the reason of broken downloads does very much.

use std::error::Error as StdError;
use std::{fmt, io};

use super::codec::refusal::Refusal;
use crate::body::BodyError;

/// A connection ended otherwise than by common consent.
///
/// ```
/// # runtime::runtime::Runtime::new().unwrap().block_on(async {
/// use http::{Request, Response, StatusCode};
/// use runtime::io::{AsyncWriteExt, duplex};
/// use server::{Body, h1::Endpoint};
///
/// let endpoint = Endpoint::new(|_: Request<Body>| async { Response::new(Body::empty()) });
/// let (mut client, socket) = duplex(1024);
/// client.write_all(b"not HTTP\r\n\r\n").await.unwrap();
/// client.shutdown().await.unwrap();
///
/// let error = endpoint.connection(socket).await.unwrap_err();
/// assert_eq!(error.refusal().unwrap().status(), StatusCode::BAD_REQUEST);
/// assert!(!error.is_truncated() && !error.is_stuck_write());
/// assert!(!error.is_response_body() && !error.is_shut_down());
/// # });
/// ```
#[derive(Debug)]
pub struct Error(Kind);

#[derive(Debug)]
enum Kind {
    Io(io::Error),
    Refused(Refusal),
    Truncated,
    StuckWrite,
    RequestBody(BodyError),
    ResponseBody(Option<BodyError>),
    ShutDown,
}

impl Error {
    /// The request was refused, and this is what the peer was told.
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
    pub fn refusal(&self) -> Option<Refusal> {
        match self.0 {
            Kind::Refused(refusal) => Some(refusal),
            _ => None,
        }
    }

    /// The peer stopped reading.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new().unwrap().block_on(async {
    /// use http::{Request, Response};
    /// use runtime::io::{AsyncWriteExt, duplex};
    /// use server::{Body, h1::Endpoint};
    ///
    /// let endpoint = Endpoint::new(|_: Request<Body>| async { Response::new(Body::empty()) });
    /// let (mut client, socket) = duplex(1024);
    /// client.write_all(b"GET / HT").await.unwrap();
    /// client.shutdown().await.unwrap();
    /// let error = endpoint.connection(socket).await.unwrap_err();
    /// assert!(!error.is_stuck_write());
    /// # });
    /// ```
    #[must_use]
    pub fn is_stuck_write(&self) -> bool {
        matches!(self.0, Kind::StuckWrite)
    }

    /// The peer closed in the middle of a request.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new().unwrap().block_on(async {
    /// use http::{Request, Response};
    /// use runtime::io::{AsyncWriteExt, duplex};
    /// use server::{Body, h1::Endpoint};
    ///
    /// let endpoint = Endpoint::new(|_: Request<Body>| async { Response::new(Body::empty()) });
    /// let (mut client, socket) = duplex(1024);
    /// client.write_all(b"GET / HT").await.unwrap();
    /// client.shutdown().await.unwrap();
    /// let error = endpoint.connection(socket).await.unwrap_err();
    /// assert!(error.is_truncated());
    /// # });
    /// ```
    #[must_use]
    pub fn is_truncated(&self) -> bool {
        match &self.0 {
            Kind::Truncated => true,
            Kind::RequestBody(error) => error.is_closed(),
            _ => false,
        }
    }

    /// The handler's body failed, panicked, or did not have the promised length.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new().unwrap().block_on(async {
    /// use http::{Request, Response};
    /// use runtime::io::{AsyncWriteExt, duplex};
    /// use server::{Body, h1::Endpoint};
    ///
    /// let endpoint = Endpoint::new(|_: Request<Body>| async { Response::new(Body::empty()) });
    /// let (mut client, socket) = duplex(1024);
    /// client.write_all(b"GET / HT").await.unwrap();
    /// client.shutdown().await.unwrap();
    /// let error = endpoint.connection(socket).await.unwrap_err();
    /// assert!(!error.is_response_body());
    /// # });
    /// ```
    #[must_use]
    pub fn is_response_body(&self) -> bool {
        matches!(self.0, Kind::ResponseBody(_))
    }

    /// The server was stopped and did not wait any longer.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new().unwrap().block_on(async {
    /// use http::{Request, Response};
    /// use runtime::io::{AsyncWriteExt, duplex};
    /// use server::{Body, h1::Endpoint};
    ///
    /// let endpoint = Endpoint::new(|_: Request<Body>| async { Response::new(Body::empty()) });
    /// let (mut client, socket) = duplex(1024);
    /// client.write_all(b"GET / HT").await.unwrap();
    /// client.shutdown().await.unwrap();
    /// let error = endpoint.connection(socket).await.unwrap_err();
    /// assert!(!error.is_shut_down());
    /// # });
    /// ```
    #[must_use]
    pub fn is_shut_down(&self) -> bool {
        matches!(self.0, Kind::ShutDown)
    }

    pub(crate) fn refused(refusal: Refusal) -> Self {
        Error(Kind::Refused(refusal))
    }

    pub(crate) fn truncated() -> Self {
        Error(Kind::Truncated)
    }

    pub(crate) fn stuck_write() -> Self {
        Error(Kind::StuckWrite)
    }

    pub(crate) fn request_body(error: BodyError) -> Self {
        Error(Kind::RequestBody(error))
    }

    pub(crate) fn response_body(error: Option<BodyError>) -> Self {
        Error(Kind::ResponseBody(error))
    }

    pub(crate) fn shut_down() -> Self {
        Error(Kind::ShutDown)
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Error(Kind::Io(error))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Io(error) => write!(f, "the connection broke: {error}"),
            Kind::Refused(refusal) => write!(f, "the request was refused: {refusal}"),
            Kind::Truncated => f.write_str("the peer closed in the middle of a request"),
            Kind::StuckWrite => f.write_str("the peer stopped reading the response"),
            Kind::RequestBody(error) => write!(f, "the request broke off: {error}"),
            Kind::ResponseBody(Some(error)) => write!(f, "the response broke off: {error}"),
            Kind::ResponseBody(None) => f.write_str(
                "the response broke off: its stream panicked, or was longer or shorter than \
                 the Content-Length it came with",
            ),
            Kind::ShutDown => f.write_str("the server was stopped"),
        }
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &self.0 {
            Kind::Io(error) => Some(error),
            Kind::RequestBody(error) | Kind::ResponseBody(Some(error)) => Some(error),
            _ => None,
        }
    }
}
