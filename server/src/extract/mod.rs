//! What a handler may ask of a request.
//!
//! Each argument of a handler is an *extractor*: a type that knows how to make itself from a
//! request. All but the last take what they need from the head ([`FromRequestParts`]); the
//! last may take the body too ([`FromRequest`]). An extractor that cannot be made answers the
//! request itself, with its rejection, and the handler does not run.
//!
//! Names, refusals and their texts are those of the crate axum.

mod body_limit;
pub mod connect_info;
mod content;
pub mod cookie;
mod ext;
mod from_ref;
mod from_request;
mod head;
pub(crate) mod ids;
mod matched_path;
pub mod multipart;
mod nested_path;
mod original_uri;
pub mod path;
mod query;
mod raw_form;
pub mod rejection;
mod state;
mod tuples;
pub(crate) mod urlencoded;

pub use body_limit::DefaultBodyLimit;
pub use connect_info::ConnectInfo;
pub use cookie::CookieJar;
pub use ext::{RequestExt, RequestPartsExt};
pub use from_ref::FromRef;
pub use from_request::{
    FromRequest, FromRequestParts, OptionalFromRequest, OptionalFromRequestParts,
};
pub use ids::{ConnectionId, RequestId};
pub use matched_path::MatchedPath;
pub use multipart::Multipart;
pub use nested_path::NestedPath;
pub use original_uri::OriginalUri;
pub(crate) use path::UrlParams;
pub use path::{Path, RawPathParams};
pub use query::{Query, RawQuery};
pub use raw_form::RawForm;
pub use state::State;

#[cfg(feature = "macros")]
pub use crate::macros::{FromRef, FromRequest, FromRequestParts};

pub use crate::extension::Extension;
pub use crate::form::Form;
pub use crate::json::Json;
pub use crate::message::Request;
pub use crate::ws::{self, WebSocketUpgrade};
