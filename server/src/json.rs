//! JSON, in requests and in responses.

use std::ops::{Deref, DerefMut};

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{HeaderMap, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::error::Category;

use crate::extract::rejection::{
    JsonDataError, JsonRejection, JsonSyntaxError, MissingJsonContentType,
};
use crate::extract::{FromRequest, OptionalFromRequest, Request};
use crate::response::{IntoResponse, Response};

/// A value as JSON.
///
/// As an extractor it takes the body. The request must say that its body is JSON
/// (`application/json`, or a type that ends in `+json`), or it is refused with 415. A body
/// that is not JSON is refused with 400, and JSON that does not fit the type with 422. Behind
/// an `Option`, a request without `Content-Type` is `None`.
///
/// As a response: `application/json`. A value that cannot be written as JSON is answered with
/// 500 and the reason.
///
/// ```
/// use server::{Json, response::IntoResponse};
///
/// let response = Json(["a", "b"]).into_response();
/// assert_eq!(response.headers()["content-type"], "application/json");
/// assert_eq!(response.body().exact_length(), Some(9));
/// ```
#[derive(Debug, Clone, Copy, Default)]
#[must_use]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned> Json<T> {
    /// Reads JSON.
    ///
    /// # Errors
    ///
    /// [`JsonSyntaxError`] if it is not JSON or does not end there, [`JsonDataError`] if it
    /// does not fit the type.
    ///
    /// ```
    /// use server::Json;
    ///
    /// let Json(pair) = Json::<(u8, String)>::from_bytes(br#"[1, "a"]"#).unwrap();
    /// assert_eq!(pair, (1, "a".to_owned()));
    /// assert_eq!(Json::<u8>::from_bytes(b"1 2").unwrap_err().status(), 400);
    /// ```
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, JsonRejection> {
        let mut reader = serde_json::Deserializer::from_slice(bytes);
        let value = serde_path_to_error::deserialize(&mut reader).map_err(refused)?;
        reader.end().map_err(JsonSyntaxError::from_err)?;
        Ok(Json(value))
    }
}

fn refused(error: serde_path_to_error::Error<serde_json::Error>) -> JsonRejection {
    match error.inner().classify() {
        Category::Data => JsonDataError::from_err(error).into(),
        Category::Syntax | Category::Eof | Category::Io => JsonSyntaxError::from_err(error).into(),
    }
}

impl<T: DeserializeOwned, S> FromRequest<S> for Json<T> {
    type Rejection = JsonRejection;

    async fn from_request(request: Request, state: &S) -> Result<Self, JsonRejection> {
        if !is_json(request.headers()) {
            return Err(MissingJsonContentType.into());
        }
        Self::from_bytes(&Bytes::from_request(request, state).await?)
    }
}

impl<T: DeserializeOwned, S> OptionalFromRequest<S> for Json<T> {
    type Rejection = JsonRejection;

    async fn from_request(request: Request, state: &S) -> Result<Option<Self>, JsonRejection> {
        if !request.headers().contains_key(CONTENT_TYPE) {
            return Ok(None);
        }
        let made = <Self as FromRequest<S>>::from_request(request, state).await;
        made.map(Some)
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok());
    let kind = kind.and_then(|kind| kind.parse::<mime::Mime>().ok());
    kind.is_some_and(|kind| {
        kind.type_() == mime::APPLICATION
            && (kind.subtype() == mime::JSON || kind.suffix() == Some(mime::JSON))
    })
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.0) {
            Ok(text) => {
                let kind = HeaderValue::from_static("application/json");
                ([(CONTENT_TYPE, kind)], Bytes::from(text)).into_response()
            }
            Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
        }
    }
}

impl<T> Deref for Json<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for Json<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T> From<T> for Json<T> {
    fn from(value: T) -> Self {
        Json(value)
    }
}
