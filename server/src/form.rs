//! Forms, in requests and in responses.

use std::ops::{Deref, DerefMut};

use http::StatusCode;
use http::header::{CONTENT_TYPE, HeaderValue};
use serde::Serialize;

use crate::response::{IntoResponse, Response};

/// A value as a form, `application/x-www-form-urlencoded`.
///
/// As a response: a value that cannot be written as a form is answered with 500 and the
/// reason.
///
/// ```
/// use server::{Form, response::IntoResponse};
///
/// let response = Form([("colour", "blue"), ("size", "7 ½")]).into_response();
/// assert_eq!(response.headers()["content-type"], "application/x-www-form-urlencoded");
/// ```
#[derive(Debug, Clone, Copy, Default)]
#[must_use]
pub struct Form<T>(pub T);

impl<T: Serialize> IntoResponse for Form<T> {
    fn into_response(self) -> Response {
        match serde_html_form::to_string(&self.0) {
            Ok(text) => {
                let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
                ([(CONTENT_TYPE, kind)], text).into_response()
            }
            Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
        }
    }
}

impl<T> Deref for Form<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for Form<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}
