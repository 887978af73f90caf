//! Requests that come together look alike.
//!
//! A client that pipelines sends a dozen requests in one go. They differ in what they ask
//! for; but all that follows the first line, who the client is, what it accepts, which
//! cookies it has, is the same each time, byte for byte. To read those lines once, and to
//! notice that the next ones are the same, costs a comparison instead of cutting them into
//! names and values, looking at each byte of each value and filling a table.
//!
//! So when a head has been read and more input lies behind it, its header lines stay in
//! memory, together with what they were read as. If the next head has the same lines, it
//! gets a copy of the result. HTTP/2 has made a whole format of the same observation.
//!
//! How it can go wrong: by remembering too long. The memory of one connection must never be
//! of use to another, where a difference in time would tell a stranger that it has guessed
//! somebody's cookie. A twin lives for one turn of one connection: it knows only what the
//! same peer has sent in the same breath, and is forgotten when the turn ends.

use bytes::Bytes;
use http::HeaderMap;

use super::framing::Fields;

/// The header lines of the last request, and what they were read as.
#[derive(Debug)]
pub(crate) struct Twin {
    /// From behind the request line to the end of the empty line.
    lines: Bytes,
    headers: HeaderMap,
    fields: Fields,
}

impl Twin {
    pub(crate) fn new(lines: Bytes, headers: HeaderMap, fields: Fields) -> Self {
        Twin {
            lines,
            headers,
            fields,
        }
    }

    /// Whether the head at the front of `input` has the same lines; if so, the length of its
    /// request line and of the whole head.
    ///
    /// The lines end in an empty one, and hold no other, so what begins with them is a
    /// complete head and ends where they end.
    #[inline]
    pub(crate) fn of(&self, input: &[u8]) -> Option<(usize, usize)> {
        let line = memchr::memchr(b'\n', input)? + 1;
        let same = input[..line].ends_with(b"\r\n") && input[line..].starts_with(&self.lines);
        same.then_some((line, line + self.lines.len()))
    }

    /// Copies what the lines were read as.
    #[inline]
    pub(crate) fn copy_to(&self, headers: &mut HeaderMap) -> Fields {
        // The map that was there is empty and owns nothing, so there is nothing to drop.
        std::mem::forget(std::mem::replace(headers, self.headers.clone()));
        self.fields
    }

    /// Gives away what the lines were read as, for the last of the family.
    #[inline]
    pub(crate) fn move_to(self, headers: &mut HeaderMap) -> Fields {
        *headers = self.headers;
        self.fields
    }
}
