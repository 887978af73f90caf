//! What can become a response.

use std::borrow::Cow;
use std::convert::Infallible;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{HeaderMap, StatusCode};

use crate::body::Body;
use crate::message::Response;

const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
const BYTES: HeaderValue = HeaderValue::from_static("application/octet-stream");

/// What a handler may return.
///
/// Implemented for text (`text/plain; charset=utf-8`), for bytes (`application/octet-stream`),
/// for statuses, for header maps, and for tuples of a status, [parts](super::IntoResponseParts)
/// and a body.
///
/// ```
/// use http::StatusCode;
/// use server::response::{IntoResponse, Response};
///
/// struct Full;
///
/// impl IntoResponse for Full {
///     fn into_response(self) -> Response {
///         (StatusCode::INSUFFICIENT_STORAGE, "the shelf is full").into_response()
///     }
/// }
///
/// assert_eq!(Full.into_response().status(), 507);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot become a response",
    label = "a handler must return a type that implements `IntoResponse`",
    note = "text, bytes, `StatusCode`, `Json<T>`, `Html<T>`, `Result<T, E>` of two of them, and tuples such as `(StatusCode, Json<T>)` do"
)]
pub trait IntoResponse {
    /// Makes the response.
    #[must_use]
    fn into_response(self) -> Response;
}

impl<B> IntoResponse for Response<B>
where
    B: Into<Body>,
{
    fn into_response(self) -> Response {
        self.map(Into::into)
    }
}

impl IntoResponse for Infallible {
    fn into_response(self) -> Response {
        match self {}
    }
}

impl IntoResponse for () {
    fn into_response(self) -> Response {
        Response::new(Body::empty())
    }
}

impl IntoResponse for Body {
    fn into_response(self) -> Response {
        Response::new(self)
    }
}

impl IntoResponse for StatusCode {
    fn into_response(self) -> Response {
        let mut response = ().into_response();
        *response.status_mut() = self;
        response
    }
}

impl IntoResponse for HeaderMap {
    fn into_response(self) -> Response {
        let mut response = ().into_response();
        *response.headers_mut() = self;
        response
    }
}

impl<T, E> IntoResponse for Result<T, E>
where
    T: IntoResponse,
    E: IntoResponse,
{
    fn into_response(self) -> Response {
        match self {
            Ok(value) => value.into_response(),
            Err(error) => error.into_response(),
        }
    }
}

/// A response of 200 whose body is of the kind `kind`.
fn of_type(kind: HeaderValue, body: Body) -> Response {
    let mut response = Response::new(body);
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}

impl IntoResponse for &'static str {
    fn into_response(self) -> Response {
        of_type(TEXT, self.into())
    }
}

impl IntoResponse for String {
    fn into_response(self) -> Response {
        of_type(TEXT, self.into())
    }
}

impl IntoResponse for Cow<'static, str> {
    fn into_response(self) -> Response {
        of_type(TEXT, self.into())
    }
}

impl IntoResponse for Bytes {
    fn into_response(self) -> Response {
        of_type(BYTES, self.into())
    }
}

impl IntoResponse for Vec<u8> {
    fn into_response(self) -> Response {
        of_type(BYTES, self.into())
    }
}

impl IntoResponse for &'static [u8] {
    fn into_response(self) -> Response {
        of_type(BYTES, self.into())
    }
}
