//! Errors of any type, as responses.

use super::into_response::IntoResponse;
use crate::message::Response;

/// What a handler may return in which `?` ends with different errors: each of them only has
/// to be [`IntoResponse`].
///
/// ```
/// use http::StatusCode;
/// use server::response::{IntoResponse, Result};
///
/// fn page(number: &str) -> Result<String> {
///     let number: u32 = number.parse().map_err(|_| StatusCode::BAD_REQUEST)?;
///     if number > 9 {
///         return Err((StatusCode::NOT_FOUND, "there are nine pages").into());
///     }
///     Ok(format!("page {number}"))
/// }
///
/// assert_eq!(page("seven").into_response().status(), 400);
/// assert_eq!(page("10").into_response().status(), 404);
/// ```
pub type Result<T, E = ErrorResponse> = std::result::Result<T, E>;

impl<T: IntoResponse> IntoResponse for Result<T> {
    fn into_response(self) -> Response {
        match self {
            Ok(value) => value.into_response(),
            Err(error) => *error.0,
        }
    }
}

/// Whatever became a response, as an error. See [`Result`].
///
/// ```
/// use server::response::ErrorResponse;
///
/// let error: ErrorResponse = http::StatusCode::NOT_FOUND.into();
/// # let _ = error;
/// ```
#[derive(Debug)]
#[must_use]
pub struct ErrorResponse(Box<Response>);

impl<T: IntoResponse> From<T> for ErrorResponse {
    fn from(error: T) -> Self {
        ErrorResponse(Box::new(error.into_response()))
    }
}
