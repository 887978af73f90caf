//! `If-Match` and `If-None-Match` (RFC 9110, section 13.1): a request that holds only for a version.
//!
//! A client reads an item, its user changes it, and the client writes it back. If another client has
//! written in the meantime, that change would be lost. With the entity tag in `If-Match`, the second
//! one is refused instead.

use http::header::{ETAG, HeaderName, IF_MATCH, IF_NONE_MATCH};
use http::{HeaderMap, HeaderValue, StatusCode};
use server::response::{IntoResponse, Response};

use super::item::Item;
use crate::pages::Problem;

/// What the client thinks that the item is.
#[derive(Clone, Debug)]
pub(crate) struct Expected(HeaderMap);

impl Expected {
    pub(crate) fn new(headers: &HeaderMap) -> Self {
        let mut wanted = HeaderMap::new();
        for name in [IF_MATCH, IF_NONE_MATCH] {
            for value in headers.get_all(&name) {
                wanted.append(&name, value.clone());
            }
        }
        Expected(wanted)
    }

    /// For a change: refused if the item has another version than the client has seen.
    pub(crate) fn allows(&self, item: &Item) -> Result<(), Problem> {
        let is_named = |name| names(&self.0, name, &item.etag());
        if is_named(&IF_MATCH) == Some(false) || is_named(&IF_NONE_MATCH) == Some(true) {
            let detail = format!(
                "The item has changed: its tag is {} now. Read it again, and then change it.",
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
/// strong one for `If-None-Match`, and no tag at all for `If-Match`. A star is every tag, if it stands
/// alone in its line.
fn names(headers: &HeaderMap, name: &HeaderName, tag: &str) -> Option<bool> {
    headers.get(name)?;
    let is_weak_allowed = name == IF_NONE_MATCH;
    let lines = headers.get_all(name).into_iter();
    Some(lines.map(HeaderValue::as_bytes).any(|line| {
        let line = line.trim_ascii();
        line == b"*"
            || tags(line)
                .any(|(is_weak, one)| one == tag.as_bytes() && (is_weak_allowed || !is_weak))
    }))
}

/// The entity tags of a line, each with its quotation marks: whether it is weak, and what it is. A tag
/// may have commas in it. What is no tag ends the list.
fn tags(line: &[u8]) -> impl Iterator<Item = (bool, &[u8])> {
    let mut rest = line;
    std::iter::from_fn(move || {
        let is_between = |byte: &u8| matches!(byte, b' ' | b'\t' | b',');
        let start = rest.iter().position(|byte| !is_between(byte))?;
        let weak = rest[start..].strip_prefix(b"W/");
        let one = weak.unwrap_or(&rest[start..]);
        let inside = one.strip_prefix(b"\"")?;
        let end = 2 + inside.iter().position(|byte| *byte == b'"')?;
        rest = &one[end..];
        Some((weak.is_some(), &one[..end]))
    })
}
