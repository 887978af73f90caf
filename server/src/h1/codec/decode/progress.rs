//! A head that arrives in pieces, or that is wrong.
//!
//! The parser has no memory: given one more byte it starts at the first again. That is the
//! right choice for a head that arrives at once and is well-formed, as nearly all are. The
//! others are read here, slowly and only once: a state machine takes each byte as it comes.
//!
//! ```text
//!   GET /path HTTP/1.1\r\n          Method, Target, Version, LineCr, LineLf
//!   Name: value\r\n                 Field, Name, Value, ValueLf
//!   \r\n                            Field, EndLf, Done
//! ```
//!
//! So the work is linear, whatever the pieces, and the parser is asked once more when the
//! empty line has come.
//!
//! **What is refused, and when.** Every refusal of a head is found here, at the first byte
//! that makes it certain, also if the whole head has arrived and the parser complained. The
//! machine sees one byte after the other and nothing else, so a refusal cannot depend on how
//! the bytes were cut into packets. A byte that may not stand where it stands is refused at
//! once; what a line means is judged at the end of the line, what the head lacks at its end.
//!
//! How it can go wrong: the machine and the parser disagree. If the machine is stricter, a
//! head is taken or not according to how it was cut; if the parser is stricter, the refusal
//! comes late. The tests of [`decode`](super) compare the two, head by head.

use bytes::Bytes;
use http::{StatusCode, Version};

use super::framing::{Facts, Fields};
use super::target;
use crate::h1::codec::grammar::{TARGET, TEXT, TOKEN, is};
use crate::h1::codec::methods;
use crate::h1::codec::refusal::Refusal;
use crate::h1::config::{Config, MAX_HEADERS};

/// How far an incomplete head has been read; empty for a head that has not begun.
#[derive(Debug, Default)]
pub(crate) struct Progress(Option<Box<Scan>>);

impl Progress {
    /// Whether no byte of the head has been read slowly.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Reads what has come since; says whether the head is complete. `input` begins with
    /// the head.
    pub(crate) fn advance(&mut self, input: &[u8], config: &Config) -> Result<bool, Refusal> {
        self.0.get_or_insert_default().advance(input, config)
    }

    /// The head is complete: the next one starts from nothing.
    #[inline]
    pub(crate) fn reset(&mut self) {
        self.0 = None;
    }
}

/// What the next byte must be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    /// The first byte of all.
    #[default]
    Start,
    /// The LF of an empty line before the request.
    BlankLf,
    Method,
    Target,
    /// So many bytes of `HTTP/1.1` have come.
    Version(usize),
    /// The CR, and the LF, after the version.
    LineCr,
    LineLf,
    /// The first byte of a header line, or the CR of the empty line.
    Field,
    Name,
    Value,
    ValueLf,
    EndLf,
    Done,
}

/// The slow reader of one head.
#[derive(Debug, Default)]
pub(crate) struct Scan {
    state: State,
    /// Bytes read.
    at: usize,
    /// Where the method ends, and where the target ends.
    method: usize,
    target: usize,
    /// Where a header's name begins and ends.
    name: (usize, usize),
    /// The two digits of the version.
    version: [u8; 2],
    lines: usize,
    fields: Fields,
}

impl Scan {
    /// Reads what of `input` has not been read; says whether the head is complete.
    pub(crate) fn advance(&mut self, input: &[u8], config: &Config) -> Result<bool, Refusal> {
        let within = &input[..input.len().min(config.max_head)];
        while self.at < within.len() && self.state != State::Done {
            self.skip(&within[self.at..]);
            self.within_limits(config)?;
            if let Some(byte) = within.get(self.at) {
                self.state = self.step(*byte, input, config)?;
                self.at += 1;
            }
        }
        match self.state {
            State::Done => Ok(true),
            _ if self.at >= config.max_head => Err(HEAD_TOO_LARGE),
            _ => Ok(false),
        }
    }

    /// Bytes read: of a complete head, its length.
    #[cfg(test)]
    pub(super) fn length(&self) -> usize {
        self.at
    }

    /// A complete head of a later HTTP/1 than ours, as if it were ours: such a request means
    /// the same (RFC 9110, section 2.5), but the parser does not know that.
    pub(crate) fn as_our_version(&self, input: &[u8]) -> Option<Vec<u8>> {
        const TO_MINOR: usize = " HTTP/1.".len();
        let is_later = self.state == State::Done && self.version[1] > b'1';
        is_later.then(|| {
            let mut head = input[..self.at].to_vec();
            head[self.target + TO_MINOR] = b'1';
            head
        })
    }

    /// Passes over bytes that leave the state as it is.
    fn skip(&mut self, input: &[u8]) {
        let class = match self.state {
            State::Method | State::Name => TOKEN,
            State::Target => TARGET,
            State::Value => TEXT,
            _ => return,
        };
        self.at += input.iter().take_while(|byte| is(class, **byte)).count();
    }

    fn within_limits(&self, config: &Config) -> Result<(), Refusal> {
        match self.state {
            State::Method if self.at > LONGEST_METHOD => Err(methods::UNKNOWN),
            State::Target if self.at - self.method - 1 > config.max_target => Err(TARGET_TOO_LONG),
            _ => Ok(()),
        }
    }

    /// One byte that changes the state.
    fn step(&mut self, byte: u8, input: &[u8], config: &Config) -> Result<State, Refusal> {
        use State::*;
        let at = self.at;
        match (self.state, byte) {
            (Start, b'\r') => Ok(BlankLf),
            (Start, _) if is(TOKEN, byte) => Ok(Method),
            (Method, b' ') => self.ends_method(at),
            (Target, b' ') if at > self.method + 1 => self.ends_target(at),
            (Version(seen), _) => self.version(seen, byte),
            (LineCr, b'\r') => Ok(LineLf),
            (LineLf, b'\n') => self.ends_first_line(input, config),
            (Field, b'\r') => Ok(EndLf),
            (Field, _) if is(TOKEN, byte) => self.begins_name(at),
            (Name, b':') => {
                self.name.1 = at;
                Ok(Value)
            }
            (Value, b'\r') => Ok(ValueLf),
            (ValueLf, b'\n') => self.ends_field(&input[..at - 1]),
            (EndLf, b'\n') => self.ends_head(),
            (state, byte) => Err(Refusal::bad(complaint(state, byte))),
        }
    }

    fn ends_method(&mut self, at: usize) -> Result<State, Refusal> {
        self.method = at;
        Ok(State::Target)
    }

    fn ends_target(&mut self, at: usize) -> Result<State, Refusal> {
        self.target = at;
        Ok(State::Version(0))
    }

    /// A byte of the version. One that we do not speak is told from what is no version at
    /// all; the preface of HTTP/2, `PRI * HTTP/2.0`, is the best known of the first kind.
    fn version(&mut self, seen: usize, byte: u8) -> Result<State, Refusal> {
        const PATTERN: &[u8] = b"HTTP/0.0";
        let fits = match PATTERN[seen] {
            b'0' => byte.is_ascii_digit(),
            wanted => byte == wanted,
        };
        if !fits {
            return Err(Refusal::bad(NO_VERSION));
        }
        self.version = match PATTERN[seen] {
            b'0' => [self.version[1], byte],
            _ => self.version,
        };
        if seen + 1 < PATTERN.len() {
            return Ok(State::Version(seen + 1));
        }
        match self.version {
            [b'1', _] => Ok(State::LineCr),
            _ => Err(OTHER_VERSION),
        }
    }

    fn ends_first_line(&mut self, input: &[u8], config: &Config) -> Result<State, Refusal> {
        let method = methods::parse(&input[..self.method], &config.methods)?;
        let target = &input[self.method + 1..self.target];
        let shared = Bytes::copy_from_slice(target);
        target::parse(target, shared, &method, config.is_secure)?;
        self.fields.is_of(&method);
        Ok(State::Field)
    }

    fn begins_name(&mut self, at: usize) -> Result<State, Refusal> {
        self.name.0 = at;
        self.lines += 1;
        match self.lines {
            ..=MAX_HEADERS => Ok(State::Name),
            _ => Err(TOO_MANY_HEADERS),
        }
    }

    /// `input` ends where the line does.
    fn ends_field(&mut self, input: &[u8]) -> Result<State, Refusal> {
        let (from, to) = self.name;
        let value = input[to + 1..].trim_ascii();
        self.fields.note(&input[from..to], value)?;
        self.fields.framing(self.spoken())?;
        Ok(State::Field)
    }

    fn ends_head(&self) -> Result<State, Refusal> {
        let mut facts = Facts::default();
        let method = http::Method::GET;
        self.fields.conclude(&method, self.spoken(), &mut facts)?;
        Ok(State::Done)
    }

    /// The version that the client is answered in.
    fn spoken(&self) -> Version {
        match self.version[1] {
            b'0' => Version::HTTP_10,
            _ => Version::HTTP_11,
        }
    }
}

/// Bytes of a method. The longest that is registered has seventeen.
pub(super) const LONGEST_METHOD: usize = 256;

pub(super) const TARGET_TOO_LONG: Refusal =
    Refusal::new(StatusCode::URI_TOO_LONG, "the request target is too long");
pub(super) const HEAD_TOO_LARGE: Refusal = Refusal::new(
    StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
    "the head of the request is too large",
);
const TOO_MANY_HEADERS: Refusal = Refusal::new(
    StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
    "the request has too many headers",
);
const OTHER_VERSION: Refusal = Refusal::new(
    StatusCode::HTTP_VERSION_NOT_SUPPORTED,
    "this server speaks HTTP/1.1 and HTTP/1.0",
);
const NO_VERSION: &str = "the request line does not end in a version";

/// What to say about a byte that may not stand where it stands.
fn complaint(state: State, byte: u8) -> &'static str {
    match (state, byte) {
        (State::Start | State::Method, _) => "the request does not begin with a method",
        (State::Target, b'\r' | b'\n') => NO_VERSION,
        (State::Target, _) => "the request target holds what it must not",
        (State::Field, b' ' | b'\t') => "a header line is folded",
        (State::Name, b' ' | b'\t') => "a blank stands before the colon of a header",
        (State::Field | State::Name, _) => "a header's name is malformed",
        (State::Value, b'\n') => "a line ends in LF without CR",
        (State::Value, _) => "a header's value is malformed",
        _ => "a line does not end in CR LF",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_that_comes_byte_by_byte_is_read_once() {
        let head = format!(
            "GET / HTTP/1.1\r\nHost: x\r\nA: {}\r\n\r\n",
            "a".repeat(60_000)
        );
        let (config, mut progress) = (Config::default(), Progress::default());
        for end in 1..=head.len() {
            let complete = progress.advance(&head.as_bytes()[..end], &config).unwrap();
            assert_eq!(complete, end == head.len());
            // All that came has been read, and nothing can be read again.
            assert_eq!(progress.0.as_ref().unwrap().at, end);
        }
    }
}
