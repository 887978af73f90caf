//! Done, and nothing to say.

use http::StatusCode;

use super::into_response::IntoResponse;
use crate::message::Response;

/// A response of 204 without a body.
///
/// ```
/// use server::response::{IntoResponse, NoContent};
///
/// assert_eq!(NoContent.into_response().status(), 204);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct NoContent;

impl IntoResponse for NoContent {
    fn into_response(self) -> Response {
        StatusCode::NO_CONTENT.into_response()
    }
}
