//! Heads of requests, and the bodies behind them: who reads them otherwise, smuggles.

use std::cell::RefCell;
use std::rc::Rc;

use http::{Request, Response};
use server::Body;
use server::body::to_bytes;

use crate::answers;
use crate::reference::{self, Body as Read};
use crate::wire::{Packets, converse};

/// Which of the handler's answers one is.
const NUMBER: &str = "x-number";

/// A request as the handler saw it.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    method: String,
    target: String,
    headers: Vec<(String, Vec<u8>)>,
    /// `None` if the handler was told that the body is not whole.
    body: Option<Vec<u8>>,
}

/// The bytes are requests, cut into packets.
///
/// Each request that reaches the handler is what another parser finds at the same place, body
/// included. The handler sees the same whole requests, and the client the same answers, wherever the
/// packets are cut. What comes back is a row of well-formed answers.
///
/// A request whose body is malformed is refused. If that much of the body is there with the head, the
/// handler is not called for it: so whether the handler sees it depends on the cut, and only there.
///
/// # Panics
///
/// If one of this does not hold.
pub fn request_head(data: &[u8]) {
    let (packets, wire) = Packets::from(data);
    let (seen, answers) = visit(&packets);
    let (seen_whole, answers_whole) = visit(&Packets::whole(wire));
    let (whole, also_whole) = (whole_ones(&seen), whole_ones(&seen_whole));
    assert_eq!(whole, also_whole, "{}", wire.escape_ascii());
    assert_eq!(answers, answers_whole, "{}", wire.escape_ascii());
    compare(&seen, wire);
    compare(&seen_whole, wire);
}

/// The requests whose body came to its end. Nothing is read behind one that did not.
fn whole_ones(seen: &[Seen]) -> &[Seen] {
    match seen.iter().position(|request| request.body.is_none()) {
        None => seen,
        Some(broken) => {
            assert_eq!(broken + 1, seen.len(), "read on behind a broken body");
            &seen[..broken]
        }
    }
}

/// What the handler saw, and what the client read.
fn visit(packets: &Packets<'_>) -> (Vec<Seen>, Vec<answers::Answer>) {
    let seen = Rc::new(RefCell::new(Vec::new()));
    let book = seen.clone();
    let received = converse(move |request| note(request, book.clone()), packets);
    let seen = Rc::into_inner(seen)
        .expect("no handler is left")
        .into_inner();
    let mut answers = answers::read(&received, |_, answer| {
        let number = answer.header(NUMBER).map(String::from_utf8_lossy);
        let number = number.and_then(|number| number.parse().ok());
        let request: Option<&Seen> = number.and_then(|number: usize| seen.get(number));
        request.is_none_or(|request| request.method != "HEAD")
    });
    // "100 Continue" is left out if a part of the body is there already (RFC 9110, section 10.1.1).
    answers.retain(|answer| answer.status != 100);
    (seen, answers)
}

/// The handler: puts the request into the book, and answers with its number.
async fn note(request: Request<Body>, book: Rc<RefCell<Vec<Seen>>>) -> Response<Body> {
    let (head, body) = request.into_parts();
    let number = book.borrow().len();
    book.borrow_mut().push(Seen {
        method: head.method.to_string(),
        target: head.uri.to_string(),
        headers: head
            .headers
            .iter()
            .map(|(name, value)| (name.to_string(), value.as_bytes().to_vec()))
            .collect(),
        body: None,
    });
    let body = to_bytes(body, usize::MAX).await;
    book.borrow_mut()[number].body = body.ok().map(|bytes| bytes.to_vec());
    let answer = Response::builder().header(NUMBER, number);
    answer.body(Body::from("seen")).expect("a valid answer")
}

/// Reads the wire once more, and finds the same requests.
fn compare(seen: &[Seen], mut wire: &[u8]) {
    for request in seen {
        while let Some(rest) = wire.strip_prefix(b"\r\n") {
            wire = rest;
        }
        let mut table = [httparse::EMPTY_HEADER; 128];
        let mut head = httparse::Request::new(&mut table);
        let known = with_a_known_version(wire);
        let Ok(httparse::Status::Complete(length)) = head.parse(&known) else {
            panic!("no request: {}", wire.escape_ascii());
        };
        assert_eq!(Some(request.method.as_str()), head.method);
        let target = head.path.expect("a target");
        assert_same_target(&request.target, target);
        let mut headers = reference::headers(head.headers);
        prefer_the_targets_host(target, &mut headers);
        assert_eq!(sorted(&request.headers), sorted(&headers));
        wire = &wire[length..];
        let Some(length) = compare_body(request, &headers, wire) else {
            return;
        };
        wire = &wire[length..];
    }
}

/// HTTP/1.2 and later are read as 1.1 (RFC 9110, section 2.5); the other parser does not know them.
fn with_a_known_version(wire: &[u8]) -> Vec<u8> {
    const VERSION: &[u8] = b" HTTP/1.";
    let mut wire = wire.to_vec();
    let end = wire.iter().position(|byte| *byte == b'\r').unwrap_or(0);
    if let Some((minor, before)) = wire[..end].split_last_mut()
        && before.ends_with(VERSION)
        && (b'2'..=b'9').contains(minor)
    {
        *minor = b'1';
    }
    wire
}

/// A target with a host of its own overrules the header, and stands for one that is missing, as it may in HTTP/1.0
/// (RFC 9112, section 3.2.2).
fn prefer_the_targets_host(target: &str, headers: &mut Vec<(String, Vec<u8>)>) {
    let Some((_, rest)) = target
        .split_once("://")
        .filter(|_| !target.starts_with('/'))
    else {
        return;
    };
    let host = rest.split(['/', '?']).next().unwrap_or_default().as_bytes();
    match headers.iter_mut().find(|(name, _)| name == "host") {
        Some((_, value)) => *value = host.to_vec(),
        None => headers.push(("host".to_owned(), host.to_vec())),
    }
}

/// The handler's order is by name, the wire's as it came; lines of one name keep theirs.
fn sorted(headers: &[(String, Vec<u8>)]) -> Vec<(String, Vec<u8>)> {
    let mut headers = headers.to_vec();
    headers.sort_by(|(one, _), (other, _)| one.cmp(other));
    headers
}

/// A `Uri` writes itself with a path where the wire has none.
fn assert_same_target(seen: &str, wire: &str) {
    let (seen, wire) = (with_a_path(seen), with_a_path(wire));
    assert!(seen.eq_ignore_ascii_case(&wire), "{seen} is not {wire}");
}

fn with_a_path(target: &str) -> String {
    let origin = match target.find("://") {
        Some(at) if !target.starts_with('/') => at + 3,
        _ => return target.to_owned(),
    };
    let authority = target[origin..].find(['/', '?']);
    let (before, rest) = target.split_at(authority.map_or(target.len(), |len| origin + len));
    let slash = if rest.starts_with('/') { "" } else { "/" };
    format!("{before}{slash}{rest}")
}

/// How long the body on the wire is; `None` if it does not end.
fn compare_body(request: &Seen, headers: &[(String, Vec<u8>)], wire: &[u8]) -> Option<usize> {
    let all = |name| headers.iter().filter(move |(n, _)| n == name);
    let chunked = all("transfer-encoding").count() > 0;
    let lengths: Vec<_> = all("content-length").map(|(_, value)| value).collect();
    assert!(!chunked || lengths.is_empty(), "two framings: {request:?}");
    if chunked {
        return match reference::chunked(wire) {
            Read::Complete { data, length } => {
                assert_eq!(request.body.as_ref(), Some(&data));
                Some(length)
            }
            Read::Incomplete { .. } | Read::Malformed => {
                assert_eq!(request.body, None, "a body that does not end");
                None
            }
        };
    }
    let Some(length) = lengths.first() else {
        assert_eq!(request.body.as_deref(), Some(&[][..]));
        return Some(0);
    };
    let text = std::str::from_utf8(length).expect("a length is digits");
    let first = text.split(',').next().unwrap_or_default().trim();
    let length: usize = first.parse().expect("a length is a number");
    match wire.get(..length) {
        Some(body) => assert_eq!(request.body.as_deref(), Some(body)),
        None => assert_eq!(request.body, None, "a body that does not end"),
    }
    (length <= wire.len()).then_some(length)
}
