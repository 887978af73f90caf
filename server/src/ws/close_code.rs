//! The numbers of close frames (RFC 6455, section 7.4.1), under the names of the crate axum.
//!
//! ```
//! use server::ws::{CloseFrame, Message, close_code};
//!
//! let frame = CloseFrame { code: close_code::POLICY, reason: "too slow".into() };
//! assert_eq!(frame.code, 1008);
//! # let _ = Message::Close(Some(frame));
//! ```

/// 1000: the purpose of the connection has been fulfilled.
pub const NORMAL: u16 = 1000;

/// 1001: the endpoint goes away: a server that stops, or a page that is left.
pub const AWAY: u16 = 1001;

/// 1002: the peer broke the protocol.
pub const PROTOCOL: u16 = 1002;

/// 1003: the endpoint received data of a type that it cannot accept.
pub const UNSUPPORTED: u16 = 1003;

/// 1005: the close frame had no code. It is never sent.
pub const STATUS: u16 = 1005;

/// 1006: the connection ended without a close frame. It is never sent.
pub const ABNORMAL: u16 = 1006;

/// 1007: the data of a message were not what its type says, such as text that is not UTF-8.
pub const INVALID: u16 = 1007;

/// 1008: a message violates the endpoint's policy.
pub const POLICY: u16 = 1008;

/// 1009: a message is too big to be processed.
pub const SIZE: u16 = 1009;

/// 1010: the client expected an extension that the server did not negotiate.
pub const EXTENSION: u16 = 1010;

/// 1011: the server met a condition that it did not expect.
pub const ERROR: u16 = 1011;

/// 1012: the server restarts.
pub const RESTART: u16 = 1012;

/// 1013: the server is overloaded; the client may come again later.
pub const AGAIN: u16 = 1013;

/// Whether an endpoint may send this code: those that RFC 6455 (section 7.4) and the registry
/// of IANA define for the wire, and the ranges for libraries (3000) and applications (4000).
pub(crate) fn may_be_sent(code: u16) -> bool {
    matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_that_stand_for_no_frame_and_reserved_ones_are_not_sent() {
        for code in [NORMAL, AWAY, PROTOCOL, UNSUPPORTED, INVALID, POLICY, SIZE] {
            assert!(may_be_sent(code), "{code}");
        }
        for code in [
            EXTENSION, ERROR, RESTART, AGAIN, 1014, 3000, 3999, 4000, 4999,
        ] {
            assert!(may_be_sent(code), "{code}");
        }
        for code in [
            0, 999, 1004, STATUS, ABNORMAL, 1015, 1016, 1100, 2000, 2999, 5000, 65535,
        ] {
            assert!(!may_be_sent(code), "{code}");
        }
    }
}
