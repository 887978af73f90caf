//! A body that is made while it is sent: how its pieces are laid out on the wire.
//!
//! In chunks, each with its size in front; or one after the other, if the length has been
//! announced; or one after the other until the connection closes.
//!
//! How it can go wrong: a handler announces a thousand bytes and its stream makes nine
//! hundred, or eleven hundred. The client would take the next answer for the missing
//! hundred, or the surplus for the next answer. So the bytes are counted, and a promise that
//! is not kept ends the connection.

use http::HeaderMap;

use super::encode::{Length, line};
use super::trailers::may_trail;

/// How a body that comes in pieces is laid out, and what may still come.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum BodyEncoder {
    /// Each piece in a chunk of its own.
    Chunked,
    /// So many bytes, no more and no fewer.
    Exactly(u64),
    /// As many as there are.
    UntilClose,
}

/// The handler's body was longer or shorter than it had promised.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct BrokenPromise;

impl BodyEncoder {
    pub(crate) fn new(length: Length) -> Self {
        match length {
            Length::Chunked => BodyEncoder::Chunked,
            Length::Known(length) => BodyEncoder::Exactly(length),
            Length::Unsaid | Length::UntilClose => BodyEncoder::UntilClose,
        }
    }

    /// What goes in front of a piece of `size` bytes is appended to `out`; what goes
    /// behind it is returned.
    pub(crate) fn frame(
        &mut self,
        size: usize,
        out: &mut Vec<u8>,
    ) -> Result<&'static [u8], BrokenPromise> {
        match self {
            BodyEncoder::Chunked => {
                size_line(out, size);
                return Ok(b"\r\n");
            }
            BodyEncoder::Exactly(left) => {
                *left = left.checked_sub(size as u64).ok_or(BrokenPromise)?;
            }
            BodyEncoder::UntilClose => {}
        }
        Ok(b"")
    }

    /// Whether the client has, or will have, all that it was promised.
    pub(crate) fn is_complete(&self) -> bool {
        *self == BodyEncoder::Exactly(0)
    }

    /// What goes behind the last piece.
    pub(crate) fn finish(&self) -> Result<&'static [u8], BrokenPromise> {
        match self {
            BodyEncoder::Chunked => Ok(b"0\r\n\r\n"),
            BodyEncoder::Exactly(0) | BodyEncoder::UntilClose => Ok(b""),
            BodyEncoder::Exactly(_) => Err(BrokenPromise),
        }
    }
}

/// Writes the last chunk, and behind it the trailers that may stand there (RFC 9112, section
/// 7.1.2).
pub(crate) fn end_with_trailers(trailers: &HeaderMap, out: &mut Vec<u8>) {
    out.extend_from_slice(b"0\r\n");
    for (name, value) in trailers {
        if may_trail(name) {
            line(out, name.as_str(), value.as_bytes());
        }
    }
    out.extend_from_slice(b"\r\n");
}

/// A chunk's size in hexadecimal, without leading noughts.
fn size_line(out: &mut Vec<u8>, size: usize) {
    let digits = (usize::BITS - size.leading_zeros()).div_ceil(4).max(1);
    for place in (0..digits).rev() {
        out.push(b"0123456789abcdef"[(size >> (4 * place)) & 0xf]);
    }
    out.extend_from_slice(b"\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunk_sizes_are_hexadecimal() {
        for size in [
            1,
            9,
            10,
            15,
            16,
            255,
            256,
            4096,
            65_535,
            1_000_000,
            usize::MAX,
        ] {
            let mut out = Vec::new();
            size_line(&mut out, size);
            assert_eq!(out, format!("{size:x}\r\n").into_bytes());
        }
    }

    #[test]
    fn trailers_stand_behind_the_last_chunk_unless_a_reader_needs_them_before() {
        let mut trailers = HeaderMap::new();
        for name in ["x-sum", "content-length", "host", "keep-alive", "etag"] {
            trailers.insert(name, "1".parse().unwrap());
        }
        let mut out = Vec::new();
        end_with_trailers(&trailers, &mut out);
        let text = String::from_utf8(out).unwrap();
        let mut lines: Vec<_> = text.split("\r\n").collect();
        lines[1..3].sort_unstable();
        assert_eq!(lines, ["0", "etag: 1", "x-sum: 1", "", ""]);
    }

    #[test]
    fn a_promised_length_is_kept_exactly() {
        let mut encoder = BodyEncoder::new(Length::Known(5));
        let mut out = Vec::new();
        assert_eq!(encoder.frame(4, &mut out), Ok(&b""[..]));
        assert_eq!(encoder.finish(), Err(BrokenPromise));
        assert_eq!(encoder.frame(2, &mut out), Err(BrokenPromise));
        assert_eq!(encoder.frame(1, &mut out), Ok(&b""[..]));
        assert_eq!(encoder.finish(), Ok(&b""[..]));
    }
}
