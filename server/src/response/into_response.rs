//! What can become a response.

use std::borrow::Cow;
use std::convert::Infallible;

use bytes::buf::Chain;
use bytes::{Buf, Bytes, BytesMut};
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Extensions, HeaderMap, StatusCode};

use crate::body::{Body, BoxError};
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
    /// Makes the response. Its example is [`IntoResponse`]'s.
    #[must_use]
    fn into_response(self) -> Response;
}

impl<B> IntoResponse for Response<B>
where
    B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + 'static,
{
    fn into_response(self) -> Response {
        self.map(Body::new)
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

impl IntoResponse for Extensions {
    fn into_response(self) -> Response {
        let mut response = ().into_response();
        *response.extensions_mut() = self;
        response
    }
}

impl IntoResponse for http::response::Parts {
    fn into_response(self) -> Response {
        Response::from_parts(self, Body::empty())
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

/// Types that are text or bytes, and how each becomes a body.
macro_rules! content {
    ($kind:ident: $($type:ty $(, const $n:ident)? => |$content:ident| $body:expr;)*) => {
        $(
            impl $(<const $n: usize>)? IntoResponse for $type {
                fn into_response(self) -> Response {
                    let $content = self;
                    of_type($kind, Body::from($body))
                }
            }
        )*
    };
}

content! { TEXT:
    &'static str => |text| text;
    String => |text| text;
    Box<str> => |text| String::from(text);
    Cow<'static, str> => |text| text;
}

content! { BYTES:
    Bytes => |bytes| bytes;
    BytesMut => |bytes| bytes.freeze();
    Vec<u8> => |bytes| bytes;
    Box<[u8]> => |bytes| Vec::from(bytes);
    &'static [u8] => |bytes| bytes;
    &'static [u8; N], const N => |bytes| bytes.as_slice();
    [u8; N], const N => |bytes| bytes.to_vec();
    Cow<'static, [u8]> => |bytes| bytes;
}

impl<T: Buf, U: Buf> IntoResponse for Chain<T, U> {
    fn into_response(mut self) -> Response {
        self.copy_to_bytes(self.remaining()).into_response()
    }
}
