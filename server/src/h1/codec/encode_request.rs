//! From a request to bytes: writing the head.
//!
//! A request's first line has one of four shapes (RFC 9112, section 3.2); the method and the
//! `Uri` decide which:
//!
//! | request | first line |
//! |---|---|
//! | a path | `GET /path?query HTTP/1.1` |
//! | a whole address: for a proxy, and understood by every server | `GET http://example.com/path HTTP/1.1` |
//! | `CONNECT` and an authority | `CONNECT example.com:443 HTTP/1.1` |
//! | `OPTIONS` and `*` | `OPTIONS * HTTP/1.1` |
//!
//! The headers that say where the body ends are the connection's alone. `Host` is the host of the
//! address, if it has one. A field that concerns the next hop only is named by `Connection`
//! (RFC 9110, section 7.6.1). A client that waits for `100 Continue` must have content to send. All
//! other headers go out as they are.
//!
//! How it can go wrong: a target that ends the line too early. The `http` crate lets bytes
//! beyond ASCII into a `Uri`; they are refused here.

use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderName, Method, Request, Uri, Version, header};

use super::decode::elements;
use super::encode::{Length, declared, end, line};
use super::grammar::{TARGET, is};

/// The request cannot be sent, and why.
pub(crate) type Unsendable = &'static str;

/// How the end of a request's body is made known, if the body has `exact` bytes (`None`: not
/// known).
pub(crate) fn request_length<B>(
    request: &Request<B>,
    exact: Option<u64>,
) -> Result<Length, Unsendable> {
    let method = request.method();
    if method == Method::CONNECT {
        return Ok(Length::Unsaid);
    }
    if method == Method::TRACE && exact != Some(0) {
        return Err("a TRACE has no content");
    }
    match exact.or_else(|| declared(request.headers())) {
        Some(0) if !expects_body(method) => Ok(Length::Unsaid),
        Some(length) => Ok(Length::Known(length)),
        None if request.version() == Version::HTTP_10 => {
            Err("HTTP/1.0 cannot send a body of unknown length")
        }
        None => Ok(Length::Chunked),
    }
}

/// Whether a missing body must be told (RFC 9110, section 8.6).
fn expects_body(method: &Method) -> bool {
    matches!(*method, Method::POST | Method::PUT | Method::PATCH)
}

/// Writes the whole head, from the request line to the empty line.
pub(crate) fn encode_request<B>(
    out: &mut Vec<u8>,
    request: &Request<B>,
    length: Length,
) -> Result<(), Unsendable> {
    out.extend_from_slice(request.method().as_str().as_bytes());
    out.push(b' ');
    target(out, request.method(), request.uri())?;
    out.extend_from_slice(match request.version() {
        Version::HTTP_10 => b" HTTP/1.0\r\n",
        _ => b" HTTP/1.1\r\n",
    });
    let headers = request.headers();
    let given = headers.get(header::HOST);
    match given.filter(|_| request.uri().authority().is_none()) {
        Some(given) => line(out, "host", given.as_bytes()),
        None => line(out, "host", host(request.uri()).as_bytes()),
    }
    fields(
        out,
        headers,
        !matches!(length, Length::Unsaid | Length::Known(0)),
    );
    options(out, headers);
    end(out, length);
    Ok(())
}

fn fields(out: &mut Vec<u8>, headers: &HeaderMap, has_content: bool) {
    for (name, value) in headers {
        let is_ours = *name == header::HOST
            || *name == header::CONTENT_LENGTH
            || *name == header::TRANSFER_ENCODING;
        let waits_in_vain = *name == header::EXPECT
            && !has_content
            && value.as_bytes().eq_ignore_ascii_case(b"100-continue");
        if !is_ours && !waits_in_vain {
            line(out, name.as_str(), value.as_bytes());
        }
    }
}

/// Names the fields that concern this connection, as far as `Connection` does not do so.
fn options(out: &mut Vec<u8>, headers: &HeaderMap) {
    let is_named = |option: &[u8]| {
        let values = headers.get_all(header::CONNECTION).into_iter();
        let mut named = values.flat_map(|value| elements(value.as_bytes()));
        named.any(|named| named.eq_ignore_ascii_case(option))
    };
    let is_missing =
        |name: &HeaderName| headers.contains_key(name) && !is_named(name.as_str().as_bytes());
    match (is_missing(&header::TE), is_missing(&header::UPGRADE)) {
        (true, true) => line(out, "connection", b"te, upgrade"),
        (true, false) => line(out, "connection", b"te"),
        (false, true) => line(out, "connection", b"upgrade"),
        (false, false) => {}
    }
}

/// The authority without what stands before an `@`, which has no place on the wire (RFC 9110,
/// section 4.2.4); nothing if there is none (RFC 9112, section 3.2).
fn host(uri: &Uri) -> &str {
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    authority.rsplit('@').next().unwrap_or_default()
}

fn target(out: &mut Vec<u8>, method: &Method, uri: &Uri) -> Result<(), Unsendable> {
    let start = out.len();
    let path = uri.path_and_query().map(PathAndQuery::as_str);
    match (uri.scheme_str(), method) {
        (_, &Method::CONNECT) if uri.port().is_none() => {
            return Err("CONNECT needs a host and a port as its target");
        }
        (_, &Method::CONNECT) => out.extend_from_slice(host(uri).as_bytes()),
        (Some(scheme), _) => {
            for part in [scheme, "://", host(uri), path.unwrap_or("/")] {
                out.extend_from_slice(part.as_bytes());
            }
        }
        (None, _) if uri.authority().is_some() => {
            return Err("an authority without a scheme is a target for CONNECT only");
        }
        (None, _) => out.extend_from_slice(path.unwrap_or("/").as_bytes()),
    }
    match &out[start..] {
        written if written.iter().all(|byte| is(TARGET, *byte)) => Ok(()),
        _ => Err("the target holds a byte that must be escaped"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(request: http::request::Builder, exact: Option<u64>) -> Result<String, Unsendable> {
        let request = request.body(()).unwrap();
        let mut out = Vec::new();
        let length = request_length(&request, exact)?;
        encode_request(&mut out, &request, length)?;
        Ok(String::from_utf8(out).unwrap())
    }

    #[test]
    fn the_first_line_has_the_shape_that_goes_with_the_target() {
        for (method, uri, first, host) in [
            ("GET", "/a?b", "GET /a?b HTTP/1.1", ""),
            (
                "GET",
                "http://u:p@x:81",
                "GET http://x:81/ HTTP/1.1",
                "x:81",
            ),
            ("GET", "http://x/a?b", "GET http://x/a?b HTTP/1.1", "x"),
            ("CONNECT", "x:443", "CONNECT x:443 HTTP/1.1", "x:443"),
            ("OPTIONS", "*", "OPTIONS * HTTP/1.1", ""),
        ] {
            let request = Request::builder().method(method).uri(uri);
            assert_eq!(
                encoded(request, Some(0)).unwrap(),
                format!("{first}\r\nhost: {host}\r\n\r\n")
            );
        }
    }

    #[test]
    fn what_cannot_be_sent_is_an_error() {
        for (method, uri) in [("GET", "x:80"), ("CONNECT", "/a"), ("GET", "/\u{e9}")] {
            let request = Request::builder().method(method).uri(uri);
            assert!(encoded(request, Some(0)).is_err(), "{method} {uri}");
        }
        let old = Request::post("/").version(Version::HTTP_10);
        assert!(encoded(old, None).is_err());
    }

    #[test]
    fn the_connection_alone_says_where_the_body_ends() {
        let post = || {
            Request::post("/")
                .header("content-length", "9")
                .header("host", "h")
                .header("transfer-encoding", "gzip")
                .header("te", "trailers")
        };
        let start = "POST / HTTP/1.1\r\nhost: h\r\nte: trailers\r\nconnection: te\r\n";
        for (exact, end) in [
            (Some(5), "content-length: 5\r\n\r\n"),
            (Some(0), "content-length: 0\r\n\r\n"),
            (None, "content-length: 9\r\n\r\n"),
        ] {
            assert_eq!(encoded(post(), exact).unwrap(), format!("{start}{end}"));
        }
        let chunked = encoded(Request::put("/").header("host", "h"), None).unwrap();
        assert!(chunked.ends_with("\r\ntransfer-encoding: chunked\r\n\r\n"));
    }
}
