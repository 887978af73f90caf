//! A page.

use http::header::{CONTENT_TYPE, HeaderValue};

use super::into_response::IntoResponse;
use crate::message::Response;

/// A body of `text/html; charset=utf-8`.
///
/// The text is sent as it is: what a user has typed must be escaped before it is put in.
///
/// ```
/// use server::response::{Html, IntoResponse};
///
/// let response = Html("<h1>Hello</h1>").into_response();
/// assert_eq!(response.headers()["content-type"], "text/html; charset=utf-8");
/// ```
#[derive(Debug, Clone, Copy)]
#[must_use]
pub struct Html<T>(pub T);

impl<T: IntoResponse> IntoResponse for Html<T> {
    fn into_response(self) -> Response {
        let kind = HeaderValue::from_static("text/html; charset=utf-8");
        ([(CONTENT_TYPE, kind)], self.0).into_response()
    }
}

impl<T> From<T> for Html<T> {
    fn from(text: T) -> Self {
        Html(text)
    }
}
