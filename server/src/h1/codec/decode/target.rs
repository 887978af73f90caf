//! What a request asks for: the target in its first line, and the `Host` that goes with it.
//!
//! A target comes in one of four shapes (RFC 9112, section 3.2):
//!
//! * `/path?query`: nearly always;
//! * `http://example.com/path?query`: what a client sends to a proxy. A server must
//!   understand it too, and must then believe it more than the `Host` header;
//! * `*`: the server as a whole, for `OPTIONS` only;
//! * `example.com:443`: for `CONNECT` only, which asks for a tunnel.
//!
//! How it can go wrong: a name of a host is used to choose between sites, to write links,
//! to look things up. One that holds a slash, a blank or an `@` means different things to
//! different readers, so it is refused here, once, for all code behind. The same holds for
//! bytes beyond ASCII and for broken escapes: `%zz`, or `%` at the end.

use bytes::Bytes;
use http::header::HOST;
use http::{HeaderValue, Method, Request, StatusCode, Uri};

use crate::h1::codec::grammar::{NAME, escapes_are_whole, is};
use crate::h1::codec::refusal::Refusal;

/// The target of a request; `shared` holds the same bytes as `text`. On a connection that
/// `is_secure` it may be an `https` address.
pub(crate) fn parse(
    text: &[u8],
    shared: Bytes,
    method: &Method,
    is_secure: bool,
) -> Result<Uri, Refusal> {
    match text {
        _ if method == Method::CONNECT => parse_text(text, shared).and_then(authority),
        b"*" if method == Method::OPTIONS => Ok(Uri::from_static("*")),
        b"*" => Err(Refusal::bad("the target * is for OPTIONS only")),
        [b'/', ..] => parse_text(text, shared),
        _ => parse_text(text, shared).and_then(|uri| absolute(uri, is_secure)),
    }
}

/// Parses what the `http` crate can, which takes more than we do.
fn parse_text(text: &[u8], shared: Bytes) -> Result<Uri, Refusal> {
    if !text.is_ascii() {
        return Err(Refusal::bad("the target holds a byte beyond ASCII"));
    }
    if memchr::memchr2(b'#', b'%', text).is_some() {
        with_care(text)?;
    }
    Uri::from_maybe_shared(shared).map_err(|_| MALFORMED)
}

/// A fragment is the client's own affair and has no place on the wire. An escape in a path
/// is whole, as the path will be compared and looked up, and a broken one means different
/// things to different readers. A query is not looked into: browsers write a percent sign
/// there as it is.
#[cold]
fn with_care(text: &[u8]) -> Result<(), Refusal> {
    if memchr::memchr(b'#', text).is_some() {
        return Err(Refusal::bad("the target holds a fragment"));
    }
    let path = text.split(|byte| *byte == b'?').next().unwrap_or_default();
    if !escapes_are_whole(path) {
        return Err(Refusal::bad("the target's percent-encoding is broken"));
    }
    Ok(())
}

/// A target that does not begin with a slash must be a whole `http` address. One that says `https`
/// asks for what may only be told on a secure connection (RFC 9110, section 7.4).
fn absolute(uri: Uri, is_secure: bool) -> Result<Uri, Refusal> {
    match uri.scheme_str() {
        Some("http" | "https") if !names_host(&uri) => Err(MALFORMED),
        Some("http") => Ok(uri),
        Some("https") if is_secure => Ok(uri),
        Some("https") => Err(NOT_SECURE),
        _ => Err(MALFORMED),
    }
}

/// The other end of a tunnel: a host and a port, and nothing else.
fn authority(uri: Uri) -> Result<Uri, Refusal> {
    let has_port = uri.port_u16().is_some_and(|port| port > 0);
    match uri.scheme().is_none() && uri.path().is_empty() && has_port && names_host(&uri) {
        true => Ok(uri),
        false => Err(Refusal::bad(
            "the target of CONNECT is not a host and a port",
        )),
    }
}

/// Whether a host is named, and nothing stands before it.
fn names_host(uri: &Uri) -> bool {
    let authority = uri.authority();
    authority.is_some_and(|host| is_host(host.as_str().as_bytes()))
        && uri.host().is_some_and(|host| !host.is_empty())
}

/// A target that names its host outranks the `Host` header (RFC 9112, section 3.2.2), so
/// the handler gets to see only that one.
pub(crate) fn name_host<B>(request: &mut Request<B>) -> Result<(), Refusal> {
    let Some(authority) = request.uri().authority() else {
        return Ok(());
    };
    let value = HeaderValue::from_str(authority.as_str()).map_err(|_| MALFORMED)?;
    request.headers_mut().insert(HOST, value);
    Ok(())
}

const MALFORMED: Refusal = Refusal::bad("the request target is malformed");
const NOT_SECURE: Refusal = Refusal::new(
    StatusCode::MISDIRECTED_REQUEST,
    "an https address was asked for on a connection that is not secure",
);

/// Whether this is a host, with or without a port: a name, an address, or nothing at all
/// (which is what a client sends whose target has no host).
#[inline]
pub(crate) fn is_host(value: &[u8]) -> bool {
    if value.first() == Some(&b'[') {
        return is_bracketed(value);
    }
    let name = value.iter().take_while(|byte| is(NAME, **byte)).count();
    match value[name..] {
        [] => true,
        [b':', ref port @ ..] => name > 0 && is_port(port),
        [b'%', ..] => is_escaped(value),
        _ => false,
    }
}

/// A host with escapes: `a%41` or `a%41:80` (RFC 3986, section 3.2.2).
#[cold]
fn is_escaped(value: &[u8]) -> bool {
    let end = memchr::memchr(b':', value).unwrap_or(value.len());
    let (name, port) = value.split_at(end);
    let is_name = name.iter().all(|byte| is(NAME, *byte) || *byte == b'%');
    let port = port.strip_prefix(b":").unwrap_or_default();
    is_name && escapes_are_whole(name) && is_port(port)
}

/// `[::1]` or `[::1]:3000`.
fn is_bracketed(value: &[u8]) -> bool {
    let Some(end) = memchr::memchr(b']', value) else {
        return false;
    };
    let inside = std::str::from_utf8(&value[1..end]).unwrap_or_default();
    let address = inside.parse::<std::net::Ipv6Addr>().is_ok();
    address
        && match value[end + 1..] {
            [] => true,
            [b':', ref port @ ..] => is_port(port),
            _ => false,
        }
}

fn is_port(digits: &[u8]) -> bool {
    let in_range = digits.len() < 5 || (digits.len() == 5 && digits <= &b"65535"[..]);
    in_range && digits.iter().all(u8::is_ascii_digit)
}
