//! What travels over a WebSocket.

use bytes::Bytes;

use super::utf8_bytes::Utf8Bytes;
use crate::Error;

/// The number that says why a connection is closed; see [`close_code`](super::close_code).
/// Its example is [`close_code`](super::close_code)'s.
pub type CloseCode = u16;

/// What a close frame says.
///
/// ```
/// use server::ws::{CloseFrame, close_code};
///
/// let goodbye = CloseFrame { code: close_code::AWAY, reason: "lunch".into() };
/// assert_eq!(goodbye.code, 1001);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CloseFrame {
    /// The reason as a number.
    pub code: CloseCode,
    /// The reason as text, 123 bytes at most: a longer one is cut when it is sent.
    pub reason: Utf8Bytes,
}

impl CloseFrame {
    /// A frame without a text.
    pub(crate) fn new(code: CloseCode) -> Self {
        let reason = Utf8Bytes::default();
        CloseFrame { code, reason }
    }
}

/// A message of a WebSocket.
///
/// ```
/// use server::ws::Message;
///
/// assert_eq!(Message::text("tea"), Message::Text("tea".into()));
/// assert_eq!(Message::from("tea").into_data(), "tea");
/// assert_eq!(Message::binary(vec![0xff]).into_text().is_err(), true);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// Text.
    Text(Utf8Bytes),
    /// Bytes.
    Binary(Bytes),
    /// Asks the peer for a pong with the same payload, 125 bytes at most. The pings of a peer
    /// are answered by themselves, and are seen all the same.
    Ping(Bytes),
    /// The answer to a ping, or a sign of life without a ping before it.
    Pong(Bytes),
    /// The sender sends nothing after this. A peer's close frame is answered by itself.
    Close(Option<CloseFrame>),
}

impl Message {
    /// A message of text. Its example is [`Message`]'s.
    pub fn text<S>(text: S) -> Message
    where
        S: Into<Utf8Bytes>,
    {
        Message::Text(text.into())
    }

    /// A message of bytes. Its example is [`Message`]'s.
    pub fn binary<B>(bytes: B) -> Message
    where
        B: Into<Bytes>,
    {
        Message::Binary(bytes.into())
    }

    /// The payload; of a close frame its reason. Its example is [`Message`]'s.
    #[must_use]
    pub fn into_data(self) -> Bytes {
        match self {
            Message::Text(text) => text.into(),
            Message::Binary(data) | Message::Ping(data) | Message::Pong(data) => data,
            Message::Close(frame) => frame.map(|frame| frame.reason.into()).unwrap_or_default(),
        }
    }

    /// The payload as text; of a close frame its reason. Its example is [`Message`]'s.
    ///
    /// # Errors
    ///
    /// If the payload is not UTF-8.
    pub fn into_text(self) -> Result<Utf8Bytes, Error> {
        match self {
            Message::Text(text) => Ok(text),
            Message::Close(frame) => Ok(frame.map(|frame| frame.reason).unwrap_or_default()),
            other => Utf8Bytes::try_from(other.into_data()).map_err(Error::new),
        }
    }

    /// The payload as text; of a close frame its reason.
    ///
    /// # Errors
    ///
    /// If the payload is not UTF-8.
    pub fn to_text(&self) -> Result<&str, Error> {
        match self {
            Message::Text(text) => Ok(text),
            Message::Binary(data) | Message::Ping(data) | Message::Pong(data) => {
                std::str::from_utf8(data).map_err(Error::new)
            }
            Message::Close(frame) => Ok(frame.as_ref().map_or("", |frame| &frame.reason)),
        }
    }
}

impl From<String> for Message {
    fn from(text: String) -> Self {
        Message::text(text)
    }
}

impl From<&str> for Message {
    fn from(text: &str) -> Self {
        Message::text(text)
    }
}

impl From<&[u8]> for Message {
    fn from(bytes: &[u8]) -> Self {
        Message::Binary(Bytes::copy_from_slice(bytes))
    }
}

impl From<Bytes> for Message {
    fn from(bytes: Bytes) -> Self {
        Message::Binary(bytes)
    }
}

impl From<Vec<u8>> for Message {
    fn from(bytes: Vec<u8>) -> Self {
        Message::binary(bytes)
    }
}

impl From<Message> for Vec<u8> {
    fn from(message: Message) -> Self {
        message.into_data().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_message_gives_its_payload_as_bytes_and_as_text() {
        let frame = CloseFrame {
            code: 1000,
            reason: "x".into(),
        };
        let payload = Bytes::from_static(b"x");
        for message in [
            Message::from("x"),
            Message::from(String::from("x")),
            Message::from(&b"x"[..]),
            Message::from(payload.clone()),
            Message::from(b"x".to_vec()),
            Message::Ping(payload.clone()),
            Message::Pong(payload),
            Message::Close(Some(frame)),
        ] {
            assert_eq!(message.to_text().unwrap(), "x");
            assert_eq!(message.clone().into_text().unwrap(), "x");
            assert_eq!(Vec::from(message.clone()), b"x");
            assert_eq!(message.into_data(), "x");
        }
        assert_eq!(Message::Close(None).into_text().unwrap(), "");
        assert!(
            Message::Ping(Bytes::from_static(&[0xff]))
                .to_text()
                .is_err()
        );
    }
}
