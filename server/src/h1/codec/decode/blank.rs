//! What may stand before a request: nothing, or a few empty lines.

use crate::h1::codec::refusal::Refusal;

/// Whether no line end stands at the front of the input, but something else.
#[inline]
pub(crate) fn begins_request(input: &[u8]) -> bool {
    input.first().is_some_and(|byte| *byte > b'\r')
}

/// How many bytes of empty lines stand before a request.
///
/// Some clients send a CR LF too many after a body, so a server should overlook it (RFC
/// 9112, section 2.2). It overlooks four in a row, not more: an endless stream of nothing
/// is not a slow request. The lines stay in the input until the request begins, so that they
/// are counted together however they arrive.
#[cold]
pub(crate) fn blank_lines(input: &[u8]) -> Result<usize, Refusal> {
    const MOST: usize = 4;
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

/// Whether nothing of a request has come yet: not a byte, or only empty lines, or half of
/// one. A peer that sends empty lines is as idle as one that sends nothing.
#[inline]
pub(crate) fn is_silence(input: &[u8]) -> bool {
    input.iter().all(|byte| matches!(byte, b'\r' | b'\n'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_empty_lines_are_overlooked() {
        assert_eq!(blank_lines(b""), Ok(0));
        assert_eq!(blank_lines(b"\r"), Ok(0));
        assert_eq!(blank_lines(b"\r\nGET"), Ok(2));
        assert_eq!(blank_lines(b"\r\n\r\n\r\n\r\n\r"), Ok(8));
        assert!(blank_lines(b"\r\n\r\n\r\n\r\n\r\n").is_err());
        assert!(blank_lines(b"\nGET").is_err());
        assert!(blank_lines(b"\r\n\nGET").is_err());
    }
}
