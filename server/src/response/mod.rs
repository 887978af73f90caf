//! What a handler may return, and how it becomes a response.
//!
//! A handler returns whatever says best what it means: text, JSON, a status, a tuple of a
//! status, headers and a body. [`IntoResponse`] turns it into a [`Response`]. What stands
//! before the body in such a tuple is [`IntoResponseParts`].
//!
//! Names, statuses and headers are those of the crate axum, so that a program written for it
//! means the same here.

mod error_response;
mod headers;
mod html;
mod into_response;
mod into_response_parts;
mod no_content;
mod redirect;
mod tuples;

pub use error_response::{ErrorResponse, Result};
pub use headers::{AppendHeaders, TryIntoHeaderError};
pub use html::Html;
pub use http::response::Parts;
pub use into_response::IntoResponse;
pub use into_response_parts::{IntoResponseParts, ResponseParts};
pub use no_content::NoContent;
pub use redirect::Redirect;
pub(crate) use tuples::for_each_tuple;

pub use crate::extension::Extension;
pub use crate::form::Form;
pub use crate::json::Json;
pub use crate::message::Response;
pub use crate::sse::{self, Sse};
