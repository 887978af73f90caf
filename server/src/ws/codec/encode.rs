//! From messages to bytes.

use bytes::Bytes;

use super::close;
use super::deflate;
use super::frame::{CONTROL, Head, Opcode};
use super::mask::{Mask, Masks};
use super::{Role, Rules};
use crate::ws::message::Message;

/// The writing side of a connection.
pub(crate) struct Encoder {
    /// Where masks come from, if this is a client.
    masks: Option<Masks>,
    /// The size of the window for compression, as a power of two.
    window: Option<u8>,
}

/// What can be sent of a message: the frame's head, and the payload behind it.
pub(crate) struct Encoded {
    head: Head,
    pub(crate) payload: Bytes,
}

/// A control frame has 125 bytes at most.
#[derive(Debug)]
pub(crate) struct TooLong;

impl Encoder {
    pub(crate) fn new(rules: &Rules, window: Option<u8>) -> Self {
        Encoder {
            masks: (rules.role == Role::Client).then(Masks::new),
            window: window.filter(|_| rules.compression),
        }
    }

    /// Takes masks from there from now on.
    pub(crate) fn set_masks(&mut self, masks: Masks) {
        self.masks = Some(masks);
    }

    /// The frame of a message. Nothing is copied unless it is masked or compressed.
    pub(crate) fn encode(&mut self, message: Message) -> Result<Encoded, TooLong> {
        let (opcode, payload) = match message {
            Message::Text(text) => (Opcode::Text, text.into()),
            Message::Binary(data) => (Opcode::Binary, data),
            Message::Ping(data) => (Opcode::Ping, data),
            Message::Pong(data) => (Opcode::Pong, data),
            Message::Close(frame) => (Opcode::Close, close::write(frame.as_ref())),
        };
        if opcode.is_control() {
            return if payload.len() > CONTROL {
                Err(TooLong)
            } else {
                Ok(self.frame(opcode, payload, false))
            };
        }
        let packed = self
            .window
            .and_then(|bits| deflate::compress(&payload, bits));
        Ok(match packed {
            Some(packed) => self.frame(opcode, packed.into(), true),
            None => self.frame(opcode, payload, false),
        })
    }

    fn frame(&mut self, opcode: Opcode, payload: Bytes, compressed: bool) -> Encoded {
        let mask = self.masks.as_mut().map(Masks::draw);
        let head = Head {
            last: true,
            compressed,
            opcode,
            mask,
            length: payload.len() as u64,
        };
        let payload = match mask {
            None => payload,
            Some(key) => {
                let mut masked = Vec::from(payload);
                Mask::new(key).apply(&mut masked);
                masked.into()
            }
        };
        Encoded { head, payload }
    }
}

impl Encoded {
    /// Appends the frame's head.
    pub(crate) fn write_head(&self, out: &mut Vec<u8>) {
        self.head.write(out);
    }
}
