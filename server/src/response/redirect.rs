//! Go there instead.

use http::StatusCode;
use http::header::{HeaderValue, LOCATION};

use super::into_response::IntoResponse;
use super::into_response_parts::{IntoResponseParts, ResponseParts};
use crate::message::Response;

/// A response that sends the client to another URI (RFC 9110, section 15.4).
///
/// A URI that cannot stand in a header is answered with 500. Before a body in a tuple it sets the
/// status and `Location`, for a body that says where to go (section 15.4.4).
///
/// ```
/// use server::response::{IntoResponse, Redirect};
///
/// let response = Redirect::to("/items/7").into_response();
/// assert_eq!(response.status(), 303);
/// assert_eq!(response.headers()["location"], "/items/7");
///
/// let later = Redirect::temporary("/elsewhere");
/// assert_eq!((later.status_code().as_u16(), later.location()), (307, "/elsewhere"));
///
/// let response = (Redirect::permanent("/new"), "It has moved to /new.").into_response();
/// assert_eq!(response.status(), 308);
/// ```
#[derive(Debug, Clone)]
#[must_use = "a redirect must be returned from a handler"]
pub struct Redirect {
    status: StatusCode,
    location: String,
}

impl Redirect {
    /// 303: the client asks for `uri` with GET. The answer to a form that was sent.
    /// Its example is [`Redirect`]'s.
    pub fn to(uri: impl Into<String>) -> Self {
        Self::with(StatusCode::SEE_OTHER, uri.into())
    }

    /// 307: the client sends the same request to `uri`, this time only.
    /// Its example is [`Redirect`]'s.
    pub fn temporary(uri: impl Into<String>) -> Self {
        Self::with(StatusCode::TEMPORARY_REDIRECT, uri.into())
    }

    /// 308: the client sends the same request to `uri`, now and in future.
    /// Its example is [`Redirect`]'s.
    pub fn permanent(uri: impl Into<String>) -> Self {
        Self::with(StatusCode::PERMANENT_REDIRECT, uri.into())
    }

    /// The status. Its example is [`Redirect`]'s.
    #[must_use]
    pub fn status_code(&self) -> StatusCode {
        self.status
    }

    /// The URI. Its example is [`Redirect`]'s.
    #[must_use]
    pub fn location(&self) -> &str {
        &self.location
    }

    fn with(status: StatusCode, location: String) -> Self {
        Redirect { status, location }
    }
}

impl IntoResponseParts for Redirect {
    type Error = Response;

    fn into_response_parts(self, mut parts: ResponseParts) -> Result<ResponseParts, Response> {
        let location = HeaderValue::try_from(self.location).map_err(|error| {
            (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response()
        })?;
        *parts.status_mut() = self.status;
        parts.headers_mut().insert(LOCATION, location);
        Ok(parts)
    }
}

impl IntoResponse for Redirect {
    fn into_response(self) -> Response {
        (self, ()).into_response()
    }
}
