//! What the fuzzer has learnt, as text: one input a line, with `\n`, `\x80` and the like for bytes that are no
//! visible ASCII.
//!
//! The fuzzer keeps each input in a file of its own. In the tree all inputs of a target are one file, `corpora/NAME.txt`,
//! that can be read and compared. It is written anew when the fuzzer has learnt more. What it has found stays, in
//! `findings/NAME.txt`.

use std::iter::from_fn;

/// A target: its name, what it does, and its corpus.
pub type Target = (&'static str, fn(&[u8]), &'static str);

/// All targets.
pub const TARGETS: [Target; 6] = [
    (
        "request_head",
        crate::request_head,
        concat!(
            include_str!("../corpora/request_head.txt"),
            include_str!("../findings/request_head.txt")
        ),
    ),
    (
        "chunked_body",
        crate::chunked_body,
        include_str!("../corpora/chunked_body.txt"),
    ),
    (
        "response",
        crate::response,
        include_str!("../corpora/response.txt"),
    ),
    (
        "client_response",
        crate::client_response,
        concat!(
            include_str!("../corpora/client_response.txt"),
            include_str!("../findings/client_response.txt")
        ),
    ),
    (
        "timers",
        crate::timers,
        include_str!("../corpora/timers.txt"),
    ),
    (
        "macros",
        crate::macros,
        include_str!("../corpora/macros.txt"),
    ),
];

/// An input as a line, without the end of the line.
pub fn line(input: &[u8]) -> String {
    input.escape_ascii().to_string()
}

/// The input that a line stands for; `None` if it stands for none.
pub fn input(line: &str) -> Option<Vec<u8>> {
    let mut rest = line.bytes();
    let bytes = from_fn(|| match rest.next()? {
        b'\\' => Some(escaped(&mut rest)),
        byte => Some(Some(byte)),
    });
    bytes.collect()
}

/// The byte whose name stands behind a backslash.
fn escaped(rest: &mut impl Iterator<Item = u8>) -> Option<u8> {
    match rest.next()? {
        b'n' => Some(b'\n'),
        b'r' => Some(b'\r'),
        b't' => Some(b'\t'),
        b'x' => {
            let mut digit = || char::from(rest.next()?).to_digit(16);
            let (high, low) = (digit()?, digit()?);
            u8::try_from(high << 4 | low).ok()
        }
        same @ (b'\\' | b'\'' | b'"') => Some(same),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_byte_comes_back() {
        let all: Vec<u8> = (0..=255).collect();
        let line = line(&all);
        assert!(line.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
        assert_eq!(input(&line), Some(all));
    }

    #[test]
    fn a_line_that_stands_for_nothing_is_refused() {
        for line in ["\\", "\\q", "\\x", "\\x4", "\\xg0"] {
            assert_eq!(input(line), None, "{line}");
        }
    }
}
