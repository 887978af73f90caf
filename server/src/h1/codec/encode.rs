//! From a response to bytes: writing the head.
//!
//! A handler says *what* it answers: a status, headers, a body. *How* that goes over the
//! wire is the connection's business, above all where the body ends, for a client that is
//! wrong about that takes the next answer for part of this one. [`plan`] decides it from
//! what is known of the request and of the body:
//!
//! | situation | on the wire |
//! |---|---|
//! | the length is known | `Content-Length` |
//! | not known, client speaks 1.1 | `Transfer-Encoding: chunked` |
//! | not known, client speaks 1.0 | the end of the connection is the end of the body |
//! | HEAD | the headers of a GET, no body |
//! | 204 and 304 | no body, whatever the handler gave |
//!
//! The headers that say so are the connection's alone, together with all that concern one
//! hop only; what becomes of a handler's is told in [`hop`](super::hop). All other headers go
//! out as they are. None of them can smuggle a line end into the head: the
//! `http` crate has no way to make such a value.
//!
//! How it can go wrong: a handler that promises more bytes than it delivers, or fewer. That
//! is counted while the body goes out; see [`body_encoder`](super::body_encoder).

use http::{HeaderMap, StatusCode, header};

use super::date::{OK, Opening};
use super::decode::Facts;
use super::hop::Wishes;

/// How the end of a body is made known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Length {
    /// There is no body and nothing is said about one.
    Unsaid,
    /// `Content-Length`.
    Known(u64),
    /// `Transfer-Encoding: chunked`.
    Chunked,
    /// The connection closes.
    UntilClose,
}

/// How a response goes over the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    pub(crate) length: Length,
    /// Whether the body itself is sent.
    pub(crate) has_body: bool,
}

/// Decides how to send a response with a body of `exact` bytes (`None`: not known).
#[inline]
pub(crate) fn plan(
    status: StatusCode,
    headers: &HeaderMap,
    exact: Option<u64>,
    facts: &Facts,
) -> Plan {
    let bodiless = facts.is_head
        || matches!(
            status,
            StatusCode::NO_CONTENT | StatusCode::RESET_CONTENT | StatusCode::NOT_MODIFIED
        );
    if bodiless {
        return Plan {
            length: length_without_body(status, headers, exact),
            has_body: false,
        };
    }
    let length = match exact.or_else(|| declared(headers)) {
        Some(length) => Length::Known(length),
        None if facts.is_http10 => Length::UntilClose,
        None => Length::Chunked,
    };
    Plan {
        length,
        has_body: true,
    }
}

/// What to say of a body that is not sent. To a HEAD: what a GET would have said. An empty body does
/// not tell that, for the handler knows that none is wanted. Then only what it declared is said.
fn length_without_body(status: StatusCode, headers: &HeaderMap, exact: Option<u64>) -> Length {
    let known = match status {
        StatusCode::NO_CONTENT => None,
        StatusCode::RESET_CONTENT => Some(0),
        StatusCode::NOT_MODIFIED => declared(headers),
        _ if exact == Some(0) => declared(headers),
        _ => exact.or_else(|| declared(headers)),
    };
    known.map_or(Length::Unsaid, Length::Known)
}

/// The `Content-Length` that the handler set, if it makes sense.
pub(super) fn declared(headers: &HeaderMap) -> Option<u64> {
    headers
        .get(header::CONTENT_LENGTH)?
        .to_str()
        .ok()?
        .parse()
        .ok()
}

/// What the head says about the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Farewell {
    /// Nothing: to stay is understood in 1.1.
    Stay,
    /// To stay must be said aloud in 1.0.
    StayAloud,
    /// This was the last answer.
    Close,
}

/// Writes the whole head, from the status line to the empty line. The date comes from the
/// opening, unless the handler has set its own.
pub(crate) fn encode(
    out: &mut Vec<u8>,
    opening: &Opening,
    status: StatusCode,
    headers: &HeaderMap,
    wishes: Wishes,
    farewell: Farewell,
    length: Length,
) {
    match wishes.own_date {
        false if status == StatusCode::OK => out.extend_from_slice(opening.ok()),
        false => open(out, Some(opening), status),
        true => open(out, None, status),
    }
    let named = wishes.named(headers);
    for (name, value) in headers {
        if wishes.pass(name, &named) {
            line(out, name.as_str(), value.as_bytes());
        }
    }
    if farewell != Farewell::Stay || wishes.upgrade {
        out.extend_from_slice(options(farewell, wishes.upgrade));
    }
    end(out, length);
}

/// What the connection says of itself.
fn options(farewell: Farewell, upgrade: bool) -> &'static [u8] {
    match (farewell, upgrade) {
        (Farewell::Stay, false) => b"",
        (Farewell::Stay, true) => b"connection: upgrade\r\n",
        (Farewell::StayAloud, false) => b"connection: keep-alive\r\n",
        (Farewell::StayAloud, true) => b"connection: keep-alive, upgrade\r\n",
        (Farewell::Close, false) => b"connection: close\r\n",
        (Farewell::Close, true) => b"connection: close, upgrade\r\n",
    }
}

/// The status line, and the date line if it is ours to write.
fn open(out: &mut Vec<u8>, opening: Option<&Opening>, status: StatusCode) {
    if status == StatusCode::OK {
        out.extend_from_slice(&OK);
    } else {
        let reason = status.canonical_reason().unwrap_or_default();
        out.extend_from_slice(b"HTTP/1.1 ");
        out.extend_from_slice(status.as_str().as_bytes());
        out.push(b' ');
        out.extend_from_slice(reason.as_bytes());
        out.extend_from_slice(b"\r\n");
    }
    if let Some(opening) = opening {
        out.extend_from_slice(opening.date());
    }
}

#[inline]
pub(crate) fn line(out: &mut Vec<u8>, name: &str, value: &[u8]) {
    let name = name.as_bytes();
    out.reserve(name.len() + value.len() + 4);
    out.extend_from_slice(name);
    out.extend_from_slice(b": ");
    out.extend_from_slice(value);
    out.extend_from_slice(b"\r\n");
}

/// How long the body is, as far as that is said, and the empty line.
#[inline]
pub(super) fn end(out: &mut Vec<u8>, length: Length) {
    match length {
        Length::Known(length) => {
            out.extend_from_slice(b"content-length: ");
            out.extend_from_slice(itoa::Buffer::new().format(length).as_bytes());
            out.extend_from_slice(b"\r\n\r\n");
        }
        Length::Chunked => out.extend_from_slice(b"transfer-encoding: chunked\r\n\r\n"),
        Length::Unsaid | Length::UntilClose => out.extend_from_slice(b"\r\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::h1::codec::decode::Framing;
    use http::HeaderValue;

    const DATE: [u8; 37] = *b"date: Sun, 06 Nov 1994 08:49:37 GMT\r\n";
    const PLAIN: Facts = Facts {
        framing: Framing::Length(0),
        keep_alive: true,
        is_http10: false,
        is_head: false,
        expects_continue: false,
        takes_trailers: false,
        asks_for_upgrade: false,
        is_connect: false,
    };
    const HEAD: Facts = Facts {
        is_head: true,
        ..PLAIN
    };
    const OLD: Facts = Facts {
        is_http10: true,
        ..PLAIN
    };

    fn with_length(length: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(header::CONTENT_LENGTH, HeaderValue::from_static(length))])
    }

    fn planned(status: u16, headers: &HeaderMap, exact: Option<u64>, facts: &Facts) -> Plan {
        plan(StatusCode::from_u16(status).unwrap(), headers, exact, facts)
    }

    #[test]
    fn the_end_of_the_body_is_always_known_to_the_client() {
        use Length::*;
        let none = HeaderMap::new();
        let with_body = |length| Plan {
            length,
            has_body: true,
        };
        assert_eq!(planned(200, &none, Some(5), &PLAIN), with_body(Known(5)));
        assert_eq!(planned(200, &none, None, &PLAIN), with_body(Chunked));
        assert_eq!(planned(200, &none, None, &OLD), with_body(UntilClose));
        assert_eq!(
            planned(200, &with_length("7"), None, &OLD),
            with_body(Known(7))
        );
        assert_eq!(
            planned(200, &with_length("7"), Some(5), &PLAIN),
            with_body(Known(5))
        );
        assert_eq!(
            planned(200, &with_length("+-"), None, &PLAIN),
            with_body(Chunked)
        );
    }

    #[test]
    fn what_has_no_body_says_what_it_may_about_the_length() {
        use Length::*;
        let none = HeaderMap::new();
        let without = |length| Plan {
            length,
            has_body: false,
        };
        assert_eq!(
            planned(204, &with_length("7"), Some(5), &PLAIN),
            without(Unsaid)
        );
        assert_eq!(planned(205, &none, Some(5), &PLAIN), without(Known(0)));
        assert_eq!(planned(304, &none, Some(5), &PLAIN), without(Unsaid));
        assert_eq!(
            planned(304, &with_length("7"), Some(0), &PLAIN),
            without(Known(7))
        );
        assert_eq!(planned(200, &none, Some(5), &HEAD), without(Known(5)));
        assert_eq!(planned(200, &none, None, &HEAD), without(Unsaid));
        assert_eq!(
            planned(200, &with_length("7"), Some(0), &HEAD),
            without(Known(7))
        );
        assert_eq!(planned(200, &none, Some(0), &HEAD), without(Unsaid));
        assert_eq!(planned(204, &none, Some(5), &HEAD), without(Unsaid));
    }

    /// The head of an answer with these headers.
    fn encoded(status: u16, headers: &HeaderMap, farewell: Farewell, length: Length) -> String {
        let mut out = Vec::new();
        encode(
            &mut out,
            &Opening::new(DATE),
            StatusCode::from_u16(status).unwrap(),
            headers,
            Wishes::of(headers),
            farewell,
            length,
        );
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_handler_cannot_contradict_what_is_sent() {
        let mut headers = with_length("999");
        headers.insert(header::TRANSFER_ENCODING, HeaderValue::from_static("gzip"));
        headers.insert(header::CONNECTION, HeaderValue::from_static("X, Close"));
        headers.insert(header::ETAG, HeaderValue::from_static("\"e\""));
        assert!(Wishes::of(&headers).close);
        assert_eq!(
            encoded(404, &headers, Farewell::Close, Length::Known(5)),
            "HTTP/1.1 404 Not Found\r\ndate: Sun, 06 Nov 1994 08:49:37 GMT\r\n\
             etag: \"e\"\r\nconnection: close\r\ncontent-length: 5\r\n\r\n"
        );
    }

    #[test]
    fn an_offer_of_other_protocols_is_sent_with_the_option_that_goes_with_it() {
        let offer = (header::UPGRADE, HeaderValue::from_static("HTTP/3.0"));
        let headers = HeaderMap::from_iter([offer]);
        for (farewell, option) in [
            (Farewell::Stay, "upgrade"),
            (Farewell::StayAloud, "keep-alive, upgrade"),
            (Farewell::Close, "close, upgrade"),
        ] {
            assert_eq!(
                encoded(426, &headers, farewell, Length::Known(0)),
                format!(
                    "HTTP/1.1 426 Upgrade Required\r\ndate: Sun, 06 Nov 1994 08:49:37 GMT\r\n\
                     upgrade: HTTP/3.0\r\nconnection: {option}\r\ncontent-length: 0\r\n\r\n"
                )
            );
        }
    }

    #[test]
    fn a_handlers_own_date_is_kept() {
        let headers = HeaderMap::from_iter([(header::DATE, HeaderValue::from_static("mine"))]);
        assert_eq!(
            encoded(200, &headers, Farewell::Stay, Length::Unsaid),
            "HTTP/1.1 200 OK\r\ndate: mine\r\n\r\n"
        );
    }
    /// Without the handler's date there would be none, as ours is left out for it.
    #[test]
    fn a_handlers_own_date_is_kept_although_its_connection_names_it() {
        let mut headers = HeaderMap::from_iter([(header::DATE, HeaderValue::from_static("mine"))]);
        headers.insert(header::CONNECTION, HeaderValue::from_static("Date, ETag"));
        headers.insert(header::ETAG, HeaderValue::from_static("\"e\""));
        assert_eq!(
            encoded(200, &headers, Farewell::Stay, Length::Unsaid),
            "HTTP/1.1 200 OK\r\ndate: mine\r\n\r\n"
        );
    }
}
