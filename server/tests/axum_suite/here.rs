//! What tests of axum reach into that is private, by way of what is public here.

use crate::body::{Bytes, to_bytes};
use crate::response::IntoResponse;
use crate::response::sse::{Event, Sse};
use std::convert::Infallible;

/// The bytes of an event.
pub(crate) trait Finalize {
    fn finalize(self) -> Bytes;
}

impl Finalize for Event {
    fn finalize(self) -> Bytes {
        use futures_util::{FutureExt, stream};
        let events = stream::iter([Ok::<_, Infallible>(self)]);
        let body = Sse::new(events).into_response().into_body();
        let bytes = to_bytes(body, usize::MAX).now_or_never();
        bytes.expect("nothing has to be waited for").expect("events do not fail")
    }
}

/// The key of cookies that are signed, which a state of axum-extra's tests holds. Nothing is signed here.
#[derive(Clone, Debug)]
pub(crate) struct Key;

impl Key {
    pub(crate) fn generate() -> Key {
        Key
    }
}
