//! Whether a client needs a file at all: `If-Match` and its like (RFC 9110, section 13).

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::HeaderMap;
use http::header::{
    ETAG, HeaderName, HeaderValue, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE,
    IF_UNMODIFIED_SINCE, LAST_MODIFIED, RANGE,
};
use httpdate::fmt_http_date;

use super::http_date;

/// Takes the conditions out of a request whose answer will not be a success: they hold for successes
/// only (RFC 9110, section 13.2.1), and so do ranges (section 14.2).
pub(super) fn take_out(asked: &mut HeaderMap) {
    for name in [
        IF_MATCH,
        IF_MODIFIED_SINCE,
        IF_NONE_MATCH,
        IF_RANGE,
        IF_UNMODIFIED_SINCE,
        RANGE,
    ] {
        asked.remove(name);
    }
}

/// What tells one version of a file from another.
#[derive(Debug, Clone)]
pub(super) struct Version {
    /// A strong tag: another content has another one, as far as the file system's clock tells.
    etag: String,
    modified: Option<SystemTime>,
}

/// What a client gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The file.
    Send,
    /// 304: it has this version.
    NotModified,
    /// 412: it wanted another version.
    Failed,
}

impl Version {
    /// The version of a file of `length` bytes, changed last at `modified`, in the encoding
    /// `variant`.
    pub(super) fn new(length: u64, modified: Option<SystemTime>, variant: &str) -> Self {
        let since = |time: SystemTime| time.duration_since(UNIX_EPOCH).ok();
        let nanos = modified.and_then(since).unwrap_or_default().as_nanos();
        // A date to come is never told: it is now, at most (RFC 9110, section 8.8.2.1).
        let told = modified.map(|modified| modified.min(SystemTime::now()));
        // Dates on the wire have whole seconds.
        let whole = |since: Duration| UNIX_EPOCH + Duration::from_secs(since.as_secs());
        Version {
            etag: format!("\"{nanos:x}-{length:x}{variant}\""),
            modified: told.and_then(since).map(whole),
        }
    }

    /// Adds `ETag` and `Last-Modified`.
    pub(super) fn tell(&self, headers: &mut HeaderMap) {
        if let Ok(etag) = HeaderValue::from_str(&self.etag) {
            headers.insert(ETAG, etag);
        }
        if let Some(Ok(date)) = self
            .modified
            .map(|it| HeaderValue::from_str(&fmt_http_date(it)))
        {
            headers.insert(LAST_MODIFIED, date);
        }
    }

    /// What the conditions of a request say, in the order of RFC 9110, section 13.2.2.
    pub(super) fn verdict(&self, headers: &HeaderMap) -> Verdict {
        if headers.contains_key(IF_MATCH) {
            if !self.is_listed(headers, &IF_MATCH, true) {
                return Verdict::Failed;
            }
        } else if let (Some(date), Some(modified)) =
            (date(headers, &IF_UNMODIFIED_SINCE), self.modified)
            && modified > date
        {
            return Verdict::Failed;
        }
        if headers.contains_key(IF_NONE_MATCH) {
            if self.is_listed(headers, &IF_NONE_MATCH, false) {
                return Verdict::NotModified;
            }
        } else if let (Some(date), Some(modified)) =
            (date(headers, &IF_MODIFIED_SINCE), self.modified)
            && modified <= date
        {
            return Verdict::NotModified;
        }
        Verdict::Send
    }

    /// Whether the part that a client wants is of the version that it has the rest of
    /// (RFC 9110, section 13.1.5).
    ///
    /// Only the tag says that. A date has whole seconds, and a file may have changed twice in one of them;
    /// the server would not know. Such a date must not count (section 8.8.2.2): the client would put the beginning
    /// of one file before the end of another. So a client that names a date gets the whole file.
    pub(super) fn allows_range(&self, headers: &HeaderMap) -> bool {
        let mut values = headers.get_all(IF_RANGE).into_iter();
        values.all(|value| *value == self.etag)
    }

    /// Whether a list of tags names this version, or is `*`, which means any. Where `strongly` is
    /// asked for, a weak tag is no match.
    fn is_listed(&self, headers: &HeaderMap, name: &HeaderName, strongly: bool) -> bool {
        let values = || {
            let values = headers.get_all(name).into_iter();
            values.map(|value| value.as_bytes().trim_ascii())
        };
        if values().eq([b"*"]) {
            return true;
        }
        let ours = self.etag.as_bytes();
        values()
            .flat_map(tags)
            .any(|(is_weak, tag)| tag == ours && !(is_weak && strongly))
    }
}

/// The tags of a list with their quotation marks, and whether they are weak. What follows something
/// that is no tag is left out. A tag may hold a comma (RFC 9110, section 8.8.3).
fn tags(mut list: &[u8]) -> impl Iterator<Item = (bool, &[u8])> {
    std::iter::from_fn(move || {
        let begin = list
            .iter()
            .position(|byte| !matches!(byte, b' ' | b'\t' | b','))?;
        let element = &list[begin..];
        let (is_weak, element) = match element.strip_prefix(b"W/") {
            Some(element) => (true, element),
            None => (false, element),
        };
        let inside = element.strip_prefix(b"\"")?;
        let (tag, rest) = element.split_at(2 + memchr::memchr(b'"', inside)?);
        let ends = rest.trim_ascii_start();
        list = rest;
        (ends.is_empty() || ends.starts_with(b",")).then_some((is_weak, tag))
    })
}

/// The date in a header line that stands there once.
fn date(headers: &HeaderMap, name: &HeaderName) -> Option<SystemTime> {
    let mut values = headers.get_all(name).into_iter();
    match (values.next(), values.next()) {
        (Some(value), None) => http_date::parse(value.to_str().ok()?),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use httpdate::parse_http_date;

    const BEFORE: &str = "Sun, 06 Nov 1994 08:49:36 GMT";
    const EXACTLY: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
    const AFTER: &str = "Sun, 06 Nov 1994 08:49:38 GMT";

    /// A file of half a second after [`EXACTLY`].
    fn version() -> Version {
        let modified = parse_http_date(EXACTLY).unwrap() + Duration::from_millis(500);
        Version::new(7, Some(modified), "")
    }

    #[test]
    fn the_conditions_of_a_request_are_weighed_in_their_order() {
        use Verdict::{Failed, NotModified, Send};

        let tag = version().etag;
        let weak = format!("W/{tag}");
        let list = format!("\"other\", {tag}");
        for (conditions, expected) in [
            (vec![], Send),
            (vec![(IF_MATCH, "*")], Send),
            (vec![(IF_MATCH, &*tag)], Send),
            (vec![(IF_MATCH, &*list)], Send),
            (vec![(IF_MATCH, &*weak)], Failed),
            (vec![(IF_MATCH, "\"other\"")], Failed),
            (vec![(IF_NONE_MATCH, &*tag)], NotModified),
            (vec![(IF_NONE_MATCH, &*weak)], NotModified),
            (vec![(IF_NONE_MATCH, "*")], NotModified),
            (vec![(IF_NONE_MATCH, "\"other\"")], Send),
            (vec![(IF_UNMODIFIED_SINCE, BEFORE)], Failed),
            (vec![(IF_UNMODIFIED_SINCE, EXACTLY)], Send),
            (vec![(IF_MODIFIED_SINCE, BEFORE)], Send),
            (vec![(IF_MODIFIED_SINCE, EXACTLY)], NotModified),
            (vec![(IF_MODIFIED_SINCE, AFTER)], NotModified),
            (vec![(IF_MODIFIED_SINCE, "yesterday")], Send),
            // A tag goes before a date.
            (vec![(IF_MATCH, &*tag), (IF_UNMODIFIED_SINCE, BEFORE)], Send),
            (
                vec![(IF_NONE_MATCH, "\"other\""), (IF_MODIFIED_SINCE, AFTER)],
                Send,
            ),
            (
                vec![(IF_MATCH, "\"other\""), (IF_NONE_MATCH, &*tag)],
                Failed,
            ),
        ] {
            let headers = conditions
                .iter()
                .map(|(name, value)| (name.clone(), value.parse().unwrap()));
            assert_eq!(
                version().verdict(&headers.collect()),
                expected,
                "{conditions:?}"
            );
        }
    }

    #[test]
    fn a_part_is_sent_of_the_same_version_only() {
        let tag = version().etag;
        let weak = format!("W/{tag}");
        for (value, expected) in [
            (&*tag, true),
            (&*weak, false),
            ("\"other\"", false),
            (EXACTLY, false),
            (BEFORE, false),
            (AFTER, false),
            ("Wed, 09 Nov 1994 08:49:37 GMT", false),
            ("nonsense", false),
        ] {
            let headers = HeaderMap::from_iter([(IF_RANGE, value.parse().unwrap())]);
            assert_eq!(version().allows_range(&headers), expected, "{value}");
        }
        assert!(version().allows_range(&HeaderMap::new()));
        let twice = [&*tag, "\"other\""].map(|tag| (IF_RANGE, tag.parse().unwrap()));
        assert!(!version().allows_range(&HeaderMap::from_iter(twice)));
    }

    #[test]
    fn another_content_has_another_tag() {
        let now = Some(SystemTime::now());
        let tags = [
            Version::new(7, now, ""),
            Version::new(8, now, ""),
            Version::new(7, now.map(|now| now + Duration::from_nanos(1)), ""),
            Version::new(7, now, "-gzip"),
        ];
        for (at, one) in tags.iter().enumerate() {
            assert!(tags[..at].iter().all(|other| other.etag != one.etag));
        }
    }
}
