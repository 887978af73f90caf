//! What can be added to a response's head.

use std::convert::Infallible;
use std::fmt;

use http::header::{InvalidHeaderName, InvalidHeaderValue};
use http::{Extensions, HeaderMap, StatusCode};

use super::into_response::IntoResponse;
use crate::message::Response;

/// The head of a response under way, as [`IntoResponseParts`] sees it.
#[derive(Debug)]
pub struct ResponseParts {
    pub(super) response: Response,
}

impl ResponseParts {
    /// The headers so far.
    pub fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }

    /// The headers, to be changed.
    pub fn headers_mut(&mut self) -> &mut HeaderMap {
        self.response.headers_mut()
    }

    /// The extensions so far.
    pub fn extensions(&self) -> &Extensions {
        self.response.extensions()
    }

    /// The extensions, to be changed.
    pub fn extensions_mut(&mut self) -> &mut Extensions {
        self.response.extensions_mut()
    }
}

/// What may stand before the body in a tuple that a handler returns: headers, extensions.
///
/// ```
/// use std::convert::Infallible;
/// use server::response::{IntoResponse, IntoResponseParts, ResponseParts};
///
/// struct Served(u64);
///
/// impl IntoResponseParts for Served {
///     type Error = Infallible;
///
///     fn into_response_parts(self, mut parts: ResponseParts) -> Result<ResponseParts, Infallible> {
///         parts.headers_mut().insert("x-served", self.0.into());
///         Ok(parts)
///     }
/// }
///
/// let response = (Served(7), "hello").into_response();
/// assert_eq!(response.headers()["x-served"], "7");
/// ```
pub trait IntoResponseParts {
    /// What the client gets if the parts cannot be set.
    type Error: IntoResponse;

    /// Sets the parts.
    ///
    /// # Errors
    ///
    /// The response that takes the place of the one under way.
    fn into_response_parts(self, parts: ResponseParts) -> Result<ResponseParts, Self::Error>;
}

impl IntoResponseParts for HeaderMap {
    type Error = Infallible;

    fn into_response_parts(self, mut parts: ResponseParts) -> Result<ResponseParts, Infallible> {
        parts.headers_mut().extend(self);
        Ok(parts)
    }
}

/// A header that a handler returned is not one. Answered with 500 and this text.
#[derive(Debug)]
pub struct TryIntoHeaderError {
    message: String,
}

impl TryIntoHeaderError {
    #[allow(dead_code, reason = "the header tuples come next")]
    pub(super) fn name(error: impl Into<InvalidHeaderName>) -> Self {
        TryIntoHeaderError {
            message: error.into().to_string(),
        }
    }

    #[allow(dead_code, reason = "the header tuples come next")]
    pub(super) fn value(error: impl Into<InvalidHeaderValue>) -> Self {
        TryIntoHeaderError {
            message: error.into().to_string(),
        }
    }
}

impl fmt::Display for TryIntoHeaderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for TryIntoHeaderError {}

impl IntoResponse for TryIntoHeaderError {
    fn into_response(self) -> Response {
        let mut response = self.message.into_response();
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        response
    }
}
