//! What can be added to a response's head.

use std::convert::Infallible;

use http::{Extensions, HeaderMap, StatusCode};

use super::into_response::IntoResponse;
use crate::message::Response;

/// The head of a response under way, as [`IntoResponseParts`] sees it.
/// Its example is [`IntoResponseParts`]'s.
#[derive(Debug)]
pub struct ResponseParts {
    pub(super) response: Response,
}

impl ResponseParts {
    /// The status so far. A status that stands first in the tuple is set after all parts.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.response.status()
    }

    /// The status, to be changed.
    pub fn status_mut(&mut self) -> &mut StatusCode {
        self.response.status_mut()
    }

    /// The headers so far.
    pub fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }

    /// The headers, to be changed. Its example is [`IntoResponseParts`]'s.
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
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot stand before the body of a response",
    label = "in a tuple that a handler returns, what stands before the last element must implement `IntoResponseParts`",
    note = "`HeaderMap`, `[(name, value); N]`, `AppendHeaders`, `Extension` and `Option`s of them do; a `StatusCode` may stand first"
)]
pub trait IntoResponseParts {
    /// What the client gets if the parts cannot be set.
    type Error: IntoResponse;

    /// Sets the parts. Its example is [`IntoResponseParts`]'s.
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

impl IntoResponseParts for Extensions {
    type Error = Infallible;

    fn into_response_parts(self, mut parts: ResponseParts) -> Result<ResponseParts, Infallible> {
        parts.extensions_mut().extend(self);
        Ok(parts)
    }
}

impl IntoResponseParts for () {
    type Error = Infallible;

    fn into_response_parts(self, parts: ResponseParts) -> Result<ResponseParts, Infallible> {
        Ok(parts)
    }
}

impl<P: IntoResponseParts> IntoResponseParts for Option<P> {
    type Error = P::Error;

    fn into_response_parts(self, parts: ResponseParts) -> Result<ResponseParts, P::Error> {
        match self {
            Some(part) => part.into_response_parts(parts),
            None => Ok(parts),
        }
    }
}
