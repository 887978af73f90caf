//! What the engine says of each request while events are kept: stretches of the scope `request`, and of the scope
//! `head` for heads that do not come in one piece.
//!
//! | mark | text | when |
//! |---|---|---|
//! | begin | `GET /items/7` | the head has been read |
//! | point | `route /items/{id}` | a router has found the route |
//! | point | `extractor Json<Item>` | the last argument of the handler is to be made; it may wait for the body |
//! | point | `handler` | all arguments are there, the function is called |
//! | point | `answer 200` | the head of the answer is written, and its body follows in pieces; or the socket does not take all of it at once |
//! | end | `answer 200` | the answer has been sent at once, head and body |
//! | end | `complete` | the last piece of the body has been sent |
//! | end | `switched` | the answer was 101 or the connection is a tunnel now |
//! | point | `refused: too large` | the engine answers instead, for this reason, and closes the connection; `answer 413` follows |
//! | end | `cut off` | the connection ended before the answer was complete |
//!
//! A head of which only the first bytes are there is a stretch of the scope `head`, with the number that its
//! request gets. So a client that sends slowly, or never ends its head, is seen.
//!
//! | mark | text | when |
//! |---|---|---|
//! | begin | `(part of a head)` | a part of a head has been read, and the connection looks for the rest |
//! | end | `read` | the head has been read, and the request begins |
//! | end | `refused` | the head is refused, and the request begins with its refusal |
//! | end | `cut off` | the connection ended before the head was complete |
//!
//! "Written" means: into the connection's buffer. "Sent" means: the socket has taken all of it. So a client that
//! takes its answer slowly is waited for in its own request. Of answers that are sent together, because their
//! requests came together, each but the last ends when the next request begins.
//! A request whose head is refused begins with its refusal. Of such a head only a method and a path are told,
//! if it begins with them.
//! The path is told, its first 200 letters, and the query is not: it may have secrets. When a connection ends, a point of the scope
//! `connection` says so. (A connection has no beginning among the marks: its task is spawned, and that is an
//! event.) With these marks a reader of the events finds what each request waited for.
//!
//! How it can go wrong: a request that is marked costs something although nothing listens. So the text is
//! made by a function that is called only while events are kept.

use std::sync::Arc;

use http::{Request, StatusCode};
use runtime::trace::{Mark, is_observed, mark};

use crate::body::Body;
use crate::current;

const REQUEST: &str = "request";
const HEAD: &str = "head";

/// So many letters of a path are told.
const PATH: usize = 200;

/// A part of a head has been read.
#[cold]
#[track_caller]
pub(crate) fn head_begins(number: u64) {
    mark(HEAD, number, Mark::Begin, || "(part of a head)");
}

/// Nothing is waited for any more: the whole head is there, or none will be. Of number 0 there is none.
#[inline]
#[track_caller]
pub(crate) fn head_ends(number: u64, text: &'static str) {
    if number != 0 {
        mark(HEAD, number, Mark::End, || text);
    }
}

/// The head of a request has been read.
#[inline]
#[track_caller]
pub(crate) fn begin(number: u64, request: Option<&Request<Body>>) {
    mark(REQUEST, number, Mark::Begin, || {
        let said =
            |it: &Request<Body>| format!("{:.20} {:.200}", it.method().as_str(), it.uri().path());
        request.map(said).unwrap_or_default()
    });
}

/// A head is refused. These are its first bytes, as far as they have come.
#[cold]
#[track_caller]
pub(crate) fn begin_unread(number: u64, head: &[u8]) {
    mark(REQUEST, number, Mark::Begin, || {
        beginning(head).unwrap_or_else(|| "(not a request)".to_owned())
    });
}

/// Method and path of a head that has not been understood. Anything else may be a part of a body, and so a
/// secret.
fn beginning(head: &[u8]) -> Option<String> {
    let line = head.split(|byte| b"\r\n".contains(byte)).next()?;
    let mut words = line.split(|byte| *byte == b' ');
    let (method, target) = (words.next()?, words.next()?);
    let path = target.split(|byte| b"?#".contains(byte)).next()?;
    let path = &path[..path.len().min(PATH)];
    let is_method = (1..=20).contains(&method.len()) && method.iter().all(u8::is_ascii_uppercase);
    let is_path = path.starts_with(b"/") && path.iter().all(u8::is_ascii_graphic);
    (is_method && is_path).then(|| {
        let [method, path] = [method, path].map(String::from_utf8_lossy);
        format!("{method} {path}")
    })
}

/// The engine answers instead of the handler. Of number 0 there is none.
#[cold]
#[track_caller]
pub(crate) fn refused(number: u64, why: &str) {
    if number != 0 {
        mark(REQUEST, number, Mark::Point, || format!("refused: {why}"));
    }
}

/// The request that is being answered has come to a point.
#[inline]
#[track_caller]
pub(crate) fn point<T: Into<Arc<str>>>(text: impl FnOnce() -> T) {
    if is_observed()
        && let Some(ids) = current::ids()
    {
        mark(REQUEST, ids.request, Mark::Point, text);
    }
}

/// The head of the answer is written.
#[inline]
#[track_caller]
pub(crate) fn answered(number: u64, status: StatusCode) {
    mark(REQUEST, number, Mark::Point, || answer(status));
}

fn answer(status: StatusCode) -> String {
    format!("answer {}", status.as_u16())
}

/// An answer that is written to its last byte, and not yet sent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unsent {
    number: u64,
    /// `None`: its head has been told.
    status: Option<StatusCode>,
}

impl Unsent {
    /// Of request 0, and while the runtime is not observed, there is none.
    #[inline]
    pub(crate) fn new(number: u64, status: Option<StatusCode>) -> Option<Unsent> {
        (number != 0 && is_observed()).then_some(Unsent { number, status })
    }

    /// The number of the request.
    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    /// It cannot be sent at once: its head is told now.
    #[cold]
    #[track_caller]
    pub(crate) fn tell(&mut self) {
        if let Some(status) = self.status.take() {
            answered(self.number, status);
        }
    }

    /// It has been sent, or the next request begins: the request ends.
    #[cold]
    #[track_caller]
    pub(crate) fn end(self) {
        mark(REQUEST, self.number, Mark::End, || match self.status {
            Some(status) => answer(status).into(),
            None => Arc::from("complete"),
        });
    }
}

/// A request has come to its end in another way. Of number 0 there is none.
#[inline]
#[track_caller]
pub(crate) fn end(number: u64, text: &'static str) {
    if number != 0 {
        mark(REQUEST, number, Mark::End, || text);
    }
}

/// A connection has ended, and with it the head and the request of these numbers, if there are.
#[inline]
#[track_caller]
pub(crate) fn cut_off(head: u64, request: u64, connection: u64, requests: u32) {
    head_ends(head, "cut off");
    end(request, "cut off");
    mark("connection", connection, Mark::Point, || {
        let many = if requests == 1 { "" } else { "s" };
        format!("closed after {requests} request{many}")
    });
}

/// The name of a type without the paths in it: `Json<Item>`.
pub(crate) fn type_name<T: ?Sized>() -> String {
    let mut short = String::new();
    let mut word = String::new();
    for letter in std::any::type_name::<T>().chars() {
        match letter {
            ':' => word.clear(),
            _ if letter.is_alphanumeric() || letter == '_' => word.push(letter),
            _ => {
                short.push_str(&word);
                short.push(letter);
                word.clear();
            }
        }
    }
    short + &word
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::{beginning, type_name};

    #[test]
    fn of_a_head_that_is_refused_only_method_and_path_are_told() {
        let told = |head: &str| beginning(head.as_bytes());
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(told("GET /a?b=c HTTP/1.1\r\nX"), some("GET /a"));
        assert_eq!(told("GET /a#b HTTP/9"), some("GET /a"));
        assert_eq!(told("GET /a"), some("GET /a"));
        let long = format!("GET /{}", "a".repeat(1000));
        assert_eq!(told(&long).map(|it| it.len()), Some(4 + 200));
        for other in [
            "",
            "GET",
            "GET http://user:secret@host/ HTTP/1.1",
            "password=secret /a HTTP/1.1",
            "\u{16}\u{3}\u{1} /a",
            "GET /\u{7f} HTTP/1.1",
        ] {
            assert_eq!(told(other), None, "{other:?}");
        }
    }

    #[test]
    fn a_name_has_no_paths() {
        type Table = HashMap<String, Vec<Option<u8>>>;
        assert_eq!(type_name::<Table>(), "HashMap<String, Vec<Option<u8>>>");
        assert_eq!(type_name::<&'static [std::rc::Rc<str>]>(), "&[Rc<str>]");
    }
}
