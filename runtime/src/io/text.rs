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
/// `InvalidData`, with the `Utf8Error` that says where in the whole, and `text` unchanged.
pub(super) fn append(text: &mut String, bytes: Vec<u8>) -> io::Result<()> {
    if !text.is_empty() {
        return append_slice(text, &bytes);
    }
    // An empty string need not copy: the bytes' own allocation becomes the string's.
    match String::from_utf8(bytes) {
        Ok(whole) => *text = whole,
        Err(error) => return Err(invalid("", error.as_bytes())),
    }
    Ok(())
}

/// The same for bytes that are borrowed.
pub(super) fn append_slice(text: &mut String, bytes: &[u8]) -> io::Result<()> {
    match std::str::from_utf8(bytes) {
        Ok(more) => text.push_str(more),
        Err(_) => return Err(invalid(text, bytes)),
    }
    Ok(())
}

/// The error counts from the beginning of the string, to which the bytes were to be added.
fn invalid(text: &str, bytes: &[u8]) -> io::Error {
    match String::from_utf8([text.as_bytes(), bytes].concat()) {
        Ok(_) => io::ErrorKind::InvalidData.into(),
        Err(error) => io::Error::new(io::ErrorKind::InvalidData, error.utf8_error()),
    }
}
