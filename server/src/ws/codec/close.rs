//! The payload of a close frame: nothing, or a code and a reason (RFC 6455, section 5.5.1).

use bytes::Bytes;

use super::frame::CONTROL;
use super::violation::Violation;
use crate::ws::close_code;
use crate::ws::message::CloseFrame;
use crate::ws::utf8_bytes::Utf8Bytes;

/// What the payload says.
pub(crate) fn read(payload: &[u8]) -> Result<Option<CloseFrame>, Violation> {
    let Some((code, reason)) = payload.split_first_chunk() else {
        return if payload.is_empty() {
            Ok(None)
        } else {
            Err(Violation::CloseLength)
        };
    };
    let code = u16::from_be_bytes(*code);
    if !close_code::may_be_sent(code) {
        return Err(Violation::CloseCode(code));
    }
    let reason = Utf8Bytes::try_from(Bytes::copy_from_slice(reason));
    let reason = reason.map_err(|_| Violation::Utf8)?;
    Ok(Some(CloseFrame { code, reason }))
}

/// The payload that says this. A reason that is too long is cut. A code that must not be sent
/// (1005 and 1006 stand for what was not there) becomes a frame that says nothing.
pub(crate) fn write(frame: Option<&CloseFrame>) -> Bytes {
    let Some(frame) = frame.filter(|frame| close_code::may_be_sent(frame.code)) else {
        return Bytes::new();
    };
    let reason = frame.reason.as_str();
    let mut end = reason.len().min(CONTROL - 2);
    while !reason.is_char_boundary(end) {
        end -= 1;
    }
    let mut payload = Vec::with_capacity(2 + end);
    payload.extend_from_slice(&frame.code.to_be_bytes());
    payload.extend_from_slice(&reason.as_bytes()[..end]);
    payload.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(code: u16, reason: impl Into<Utf8Bytes>) -> CloseFrame {
        let reason = reason.into();
        CloseFrame { code, reason }
    }

    #[test]
    fn a_payload_says_nothing_or_a_code_and_a_reason() {
        assert_eq!(read(b""), Ok(None));
        assert_eq!(read(b"\x03\xe8"), Ok(Some(frame(1000, ""))));
        assert_eq!(read(b"\x0f\xa0tea"), Ok(Some(frame(4000, "tea"))));
        assert_eq!(read(b"\x03"), Err(Violation::CloseLength));
        assert_eq!(read(b"\x03\xed"), Err(Violation::CloseCode(1005)));
        assert_eq!(read(b"\0\0"), Err(Violation::CloseCode(0)));
        assert_eq!(read(b"\x03\xe8\xff"), Err(Violation::Utf8));
    }

    #[test]
    fn what_is_written_is_read_again_and_a_long_reason_is_cut_between_characters() {
        let normal = frame(1000, "done");
        assert_eq!(read(&write(Some(&normal))), Ok(Some(normal)));
        let long = frame(1000, "é".repeat(100));
        let cut = read(&write(Some(&long))).unwrap().unwrap();
        assert_eq!(cut.reason.as_str(), "é".repeat(61));
        assert_eq!(write(None), "");
        assert_eq!(write(Some(&frame(1006, "x"))), "", "it stands for no frame");
    }
}
