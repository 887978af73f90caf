//! `If-Match` and `If-None-Match` (RFC 9110, section 13.1): a request that holds only for a version.
//!
//! A client reads an item, its user changes it, and the client writes it back. If another client has
//! written in the meantime, that change would be lost. With the entity tag in `If-Match`, the second
//! one is refused instead.

use http::header::{ETAG, IF_MATCH, IF_NONE_MATCH};
use http::{HeaderMap, HeaderValue, StatusCode};
use server::response::{IntoResponse, Response};

use super::item::Item;
use crate::pages::Problem;

/// What the client thinks that the item is.
#[derive(Clone, Debug)]
pub(crate) struct Expected(HeaderMap);

impl Expected {
    pub(crate) fn new(mut headers: HeaderMap) -> Self {
        let wanted: HeaderMap = [IF_MATCH, IF_NONE_MATCH]
            .into_iter()
            .flat_map(|name| {
                let values = headers.remove(&name);
                values.map(|value| (name, value))
            })
            .collect();
        Expected(wanted)
    }

    /// For a change: refused if the item has another version than the client has seen.
    pub(crate) fn allows(&self, item: &Item) -> Result<(), Problem> {
        let is_named = |name| names(&self.0, name, &item.etag());
        if is_named(&IF_MATCH) == Some(false) || is_named(&IF_NONE_MATCH) == Some(true) {
            let detail = format!(
                "the item has changed: its tag is {} now; read it again, and then change it",
                item.etag()
            );
            return Err(Problem::new(StatusCode::PRECONDITION_FAILED, detail));
        }
        Ok(())
    }

    /// For a question: the short answer, if the client has this version already.
    pub(crate) fn unchanged(&self, item: &Item) -> Option<Response> {
        let is_known = names(&self.0, &IF_NONE_MATCH, &item.etag()) == Some(true);
        let tag = HeaderValue::from_str(&item.etag()).ok()?;
        is_known.then(|| (StatusCode::NOT_MODIFIED, [(ETAG, tag)]).into_response())
    }
}

/// Whether the field names this tag; `None` without such a field. A weak tag (`W/`) is the same as a
/// strong one for `If-None-Match`, and no tag at all for `If-Match`.
fn names(headers: &HeaderMap, name: &http::HeaderName, tag: &str) -> Option<bool> {
    let value = headers.get(name)?.to_str().unwrap_or_default();
    let is_weak_allowed = *name == IF_NONE_MATCH;
    let mut tags = value.split(',').map(str::trim);
    Some(tags.any(|one| {
        let strong = one.strip_prefix("W/").filter(|_| is_weak_allowed);
        one == "*" || strong.unwrap_or(one) == tag
    }))
}
