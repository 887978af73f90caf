//! Pairs of a name and a value, as headers of a response.
//!
//! An array sets headers: it replaces what stands there under the same name.
//! [`AppendHeaders`] adds to it, as `Set-Cookie` must be.

use std::error::Error;
use std::fmt::{self, Display};

use http::StatusCode;
use http::header::{HeaderName, HeaderValue};

use super::into_response::IntoResponse;
use super::into_response_parts::{IntoResponseParts, ResponseParts};
use crate::message::Response;

impl<K, V, const N: usize> IntoResponseParts for [(K, V); N]
where
    K: TryInto<HeaderName, Error: Display>,
    V: TryInto<HeaderValue, Error: Display>,
{
    type Error = TryIntoHeaderError<K::Error, V::Error>;

    fn into_response_parts(self, mut parts: ResponseParts) -> Result<ResponseParts, Self::Error> {
        for pair in self {
            let (name, value) = header(pair)?;
            parts.headers_mut().insert(name, value);
        }
        Ok(parts)
    }
}

impl<K, V, const N: usize> IntoResponse for [(K, V); N]
where
    K: TryInto<HeaderName, Error: Display>,
    V: TryInto<HeaderValue, Error: Display>,
{
    fn into_response(self) -> Response {
        (self, ()).into_response()
    }
}

/// Headers that are added to those with the same names, where an array of pairs replaces
/// them.
///
/// ```
/// use http::header::SET_COOKIE;
/// use server::response::{AppendHeaders, IntoResponse};
///
/// let response = AppendHeaders([(SET_COOKIE, "a=1"), (SET_COOKIE, "b=2")]).into_response();
/// assert_eq!(response.headers().get_all(SET_COOKIE).iter().count(), 2);
/// ```
#[derive(Debug, Clone, Copy)]
#[must_use]
pub struct AppendHeaders<I>(pub I);

impl<I, K, V> IntoResponseParts for AppendHeaders<I>
where
    I: IntoIterator<Item = (K, V)>,
    K: TryInto<HeaderName, Error: Display>,
    V: TryInto<HeaderValue, Error: Display>,
{
    type Error = TryIntoHeaderError<K::Error, V::Error>;

    fn into_response_parts(self, mut parts: ResponseParts) -> Result<ResponseParts, Self::Error> {
        for pair in self.0 {
            let (name, value) = header(pair)?;
            parts.headers_mut().append(name, value);
        }
        Ok(parts)
    }
}

impl<I, K, V> IntoResponse for AppendHeaders<I>
where
    I: IntoIterator<Item = (K, V)>,
    K: TryInto<HeaderName, Error: Display>,
    V: TryInto<HeaderValue, Error: Display>,
{
    fn into_response(self) -> Response {
        (self, ()).into_response()
    }
}

/// A header that a handler returned is not one. Answered with 500 and the cause's text.
///
/// ```
/// use server::response::IntoResponse;
///
/// let response = [("not a name", "value")].into_response();
/// assert_eq!(response.status(), 500);
/// ```
#[derive(Debug)]
pub struct TryIntoHeaderError<K, V>(Which<K, V>);

#[derive(Debug)]
enum Which<K, V> {
    Name(K),
    Value(V),
}

/// Makes a header of a pair.
fn header<K, V>(
    (name, value): (K, V),
) -> Result<(HeaderName, HeaderValue), TryIntoHeaderError<K::Error, V::Error>>
where
    K: TryInto<HeaderName>,
    V: TryInto<HeaderValue>,
{
    let name = name.try_into().map_err(Which::Name);
    let name = name.map_err(TryIntoHeaderError)?;
    let value = value.try_into().map_err(Which::Value);
    let value = value.map_err(TryIntoHeaderError)?;
    Ok((name, value))
}

impl<K: Display, V: Display> IntoResponse for TryIntoHeaderError<K, V> {
    fn into_response(self) -> Response {
        let text = match self.0 {
            Which::Name(error) => error.to_string(),
            Which::Value(error) => error.to_string(),
        };
        (StatusCode::INTERNAL_SERVER_ERROR, text).into_response()
    }
}

impl<K, V> Display for TryIntoHeaderError<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Which::Name(_) => "not the name of a header",
            Which::Value(_) => "not the value of a header",
        })
    }
}

impl<K, V> Error for TryIntoHeaderError<K, V>
where
    K: Error + 'static,
    V: Error + 'static,
{
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.0 {
            Which::Name(error) => Some(error),
            Which::Value(error) => Some(error),
        }
    }
}
