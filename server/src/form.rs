//! Forms, in requests and in responses.

use std::ops::{Deref, DerefMut};

use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Method, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::extract::rejection::{
    FailedToDeserializeForm, FailedToDeserializeFormBody, FormRejection, RawFormRejection,
};
use crate::extract::{FromRequest, RawForm, Request, urlencoded};
use crate::response::{IntoResponse, Response};

/// A value as a form, `application/x-www-form-urlencoded`.
///
/// As an extractor it reads the query of a GET and the body of any other request. A body that
/// does not say that it is a form is refused with 415, one that does not fit the type with
/// 422, and a query that does not with 400. A name that comes several times fills a `Vec`.
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

impl<T: DeserializeOwned, S> FromRequest<S> for Form<T> {
    type Rejection = FormRejection;

    async fn from_request(request: Request, state: &S) -> Result<Self, FormRejection> {
        let is_query = matches!(*request.method(), Method::GET | Method::HEAD);
        let RawForm(text) = RawForm::from_request(request, state).await?;
        match urlencoded::read(&text) {
            Ok(value) => Ok(Form(value)),
            Err(error) if is_query => Err(FailedToDeserializeForm::from_err(error).into()),
            Err(error) => Err(FailedToDeserializeFormBody::from_err(error).into()),
        }
    }
}

impl From<RawFormRejection> for FormRejection {
    fn from(rejection: RawFormRejection) -> Self {
        match rejection {
            RawFormRejection::InvalidFormContentType(reason) => reason.into(),
            RawFormRejection::BytesRejection(reason) => reason.into(),
        }
    }
}

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
