//! Why a body could not be collected.

use std::error::Error;
use std::fmt;

use http::StatusCode;

use super::define::{one_of, refuse, rejections};
use crate::body::BodyError;
use crate::response::{IntoResponse, Response};

rejections! {
    /// The body is longer than [`DefaultBodyLimit`](crate::extract::DefaultBodyLimit) allows.
    LengthLimitError(error) => PAYLOAD_TOO_LARGE, "Failed to buffer the request body";
}

/// The body broke off. The status tells why: 400 malformed or closed, 408 too slow, 503 the
/// server holds as many bodies as it may.
/// Its example is [`rejection`](crate::extract::rejection)'s.
#[derive(Debug)]
pub struct UnknownBodyError(BodyError);

impl UnknownBodyError {
    /// The text of the response. Its example is [`rejection`](crate::extract::rejection)'s.
    #[must_use]
    pub fn body_text(&self) -> String {
        self.to_string()
    }

    /// The status of the response. Its example is [`rejection`](crate::extract::rejection)'s.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self.0.status() {
            StatusCode::INTERNAL_SERVER_ERROR => StatusCode::BAD_REQUEST,
            status => status,
        }
    }
}

impl fmt::Display for UnknownBodyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Failed to buffer the request body: {}", self.0)
    }
}

impl Error for UnknownBodyError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
}

impl IntoResponse for UnknownBodyError {
    fn into_response(self) -> Response {
        refuse("UnknownBodyError", self.status(), self.body_text())
    }
}

one_of! {
    /// Why a body could not be collected.
    FailedToBufferBody { LengthLimitError, UnknownBodyError }
}

impl FailedToBufferBody {
    pub(crate) fn from_err(error: BodyError) -> Self {
        if is_too_large(&error) {
            return LengthLimitError::from_err("length limit exceeded").into();
        }
        UnknownBodyError(error).into()
    }
}

/// Whether `error` is that of a limit, ours or that of a body around ours.
pub(crate) fn is_too_large(error: &BodyError) -> bool {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = cause {
        let ours = error.downcast_ref().is_some_and(BodyError::is_too_large);
        if ours || error.is::<http_body_util::LengthLimitError>() {
            return true;
        }
        cause = error.source();
    }
    false
}
