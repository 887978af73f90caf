//! Bodies whose length nobody knew when they began.
//!
//! A client that announces `Content-Length: 12` sends twelve bytes, and the next request
//! begins after them. A client that makes its body while sending cannot announce anything.
//! It cuts the body into chunks instead, each with its size in front, in hexadecimal, and
//! ends with a chunk of size nought (RFC 9112, section 7.1):
//!
//! ```text
//! 4\r\n          size
//! Wiki\r\n       data, and a line end that is not part of it
//! 6;note=x\r\n   a size may carry extensions, each a name, or a name and a value; nobody uses them
//! pedia.\r\n
//! 0\r\n          the end
//! Expires: …\r\n trailers: headers that come late; this server throws them away
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
//! somebody else's name. So the decoder takes the grammar at its word: lines end in CR LF
//! and nothing else, sizes have hexadecimal digits and nothing else, an extension is one or
//! is refused (`3;GET / HTTP/1.1` is a request that hides), a byte too many is an error.
//! Noughts in front of a size change nothing (RFC 9112 allows them), so they are counted
//! with the extensions. Besides, a chunk may be one byte long with a thousand bytes of extension, so what
//! is not data is counted too and has a limit of its own.

use bytes::{BufMut, BytesMut};

use super::extension::Extension;
use super::grammar::{TEXT, TOKEN, is};
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
    /// The body has ended; the next byte belongs to somebody else.
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
}

impl Chunked {
    /// A decoder for at most `max_body` bytes of data, and `max_overhead` of the rest.
    pub(crate) fn new(max_body: u64, max_overhead: usize) -> Self {
        Chunked {
            state: State::Size(false),
            left: 0,
            room: max_body,
            overhead: max_overhead,
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
            (TrailerStart | TrailerName, byte) if is(TOKEN, byte) => self.spend(TrailerName),
            (TrailerName, b':') => self.spend(TrailerValue),
            (TrailerValue, b'\r') => Ok(TrailerLf),
            (TrailerValue, byte) if is(TEXT, byte) => self.spend(TrailerValue),
            (TrailerLf, b'\n') => Ok(TrailerStart),
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
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Decodes `wire` in pieces cut at `cuts`; gives the data and what was left over.
    fn decode(wire: &[u8], cuts: &[usize]) -> Result<(Vec<u8>, usize, bool), BodyError> {
        let mut decoder = Chunked::new(1_000, 100);
        let (mut out, mut taken, mut from) = (BytesMut::new(), 0, 0);
        let ends = cuts
            .iter()
            .copied()
            .filter(|cut| *cut < wire.len())
            .chain([wire.len()]);
        for to in ends {
            taken += decoder.decode(&wire[from..to.max(from)], &mut out)?;
            from = to.max(from);
        }
        Ok((out.to_vec(), taken, decoder.is_done()))
    }

    fn whole(wire: &[u8]) -> Result<(Vec<u8>, usize, bool), BodyError> {
        decode(wire, &[])
    }

    #[test]
    fn chunks_extensions_and_trailers_are_told_from_data() {
        let wire = b"4\r\nWiki\r\n6 ; a=\"b\"\r\npedia.\r\n0;last\r\nA: b\r\nC:\r\n\r\nGET /";
        let (data, taken, done) = whole(wire).unwrap();
        assert_eq!(data, b"Wikipedia.");
        assert_eq!(&wire[taken..], b"GET /");
        assert!(done);
    }

    #[test]
    fn every_line_ends_in_cr_lf_and_sizes_are_hexadecimal() {
        for wire in [
            &b"4\nWiki\r\n0\r\n\r\n"[..],
            b"4\rXWiki",
            b"4\r\nWiki\n0\r\n\r\n",
            b"4\r\nWikiX\r\n",
            b"3\r\nWiki\r\n",
            b"\r\n",
            b" 4\r\nWiki",
            b"+4\r\nWiki",
            b"0x4\r\nWiki",
            b"-1\r\n",
            b"4 \r\nWiki\r\n0\r\n\r\n",
            b"4 a\r\nWiki",
            b"4;a\nb\r\nWiki",
            b"4;a\0\r\nWiki",
            b"g\r\n",
            b"0\r\n\n",
            b"0\r\nA b\r\n\r\n",
            b"0\r\n : b\r\n\r\n",
            b"0\r\nA: b\n\r\n",
            b"0\r\nA: \x01\r\n\r\n",
            b"0\r\n\rX",
            b"4;;;\r\nWiki\r\n",
            b"4;GET / HTTP/1.1\r\nWiki\r\n",
            b"4,a\r\nWiki\r\n",
        ] {
            let error = whole(wire).expect_err(&String::from_utf8_lossy(wire));
            assert!(error.is_malformed(), "{}", String::from_utf8_lossy(wire));
        }
    }

    #[test]
    fn noughts_before_a_size_are_bounded() {
        let noughts = |count: usize| format!("{}4\r\nWiki\r\n0\r\n\r\n", "0".repeat(count));
        // The first digit of a size is free, and a nought is free if it is the first.
        assert!(whole(noughts(100).as_bytes()).is_ok());
        assert!(whole(noughts(102).as_bytes()).unwrap_err().is_malformed());
    }

    #[test]
    fn too_much_data_is_refused_when_its_size_is_known() {
        let error = whole(b"3E8\r\n").map(|_| ()).err();
        assert!(error.is_none(), "a thousand bytes are allowed");
        assert!(whole(b"3E9\r\n").unwrap_err().is_too_large());
        assert!(whole(b"ffffffffffffffff\r\n").unwrap_err().is_too_large());
        assert!(whole(b"10000000000000000").unwrap_err().is_too_large());
        assert!(whole(b"1\r\nx\r\n3E8\r\n").unwrap_err().is_too_large());
    }

    #[test]
    fn a_limit_counts_the_rest_of_the_chunk_that_has_begun() {
        let mut decoder = Chunked::new(1_000, 100);
        let mut out = BytesMut::new();
        decoder.decode(b"8\r\nab", &mut out).unwrap();
        assert!(decoder.set_limit(5).unwrap_err().is_too_large());
        decoder.set_limit(6).unwrap();
        decoder.decode(b"cdefgh\r\n", &mut out).unwrap();
        assert!(
            decoder
                .decode(b"1\r\n", &mut out)
                .unwrap_err()
                .is_too_large()
        );
    }

    #[test]
    fn extensions_and_trailers_share_one_bound() {
        let extension = |n: usize| format!("1;{}\r\nx\r\n0\r\n\r\n", "e".repeat(n));
        assert!(whole(extension(99).as_bytes()).is_ok());
        assert!(whole(extension(100).as_bytes()).unwrap_err().is_malformed());
        let spread = "1;eeeeeeee\r\nx\r\n".repeat(12);
        assert!(whole(spread.as_bytes()).unwrap_err().is_malformed());
        let trailers = format!("0\r\n{}\r\n", "A: b\r\n".repeat(26));
        assert!(whole(trailers.as_bytes()).unwrap_err().is_malformed());
    }

    proptest! {
        #[test]
        fn a_body_survives_any_cut_into_chunks_and_any_cut_into_reads(
            chunks in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..40), 0..12),
            mut cuts in prop::collection::vec(0usize..700, 0..12),
            extra in prop::collection::vec(any::<u8>(), 0..8),
        ) {
            let mut wire = Vec::new();
            for chunk in &chunks {
                wire.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
                wire.extend_from_slice(chunk);
                wire.extend_from_slice(b"\r\n");
            }
            wire.extend_from_slice(b"0\r\n\r\n");
            let end = wire.len();
            wire.extend_from_slice(&extra);
            cuts.sort_unstable();

            let (data, taken, done) = decode(&wire, &cuts).unwrap();
            prop_assert_eq!(data, chunks.concat());
            prop_assert_eq!(taken, end);
            prop_assert!(done);
        }

        #[test]
        fn no_input_makes_the_decoder_panic_or_take_more_than_it_was_given(
            wire in prop::collection::vec(
                prop::sample::select(&b"0123fF;\r\n \tA:x\0\xff"[..]), 0..200),
            cut in 0usize..200,
        ) {
            if let Ok((data, taken, _)) = decode(&wire, &[cut]) {
                prop_assert!(data.len() <= taken && taken <= wire.len());
            }
        }
    }
}
