//! Why a body broke off; and any other error.
//!
//! A body that does not reach its end is an error, always. Which error matters to three
//! readers: the handler that was reading (should it clean up? retry?), the peer (who gets a
//! status code if no response has begun), and the reader of the log.
//!
//! The kinds are few and closed inside, and open to questions outside
//! ([`Error::is_too_large`] and its siblings), so that a new kind breaks no program.

use std::error::Error as StdError;
use std::fmt;

use http::StatusCode;
use http_body_util::LengthLimitError;

/// Any error, as it travels through a [`Body`](super::Body) made from a stream.
///
/// ```
/// let error: server::body::BoxError = "the disk is full".into();
/// assert_eq!(error.to_string(), "the disk is full");
/// ```
pub type BoxError = Box<dyn StdError + Send + Sync>;

/// A body ended before its end, or something else went wrong: a WebSocket's errors are of this type
/// too ([`WebSocketError`](crate::ws::WebSocketError)).
///
/// ```
/// # runtime::runtime::Runtime::new().unwrap().block_on(async {
/// use http::StatusCode;
/// use server::body::{Body, to_bytes};
///
/// let error = to_bytes(Body::from("four"), 3).await.unwrap_err();
/// assert!(error.is_too_large());
/// assert!(!error.is_malformed() && !error.is_timeout() && !error.is_closed());
/// assert_eq!(error.status(), StatusCode::PAYLOAD_TOO_LARGE);
/// assert_eq!(error.to_string(), "the body is larger than allowed");
/// # });
/// ```
///
/// It may hold an error of any kind:
///
/// ```
/// let error = server::Error::new("the loom is stuck");
/// assert_eq!(error.to_string(), "the loom is stuck");
/// assert_eq!(error.status(), 500);
/// ```
#[derive(Debug)]
pub struct Error(Kind);

/// An [`Error`], where it is one of a body.
pub type BodyError = Error;

#[derive(Debug)]
enum Kind {
    TooLarge,
    Malformed(&'static str),
    TimedOut,
    Overloaded,
    Closed,
    Other(BoxError),
}

impl Error {
    /// Wraps `error`. One that only passes on an error of this type is that error.
    /// Its example is [`Error`]'s.
    pub fn new(error: impl Into<BoxError>) -> Self {
        Error::other(error.into())
    }

    /// The error inside; an error that holds no other is itself the answer.
    /// Its example is [`WebSocketError`](crate::ws::WebSocketError)'s.
    #[must_use]
    pub fn into_inner(self) -> BoxError {
        match self.0 {
            Kind::Other(error) => error,
            kind => Box::new(Error(kind)),
        }
    }

    /// The body was longer than allowed.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new().unwrap().block_on(async {
    /// use server::body::{Body, to_bytes};
    ///
    /// let error = to_bytes(Body::from("four"), 3).await.unwrap_err();
    /// assert!(error.is_too_large());
    /// # });
    /// ```
    #[must_use]
    pub fn is_too_large(&self) -> bool {
        matches!(self.0, Kind::TooLarge)
    }

    /// The peer broke the rules of its own framing.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new().unwrap().block_on(async {
    /// use server::body::{Body, to_bytes};
    ///
    /// let error = to_bytes(Body::from("four"), 3).await.unwrap_err();
    /// assert!(!error.is_malformed());
    /// # });
    /// ```
    #[must_use]
    pub fn is_malformed(&self) -> bool {
        matches!(self.0, Kind::Malformed(_))
    }

    /// The peer stopped sending for longer than the server waits, or sent too slowly.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new().unwrap().block_on(async {
    /// use server::body::{Body, to_bytes};
    ///
    /// let error = to_bytes(Body::from("four"), 3).await.unwrap_err();
    /// assert!(!error.is_timeout());
    /// # });
    /// ```
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        matches!(self.0, Kind::TimedOut)
    }

    /// All bodies together were larger than allowed; alone it might have been taken.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new().unwrap().block_on(async {
    /// use server::body::{Body, to_bytes};
    ///
    /// let error = to_bytes(Body::from("four"), 3).await.unwrap_err();
    /// assert!(!error.is_overloaded());
    /// # });
    /// ```
    #[must_use]
    pub fn is_overloaded(&self) -> bool {
        matches!(self.0, Kind::Overloaded)
    }

    /// The connection ended in the middle of the body.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new().unwrap().block_on(async {
    /// use server::body::{Body, to_bytes};
    ///
    /// let error = to_bytes(Body::from("four"), 3).await.unwrap_err();
    /// assert!(!error.is_closed());
    /// # });
    /// ```
    #[must_use]
    pub fn is_closed(&self) -> bool {
        matches!(self.0, Kind::Closed)
    }

    /// The status code that tells a client what went wrong: 413 too large, 408 too slow, 503
    /// overloaded, 400 malformed or closed, 500 any other error, as of a handler's own stream.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new().unwrap().block_on(async {
    /// use server::body::{Body, to_bytes};
    ///
    /// let error = to_bytes(Body::from("four"), 3).await.unwrap_err();
    /// assert_eq!(error.status(), 413);
    /// # });
    /// ```
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self.0 {
            Kind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Kind::TimedOut => StatusCode::REQUEST_TIMEOUT,
            Kind::Overloaded => StatusCode::SERVICE_UNAVAILABLE,
            Kind::Malformed(_) | Kind::Closed => StatusCode::BAD_REQUEST,
            Kind::Other(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    pub(crate) fn too_large() -> Self {
        Error(Kind::TooLarge)
    }

    pub(crate) fn malformed(why: &'static str) -> Self {
        Error(Kind::Malformed(why))
    }

    pub(crate) fn timed_out() -> Self {
        Error(Kind::TimedOut)
    }

    pub(crate) fn overloaded() -> Self {
        Error(Kind::Overloaded)
    }

    pub(crate) fn closed() -> Self {
        Error(Kind::Closed)
    }

    /// An error of code that is not the engine's. If that only passed on one of ours, it is
    /// ours still, and a limit that others count is a limit.
    pub(crate) fn other(error: BoxError) -> Self {
        match error.downcast::<Error>() {
            Ok(ours) => *ours,
            Err(error) if error.is::<LengthLimitError>() => Error::too_large(),
            Err(error) => Error(Kind::Other(error)),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::TooLarge => f.write_str("the body is larger than allowed"),
            Kind::Malformed(why) => write!(f, "the body is malformed: {why}"),
            Kind::TimedOut => f.write_str("the peer stopped sending the body, or was too slow"),
            Kind::Overloaded => f.write_str("the server holds as many bodies as it may"),
            Kind::Closed => f.write_str("the connection closed in the middle of the body"),
            Kind::Other(error) => error.fmt(f),
        }
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &self.0 {
            Kind::Other(error) => Some(&**error),
            _ => None,
        }
    }
}
