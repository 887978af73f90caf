//! What a peer can do wrong, and the close code that tells it so.

use std::fmt;

use crate::ws::close_code;

/// A rule of the protocol that the peer broke. The connection is closed with the code of the
/// rule, and nothing more is read from it.
///
/// ```
/// use server::ws::{Violation, close_code};
///
/// assert_eq!(Violation::Utf8.close_code(), close_code::INVALID);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Violation {
    /// A reserved bit is set that no extension defines (RFC 6455, section 5.2).
    ReservedBits,
    /// The opcode is a reserved one (section 5.2).
    ReservedOpcode(u8),
    /// A frame of a client is not masked (section 5.1).
    NotMasked,
    /// A frame of a server is masked (section 5.1).
    Masked,
    /// The length does not use the fewest bytes that it could (section 5.2).
    Length,
    /// The first bit of the length is set (section 5.2).
    LengthBit,
    /// A control frame has more than 125 bytes (section 5.5).
    LongControl,
    /// A control frame is fragmented (section 5.5).
    FragmentedControl,
    /// A frame continues a message that did not begin (section 5.4).
    NothingToContinue,
    /// A message begins before the one before it has ended (section 5.4).
    Interleaved,
    /// The payload of a close frame has one byte (section 5.5.1).
    CloseLength,
    /// A close frame has a code that must not be sent (section 7.4).
    CloseCode(u16),
    /// Text, or the reason of a close frame, is not UTF-8 (section 8.1).
    Utf8,
    /// The data of a compressed message cannot be decompressed (RFC 7692, section 7.2.2).
    Compression,
    /// A frame is longer than the receiver allows (section 7.4.1).
    FrameTooLong,
    /// A message is longer than the receiver allows (section 7.4.1).
    MessageTooLong,
}

impl Violation {
    /// The code with which the connection is closed.
    #[must_use]
    pub fn close_code(self) -> u16 {
        match self {
            Violation::Utf8 | Violation::Compression => close_code::INVALID,
            Violation::FrameTooLong | Violation::MessageTooLong => close_code::SIZE,
            _ => close_code::PROTOCOL,
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Violation::ReservedBits => "a reserved bit is set",
            Violation::ReservedOpcode(code) => return write!(f, "the opcode {code} is reserved"),
            Violation::NotMasked => "a frame of a client must be masked",
            Violation::Masked => "a frame of a server must not be masked",
            Violation::Length => "the length of a frame is not in its shortest form",
            Violation::LengthBit => "the first bit of a frame's length is set",
            Violation::LongControl => "a control frame has more than 125 bytes",
            Violation::FragmentedControl => "a control frame is fragmented",
            Violation::NothingToContinue => "there is no message to continue",
            Violation::Interleaved => "a message begins inside another one",
            Violation::CloseLength => "a close frame has half a code",
            Violation::CloseCode(code) => return write!(f, "the close code {code} is not for use"),
            Violation::Utf8 => "text is not UTF-8",
            Violation::Compression => "compressed data are damaged",
            Violation::FrameTooLong => "a frame is too long",
            Violation::MessageTooLong => "a message is too long",
        };
        f.write_str(text)
    }
}

impl std::error::Error for Violation {}
