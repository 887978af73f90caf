//! Tuples that become a response: a status, parts of the head, and a body.

use http::StatusCode;

use super::into_response::IntoResponse;
use super::into_response_parts::{IntoResponseParts, ResponseParts};
use crate::message::Response;

impl<R> IntoResponse for (StatusCode, R)
where
    R: IntoResponse,
{
    fn into_response(self) -> Response {
        let mut response = self.1.into_response();
        *response.status_mut() = self.0;
        response
    }
}

impl<P, R> IntoResponse for (P, R)
where
    P: IntoResponseParts,
    R: IntoResponse,
{
    fn into_response(self) -> Response {
        let parts = ResponseParts {
            response: self.1.into_response(),
        };
        match self.0.into_response_parts(parts) {
            Ok(parts) => parts.response,
            Err(error) => error.into_response(),
        }
    }
}
