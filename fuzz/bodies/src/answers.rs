//! What a client makes of the bytes that a server sends, by another parser than the server's.

use crate::reference::{self, Body};

/// One answer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Names in lower case; without `date`, which says nothing here.
    pub(crate) headers: Vec<(String, Vec<u8>)>,
    pub(crate) body: Vec<u8>,
    /// Whether the end of the body was seen, and not only the end of the connection.
    pub(crate) complete: bool,
}

impl Answer {
    /// One whose head is not whole.
    const CUT: Answer = Answer {
        status: 0,
        headers: Vec::new(),
        body: Vec::new(),
        complete: false,
    };

    pub(crate) fn header(&self, name: &str) -> Option<&[u8]> {
        let mut values = self.headers.iter().filter(|(n, _)| n == name);
        let (_, value) = values.next()?;
        assert!(values.next().is_none(), "{name} is there twice");
        Some(value)
    }

    /// Whether it is only a word on the way to the answer.
    pub(crate) fn is_interim(&self) -> bool {
        (100..200).contains(&self.status)
    }
}

/// Reads answers until the bytes end. `has_body` says of each head, by its number, whether a
/// body follows it: the client knows what it asked for.
pub(crate) fn read(mut wire: &[u8], has_body: impl Fn(usize, &Answer) -> bool) -> Vec<Answer> {
    let mut answers = Vec::new();
    while !wire.is_empty() {
        let Some((mut answer, length)) = head(wire) else {
            answers.push(Answer::CUT);
            break;
        };
        wire = &wire[length..];
        let bodiless = answer.is_interim() || answer.status == 204 || answer.status == 304;
        if !bodiless && has_body(answers.len(), &answer) {
            wire = &wire[body(&mut answer, wire)..];
        } else {
            answer.complete = true;
        }
        answers.push(answer);
    }
    answers
}

/// The head and its length; `None` if the connection ends in the middle of it.
fn head(wire: &[u8]) -> Option<(Answer, usize)> {
    let mut table = [httparse::EMPTY_HEADER; 128];
    let mut head = httparse::Response::new(&mut table);
    let length = match head.parse(wire) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) => return None,
        other => panic!("{other:?}: no head of an answer: {}", wire.escape_ascii()),
    };
    let mut headers = reference::headers(head.headers);
    headers.retain(|(name, _)| name != "date");
    let answer = Answer {
        status: head.code.expect("a status"),
        headers,
        body: Vec::new(),
        complete: false,
    };
    Some((answer, length))
}

/// Puts the body into the answer. Returns how many bytes it took.
fn body(answer: &mut Answer, wire: &[u8]) -> usize {
    if answer.header("transfer-encoding").is_some() {
        assert!(answer.header("content-length").is_none(), "{answer:?}");
        return match reference::chunked(wire) {
            Body::Complete { data, length } => {
                (answer.body, answer.complete) = (data, true);
                length
            }
            Body::Incomplete { data } => {
                answer.body = data;
                wire.len()
            }
            Body::Malformed => panic!("chunks that are none: {}", wire.escape_ascii()),
        };
    }
    let Some(length) = answer.header("content-length") else {
        answer.body = wire.to_vec();
        return wire.len();
    };
    let length = std::str::from_utf8(length)
        .ok()
        .and_then(|n| n.parse().ok());
    let length: usize = length.expect("a length is a number");
    answer.complete = length <= wire.len();
    answer.body = wire[..length.min(wire.len())].to_vec();
    answer.body.len()
}
