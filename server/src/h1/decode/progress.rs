//! When a head that arrives in pieces is worth parsing.
//!
//! The parser has no memory: given one more byte it starts at the first again. That is the
//! right choice for a head that arrives at once, as nearly all do, and the wrong one for a
//! head that arrives in a thousand pieces. Here is the little memory that makes up for it:
//! how far the input has been searched for the empty line that ends a head, and how long
//! it was when it was last parsed.
//!
//! Parsing is worth it the first time, when the empty line has come, and when the input
//! has doubled since the last time. The doublings add up to twice the input's length, so
//! the whole work is linear, whatever the pieces.

use memchr::memchr_iter;

use crate::h1::refusal::Refusal;

/// How far the head at the front of the input has been looked at.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    /// Bytes searched for the end of the head.
    searched: usize,
    /// The input's length when it was last parsed.
    parsed: usize,
}

impl Progress {
    /// Whether parsing `input` may tell more than last time.
    #[inline]
    pub(crate) fn is_worth_parsing(&mut self, input: &[u8]) -> bool {
        if self.parsed == 0 {
            self.parsed = input.len();
            return !input.is_empty();
        }
        self.has_grown(input)
    }

    /// The head is complete: the next one starts from nothing.
    #[inline]
    pub(crate) fn reset(&mut self) {
        *self = Progress::default();
    }

    fn has_grown(&mut self, input: &[u8]) -> bool {
        let ended = self.search(input);
        if !ended && input.len() < self.parsed.saturating_mul(2) {
            return false;
        }
        let grown = input.len() > self.parsed;
        self.parsed = input.len();
        grown
    }

    /// Looks for an empty line in what has not been searched yet.
    fn search(&mut self, input: &[u8]) -> bool {
        let from = self.searched.min(input.len());
        self.searched = input.len();
        memchr_iter(b'\n', &input[from..]).any(|at| ends_empty_line(&input[..from + at]))
    }
}

/// Whether an LF after `before` ends an empty line. A bare LF counts as a line end here:
/// the parser must see it, so that it is refused at once and not when time runs out.
fn ends_empty_line(before: &[u8]) -> bool {
    let before = before.strip_suffix(b"\r").unwrap_or(before);
    before.is_empty() || before.ends_with(b"\n")
}

/// How many bytes of empty lines stand before a request.
///
/// Some clients send a CR LF too many after a body, so a server should overlook it (RFC
/// 9112, section 2.2). It overlooks four in a row, not more: an endless stream of nothing
/// is not a slow request.
#[inline]
pub(crate) fn strip_blank_lines(input: &[u8]) -> Result<usize, Refusal> {
    const MOST: usize = 4;
    if input.first().is_none_or(|byte| *byte > b'\r') {
        return Ok(0);
    }
    let lines = input
        .chunks_exact(2)
        .take_while(|pair| pair == b"\r\n")
        .count();
    if lines > MOST {
        return Err(Refusal::bad("too many empty lines before the request"));
    }
    match input[2 * lines..] {
        [b'\n', ..] => Err(Refusal::bad("a line ends in LF without CR")),
        _ => Ok(2 * lines),
    }
}

/// Whether nothing of a request has come yet: not a byte, or half of an empty line. A peer
/// that sends empty lines in halves is as idle as one that sends them whole.
#[inline]
pub(crate) fn is_silence(input: &[u8]) -> bool {
    matches!(input, b"" | b"\r")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_that_comes_byte_by_byte_is_parsed_a_few_times_only() {
        let head = format!(
            "GET / HTTP/1.1\r\nHost: x\r\nA: {}\r\n\r\n",
            "a".repeat(60_000)
        );
        let mut progress = Progress::default();
        let parsed: usize = (1..=head.len())
            .filter(|end| progress.is_worth_parsing(&head.as_bytes()[..*end]))
            .sum();
        assert!(
            parsed < 4 * head.len(),
            "{parsed} bytes parsed for {}",
            head.len()
        );
    }

    #[test]
    fn the_end_of_a_head_is_always_noticed() {
        for head in [
            "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
            "GET / HTTP/1.1\nHost: x\n\n",
        ] {
            for cut in 1..head.len() {
                let mut progress = Progress::default();
                progress.is_worth_parsing(&head.as_bytes()[..cut]);
                assert!(progress.is_worth_parsing(head.as_bytes()), "cut at {cut}");
            }
        }
    }

    #[test]
    fn a_few_empty_lines_are_overlooked() {
        assert_eq!(strip_blank_lines(b""), Ok(0));
        assert_eq!(strip_blank_lines(b"\r"), Ok(0));
        assert_eq!(strip_blank_lines(b"\r\nGET"), Ok(2));
        assert_eq!(strip_blank_lines(b"\r\n\r\n\r\n\r\n\r"), Ok(8));
        assert!(strip_blank_lines(b"\r\n\r\n\r\n\r\n\r\n").is_err());
        assert!(strip_blank_lines(b"\nGET").is_err());
        assert!(strip_blank_lines(b"\r\n\nGET").is_err());
    }
}
