//! Headers that are parsed: [`TypedHeader`], under the name of the crate axum-extra. With the
//! feature `typed-header`.

use std::convert::Infallible;
use std::error::Error;
use std::fmt;
use std::ops::{Deref, DerefMut};

use headers::{Header, HeaderMapExt};
use http::HeaderName;
use http::request::Parts;

use crate::extract::rejection::define::refusal;
use crate::extract::{FromRequestParts, OptionalFromRequestParts};
use crate::response::{IntoResponse, IntoResponseParts, Response, ResponseParts};

/// A header of a type of the crate [`headers`].
///
/// As an extractor it parses the header. A request without the header, or with one that is
/// malformed, is refused with 400; behind an `Option` it is `None` if it is missing. As a response,
/// or as a part of one, it sets the header, in the place of one that is there.
///
/// ```
/// use server::headers::{ContentType, UserAgent};
/// use server::{Router, TypedHeader, routing::get};
///
/// async fn greet(TypedHeader(agent): TypedHeader<UserAgent>) -> (TypedHeader<ContentType>, String) {
///     (TypedHeader(ContentType::html()), format!("<p>Hello, {agent}</p>"))
/// }
///
/// let app: Router = Router::new().route("/", get(greet));
/// # let _ = app;
/// ```
#[derive(Debug, Clone, Copy)]
#[must_use]
pub struct TypedHeader<T>(pub T);

/// Parses a header; `None` if the request has none and its type needs one.
fn parse<T: Header>(parts: &Parts) -> Result<Option<T>, TypedHeaderRejection> {
    let mut values = parts.headers.get_all(T::name()).iter();
    let is_missing = !parts.headers.contains_key(T::name());
    match T::decode(&mut values) {
        Ok(header) => Ok(Some(header)),
        Err(_) if is_missing => Ok(None),
        Err(error) => Err(TypedHeaderRejection {
            name: T::name(),
            reason: TypedHeaderRejectionReason::Error(error),
        }),
    }
}

impl<T: Header, S> FromRequestParts<S> for TypedHeader<T> {
    type Rejection = TypedHeaderRejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, TypedHeaderRejection> {
        let missing = TypedHeaderRejection {
            name: T::name(),
            reason: TypedHeaderRejectionReason::Missing,
        };
        parse(parts)?.map(TypedHeader).ok_or(missing)
    }
}

impl<T: Header, S> OptionalFromRequestParts<S> for TypedHeader<T> {
    type Rejection = TypedHeaderRejection;

    async fn from_request_parts(
        parts: &mut Parts,
        _: &S,
    ) -> Result<Option<Self>, TypedHeaderRejection> {
        Ok(parse(parts)?.map(TypedHeader))
    }
}

impl<T: Header> IntoResponseParts for TypedHeader<T> {
    type Error = Infallible;

    fn into_response_parts(self, mut parts: ResponseParts) -> Result<ResponseParts, Infallible> {
        parts.headers_mut().typed_insert(self.0);
        Ok(parts)
    }
}

impl<T: Header> IntoResponse for TypedHeader<T> {
    fn into_response(self) -> Response {
        (self, ()).into_response()
    }
}

impl<T> Deref for TypedHeader<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for TypedHeader<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

/// Why a [`TypedHeader`] could not be made. The response is 400.
///
/// ```
/// use server::headers::UserAgent;
/// use server::http::Request;
/// use server::{RequestPartsExt, TypedHeader, typed_header::TypedHeaderRejection};
///
/// # runtime::runtime::Runtime::new().unwrap().block_on(async {
/// let (mut parts, _) = Request::new(()).into_parts();
/// let refused: TypedHeaderRejection =
///     parts.extract::<TypedHeader<UserAgent>>().await.unwrap_err();
/// assert!(refused.is_missing());
/// assert_eq!(refused.body_text(), "Header of type `user-agent` was missing");
/// # });
/// ```
#[derive(Debug)]
pub struct TypedHeaderRejection {
    name: &'static HeaderName,
    reason: TypedHeaderRejectionReason,
}

refusal!(TypedHeaderRejection => BAD_REQUEST);

impl TypedHeaderRejection {
    /// The header.
    #[must_use]
    pub fn name(&self) -> &HeaderName {
        self.name
    }

    /// What is wrong with it.
    #[must_use]
    pub fn reason(&self) -> &TypedHeaderRejectionReason {
        &self.reason
    }

    /// Whether the request has no such header.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        self.reason.is_missing()
    }
}

/// What is wrong with a header; from [`TypedHeaderRejection::reason`]. Its example is
/// [`TypedHeader`]'s.
#[derive(Debug)]
#[non_exhaustive]
pub enum TypedHeaderRejectionReason {
    /// The request has no such header.
    Missing,
    /// The header's value is malformed.
    Error(headers::Error),
}

impl TypedHeaderRejectionReason {
    /// Whether the request has no such header.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        matches!(self, TypedHeaderRejectionReason::Missing)
    }
}

impl fmt::Display for TypedHeaderRejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.reason {
            TypedHeaderRejectionReason::Missing => {
                write!(f, "Header of type `{}` was missing", self.name)
            }
            TypedHeaderRejectionReason::Error(error) => write!(f, "{error} ({})", self.name),
        }
    }
}

impl Error for TypedHeaderRejection {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.reason {
            TypedHeaderRejectionReason::Missing => None,
            TypedHeaderRejectionReason::Error(error) => Some(error),
        }
    }
}
