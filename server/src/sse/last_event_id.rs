//! The last event that a client saw before it had to connect again.

use std::convert::Infallible;

use http::request::Parts;

use crate::extract::{FromRequestParts, OptionalFromRequestParts};

/// The `Last-Event-ID` of a request: the [`id`](super::Event::id) of the last event that the
/// client got. Empty if it connects for the first time.
///
/// ```
/// use server::response::sse::LastEventId;
///
/// async fn events(LastEventId(last): LastEventId) -> String {
///     let next = last.parse::<u64>().map_or(0, |last| last + 1);
///     format!("going on with {next}")
/// }
/// # let _ = events;
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastEventId(pub String);

fn last_event_id(parts: &Parts) -> Option<LastEventId> {
    let value = parts.headers.get("last-event-id")?;
    let text = std::str::from_utf8(value.as_bytes()).ok()?;
    Some(LastEventId(text.to_owned()))
}

impl<S> FromRequestParts<S> for LastEventId {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(last_event_id(parts).unwrap_or(LastEventId(String::new())))
    }
}

impl<S> OptionalFromRequestParts<S> for LastEventId {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Infallible> {
        Ok(last_event_id(parts))
    }
}
