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
//! each value by itself. The head is copied once into memory that the thread recycles, and
//! all values are slices of that copy.
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
mod progress;
mod target;

use std::mem::MaybeUninit;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, StatusCode, Version, header};
use memchr::memchr_iter;

use super::config::{Config, MAX_HEADERS};
use super::lent::Spares;
use super::refusal::Refusal;
use crate::body::Body;
use framing::Fields;
pub(crate) use framing::{Facts, Framing, tokens};
pub(crate) use progress::{Progress, strip_blank_lines};

/// A request without its body, and what the connection must know about it.
#[derive(Debug)]
pub(crate) struct Head {
    pub(crate) request: Request<Body>,
    pub(crate) facts: Facts,
    /// Bytes of the input that the head took.
    pub(crate) length: usize,
}

/// Reads a head from the front of `input`; `None` if it is not complete yet.
pub(crate) fn decode(
    input: &[u8],
    config: &Config,
    spares: &mut Spares,
) -> Result<Option<Head>, Refusal> {
    let mut table = [const { MaybeUninit::uninit() }; MAX_HEADERS];
    let mut lines = httparse::Request::new(&mut []);
    match lines.parse_with_uninit_headers(input, &mut table) {
        Ok(httparse::Status::Complete(length)) => {
            within_limits(&lines, length, config)?;
            build(&lines, &input[..length], spares).map(Some)
        }
        Ok(httparse::Status::Partial) => may_continue(&lines, input, config).map(|()| None),
        Err(error) => Err(translate(error, input)),
    }
}

/// Whether a complete head is small enough.
fn within_limits(
    lines: &httparse::Request<'_, '_>,
    length: usize,
    config: &Config,
) -> Result<(), Refusal> {
    if lines
        .path
        .is_some_and(|target| target.len() > config.max_target)
    {
        return Err(TARGET_TOO_LONG);
    }
    if length > config.max_head {
        return Err(HEAD_TOO_LARGE);
    }
    Ok(())
}

/// Whether what there is of a head can still become an acceptable one.
fn may_continue(
    lines: &httparse::Request<'_, '_>,
    input: &[u8],
    config: &Config,
) -> Result<(), Refusal> {
    const LONGEST_METHOD: usize = 256;
    let target = match (lines.method, lines.path) {
        (_, Some(target)) => target.len(),
        (Some(method), None) => input.len() - method.len() - 1,
        (None, None) if input.len() > LONGEST_METHOD => {
            return Err(Refusal::bad("the request does not begin with a method"));
        }
        (None, None) => 0,
    };
    if target > config.max_target {
        return Err(TARGET_TOO_LONG);
    }
    if input.len() >= config.max_head {
        return Err(HEAD_TOO_LARGE);
    }
    Ok(())
}

/// Makes the request.
fn build(
    lines: &httparse::Request<'_, '_>,
    head: &[u8],
    spares: &mut Spares,
) -> Result<Head, Refusal> {
    refuse_bare_lf(head)?;
    let shared = spares.share(head);
    let mut request = Request::new(Body::empty());
    *request.version_mut() = version(lines);
    *request.method_mut() = method(lines.method.unwrap_or_default())?;
    *request.headers_mut() = spares.header_map(lines.headers.len());
    let fields = collect(lines.headers, head, &shared, &mut request)?;
    let target = lines.path.unwrap_or_default();
    let uri = target::parse(
        target,
        slice_of(&shared, head, target.as_bytes()),
        request.method(),
    )?;
    if let Some(authority) = uri.authority() {
        name_host(authority, request.headers_mut())?;
    }
    *request.uri_mut() = uri;
    let facts = fields.conclude(request.method(), request.version())?;
    Ok(Head {
        request,
        facts,
        length: head.len(),
    })
}

/// Moves the header lines into the map, and notes those that the connection must obey.
fn collect(
    lines: &[httparse::Header<'_>],
    head: &[u8],
    shared: &Bytes,
    request: &mut Request<Body>,
) -> Result<Fields, Refusal> {
    let mut fields = Fields::default();
    for line in lines {
        fields.note(line.name, line.value)?;
        let name = HeaderName::from_bytes(line.name.as_bytes())
            .map_err(|_| Refusal::bad("a header's name is malformed"))?;
        let value = HeaderValue::from_maybe_shared(slice_of(shared, head, line.value))
            .map_err(|_| Refusal::bad("a header's value is malformed"))?;
        request.headers_mut().append(name, value);
    }
    Ok(fields)
}

/// The part of the shared copy of `head` that corresponds to `part`, a slice of `head`.
fn slice_of(shared: &Bytes, head: &[u8], part: &[u8]) -> Bytes {
    let start = part.as_ptr() as usize - head.as_ptr() as usize;
    shared.slice(start..start + part.len())
}

fn version(lines: &httparse::Request<'_, '_>) -> Version {
    match lines.version {
        Some(0) => Version::HTTP_10,
        _ => Version::HTTP_11,
    }
}

fn method(name: &str) -> Result<Method, Refusal> {
    match Method::from_bytes(name.as_bytes()) {
        Ok(Method::CONNECT) => Err(NOT_A_PROXY),
        Ok(method) => Ok(method),
        Err(_) => Err(Refusal::bad("the method is malformed")),
    }
}

/// A target that names its host outranks the `Host` header (RFC 9112, section 3.2.2), so
/// the handler gets to see only that one.
fn name_host(
    authority: &http::uri::Authority,
    headers: &mut http::HeaderMap,
) -> Result<(), Refusal> {
    let value = HeaderValue::from_str(authority.as_str())
        .map_err(|_| Refusal::bad("the target's host is malformed"))?;
    headers.insert(header::HOST, value);
    Ok(())
}

/// Lines end in CR LF. The parser takes a bare LF as well, but it never takes a CR without
/// its LF: so one bare LF in the head shows as one more LF than there are CRs.
fn refuse_bare_lf(head: &[u8]) -> Result<(), Refusal> {
    if memchr_iter(b'\n', head).count() == memchr_iter(b'\r', head).count() {
        return Ok(());
    }
    Err(Refusal::bad("a line ends in LF without CR"))
}

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
