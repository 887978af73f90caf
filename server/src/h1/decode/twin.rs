//! Requests that come together look alike.
//!
//! A client that pipelines sends a dozen requests in one go. They differ in what they ask
//! for; but all that follows the first line, who the client is, what it accepts, which
//! cookies it has, is the same each time, byte for byte. To read those lines once, and to
//! notice that the next ones are the same, costs a comparison instead of cutting them into
//! names and values, looking at each byte of each value and filling a table.
//!
//! So when a head has been read and more input lies behind it, its lines stay in memory,
//! together with what they were read as. If the next head has the same header lines, it gets
//! a copy of the result, and only its first line is read. If even that is the same, as it is
//! when something is asked for again and again, nothing is read at all. HTTP/2 has made a
//! whole format of the same observation.
//!
//! How it can go wrong: by remembering too long. The memory of one connection must never be
//! of use to another, where a difference in time would tell a stranger that it has guessed
//! somebody's cookie. A twin lives for one turn of one connection: it knows only what the
//! same peer has sent in the same breath, and is forgotten when the turn ends.

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Uri, Version};

use super::framing::{Facts, Fields};

/// The last head of a turn, and what it was read as.
#[derive(Debug)]
pub(crate) struct Twin {
    head: Bytes,
    /// Where in the head the first line ends and the others begin.
    line: usize,
    method: Method,
    uri: Uri,
    version: Version,
    headers: HeaderMap,
    fields: Fields,
    facts: Facts,
}

/// How much a head is like the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Likeness {
    /// Byte for byte, over so many.
    Same(usize),
    /// But for the first line; its length, and that of the whole head.
    Alike(usize, usize),
    /// Not at all.
    Other,
}

impl Twin {
    /// Remembers `head`, whose first line has `line` bytes, and what it was read as.
    pub(crate) fn new<B>(
        head: Bytes,
        line: usize,
        request: &Request<B>,
        fields: Fields,
        facts: Facts,
    ) -> Self {
        Twin {
            head,
            line,
            method: request.method().clone(),
            uri: request.uri().clone(),
            version: request.version(),
            headers: request.headers().clone(),
            fields,
            facts,
        }
    }

    /// Compares the head at the front of `input`, without knowing where it ends: header
    /// lines end in an empty one and hold no other, so what begins with the same lines is a
    /// complete head and ends where they end.
    #[inline]
    pub(crate) fn likeness(&self, input: &[u8]) -> Likeness {
        if input.starts_with(&self.head) {
            return Likeness::Same(self.head.len());
        }
        let Some(end) = memchr::memchr(b'\n', input) else {
            return Likeness::Other;
        };
        let (first, others) = input.split_at(end + 1);
        let lines = &self.head[self.line..];
        if first.ends_with(b"\r\n") && others.starts_with(lines) {
            return Likeness::Alike(first.len(), first.len() + lines.len());
        }
        Likeness::Other
    }

    /// Makes the same request once more.
    #[inline]
    pub(crate) fn repeat<B>(&self, request: &mut Request<B>) -> Facts {
        *request.method_mut() = self.method.clone();
        *request.version_mut() = self.version;
        if self.uri != "/" {
            *request.uri_mut() = self.uri.clone();
        }
        self.copy_lines(request);
        self.facts
    }

    /// Gives a request the same headers.
    #[inline]
    pub(crate) fn copy_lines<B>(&self, request: &mut Request<B>) -> Fields {
        // The map that was there is empty and owns nothing, so there is nothing to drop.
        std::mem::forget(std::mem::replace(
            request.headers_mut(),
            self.headers.clone(),
        ));
        self.fields
    }
}
