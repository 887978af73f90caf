//! Forms in parts, `multipart/form-data`: how browsers send files (RFC 7578).
//!
//! A form is a sequence of fields, each with headers of its own and any number of bytes. It is
//! read as it arrives, one field at a time: a field borrows the form, so the compiler sees to
//! it that only one is open.

mod disposition;
mod error;
mod field;
mod parser;

use std::future::poll_fn;

use http::HeaderMap;
use http::header::CONTENT_TYPE;
use mime::Mime;

use super::body_limit::limited;
use super::from_request::{FromRequest, OptionalFromRequest};
use crate::message::Request;
use error::Kind;
pub use error::{InvalidBoundary, MultipartError, MultipartRejection};
pub use field::Field;
use parser::Parser;

/// Fields that a form may have, unless it is told otherwise.
const MAX_FIELDS: usize = 1000;

/// A form in parts.
///
/// Limits: the whole form by [`DefaultBodyLimit`](super::DefaultBodyLimit), 1,000 fields
/// ([`max_fields`](Self::max_fields)), any size of a field within the form
/// ([`max_field_size`](Self::max_field_size)), and for the headers of a field 16 KiB and 32
/// lines.
///
/// Refused with 400 if the request does not say that it is such a form. Behind an `Option`,
/// another type of body is `None`.
///
/// ```
/// use server::extract::{DefaultBodyLimit, Multipart};
/// use server::extract::multipart::MultipartError;
/// use server::{Router, routing::post};
/// use server::testing::TestClient;
///
/// async fn upload(mut form: Multipart) -> Result<String, MultipartError> {
///     let mut report = String::new();
///     while let Some(field) = form.next_field().await? {
///         let name = field.name().unwrap_or("?").to_owned();
///         let file = field.file_name().unwrap_or("no file").to_owned();
///         report += &format!("{name}, {file}: {} bytes\n", field.bytes().await?.len());
///     }
///     Ok(report)
/// }
///
/// let app: Router = Router::new()
///     .route("/", post(upload))
///     .layer(DefaultBodyLimit::max(64 * 1024 * 1024));
/// # #[runtime::main(start_paused = true)] async fn test(app: Router) {
/// let form = "--b\r\ncontent-disposition: form-data; name=\"essay\"; filename=\"e.txt\"\r\n\r\n\
///             All of it.\r\n--b--\r\n";
/// let request = TestClient::new(app).post("/").body(form);
/// let response = request.header("content-type", "multipart/form-data; boundary=b").await;
/// assert_eq!(response.text().await, "essay, e.txt: 10 bytes\n");
/// # }
/// # test(app);
/// ```
#[derive(Debug)]
pub struct Multipart {
    parser: Parser,
    fields: usize,
    max_fields: usize,
    max_field_size: u64,
}

impl Multipart {
    fn new(request: Request, boundary: &str) -> Self {
        Multipart {
            parser: Parser::new(limited(request).into_body(), boundary),
            fields: 0,
            max_fields: MAX_FIELDS,
            max_field_size: u64::MAX,
        }
    }

    /// How many fields the form may have. More are an error of 413.
    /// Its example is [`max_field_size`](Self::max_field_size)'s.
    #[must_use]
    pub fn max_fields(mut self, fields: usize) -> Self {
        self.max_fields = fields;
        self
    }

    /// How many bytes each field may have. More are an error of 413, when they are read; what
    /// the handler skips is limited by the whole form only.
    ///
    /// ```
    /// use server::extract::Multipart;
    /// use server::extract::multipart::MultipartError;
    /// use server::testing::TestClient;
    /// use server::{Router, routing::post};
    ///
    /// async fn first(form: Multipart) -> Result<String, MultipartError> {
    ///     let mut form = form.max_fields(1).max_field_size(8);
    ///     match form.next_field().await? {
    ///         Some(field) => field.text().await,
    ///         None => Ok("nothing".to_owned()),
    ///     }
    /// }
    ///
    /// # #[runtime::main(start_paused = true)] async fn main() {
    /// let client = TestClient::new(Router::new().route("/", post(first)));
    /// let send = async |text: &str| {
    ///     let form = format!("--b\r\ncontent-disposition: form-data\r\n\r\n{text}\r\n--b--\r\n");
    ///     let request = client.post("/").header("content-type", "multipart/form-data; boundary=b");
    ///     request.body(form).await
    /// };
    /// assert_eq!(send("a word").await.text().await, "a word");
    /// assert_eq!(send("too long a word").await.status(), 413);
    /// # }
    /// ```
    #[must_use]
    pub fn max_field_size(mut self, bytes: u64) -> Self {
        self.max_field_size = bytes;
        self
    }

    /// The next field; `None` behind the last one. What is left of the field before is
    /// skipped. Its example is [`Multipart`]'s.
    ///
    /// # Errors
    ///
    /// [`MultipartError`] if the form is malformed, broke off, or has passed a limit.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    pub async fn next_field(&mut self) -> Result<Option<Field<'_>>, MultipartError> {
        let Some(headers) = poll_fn(|cx| self.parser.poll_headers(cx)).await? else {
            return Ok(None);
        };
        if self.fields == self.max_fields {
            return Err(MultipartError(Kind::TooManyFields(self.max_fields)));
        }
        self.fields += 1;
        Ok(Some(Field::new(self, headers)))
    }
}

impl<S> FromRequest<S> for Multipart {
    type Rejection = MultipartRejection;

    async fn from_request(request: Request, _: &S) -> Result<Self, MultipartRejection> {
        let kind = content_type(request.headers());
        let boundary = kind
            .as_ref()
            .filter(|kind| is_form(kind))
            .and_then(boundary);
        let boundary = boundary.ok_or(InvalidBoundary)?.to_owned();
        Ok(Multipart::new(request, &boundary))
    }
}

impl<S> OptionalFromRequest<S> for Multipart {
    type Rejection = MultipartRejection;

    async fn from_request(request: Request, _: &S) -> Result<Option<Self>, MultipartRejection> {
        if !request.headers().contains_key(CONTENT_TYPE) {
            return Ok(None);
        }
        let kind = content_type(request.headers()).ok_or(InvalidBoundary)?;
        if !is_form(&kind) {
            return Ok(None);
        }
        let boundary = boundary(&kind).ok_or(InvalidBoundary)?;
        Ok(Some(Multipart::new(request, boundary)))
    }
}

fn content_type(headers: &HeaderMap) -> Option<Mime> {
    let kind = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    kind.parse().ok()
}

fn is_form(kind: &Mime) -> bool {
    kind.type_() == mime::MULTIPART && kind.subtype() == mime::FORM_DATA
}

fn boundary(kind: &Mime) -> Option<&str> {
    let boundary = kind.get_param(mime::BOUNDARY)?;
    Some(boundary.as_str())
}
