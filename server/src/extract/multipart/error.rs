//! What can be wrong with a form in parts.

use std::error::Error;
use std::fmt;

use http::StatusCode;
use http::header::InvalidHeaderValue;

use super::super::rejection::{is_too_large, one_of, refuse, rejections};
use crate::body::BodyError;
use crate::response::{IntoResponse, Response};

rejections! {
    /// The request does not say that it is `multipart/form-data` with a boundary.
    InvalidBoundary => BAD_REQUEST, "Invalid `boundary` for `multipart/form-data` request";
}

one_of! {
    /// Why a [`Multipart`](super::Multipart) could not be made.
    MultipartRejection { InvalidBoundary }
}

/// The form broke off, is malformed, or has too much of something.
/// Its example is [`Multipart`](super::Multipart)'s.
///
/// 413 if a limit was passed, 400 if the form is malformed; if the body broke off, what the
/// body's error says (400, 408, 503).
#[derive(Debug)]
pub struct MultipartError(pub(super) Kind);

#[derive(Debug)]
pub(super) enum Kind {
    /// The body ended, or went on with something else, between two fields.
    IncompleteStream,
    /// The body ended in a field.
    IncompleteField(Option<String>),
    /// A field's headers cannot be read.
    Headers(httparse::Error),
    /// A header's value is none.
    HeaderValue(InvalidHeaderValue),
    /// A field's headers are longer than they may be.
    HeadersTooLarge,
    /// A field is longer than it may be.
    FieldTooLarge(Option<String>, u64),
    /// There are more fields than there may be.
    TooManyFields(usize),
    /// The body broke off.
    Body(BodyError),
}

impl MultipartError {
    /// The text of the response. Its example is [`rejection`](crate::extract::rejection)'s.
    #[must_use]
    pub fn body_text(&self) -> String {
        if self.status() == StatusCode::PAYLOAD_TOO_LARGE {
            return "Request payload is too large".to_owned();
        }
        self.0.to_string()
    }

    /// The status of the response.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match &self.0 {
            Kind::IncompleteStream
            | Kind::IncompleteField(_)
            | Kind::Headers(_)
            | Kind::HeaderValue(_)
            | Kind::HeadersTooLarge => StatusCode::BAD_REQUEST,
            Kind::FieldTooLarge(..) | Kind::TooManyFields(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Kind::Body(error) if is_too_large(error) => StatusCode::PAYLOAD_TOO_LARGE,
            Kind::Body(error) => error.status(),
        }
    }
}

impl fmt::Display for MultipartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Error parsing `multipart/form-data` request")
    }
}

impl Error for MultipartError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
}

impl IntoResponse for MultipartError {
    fn into_response(self) -> Response {
        refuse("MultipartError", self.status(), self.body_text())
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = |name: &Option<String>| name.clone().unwrap_or_else(|| "<unknown>".into());
        match self {
            Kind::IncompleteStream => f.write_str("incomplete multipart stream"),
            Kind::IncompleteField(name) => {
                write!(f, "field {:?} received with incomplete data", named(name))
            }
            Kind::Headers(_) => f.write_str("failed to read headers"),
            Kind::HeaderValue(_) => f.write_str("failed to decode field's raw header value"),
            Kind::HeadersTooLarge => f.write_str("failed to read field complete headers"),
            Kind::FieldTooLarge(name, limit) => {
                write!(
                    f,
                    "field {:?} exceeded the size limit: {limit} bytes",
                    named(name)
                )
            }
            Kind::TooManyFields(limit) => write!(f, "more fields than {limit}"),
            Kind::Body(_) => f.write_str("failed to read stream"),
        }
    }
}

impl Error for Kind {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Kind::Headers(error) => Some(error),
            Kind::HeaderValue(error) => Some(error),
            Kind::Body(error) => Some(error),
            _ => None,
        }
    }
}
