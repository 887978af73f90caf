//! From bytes to text.
//!
//! A stream delivers bytes wherever the network happened to cut them, even in the middle
//! of a character. So the bytes of a text are collected first and looked at when they are
//! complete. What is not UTF-8 is refused as a whole: the caller's string stays as it was.

use std::io;

/// Appends bytes that are complete to a string.
///
/// # Errors
///
/// `InvalidData`, with the `Utf8Error` that says where, and `text` unchanged.
pub(super) fn append(text: &mut String, bytes: Vec<u8>) -> io::Result<()> {
    if !text.is_empty() {
        return append_slice(text, &bytes);
    }
    // An empty string need not copy: the bytes' own allocation becomes the string's.
    match String::from_utf8(bytes) {
        Ok(whole) => *text = whole,
        Err(error) => return Err(invalid(error.utf8_error())),
    }
    Ok(())
}

/// The same for bytes that belong to someone else.
pub(super) fn append_slice(text: &mut String, bytes: &[u8]) -> io::Result<()> {
    text.push_str(std::str::from_utf8(bytes).map_err(invalid)?);
    Ok(())
}

fn invalid(error: std::str::Utf8Error) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}
