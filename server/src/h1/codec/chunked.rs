//! Bodies whose length the sender did not know when they began.
//!
//! A client that announces `Content-Length: 12` sends twelve bytes, and the next request
//! begins after them. A client that makes its body while sending cannot announce anything.
//! It cuts the body into chunks instead, each with its size in front, in hexadecimal, and
//! ends with a chunk of size nought (RFC 9112, section 7.1):
//!
//! ```text
//! 4\r\n          size
//! Wiki\r\n       data, and a line end that is not part of it
//! 6;note=x\r\n   a size may carry extensions, each a name, or a name and a value; no client uses them
//! pedia.\r\n
//! 0\r\n          the end
//! X-Sum: …\r\n   trailers: fields that come late
//! \r\n
//! ```
//!
//! The decoder is a state machine that takes bytes as they come. A chunk may be spread over
//! a hundred reads and one read may hold a hundred chunks; neither matters to it, as its
//! whole memory is the state and a few numbers.
//!
//! How it can go wrong: this is where requests are smuggled. If a proxy in front of the
//! server and the server itself disagree about where a body ends by a single byte, then
//! what is body to one is a request to the other, and an attacker's request goes out under
//! another client's name. So the decoder takes the grammar at its word: lines end in CR LF
//! and nothing else, sizes have hexadecimal digits and nothing else, an extension is one or
//! is refused (`3;GET / HTTP/1.1` is a request that hides), a byte too many is an error.
//! Noughts in front of a size change nothing (RFC 9112 allows them), so they are counted
//! with the extensions. Besides, a chunk may be one byte long with a thousand bytes of extension, so what
//! is not data is counted too and has a limit of its own.

use bytes::{BufMut, BytesMut};
use http::HeaderMap;

use super::extension::Extension;
use super::grammar::{TEXT, TOKEN, is};
use super::trailers::Trailers;
use crate::body::BodyError;

/// Where in the grammar the decoder is: what the next byte must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// A hexadecimal digit of the size; whether one has been seen.
    Size(bool),
    /// Between the size and the line's end.
    Extension(Extension),
    /// The LF after a size.
    SizeLf,
    /// Data, as much as the size said.
    Data,
    /// The CR after the data.
    DataCr,
    /// The LF after the data.
    DataLf,
    /// The first byte of a trailer, or the CR of the empty line that ends it all.
    TrailerStart,
    /// In the name of a trailer.
    TrailerName,
    /// In the value of a trailer.
    TrailerValue,
    /// The LF after a trailer.
    TrailerLf,
    /// The very last LF.
    LastLf,
    /// The body has ended; the next byte belongs to the next message.
    Done,
}

/// The decoder of one chunked body.
#[derive(Clone, Debug)]
pub(crate) struct Chunked {
    state: State,
    /// The size being read, then the bytes of the chunk still to come.
    left: u64,
    /// Bytes of data that may still come before it is too much.
    room: u64,
    /// Bytes of extensions and trailers that may still come.
    overhead: usize,
    trailers: Trailers,
}

impl Chunked {
    /// A decoder for at most `max_body` bytes of data, and `max_overhead` of the rest.
    pub(crate) fn new(max_body: u64, max_overhead: usize) -> Self {
        Chunked {
            state: State::Size(false),
            left: 0,
            room: max_body,
            overhead: max_overhead,
            trailers: Trailers::default(),
        }
    }

    /// So many bytes of data may still come, the rest of the current chunk among them.
    pub(crate) fn set_limit(&mut self, bytes: u64) -> Result<(), BodyError> {
        let announced = match self.state {
            State::Data => self.left,
            _ => 0,
        };
        let room = bytes.checked_sub(announced);
        self.room = room.ok_or_else(BodyError::too_large)?;
        Ok(())
    }

    /// Whether the last byte has been seen.
    pub(crate) fn is_done(&self) -> bool {
        self.state == State::Done
    }

    /// What stood behind the data, when the last byte has been seen.
    pub(crate) fn take_trailers(&mut self) -> Option<HeaderMap> {
        self.trailers.take()
    }

    /// Takes bytes from the front of `input`, appends the data among them to `out`, and
    /// says how many it took: all of them, or up to the end of the body.
    pub(crate) fn decode(&mut self, input: &[u8], out: &mut BytesMut) -> Result<usize, BodyError> {
        let mut at = 0;
        while at < input.len() && !self.is_done() {
            if self.state == State::Data {
                at += self.copy(&input[at..], out);
            } else {
                self.state = self.step(input[at])?;
                at += 1;
            }
        }
        Ok(at)
    }

    /// Copies what there is of the current chunk.
    fn copy(&mut self, input: &[u8], out: &mut BytesMut) -> usize {
        let count = usize::try_from(self.left).map_or(input.len(), |left| left.min(input.len()));
        out.put_slice(&input[..count]);
        self.left -= count as u64;
        if self.left == 0 {
            self.state = State::DataCr;
        }
        count
    }

    /// One byte of everything that is not data.
    fn step(&mut self, byte: u8) -> Result<State, BodyError> {
        use State::*;
        match (self.state, byte) {
            (Size(any), _) => self.size(any, byte),
            (SizeLf, b'\n') => self.size_is_known(),
            (DataCr, b'\r') => Ok(DataLf),
            (DataLf, b'\n') => Ok(Size(false)),
            (TrailerStart, b'\r') => Ok(LastLf),
            (TrailerStart | TrailerName, byte) if is(TOKEN, byte) => self.keep(byte, TrailerName),
            (TrailerName, b':') => self.keep(byte, TrailerValue),
            (TrailerValue, b'\r') => Ok(TrailerLf),
            (TrailerValue, byte) if is(TEXT, byte) => self.keep(byte, TrailerValue),
            (TrailerLf, b'\n') => self.trailers.end_line().map(|()| TrailerStart),
            (LastLf, b'\n') => Ok(Done),
            (Extension(part), b'\r') if part.may_end() => Ok(SizeLf),
            (Extension(part), byte) => match part.next(byte) {
                Some(next) => self.spend(Extension(next)),
                None => Err(BodyError::malformed(complaint(self.state))),
            },
            (state, _) => Err(BodyError::malformed(complaint(state))),
        }
    }

    /// A byte of the line that holds the size.
    fn size(&mut self, any: bool, byte: u8) -> Result<State, BodyError> {
        if let Some(digit) = char::from(byte).to_digit(16) {
            if self.left >> 60 != 0 {
                return Err(BodyError::too_large());
            }
            if any && self.left == 0 {
                self.spend(State::Size(true))?;
            }
            self.left = (self.left << 4) | u64::from(digit);
            return Ok(State::Size(true));
        }
        match byte {
            _ if !any => Err(BodyError::malformed("a chunk without a size")),
            b'\r' => Ok(State::SizeLf),
            _ => match Extension::Space.next(byte) {
                Some(next) => self.spend(State::Extension(next)),
                None => Err(BodyError::malformed(
                    "a chunk's size is not a hexadecimal number",
                )),
            },
        }
    }

    /// The size line is complete: refuse too much before a byte of it is read.
    fn size_is_known(&mut self) -> Result<State, BodyError> {
        if self.left == 0 {
            return Ok(State::TrailerStart);
        }
        self.room = self
            .room
            .checked_sub(self.left)
            .ok_or_else(BodyError::too_large)?;
        Ok(State::Data)
    }

    /// Keeps a byte of a trailer, and goes on to `next`.
    fn keep(&mut self, byte: u8, next: State) -> Result<State, BodyError> {
        let next = self.spend(next)?;
        self.trailers.push(byte);
        Ok(next)
    }

    /// Counts a byte that is not data, and goes on to `next`.
    fn spend(&mut self, next: State) -> Result<State, BodyError> {
        let left = self.overhead.checked_sub(1);
        self.overhead =
            left.ok_or_else(|| BodyError::malformed("too many chunk extensions or trailers"))?;
        Ok(next)
    }
}

/// What to say about a byte that may not stand where it stands.
fn complaint(state: State) -> &'static str {
    match state {
        State::DataCr | State::DataLf => "a chunk is longer than its size",
        State::TrailerStart | State::TrailerName | State::TrailerValue => {
            "a trailer is not a header line"
        }
        State::SizeLf | State::TrailerLf | State::LastLf => {
            "a line of the chunked body does not end in CR LF"
        }
        _ => "a chunk extension holds what it must not",
    }
}

#[cfg(test)]
mod tests;
