//! Answers, as a client reads them.

use std::cell::Cell;
use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_core::Stream;
use http::{HeaderName, HeaderValue, Request, Response, StatusCode, Version};
use server::Body;

use crate::answers::{self, Answer};
use crate::choices::Choices;
use crate::wire::{Packets, converse};

/// Names that mean something to the engine, and some that do not.
const NAMES: [&str; 12] = [
    "x-one",
    "x-two",
    "content-type",
    "content-length",
    "transfer-encoding",
    "connection",
    "keep-alive",
    "upgrade",
    "te",
    "trailer",
    "proxy-connection",
    "x-hop",
];

/// What the engine writes itself, or leaves out because it is about one connection only.
const MANAGED: [&str; 10] = [
    "content-length",
    "transfer-encoding",
    "connection",
    "keep-alive",
    "upgrade",
    "te",
    "trailer",
    "proxy-connection",
    "proxy-authenticate",
    // Only where `Connection` names it.
    "x-hop",
];

/// What a handler is to answer.
#[derive(Clone, Debug)]
struct Plan {
    head: bool,
    version: Version,
    status: u16,
    headers: Vec<(&'static str, Vec<u8>)>,
    pieces: Vec<Vec<u8>>,
    /// The body is a stream, which the engine does not know the length of.
    streamed: bool,
    /// The stream fails after its pieces.
    fails: bool,
}

impl Plan {
    fn from(choices: &mut Choices<'_>) -> Self {
        let plan = Plan {
            head: choices.below(5) == 4,
            version: choices.pick(&[Version::HTTP_11, Version::HTTP_11, Version::HTTP_10]),
            status: choices.pick(&[200, 201, 204, 206, 304, 404, 426, 500, 599]),
            headers: Vec::new(),
            pieces: Vec::new(),
            streamed: choices.flip(),
            fails: choices.below(8) == 7,
        };
        Plan {
            headers: headers(choices),
            pieces: (0..choices.below(4))
                .map(|_| {
                    let length = choices.below(64);
                    choices.bytes(length).to_vec()
                })
                .collect(),
            ..plan
        }
    }

    fn request(&self) -> String {
        let method = if self.head { "HEAD" } else { "GET" };
        let version = match self.version {
            Version::HTTP_10 => "HTTP/1.0\r\nConnection: keep-alive",
            _ => "HTTP/1.1",
        };
        format!("{method} / {version}\r\nHost: x\r\n\r\n")
    }

    fn response(&self) -> Response<Body> {
        let body = match self.streamed {
            true => Body::from_stream(Pieces::of(self)),
            false => Body::from(self.pieces.concat()),
        };
        let mut response = Response::new(body);
        *response.status_mut() = StatusCode::from_u16(self.status).expect("a status");
        for (name, value) in &self.headers {
            let value = HeaderValue::from_bytes(value).expect("a valid value");
            let name = HeaderName::from_static(name);
            response.headers_mut().append(name, value);
        }
        response
    }

    /// Whether the stream surely breaks its word: it fails, or is not as long as it was said to be.
    fn breaks(&self) -> bool {
        let bodiless = self.head || self.status == 204 || self.status == 304;
        if !self.streamed || bodiless {
            return false;
        }
        let length = self.pieces.concat().len();
        self.fails || self.said().is_some_and(|said| said != length)
    }

    /// The length that the handler gives as a header.
    fn said(&self) -> Option<usize> {
        let mut said = self.headers.iter().filter(|(n, _)| *n == "content-length");
        let text = std::str::from_utf8(&said.next()?.1).expect("digits");
        Some(text.parse().expect("a number"))
    }
}

/// Some headers, a length at most once among them.
fn headers(choices: &mut Choices<'_>) -> Vec<(&'static str, Vec<u8>)> {
    let mut headers: Vec<_> = (0..choices.below(4)).map(|_| header(choices)).collect();
    let first = headers.iter().position(|(n, _)| *n == "content-length");
    let mut at = 0..headers.len();
    headers.retain(|(name, _)| at.next() == first || *name != "content-length");
    headers
}

fn header(choices: &mut Choices<'_>) -> (&'static str, Vec<u8>) {
    let name = choices.pick(&NAMES);
    let value = match name {
        "content-length" => choices.below(80).to_string().into_bytes(),
        "connection" => choices
            .pick(&[
                "close",
                "keep-alive",
                "x-hop",
                "close, x-hop",
                "upgrade",
                "",
            ])
            .as_bytes()
            .to_vec(),
        _ => {
            let length = choices.below(12);
            choices.bytes(length).to_vec()
        }
    };
    match HeaderValue::from_bytes(&value) {
        Ok(_) => (name, value),
        Err(_) => (name, b"v".to_vec()),
    }
}

/// The bytes say what a handler answers to up to three requests that came together.
///
/// Each answer that the client reads is the one that the handler gave: its status, its body, all
/// its headers but those that are about the connection. Where a stream breaks its word, the
/// answers before it are whole, and none comes after it.
///
/// # Panics
///
/// If one of this does not hold.
pub fn response(data: &[u8]) {
    let mut choices = Choices::new(data);
    let plans: Rc<Vec<Plan>> = (0..1 + choices.below(3))
        .map(|_| Plan::from(&mut choices))
        .collect::<Vec<_>>()
        .into();
    let wire: String = plans.iter().map(Plan::request).collect();
    let next = Cell::new(0);
    let theirs = plans.clone();
    let service = move |_: Request<Body>| {
        let plan = &theirs[next.replace(next.get() + 1)];
        std::future::ready(plan.response())
    };
    let received = converse(service, &Packets::whole(wire.as_bytes()));
    check(&plans, &received);
}

fn check(plans: &[Plan], received: &[u8]) {
    let answers = answers::read(received, |number, _| !plans[number].head);
    assert!(answers.len() <= plans.len(), "{answers:?}");
    let broken = plans.iter().position(Plan::breaks);
    let whole = &answers[..answers.len().min(broken.unwrap_or(plans.len()))];
    for (plan, answer) in plans.iter().zip(whole) {
        check_one(plan, answer);
    }
    let ended = whole.last().is_some_and(closes);
    assert!(
        ended || whole.len() == broken.unwrap_or(plans.len()),
        "{answers:?} of {plans:?}"
    );
    // The client can tell that the broken one is broken, and hears of no other.
    let rest = &answers[whole.len()..];
    assert!(
        rest.iter().all(|answer| !answer.complete),
        "{answers:?} of {plans:?}"
    );
    assert!(rest.len() <= 1, "{answers:?} of {plans:?}");
}

/// Whether the server says that this answer is the last one.
fn closes(answer: &Answer) -> bool {
    let connection = answer.header("connection").unwrap_or_default();
    let mut options = connection
        .split(|byte| *byte == b',')
        .map(<[u8]>::trim_ascii);
    options.any(|option| option.eq_ignore_ascii_case(b"close")) || !answer.complete
}

fn check_one(plan: &Plan, answer: &Answer) {
    assert_eq!(answer.status, plan.status);
    let bodiless = plan.head || plan.status == 204 || plan.status == 304;
    if !bodiless {
        assert_eq!(answer.body, plan.pieces.concat(), "{plan:?}");
    }
    let mine = |name: &str| MANAGED.contains(&name);
    let mut expected: Vec<(String, Vec<u8>)> = plan
        .headers
        .iter()
        .filter(|(name, _)| !mine(name))
        .map(|(name, value)| ((*name).to_owned(), trimmed(value)))
        .collect();
    let mut read = answer.headers.clone();
    read.retain(|(name, _)| !mine(name));
    expected.sort();
    read.sort();
    assert_eq!(read, expected, "{plan:?}");
}

/// White space around a value is not part of it.
fn trimmed(value: &[u8]) -> Vec<u8> {
    value.trim_ascii().to_vec()
}

/// A stream of what the plan says.
struct Pieces {
    left: VecDeque<Vec<u8>>,
    fails: bool,
}

impl Pieces {
    fn of(plan: &Plan) -> Self {
        Pieces {
            left: plan.pieces.clone().into(),
            fails: plan.fails,
        }
    }
}

impl Stream for Pieces {
    type Item = Result<Bytes, io::Error>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(piece) = self.left.pop_front() {
            return Poll::Ready(Some(Ok(piece.into())));
        }
        let fails = std::mem::take(&mut self.fails);
        Poll::Ready(fails.then(|| Err(io::Error::other("the stream fails"))))
    }
}
