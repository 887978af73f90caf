//! Fields that come behind a body.
//!
//! A body in chunks may end in a few lines that its sender did not know before: a checksum, how long
//! it took, how it went. They are *trailers* (RFC 9110, section 6.5). They reach the reader as the
//! last frame of the body ([`Frame::trailers`](http_body::Frame)), and never among the headers.
//!
//! How it can go wrong: a trailer that says what a header should have said. A `Content-Length` that
//! comes late, a second `Host`, an `Authorization` that no check has seen. What a reader needs before
//! the body may not stand behind it, so it is neither sent nor taken there ([`may_trail`]).

use http::header::{self, HeaderMap, HeaderName, HeaderValue};

use crate::body::BodyError;
use crate::h1::config::MAX_HEADERS;

/// The lines behind a body, as they come: `name:value` and LF. Their form has been checked.
#[derive(Clone, Debug, Default)]
pub(super) struct Trailers {
    lines: Vec<u8>,
    count: usize,
}

impl Trailers {
    /// A byte of a line.
    pub(super) fn push(&mut self, byte: u8) {
        self.lines.push(byte);
    }

    /// A line is complete.
    pub(super) fn end_line(&mut self) -> Result<(), BodyError> {
        self.push(b'\n');
        self.count += 1;
        match self.count <= MAX_HEADERS {
            true => Ok(()),
            false => Err(BodyError::malformed("too many trailers")),
        }
    }

    /// Those that may stand behind a body, if there are any.
    pub(super) fn take(&mut self) -> Option<HeaderMap> {
        let lines = std::mem::take(&mut self.lines);
        let trailers: Vec<_> = lines
            .split(|byte| *byte == b'\n')
            .filter_map(field)
            .collect();
        let mut map = HeaderMap::with_capacity(trailers.len());
        for (name, value) in trailers {
            map.append(name, value);
        }
        (!map.is_empty()).then_some(map)
    }
}

/// The name and the value in a line, if they may stand behind a body.
fn field(line: &[u8]) -> Option<(HeaderName, HeaderValue)> {
    let colon = memchr::memchr(b':', line)?;
    let name = HeaderName::from_bytes(&line[..colon]).ok()?;
    let value = HeaderValue::from_bytes(line[colon + 1..].trim_ascii()).ok()?;
    may_trail(&name).then_some((name, value))
}

/// Whether a field may come after the body (RFC 9110, section 6.5.1). Those may not that say
/// how the message is framed, where it goes, who asks (also in the words of a proxy on the way) and
/// under which conditions, how the response is to be cached or what its content is.
pub(super) fn may_trail(name: &HeaderName) -> bool {
    const FORBIDDEN: [HeaderName; 34] = [
        header::AGE,
        header::AUTHORIZATION,
        header::CACHE_CONTROL,
        header::CONNECTION,
        header::CONTENT_ENCODING,
        header::CONTENT_LENGTH,
        header::CONTENT_RANGE,
        header::CONTENT_TYPE,
        header::COOKIE,
        header::DATE,
        header::EXPECT,
        header::EXPIRES,
        header::FORWARDED,
        header::HOST,
        header::IF_MATCH,
        header::IF_MODIFIED_SINCE,
        header::IF_NONE_MATCH,
        header::IF_RANGE,
        header::IF_UNMODIFIED_SINCE,
        header::LOCATION,
        header::MAX_FORWARDS,
        header::PRAGMA,
        header::PROXY_AUTHENTICATE,
        header::PROXY_AUTHORIZATION,
        header::RANGE,
        header::RETRY_AFTER,
        header::SET_COOKIE,
        header::TE,
        header::TRAILER,
        header::TRANSFER_ENCODING,
        header::UPGRADE,
        header::VARY,
        header::VIA,
        header::WWW_AUTHENTICATE,
    ];
    let text = name.as_str();
    let is_proxys = text.starts_with("x-forwarded-") || text == "x-real-ip";
    !FORBIDDEN.contains(name) && !is_proxys && !matches!(text, "keep-alive" | "proxy-connection")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_become_fields_and_what_may_not_trail_is_left_out() {
        let mut trailers = Trailers::default();
        assert_eq!(trailers.take(), None);
        for line in ["X-Sum: 42 ", "Host:x", "x-sum:", "etag:\t\"a:b\""] {
            line.bytes().for_each(|byte| trailers.push(byte));
            trailers.end_line().unwrap();
        }
        let map = trailers.take().unwrap();
        let sums: Vec<_> = map.get_all("x-sum").iter().collect();
        assert_eq!(sums, ["42", ""]);
        assert_eq!(map["etag"], "\"a:b\"");
        assert_eq!(map.len(), 3);
        assert_eq!(trailers.take(), None);
    }

    #[test]
    fn there_are_no_more_than_a_head_may_have() {
        let mut trailers = Trailers::default();
        for _ in 0..MAX_HEADERS {
            "a:b".bytes().for_each(|byte| trailers.push(byte));
            trailers.end_line().unwrap();
        }
        trailers.push(b'a');
        assert!(trailers.end_line().is_err());
    }
}
