//! From bytes to a request: reading the head.
//!
//! A request begins with a few lines of text:
//!
//! ```text
//! POST /api/echo?loud HTTP/1.1\r\n      method, target, version
//! Host: example.com\r\n                 headers, one a line
//! Content-Length: 5\r\n
//! \r\n                                  an empty line ends the head
//! hello                                 what follows is the body
//! ```
//!
//! Cutting the lines apart is `httparse`'s work; it is fast and strict about which bytes
//! may stand where. What this module adds is everything that is *between* the lines: how
//! much is too much, which headers decide where the body ends ([`framing`]), what a target
//! may look like ([`target`]), and a [`Request`] of the `http` crate made without copying
//! each value by itself. The head is copied once, together with those that came with it, into
//! memory that the thread recycles, and all values are slices of that copy ([`lines`]).
//!
//! How it can go wrong:
//!
//! * **A byte at a time.** A parser that starts anew with every byte that arrives does
//!   quadratic work, 64 KiB of head would cost two thousand million steps, and an attacker
//!   has all day. [`Progress`] decides when parsing is worth it: when the end of the head
//!   has come, or when the input has doubled (so that garbage is noticed early, too).
//! * **Being kind.** Every leniency is a chance for two programs to read one request
//!   differently. So a line that ends in a bare LF, a folded header, a blank before a colon
//!   are all refused, although RFC 9112 would allow some of them to be understood.

mod framing;
mod lines;
mod progress;
mod target;

use std::mem::MaybeUninit;

use bytes::Bytes;
use http::{Method, Request, StatusCode, Version};

use super::config::{Config, MAX_HEADERS};
use super::lent::Spares;
use super::refusal::Refusal;
use crate::body::Body;
use framing::Fields;
pub(crate) use framing::{Facts, Framing, tokens};
use lines::{collect, slice_of};
pub(crate) use progress::{Progress, is_silence, strip_blank_lines};

/// The first line of a request, and the others as far as they have been cut apart.
type Lines<'h, 'b> = httparse::Request<'h, 'b>;

/// What is needed to read a head.
pub(crate) struct HeadReader<'a> {
    pub(crate) config: &'a Config,
    pub(crate) spares: &'a mut Spares,
    /// A copy of how the input begins, as far as there is one.
    pub(crate) copy: &'a mut Bytes,
    /// Where the request is put.
    pub(crate) place: &'a mut Option<Request<Body>>,
    /// Where it is put down what the connection must know of it.
    pub(crate) facts: &'a mut Facts,
}

impl HeadReader<'_> {
    /// Reads a head from the front of `input` and puts request and facts into their places.
    /// `None` if the head is not complete yet; else how many bytes it took.
    #[inline]
    pub(crate) fn read(&mut self, input: &[u8]) -> Result<Option<usize>, Refusal> {
        let mut table = [const { MaybeUninit::uninit() }; MAX_HEADERS];
        let mut lines = Lines::new(&mut []);
        match lines.parse_with_uninit_headers(input, &mut table) {
            Ok(httparse::Status::Complete(length)) => {
                self.within_limits(&lines, length)?;
                self.read_lines(&lines, input, length)?;
                Ok(Some(length))
            }
            Ok(httparse::Status::Partial) => self.may_continue(&lines, input).map(|()| None),
            Err(error) => Err(translate(error, input)),
        }
    }

    /// Makes a request of a head that the parser has cut into lines.
    #[inline]
    fn read_lines(
        &mut self,
        lines: &Lines<'_, '_>,
        input: &[u8],
        length: usize,
    ) -> Result<(), Refusal> {
        const AHEAD: usize = 2 * 1024;
        if self.copy.len() < length {
            let ahead = length.max(AHEAD).min(input.len());
            // What is left of the last one would keep its memory from being used again.
            *self.copy = Bytes::new();
            *self.copy = self.spares.share(&input[..ahead]);
        }
        let (head, copy) = (&input[..length], &*self.copy);
        let request = self.place.insert(Request::new(Body::empty()));
        self.spares
            .lend_map(request.headers_mut(), lines.headers.len());
        let fields = collect(lines.headers, head, copy, request.headers_mut())?;
        let target = lines.path.unwrap_or_default();
        let shared_target = || slice_of(copy, head, target.as_bytes());
        finish(request, lines, shared_target, fields, self.facts)
    }

    /// Whether a complete head is small enough.
    #[inline]
    fn within_limits(&self, lines: &Lines<'_, '_>, length: usize) -> Result<(), Refusal> {
        if lines
            .method
            .is_some_and(|method| method.len() > LONGEST_METHOD)
        {
            return Err(NO_METHOD);
        }
        if lines
            .path
            .is_some_and(|target| target.len() > self.config.max_target)
        {
            return Err(TARGET_TOO_LONG);
        }
        if length > self.config.max_head {
            return Err(HEAD_TOO_LARGE);
        }
        Ok(())
    }

    /// Whether what there is of a head can still become an acceptable one.
    fn may_continue(&self, lines: &Lines<'_, '_>, input: &[u8]) -> Result<(), Refusal> {
        let target = match (lines.method, lines.path) {
            (_, Some(target)) => target.len(),
            (Some(method), None) => input.len() - method.len() - 1,
            (None, None) if input.len() > LONGEST_METHOD => {
                return Err(NO_METHOD);
            }
            (None, None) => 0,
        };
        if target > self.config.max_target {
            return Err(TARGET_TOO_LONG);
        }
        if input.len() >= self.config.max_head {
            return Err(HEAD_TOO_LARGE);
        }
        Ok(())
    }
}

/// Adds what the first line says, and concludes.
#[inline]
fn finish(
    request: &mut Request<Body>,
    lines: &Lines<'_, '_>,
    target: impl FnOnce() -> Bytes,
    fields: Fields,
    facts: &mut Facts,
) -> Result<(), Refusal> {
    *request.version_mut() = version(lines);
    *request.method_mut() = method(lines.method.unwrap_or_default())?;
    let text = lines.path.unwrap_or_default();
    if text != "/" {
        *request.uri_mut() = target::parse(text, target(), request.method())?;
        target::name_host(request)?;
    }
    fields.conclude(request.method(), request.version(), facts)
}

#[inline]
fn version(lines: &Lines<'_, '_>) -> Version {
    match lines.version {
        Some(0) => Version::HTTP_10,
        _ => Version::HTTP_11,
    }
}

#[inline]
fn method(name: &str) -> Result<Method, Refusal> {
    match name {
        "GET" => Ok(Method::GET),
        "POST" => Ok(Method::POST),
        "CONNECT" => Err(NOT_A_PROXY),
        _ => {
            Method::from_bytes(name.as_bytes()).map_err(|_| Refusal::bad("the method is malformed"))
        }
    }
}

/// Bytes of a method. The longest that is registered has seventeen.
const LONGEST_METHOD: usize = 256;

const NO_METHOD: Refusal = Refusal::bad("the request does not begin with a method");
const TARGET_TOO_LONG: Refusal =
    Refusal::new(StatusCode::URI_TOO_LONG, "the request target is too long");
const HEAD_TOO_LARGE: Refusal = Refusal::new(
    StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
    "the head of the request is too large",
);
const NOT_A_PROXY: Refusal =
    Refusal::new(StatusCode::NOT_IMPLEMENTED, "this server is not a proxy");

/// The parser's complaint, in terms of HTTP.
#[cold]
fn translate(error: httparse::Error, input: &[u8]) -> Refusal {
    use httparse::Error;
    match error {
        Error::TooManyHeaders => Refusal::new(
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            "the request has too many headers",
        ),
        Error::Version => wrong_version(input),
        Error::HeaderName => Refusal::bad("a header's name is malformed, or its line is folded"),
        Error::HeaderValue => Refusal::bad("a header's value is malformed"),
        Error::NewLine => Refusal::bad("a line does not end in CR LF"),
        Error::Token | Error::Status => Refusal::bad("the request line is malformed"),
    }
}

/// A version that we do not speak is told from something that is no version at all. The
/// preface of HTTP/2, `PRI * HTTP/2.0`, is the best known of the first kind.
fn wrong_version(input: &[u8]) -> Refusal {
    let line = input
        .split(|byte| *byte == b'\r' || *byte == b'\n')
        .next()
        .unwrap_or_default();
    let mut words = line.split(|byte| *byte == b' ');
    let last = words
        .nth(2)
        .filter(|_| words.next().is_none())
        .unwrap_or_default();
    match last.strip_prefix(b"HTTP/") {
        Some([major @ b'0'..=b'9', b'.', minor @ b'0'..=b'9'])
            if !matches!((major, minor), (b'1', b'0' | b'1')) =>
        {
            Refusal::new(
                StatusCode::HTTP_VERSION_NOT_SUPPORTED,
                "this server speaks HTTP/1.1 and HTTP/1.0",
            )
        }
        _ => Refusal::bad("the request line does not end in a version"),
    }
}

#[cfg(test)]
mod tests;
