//! The opening handshake (RFC 6455, section 4): what both ends compute and compare.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{HeaderMap, HeaderName, HeaderValue};
use sha1::{Digest, Sha1};

/// What every server appends to the key; it shows that the server knows what it answers.
const MAGIC: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// The value of `Sec-WebSocket-Accept` for a key.
pub(crate) fn accept_key(key: &[u8]) -> HeaderValue {
    let mut hash = Sha1::new();
    hash.update(key);
    hash.update(MAGIC);
    let text = STANDARD.encode(hash.finalize());
    HeaderValue::try_from(text).expect("base64 is text")
}

/// Whether the header is there and has this value, in any case.
pub(crate) fn header_is(headers: &HeaderMap, name: HeaderName, value: &str) -> bool {
    let found = headers.get(name);
    found.is_some_and(|found| found.as_bytes().eq_ignore_ascii_case(value.as_bytes()))
}

/// Whether the first header of this name contains the text, which is in small letters.
pub(crate) fn header_contains(headers: &HeaderMap, name: HeaderName, text: &str) -> bool {
    let found = headers.get(name).and_then(|value| value.to_str().ok());
    found.is_some_and(|found| found.to_ascii_lowercase().contains(text))
}

/// The elements of all headers of this name.
pub(crate) fn list(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = HeaderValue> {
    let values = headers.get_all(name).into_iter();
    let elements = values.flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
    elements.filter_map(|element| HeaderValue::from_bytes(element.trim_ascii()).ok())
}

/// A key for a client: sixteen bytes.
pub(crate) fn encode_key(bytes: [u8; 16]) -> String {
    STANDARD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_rfc_is_computed() {
        // RFC 6455, section 1.3.
        assert_eq!(
            accept_key(b"dGhlIHNhbXBsZSBub25jZQ=="),
            "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
        );
    }
}
