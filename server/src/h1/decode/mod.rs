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
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, Uri, Version, header};

use super::config::{Config, MAX_HEADERS};
use super::lent::Spares;
use super::refusal::Refusal;
use crate::body::Body;
use framing::Fields;
pub(crate) use framing::{Facts, Framing, tokens};
pub(crate) use progress::{Progress, strip_blank_lines};

/// Reads a head from the front of `input`, and puts the request into `place`. `None` if the
/// head is not complete yet; else what the connection must know of it, and how many bytes it
/// took.
#[inline]
pub(crate) fn decode(
    input: &[u8],
    config: &Config,
    spares: &mut Spares,
    place: &mut Option<Request<Body>>,
) -> Result<Option<(Facts, usize)>, Refusal> {
    let mut table = [const { MaybeUninit::uninit() }; MAX_HEADERS];
    let mut lines = httparse::Request::new(&mut []);
    match lines.parse_with_uninit_headers(input, &mut table) {
        Ok(httparse::Status::Complete(length)) => {
            within_limits(&lines, length, config)?;
            let request = place.insert(Request::new(Body::empty()));
            let facts = build(&lines, &input[..length], spares, request)?;
            Ok(Some((facts, length)))
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
#[inline]
fn build(
    lines: &httparse::Request<'_, '_>,
    head: &[u8],
    spares: &mut Spares,
    request: &mut Request<Body>,
) -> Result<Facts, Refusal> {
    let shared = spares.share(head);
    *request.version_mut() = version(lines);
    *request.method_mut() = method(lines.method.unwrap_or_default())?;
    spares.lend_map(request.headers_mut(), lines.headers.len());
    let fields = collect(lines.headers, head, &shared, request.headers_mut())?;
    let target = lines.path.unwrap_or_default();
    if target != "/" {
        let uri = target::parse(
            target,
            slice_of(&shared, head, target.as_bytes()),
            request.method(),
        )?;
        name_host(&uri, request.headers_mut())?;
        *request.uri_mut() = uri;
    }
    fields.conclude(request.method(), request.version())
}

/// Moves the header lines into the map, and notes those that the connection must obey.
#[inline]
fn collect(
    lines: &[httparse::Header<'_>],
    head: &[u8],
    shared: &Bytes,
    headers: &mut HeaderMap,
) -> Result<Fields, Refusal> {
    let mut fields = Fields::default();
    for line in lines {
        let start = line.name.as_ptr() as usize - head.as_ptr() as usize;
        refuse_bare_lf(&head[..start])?;
        fields.note(line.name, line.value)?;
        // Names and values are moved by hand: each `map_err` would copy them once more.
        let Ok(name) = HeaderName::from_bytes(line.name.as_bytes()) else {
            return Err(Refusal::bad("a header's name is malformed"));
        };
        let Ok(value) = HeaderValue::from_maybe_shared(slice_of(shared, head, line.value)) else {
            return Err(Refusal::bad("a header's value is malformed"));
        };
        headers.append(name, value);
    }
    let last_line = head.strip_suffix(b"\r\n").unwrap_or_default();
    refuse_bare_lf(last_line).map(|()| fields)
}

/// The parser takes a bare LF for a line end; we do not. `before` is what stands before the
/// beginning of a line.
#[inline]
fn refuse_bare_lf(before: &[u8]) -> Result<(), Refusal> {
    if before.ends_with(b"\r\n") {
        return Ok(());
    }
    Err(Refusal::bad("a line ends in LF without CR"))
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

/// A target that names its host outranks the `Host` header (RFC 9112, section 3.2.2), so
/// the handler gets to see only that one.
fn name_host(uri: &Uri, headers: &mut HeaderMap) -> Result<(), Refusal> {
    let Some(authority) = uri.authority() else {
        return Ok(());
    };
    let value = HeaderValue::from_str(authority.as_str())
        .map_err(|_| Refusal::bad("the target's host is malformed"))?;
    headers.insert(header::HOST, value);
    Ok(())
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
