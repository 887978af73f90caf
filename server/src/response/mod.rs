//! What a handler may return, and how it becomes a response.
//!
//! A handler returns whatever says best what it means: text, JSON, a status, a tuple of a
//! status, headers and a body. [`IntoResponse`] turns it into a [`Response`]. What stands
//! before the body in such a tuple is [`IntoResponseParts`].
//!
//! Names, statuses and headers are those of the crate axum, so that a program written for it
//! means the same here.

mod into_response;
mod into_response_parts;
mod tuples;

pub use into_response::IntoResponse;
pub use into_response_parts::{IntoResponseParts, ResponseParts, TryIntoHeaderError};

pub use crate::message::Response;
