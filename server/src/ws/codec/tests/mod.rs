//! The codec against its rules, and against a peer that was written elsewhere.

mod peer;
mod rules;

use super::decode::{Decoder, Step};
use super::encode::Encoder;
use super::violation::Violation;
use super::{Role, Rules};
use crate::ws::message::Message;

fn rules(role: Role) -> Rules {
    Rules {
        role,
        max_frame: 1 << 20,
        max_message: 1 << 20,
        compression: true,
        accept_unmasked: false,
    }
}

/// All messages in `pieces`, until there are no more or a rule is broken.
fn decode_all(decoder: &mut Decoder, pieces: &[&[u8]]) -> (Vec<Message>, Option<Violation>) {
    let mut messages = Vec::new();
    for piece in pieces {
        let mut input = *piece;
        loop {
            match decoder.decode(&mut input) {
                Ok(Step::Starved) => break,
                Ok(Step::More) => {}
                Ok(Step::Message(message)) => messages.push(message),
                Err(violation) => return (messages, Some(violation)),
            }
        }
        assert!(input.is_empty(), "starved with food on the table");
    }
    (messages, None)
}

/// The bytes of these messages, one frame each.
fn encode_all(encoder: &mut Encoder, messages: &[Message]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for message in messages {
        let encoded = encoder.encode(message.clone()).expect("not too long");
        encoded.write_head(&mut bytes);
        bytes.extend_from_slice(&encoded.payload);
    }
    bytes
}

/// Cuts `bytes` into pieces of these sizes, and the rest.
fn cut<'a>(bytes: &'a [u8], sizes: &[usize]) -> Vec<&'a [u8]> {
    let mut rest = bytes;
    let mut pieces = Vec::new();
    for size in sizes {
        let (now, later) = rest.split_at((*size).min(rest.len()));
        pieces.push(now);
        rest = later;
    }
    pieces.push(rest);
    pieces
}
