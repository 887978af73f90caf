//! The opening handshake (RFC 6455, section 4): what both ends compute and compare.

use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use base64::{Engine, alphabet};
use http::header::{HeaderMap, HeaderName, HeaderValue, SEC_WEBSOCKET_KEY};
use sha1::{Digest, Sha1};

use crate::h1::codec::decode::elements;

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

/// The value of a header that stands there once.
fn only(headers: &HeaderMap, name: HeaderName) -> Option<&HeaderValue> {
    let mut values = headers.get_all(name).into_iter();
    values.next().filter(|_| values.next().is_none())
}

/// Whether the header stands there once and has this value, in any case.
pub(crate) fn header_is(headers: &HeaderMap, name: HeaderName, value: &str) -> bool {
    let found = only(headers, name);
    found.is_some_and(|found| found.as_bytes().eq_ignore_ascii_case(value.as_bytes()))
}

/// Whether an element of the headers of this name is this one, in any case.
pub(crate) fn list_has(headers: &HeaderMap, name: HeaderName, element: &str) -> bool {
    let values = headers.get_all(name).into_iter();
    let mut found = values.flat_map(|value| elements(value.as_bytes()));
    found.any(|found| found.eq_ignore_ascii_case(element.as_bytes()))
}

/// Some clients make a key of random letters, so that bits are set behind the sixteen bytes.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true),
);

/// The key that a client sends: sixteen bytes in base64, once.
pub(crate) fn key(headers: &HeaderMap) -> Option<&HeaderValue> {
    let bytes = |key: &HeaderValue| LENIENT.decode(key).ok();
    only(headers, SEC_WEBSOCKET_KEY).filter(|key| bytes(key).is_some_and(|it| it.len() == 16))
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
    use http::header::UPGRADE;

    #[test]
    fn the_example_of_the_rfc_is_computed() {
        // RFC 6455, section 1.3.
        assert_eq!(
            accept_key(b"dGhlIHNhbXBsZSBub25jZQ=="),
            "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
        );
    }
    #[test]
    fn a_list_is_compared_by_its_elements() {
        for (lines, is_there) in [
            (&["websocket"][..], true),
            (&["h2c, WebSocket"], true),
            (&["h2c", "a,websocket ,b"], true),
            (&["websockets"], false),
            (&["no-websocket"], false),
            (&["web", "socket"], false),
            (&[], false),
        ] {
            let lines = lines.iter().map(|line| HeaderValue::from_static(line));
            let headers = lines.map(|line| (UPGRADE, line)).collect();
            assert_eq!(
                list_has(&headers, UPGRADE, "websocket"),
                is_there,
                "{headers:?}"
            );
        }
    }
}
