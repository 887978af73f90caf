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
pub(crate) struct Expected {
    one_of: Option<Tags>,
    none_of: Option<Tags>,
}

impl Expected {
    /// Reads the two fields. A list that cannot be read is refused: to act as if it were not there would
    /// be to act without a condition.
    pub(crate) fn new(headers: &HeaderMap) -> Result<Self, Problem> {
        Ok(Expected {
            one_of: Tags::read(headers, &IF_MATCH)?,
            none_of: Tags::read(headers, &IF_NONE_MATCH)?,
        })
    }

    /// For a change: refused if the item has another version than the client has seen.
    pub(crate) fn allows(&self, item: &Item) -> Result<(), Problem> {
        let tag = item.etag();
        match (self.is_wanted(&tag), self.is_known(&tag)) {
            (true, false) => Ok(()),
            (true, true) => Err(excluded(&tag)),
            (false, _) => Err(changed(&tag)),
        }
    }

    /// For a question: the short answer, if the client has this version already. Refused if the client
    /// wants another version, which is asked first (RFC 9110, section 13.2.2).
    pub(crate) fn unchanged(&self, item: &Item) -> Result<Option<Response>, Problem> {
        let tag = item.etag();
        if !self.is_wanted(&tag) {
            return Err(changed(&tag));
        }
        let short = || {
            let tag = HeaderValue::from_str(&tag);
            let tag: HeaderMap = tag.into_iter().map(|tag| (ETAG, tag)).collect();
            (StatusCode::NOT_MODIFIED, tag).into_response()
        };
        Ok(self.is_known(&tag).then(short))
    }

    /// Whether `If-Match` names this version. Without the field, each version is wanted.
    fn is_wanted(&self, tag: &str) -> bool {
        let tags = self.one_of.as_ref();
        tags.is_none_or(|tags| tags.has(tag, false))
    }

    /// Whether `If-None-Match` names this version.
    fn is_known(&self, tag: &str) -> bool {
        let tags = self.none_of.as_ref();
        tags.is_some_and(|tags| tags.has(tag, true))
    }
}

fn changed(tag: &str) -> Problem {
    let detail =
        format!("The item has changed: its tag is {tag} now. Read it again, and then change it.");
    Problem::new(StatusCode::PRECONDITION_FAILED, detail)
}

fn excluded(tag: &str) -> Problem {
    let detail = format!(
        "There is an item, and its tag is {tag}: `If-None-Match` excludes that. To change it, send the tag in `If-Match`."
    );
    Problem::new(StatusCode::PRECONDITION_FAILED, detail)
}

/// Entity tags that a field names.
#[derive(Clone, Debug)]
enum Tags {
    /// A star: any.
    Any,
    /// Each with its quotation marks, and whether it is weak.
    These(Vec<(bool, Vec<u8>)>),
}

impl Tags {
    /// `None` if there is no such field. Several lines are one list.
    fn read(headers: &HeaderMap, name: &HeaderName) -> Result<Option<Self>, Problem> {
        let mut lines = headers.get_all(name).iter().peekable();
        if lines.peek().is_none() {
            return Ok(None);
        }
        let lines: Vec<_> = lines.map(HeaderValue::as_bytes).collect();
        let list = lines.join(&b","[..]);
        if list.trim_ascii() == b"*" {
            return Ok(Some(Tags::Any));
        }
        let tags = these(&list).ok_or_else(|| {
            let detail =
                format!("`{name}` is no list of entity tags, for example \"1-1\", \"1-2\".");
            Problem::bad_request(detail)
        });
        tags.map(|tags| Some(Tags::These(tags)))
    }

    /// A weak tag (`W/`) is the same as a strong one for `If-None-Match`, and no tag at all for
    /// `If-Match`.
    fn has(&self, tag: &str, is_weak_allowed: bool) -> bool {
        match self {
            Tags::Any => true,
            Tags::These(tags) => tags
                .iter()
                .any(|(is_weak, one)| one == tag.as_bytes() && (is_weak_allowed || !is_weak)),
        }
    }
}

/// The tags of a list; `None` if something in it is no tag. A tag may have commas in it.
fn these(mut list: &[u8]) -> Option<Vec<(bool, Vec<u8>)>> {
    let mut tags = Vec::new();
    loop {
        // Empty elements are allowed (RFC 9110, section 5.6.1).
        let is_between = |byte: &u8| matches!(byte, b' ' | b'\t' | b',');
        let Some(start) = list.iter().position(|byte| !is_between(byte)) else {
            return Some(tags);
        };
        let weak = list[start..].strip_prefix(b"W/");
        let tag = weak.unwrap_or(&list[start..]);
        let inside = tag.strip_prefix(b"\"")?;
        let end = 2 + inside.iter().position(|byte| *byte == b'"')?;
        tags.push((weak.is_some(), tag[..end].to_vec()));
        list = tag[end..].trim_ascii_start();
        if !matches!(list.first(), None | Some(b',')) {
            return None;
        }
    }
}
