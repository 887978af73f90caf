//! An error of any kind, for what has no better one.

use std::fmt;

use crate::body::{BodyError, BoxError};

/// An error of any kind.
///
/// ```
/// let error = server::Error::new("the loom is stuck");
/// assert_eq!(error.to_string(), "the loom is stuck");
/// ```
#[derive(Debug)]
pub struct Error {
    inner: BoxError,
}

impl Error {
    /// Wraps `error`. Its example is [`Error`]'s.
    pub fn new(error: impl Into<BoxError>) -> Self {
        Error {
            inner: error.into(),
        }
    }

    /// The error inside. Its example is [`WebSocketError`](crate::ws::WebSocketError)'s.
    #[must_use]
    pub fn into_inner(self) -> BoxError {
        self.inner
    }
}

/// So `?` takes both.
impl From<BodyError> for Error {
    fn from(error: BodyError) -> Self {
        Error::new(error)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&*self.inner)
    }
}
