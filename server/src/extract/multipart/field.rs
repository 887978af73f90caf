//! One field of a form in parts.

use std::borrow::Cow;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use http::HeaderMap;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use mime::Mime;

use super::Multipart;
use super::disposition::parameter;
use super::error::{Kind, MultipartError};

/// One field: its headers, and its data as it arrives.
///
/// Read it as a stream, by [`chunk`](Self::chunk), or all at once. What is left of a field
/// that was dropped is skipped.
///
/// ```
/// use server::extract::Multipart;
/// use server::extract::multipart::MultipartError;
///
/// async fn longest(mut form: Multipart) -> Result<String, MultipartError> {
///     let mut longest = 0;
///     while let Some(mut field) = form.next_field().await? {
///         if field.content_type().is_none() {
///             continue; // Only files say what they are.
///         }
///         let mut length = 0;
///         while let Some(bytes) = field.chunk().await? {
///             length += bytes.len();
///         }
///         longest = longest.max(length);
///     }
///     Ok(format!("{longest} bytes"))
/// }
/// # let _ = longest;
/// ```
pub struct Field<'a> {
    multipart: &'a mut Multipart,
    headers: HeaderMap,
    name: Option<String>,
    file_name: Option<String>,
    content_type: Option<Mime>,
    /// Bytes that have been read.
    length: u64,
}

impl<'a> Field<'a> {
    pub(super) fn new(multipart: &'a mut Multipart, headers: HeaderMap) -> Self {
        let disposition = headers.get(CONTENT_DISPOSITION);
        let find = |name| parameter(disposition?.as_bytes(), name);
        let kind = headers
            .get(CONTENT_TYPE)
            .and_then(|kind| kind.to_str().ok());
        Field {
            name: find("name"),
            file_name: find("filename"),
            content_type: kind.and_then(|kind| kind.parse().ok()),
            multipart,
            headers,
            length: 0,
        }
    }

    /// The name of the field. Its example is [`Multipart`]'s.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The name that the file has at the client. It is the client's word: never use it as a
    /// path. Its example is [`Multipart`]'s.
    #[must_use]
    pub fn file_name(&self) -> Option<&str> {
        self.file_name.as_deref()
    }

    /// The type of the data, in the client's word. Its example is [`Field`]'s.
    #[must_use]
    pub fn content_type(&self) -> Option<&str> {
        self.content_type.as_ref().map(AsRef::as_ref)
    }

    /// The headers of the field.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The next bytes; `None` at the end of the field. Its example is [`Field`]'s.
    ///
    /// # Errors
    ///
    /// [`MultipartError`] if the form is malformed, broke off, or has passed a limit.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, MultipartError> {
        poll_fn(|cx| self.poll_chunk(cx)).await
    }

    fn poll_chunk(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Bytes>, MultipartError>> {
        let read = ready!(self.multipart.parser.poll_data(cx));
        let data = read.map_err(|error| match error.0 {
            Kind::IncompleteField(None) => MultipartError(Kind::IncompleteField(self.name.clone())),
            other => MultipartError(other),
        })?;
        self.length += data.as_ref().map_or(0, |data| data.len() as u64);
        let limit = self.multipart.max_field_size;
        if self.length > limit {
            let kind = Kind::FieldTooLarge(self.name.clone(), limit);
            return Poll::Ready(Err(MultipartError(kind)));
        }
        Poll::Ready(Ok(data))
    }

    /// All data of the field in one piece. Its example is [`Multipart`]'s.
    ///
    /// # Errors
    ///
    /// As [`chunk`](Self::chunk).
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: what had been collected is lost with the future.
    pub async fn bytes(mut self) -> Result<Bytes, MultipartError> {
        let Some(first) = self.chunk().await? else {
            return Ok(Bytes::new());
        };
        let Some(second) = self.chunk().await? else {
            return Ok(first);
        };
        let mut all = BytesMut::from(first);
        all.extend_from_slice(&second);
        while let Some(next) = self.chunk().await? {
            all.extend_from_slice(&next);
        }
        Ok(all.freeze())
    }

    /// All data of the field as text. What is not UTF-8 becomes `U+FFFD`; a byte order mark is
    /// left out. Its example is [`max_field_size`](Multipart::max_field_size)'s.
    ///
    /// # Errors
    ///
    /// As [`chunk`](Self::chunk).
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: what had been collected is lost with the future.
    pub async fn text(self) -> Result<String, MultipartError> {
        let bytes = self.bytes().await?;
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
        Ok(match String::from_utf8_lossy(bytes) {
            Cow::Borrowed(text) => text.to_owned(),
            Cow::Owned(text) => text,
        })
    }
}

impl Stream for Field<'_> {
    type Item = Result<Bytes, MultipartError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_chunk(cx).map(Result::transpose)
    }
}

impl fmt::Debug for Field<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Field")
            .field("name", &self.name)
            .field("file_name", &self.file_name)
            .field("headers", &self.headers)
            .finish_non_exhaustive()
    }
}
