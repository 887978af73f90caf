//! What the engine says of each request while events are kept: stretches of the scope `request`.
//!
//! | mark | text | when |
//! |---|---|---|
//! | begin | `GET /items/7` | the head has been read |
//! | point | `route /items/{id}` | a router has found the route |
//! | point | `extractor Json<Item>` | the last argument of the handler is to be made; it may wait for the body |
//! | point | `handler` | all arguments are there, the function is called |
//! | point | `answer 200` | the head of the answer is written, and its body follows in pieces |
//! | end | `answer 200` | the answer is written, head and body |
//! | end | `complete` | the last piece of the body is written |
//! | end | `switched` | the answer was 101 or the connection is a tunnel now |
//! | end | `refused` | the engine answers instead, and closes the connection |
//! | end | `cut off` | the connection ended before the answer was complete |
//!
//! "Written" means: into the connection's buffer. Sockets that take it slowly hold up the next request.
//! A request that is refused before a handler could have it has no marks.
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

/// The head of the answer is written; `is_whole`: so is its body.
#[inline]
#[track_caller]
pub(crate) fn answered(number: u64, status: StatusCode, is_whole: bool) {
    let what = if is_whole { Mark::End } else { Mark::Point };
    mark(REQUEST, number, what, || {
        format!("answer {}", status.as_u16())
    });
}

/// A request has come to its end in another way. Of number 0 there is none.
#[inline]
#[track_caller]
pub(crate) fn end(number: u64, text: &'static str) {
    if number != 0 {
        mark(REQUEST, number, Mark::End, || text);
    }
}

/// A connection has ended.
#[inline]
#[track_caller]
pub(crate) fn closed(connection: u64, requests: u32) {
    mark("connection", connection, Mark::Point, || {
        format!("closed after {requests} requests")
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

    use super::type_name;

    #[test]
    fn a_name_has_no_paths() {
        type Table = HashMap<String, Vec<Option<u8>>>;
        assert_eq!(type_name::<Table>(), "HashMap<String, Vec<Option<u8>>>");
        assert_eq!(type_name::<&'static [std::rc::Rc<str>]>(), "&[Rc<str>]");
    }
}
