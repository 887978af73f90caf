//! From bytes to a response: reading the head.
//!
//! A response begins as a request does, with another first line: `HTTP/1.1 200 OK`. It is read as
//! strictly. What a client must know besides is which request it answers, for that decides
//! whether a body follows (RFC 9112, section 6.3).
//!
//! Two readers work one after the other. A scan looks at each byte once, however the bytes
//! arrive, and finds the empty line that ends the head. Then the parser is asked, once. So the
//! work is linear, and the answer does not depend on how the bytes were cut into packets.
//!
//! How it can go wrong: a server that speaks another protocol, or none. It would be waited for
//! until the empty line comes. So the scan compares the first bytes with `HTTP/1.`, and refuses a
//! line that ends in LF alone.

use std::mem::MaybeUninit;

use http::{HeaderName, Method, Response, StatusCode, Version};

use super::framing::{Fields, Framing};
use super::lines::collect;
use crate::h1::codec::buffer_pool::BufferPool;
use crate::h1::codec::refusal::Refusal;
use crate::h1::config::MAX_HEADERS;

/// The first line of a response, and the others as far as they have been cut apart.
type Lines<'h, 'b> = httparse::Response<'h, 'b>;

/// What a connection must know about a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ResponseFacts {
    pub(crate) framing: Framing,
    /// The server is willing to read another request.
    pub(crate) keep_alive: bool,
}

/// How far a head that is not complete has been looked at.
#[derive(Debug, Default)]
pub(crate) struct ResponseReader {
    /// Bytes that have been looked at.
    at: usize,
    /// Where the line under way begins.
    line: usize,
    /// Lines that are complete.
    lines: usize,
}

impl ResponseReader {
    /// Reads a head from the front of `input`, which has grown if it was read before: the answer
    /// to a request with method `asked`. `None` if the head is not complete yet; else the
    /// response, and how many bytes its head took.
    pub(crate) fn read(
        &mut self,
        input: &[u8],
        asked: &Method,
        max_head: usize,
        pool: &mut BufferPool,
    ) -> Result<Option<(Response<()>, ResponseFacts, usize)>, Refusal> {
        let Some(length) = self.find_end(input, max_head)? else {
            return Ok(None);
        };
        *self = ResponseReader::default();
        let (response, facts) = parse(&input[..length], asked, pool)?;
        Ok(Some((response, facts, length)))
    }

    /// Looks for the empty line.
    fn find_end(&mut self, input: &[u8], max_head: usize) -> Result<Option<usize>, Refusal> {
        const START: &[u8] = b"HTTP/1.";
        let start = &input[..input.len().min(START.len())];
        if !START.starts_with(start) {
            return Err(Refusal::bad("the answer is not HTTP/1.1"));
        }
        let within = &input[..input.len().min(max_head)];
        while let Some(offset) = memchr::memchr(b'\n', &within[self.at..]) {
            let end = self.at + offset;
            if end == 0 || within[end - 1] != b'\r' {
                return Err(Refusal::bad("a line ends in LF without CR"));
            }
            let is_empty = end - 1 == self.line;
            (self.at, self.line) = (end + 1, end + 1);
            if is_empty {
                return Ok(Some(end + 1));
            }
            self.lines += 1;
            if self.lines > 1 + MAX_HEADERS {
                return Err(Refusal::bad("the response has too many headers"));
            }
        }
        self.at = within.len();
        match within.len() < max_head {
            true => Ok(None),
            false => Err(Refusal::bad("the head of the response is too large")),
        }
    }
}

/// Makes a response of a complete head.
fn parse(
    head: &[u8],
    asked: &Method,
    pool: &mut BufferPool,
) -> Result<(Response<()>, ResponseFacts), Refusal> {
    let mut table = [const { MaybeUninit::uninit() }; MAX_HEADERS];
    let mut lines = Lines::new(&mut []);
    let parser = httparse::ParserConfig::default();
    match parser.parse_response_with_uninit_headers(&mut lines, head, &mut table) {
        Ok(httparse::Status::Complete(length)) if length == head.len() => {}
        _ => return Err(Refusal::bad("the head of the response is malformed")),
    }
    let status = lines.code.map(StatusCode::from_u16);
    let Some(Ok(status)) = status else {
        return Err(Refusal::bad("the response has no status code"));
    };
    let mut response = Response::new(());
    *response.status_mut() = status;
    *response.version_mut() = match lines.version {
        Some(0) => Version::HTTP_10,
        _ => Version::HTTP_11,
    };
    let copy = pool.share(head);
    let headers = response.headers_mut();
    headers.reserve(lines.headers.len());
    let mut fields = Fields::default();
    let opens_tunnel = is_tunnel(asked, status);
    collect(lines.headers, head, &copy, headers, |name, value| {
        match opens_tunnel && says_length(name) {
            true => Ok(None),
            false => note(&mut fields, name, value),
        }
    })?;
    let facts = conclude(&fields, asked, &response)?;
    Ok((response, facts))
}

/// Looks at one header line. `TE`, `Host` and `Expect` say nothing in a response.
fn note(fields: &mut Fields, name: &[u8], value: &[u8]) -> Result<Option<HeaderName>, Refusal> {
    match name.len() {
        2 | 4 | 6 => Ok(None),
        _ => fields.note(name, value),
    }
}

/// What the lines mean together. Lines that contradict one another are refused even if no body
/// follows.
fn conclude(
    fields: &Fields,
    asked: &Method,
    response: &Response<()>,
) -> Result<ResponseFacts, Refusal> {
    let (status, version) = (response.status(), response.version());
    let framing = match fields.framing_of_response(version)? {
        _ if has_no_body(asked, status) => Framing::Length(0),
        framing => framing,
    };
    Ok(ResponseFacts {
        framing,
        keep_alive: framing != Framing::UntilClose && fields.keeps_alive(version),
    })
}

/// Whether no body follows, whatever the header lines say (RFC 9112, section 6.3).
fn has_no_body(asked: &Method, status: StatusCode) -> bool {
    let never = matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
    asked == Method::HEAD || status.is_informational() || never || is_tunnel(asked, status)
}

/// Whether the server agrees to a tunnel. What it says of a length means nothing then (RFC 9110,
/// section 9.3.6).
fn is_tunnel(asked: &Method, status: StatusCode) -> bool {
    asked == Method::CONNECT && status.is_success()
}

fn says_length(name: &[u8]) -> bool {
    name.eq_ignore_ascii_case(b"content-length") || name.eq_ignore_ascii_case(b"transfer-encoding")
}

#[cfg(test)]
mod tests;
