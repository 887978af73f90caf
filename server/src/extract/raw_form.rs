//! A form, not yet read.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, Method};

use super::from_request::FromRequest;
use super::rejection::{InvalidFormContentType, RawFormRejection};
use crate::message::Request;

/// The bytes of a form: the query of a GET, the body of any other request.
///
/// Refused with 415 if the body is not `application/x-www-form-urlencoded`, and as `Bytes`
/// is.
///
/// ```
/// use server::extract::RawForm;
///
/// async fn handler(RawForm(form): RawForm) -> String {
///     format!("{} bytes", form.len())
/// }
/// # let _ = handler;
/// ```
#[derive(Debug)]
pub struct RawForm(pub Bytes);

impl<S> FromRequest<S> for RawForm {
    type Rejection = RawFormRejection;

    async fn from_request(request: Request, state: &S) -> Result<Self, RawFormRejection> {
        if *request.method() == Method::GET {
            let query = request.uri().query().unwrap_or_default();
            return Ok(RawForm(Bytes::copy_from_slice(query.as_bytes())));
        }
        if !is_form(request.headers()) {
            return Err(InvalidFormContentType.into());
        }
        Ok(RawForm(Bytes::from_request(request, state).await?))
    }
}

fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok());
    kind.is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"))
}
