//! The head of a frame (RFC 6455, section 5.2).
//!
//! ```text
//!   byte 0        byte 1
//!   F R R R       M
//!   I S S S  op   A  length     0, 2 or 8 bytes     0 or 4 bytes
//!   N 1 2 3       S             of length           of mask
//!   │ └─┬─┘       K             (126: 2, 127: 8)
//!   │   └ RSV1: the message is compressed (RFC 7692, section 6)
//!   └ the last frame of its message
//! ```

use super::violation::Violation;

/// What a frame is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Opcode {
    Continuation = 0,
    Text = 1,
    Binary = 2,
    Close = 8,
    Ping = 9,
    Pong = 10,
}

impl Opcode {
    fn new(bits: u8) -> Result<Self, Violation> {
        Ok(match bits {
            0 => Opcode::Continuation,
            1 => Opcode::Text,
            2 => Opcode::Binary,
            8 => Opcode::Close,
            9 => Opcode::Ping,
            10 => Opcode::Pong,
            other => return Err(Violation::ReservedOpcode(other)),
        })
    }

    /// Whether it is about the connection, and may stand between the frames of a message.
    pub(crate) fn is_control(self) -> bool {
        self as u8 >= 8
    }
}

/// The longest payload of a control frame.
pub(crate) const CONTROL: usize = 125;

/// The longest head.
pub(crate) const LONGEST: usize = 14;

/// The head of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Head {
    /// The last frame of its message.
    pub(crate) last: bool,
    /// The message is compressed; only in its first frame.
    pub(crate) compressed: bool,
    pub(crate) opcode: Opcode,
    pub(crate) mask: Option<[u8; 4]>,
    pub(crate) length: u64,
}

impl Head {
    /// Reads a head, and how many bytes it took; `None` if it goes on behind `bytes`. What is
    /// wrong is refused at the byte that makes it so.
    pub(crate) fn read(bytes: &[u8]) -> Result<Option<(Head, usize)>, Violation> {
        let Some(&first) = bytes.first() else {
            return Ok(None);
        };
        let opcode = Opcode::new(first & 0x0f)?;
        let (last, compressed) = (first & 0x80 != 0, first & 0x40 != 0);
        if first & 0x30 != 0
            || compressed && (opcode.is_control() || opcode == Opcode::Continuation)
        {
            return Err(Violation::ReservedBits);
        }
        if opcode.is_control() && !last {
            return Err(Violation::FragmentedControl);
        }
        let Some(&second) = bytes.get(1) else {
            return Ok(None);
        };
        if opcode.is_control() && second & 0x7f > CONTROL as u8 {
            return Err(Violation::LongControl);
        }
        let Some((length, at)) = read_length(bytes, second & 0x7f)? else {
            return Ok(None);
        };
        let (mask, end) = if second & 0x80 == 0 {
            (None, at)
        } else if let Some(mask) = bytes.get(at..).and_then(<[u8]>::first_chunk::<4>) {
            (Some(*mask), at + 4)
        } else {
            return Ok(None);
        };
        let head = Head {
            last,
            compressed,
            opcode,
            mask,
            length,
        };
        Ok(Some((head, end)))
    }

    /// Appends the head to `out`.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        let bits = u8::from(self.last) << 7 | u8::from(self.compressed) << 6;
        out.push(bits | self.opcode as u8);
        let masked = u8::from(self.mask.is_some()) << 7;
        match self.length {
            0..=125 => out.push(masked | self.length as u8),
            126..=0xffff => {
                out.push(masked | 126);
                out.extend_from_slice(&(self.length as u16).to_be_bytes());
            }
            _ => {
                out.push(masked | 127);
                out.extend_from_slice(&self.length.to_be_bytes());
            }
        }
        out.extend_from_slice(self.mask.as_ref().map_or(&[], |mask| &mask[..]));
    }
}

/// The length, and where the head goes on behind it.
fn read_length(bytes: &[u8], short: u8) -> Result<Option<(u64, usize)>, Violation> {
    let bytes = &bytes[2..];
    match short {
        126 => {
            let Some(length) = bytes.first_chunk().map(|two| u16::from_be_bytes(*two)) else {
                return Ok(None);
            };
            if length < 126 {
                return Err(Violation::Length);
            }
            Ok(Some((length.into(), 4)))
        }
        127 => {
            let Some(length) = bytes.first_chunk().map(|eight| u64::from_be_bytes(*eight)) else {
                return Ok(None);
            };
            if length >> 63 == 1 {
                return Err(Violation::LengthBit);
            }
            if length <= 0xffff {
                return Err(Violation::Length);
            }
            Ok(Some((length, 10)))
        }
        short => Ok(Some((short.into(), 2))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_that_was_written_is_read_again_at_every_length_and_cut() {
        for length in [0, 1, 125, 126, 127, 0xffff, 0x1_0000, (1 << 63) - 1] {
            for mask in [None, Some([1, 2, 3, 4])] {
                let head = Head {
                    last: length % 2 == 0,
                    compressed: mask.is_some(),
                    opcode: Opcode::Binary,
                    mask,
                    length,
                };
                let mut bytes = Vec::new();
                head.write(&mut bytes);
                assert!(bytes.len() <= LONGEST);
                for cut in 0..bytes.len() {
                    assert_eq!(Head::read(&bytes[..cut]), Ok(None), "{length} cut at {cut}");
                }
                let end = bytes.len();
                bytes.push(0xff);
                assert_eq!(Head::read(&bytes), Ok(Some((head, end))));
            }
        }
    }

    #[test]
    fn what_is_wrong_is_refused_at_the_byte_that_makes_it_so() {
        for (bytes, violation) in [
            (&[0x91][..], Violation::ReservedBits),
            (&[0xa1], Violation::ReservedBits),
            (&[0xc0], Violation::ReservedBits), // RSV1 on a continuation
            (&[0xc9], Violation::ReservedBits), // RSV1 on a ping
            (&[0x83], Violation::ReservedOpcode(3)),
            (&[0x87], Violation::ReservedOpcode(7)),
            (&[0x8b], Violation::ReservedOpcode(11)),
            (&[0x8f], Violation::ReservedOpcode(15)),
            (&[0x08], Violation::FragmentedControl),
            (&[0x09], Violation::FragmentedControl),
            (&[0x0a], Violation::FragmentedControl),
            (&[0x89, 126], Violation::LongControl),
            (&[0x88, 0xff], Violation::LongControl),
            (&[0x82, 126, 0, 125], Violation::Length),
            (
                &[0x82, 127, 0, 0, 0, 0, 0, 0, 0xff, 0xff],
                Violation::Length,
            ),
            (
                &[0x82, 127, 0x80, 0, 0, 0, 0, 1, 0, 0],
                Violation::LengthBit,
            ),
        ] {
            assert_eq!(Head::read(bytes), Err(violation), "{bytes:x?}");
            assert_eq!(
                Head::read(&bytes[..bytes.len() - 1]),
                Ok(None),
                "{bytes:x?}"
            );
        }
    }
}
