//! Why a request got no response, and whether it may be sent again.
//!
//! A connection that is kept may be closed by the server at any moment, also while the next
//! request is on its way. The caller cannot prevent that; what it needs is to know whether it may
//! try again ([`Error::retry`]). Two things decide: whether anything of the request has left, and
//! whether anything of a response has come.

use std::error::Error as StdError;
use std::{fmt, io};

use crate::body::BodyError;

/// A request got no response, or a connection ended before its time.
///
/// ```
/// # runtime::runtime::Runtime::new().unwrap().block_on(async {
/// use http::Request;
/// use runtime::io::duplex;
/// use server::Body;
/// use server::h1::client::{Retry, handshake};
///
/// let (near, far) = duplex(1024);
/// let (mut sender, connection) = handshake(near).await.unwrap();
/// runtime::spawn(connection);
/// drop(far);
/// let error = sender.send_request(Request::new(Body::empty())).await.unwrap_err();
/// assert!(error.is_canceled());
/// assert_eq!(error.retry(), Retry::Safe);
/// # });
/// ```
#[derive(Debug)]
pub struct Error {
    kind: Kind,
    retry: Retry,
}

/// Whether a request that failed may be sent again, on another connection.
///
/// ```
/// use http::Method;
/// use server::h1::client::Retry;
///
/// fn may_send_again(method: &Method, retry: Retry) -> bool {
///     match retry {
///         Retry::Safe => true,
///         Retry::IfIdempotent => method.is_idempotent(),
///         Retry::Never => false,
///     }
/// }
/// assert!(!may_send_again(&Method::POST, Retry::IfIdempotent));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// Yes: not a byte of it has left.
    Safe,
    /// If to do it twice is the same as to do it once (RFC 9110, section 9.2.2). The connection
    /// had served other requests, and the server closed it before the first byte of this response:
    /// probably it never saw the request.
    IfIdempotent,
    /// No: the server may have acted on it, or would fail again.
    Never,
}

#[derive(Debug)]
pub(super) enum Kind {
    /// The connection was over before the request was sent.
    Canceled,
    /// The connection ended before the response was complete.
    Incomplete,
    Io(io::Error),
    /// What the server sent is no response.
    Parse(&'static str),
    /// The request cannot be sent.
    User(&'static str),
    TimedOut(&'static str),
    /// The request's own body failed.
    RequestBody(Option<BodyError>),
    /// The response's body failed.
    ResponseBody(&'static str),
}

impl Error {
    pub(super) fn new(kind: Kind) -> Self {
        let retry = match kind {
            Kind::Canceled => Retry::Safe,
            _ => Retry::Never,
        };
        Error { kind, retry }
    }

    pub(crate) fn io(error: io::Error) -> Self {
        Error::new(Kind::Io(error))
    }

    /// The same error, when this is known about the request.
    pub(super) fn with_retry(self, retry: Retry) -> Self {
        Error { retry, ..self }
    }

    /// Whether it is the end of the connection, however it came.
    pub(super) fn is_end(&self) -> bool {
        matches!(self.kind, Kind::Incomplete | Kind::Io(_))
    }

    /// Whether the request may be sent again, on another connection. Its body may have been used
    /// up; [`try_send_request`](super::SendRequest::try_send_request) gives it back if it has not.
    /// Its example is [`Error`]'s.
    #[must_use]
    pub fn retry(&self) -> Retry {
        self.retry
    }

    /// The connection was over, or occupied, before the request was sent.
    /// Its example is [`Error`]'s.
    #[must_use]
    pub fn is_canceled(&self) -> bool {
        matches!(self.kind, Kind::Canceled)
    }

    /// The server closed the connection before its response was complete.
    #[must_use]
    pub fn is_incomplete_message(&self) -> bool {
        matches!(self.kind, Kind::Incomplete)
    }

    /// What the server sent is not HTTP/1.1, breaks its rules, or is larger than allowed.
    #[must_use]
    pub fn is_parse(&self) -> bool {
        matches!(self.kind, Kind::Parse(_))
    }

    /// The request cannot be sent as it is.
    #[must_use]
    pub fn is_user(&self) -> bool {
        matches!(self.kind, Kind::User(_) | Kind::RequestBody(_))
    }

    /// The server was too slow.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        matches!(self.kind, Kind::TimedOut(_))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Canceled => f.write_str("the connection was over before the request was sent"),
            Kind::Incomplete => {
                f.write_str("the connection closed before the response was complete")
            }
            Kind::Io(error) => write!(f, "the connection broke: {error}"),
            Kind::Parse(why) => write!(f, "the response was refused: {why}"),
            Kind::User(why) => write!(f, "the request cannot be sent: {why}"),
            Kind::TimedOut(what) => write!(f, "the server was too slow: {what}"),
            Kind::RequestBody(Some(error)) => write!(f, "the request broke off: {error}"),
            Kind::RequestBody(None) => f.write_str(
                "the request broke off: its body was longer or shorter than the Content-Length it \
                 came with",
            ),
            Kind::ResponseBody(why) => write!(f, "the response broke off: {why}"),
        }
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &self.kind {
            Kind::Io(error) => Some(error),
            Kind::RequestBody(Some(error)) => Some(error),
            _ => None,
        }
    }
}
