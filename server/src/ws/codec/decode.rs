//! From bytes to messages.
//!
//! ```text
//!    ┌────────── the frame has ended ─────────┐
//!    ▼                                        │
//!   head ──── complete, and allowed ────▶ payload ──── last frame ────▶ a message
//!    │                                        │
//!    └──────────── a rule is broken ──────────┴────▶ a violation: nothing more is read
//! ```
//!
//! Control frames may stand between the frames of a message, so the message waits beside
//! ([`Partial`]) until its last frame has come. Between two messages nothing is allocated.
//!
//! A call takes one *bite*, so that its time is bounded: whatever lies there of one frame, or
//! one KiB of compressed data, which may become one MiB.

use super::close;
use super::frame::{Head, LONGEST, Opcode};
use super::mask::Mask;
use super::partial::Partial;
use super::violation::Violation;
use super::{Role, Rules};
use crate::ws::message::Message;

/// Bytes of compressed data that are taken at once.
const BITE: usize = 1024;

/// Room for a payload that is not there yet.
const AHEAD: usize = 4 * 1024;

/// What a call has come to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// All bytes have been taken, and more are needed.
    Starved,
    /// There is more to do.
    More,
    /// A message is complete.
    Message(Message),
}

/// The reading side of a connection.
pub(crate) struct Decoder {
    rules: Rules,
    /// A head that is not complete.
    head: [u8; LONGEST],
    head_length: u8,
    frame: Option<Frame>,
    /// The message that has begun.
    message: Option<Box<Partial>>,
    /// The payload of a control frame that is not complete.
    control: Vec<u8>,
}

/// A frame whose payload comes.
#[derive(Clone, Copy)]
struct Frame {
    opcode: Opcode,
    last: bool,
    mask: Option<Mask>,
    left: u64,
}

impl Decoder {
    pub(crate) fn new(rules: Rules) -> Self {
        Decoder {
            rules,
            head: [0; LONGEST],
            head_length: 0,
            frame: None,
            message: None,
            control: Vec::new(),
        }
    }

    /// Takes a bite of `input`. After a violation the bytes mean nothing any more.
    pub(crate) fn decode(&mut self, input: &mut &[u8]) -> Result<Step, Violation> {
        loop {
            let Some(frame) = self.frame.take() else {
                if !self.begin_frame(input)? {
                    return Ok(Step::Starved);
                }
                continue;
            };
            if frame.left > 0 && input.is_empty() {
                self.frame = Some(frame);
                return Ok(Step::Starved);
            }
            return self.bite(frame, input);
        }
    }

    /// Bytes of the frame at hand that have not arrived.
    pub(crate) fn wanted(&self) -> usize {
        let left = self.frame.map_or(0, |frame| frame.left);
        usize::try_from(left).unwrap_or(usize::MAX)
    }

    /// Reads the head of the next frame; false if it is not complete.
    fn begin_frame(&mut self, input: &mut &[u8]) -> Result<bool, Violation> {
        let before = usize::from(self.head_length);
        let count = input.len().min(LONGEST - before);
        self.head[before..before + count].copy_from_slice(&input[..count]);
        let Some((head, end)) = Head::read(&self.head[..before + count])? else {
            *input = &input[count..];
            self.head_length += count as u8;
            return Ok(false);
        };
        *input = &input[end - before..];
        self.head_length = 0;
        self.check(&head)?;
        if matches!(head.opcode, Opcode::Text | Opcode::Binary) {
            let partial = Partial::new(head.opcode == Opcode::Text, head.compressed);
            self.message = Some(Box::new(partial));
        }
        self.frame = Some(Frame {
            opcode: head.opcode,
            last: head.last,
            mask: head.mask.map(Mask::new),
            left: head.length,
        });
        self.make_room(head.opcode, input.len());
        Ok(true)
    }

    /// What a head must not say, given who sent it and what came before.
    fn check(&self, head: &Head) -> Result<(), Violation> {
        let Rules { role, .. } = self.rules;
        match (role, head.mask) {
            (Role::Server, None) if !self.rules.accept_unmasked => {
                return Err(Violation::NotMasked);
            }
            (Role::Client, Some(_)) => return Err(Violation::Masked),
            _ => {}
        }
        if head.compressed && !self.rules.compression {
            return Err(Violation::ReservedBits);
        }
        if head.opcode.is_control() {
            return Ok(());
        }
        let begun = match (head.opcode, &self.message) {
            (Opcode::Continuation, None) => return Err(Violation::NothingToContinue),
            (Opcode::Continuation, Some(message)) => message.len(),
            (_, Some(_)) => return Err(Violation::Interleaved),
            (_, None) => 0,
        };
        if head.length > self.rules.max_frame as u64 {
            return Err(Violation::FrameTooLong);
        }
        // What a compressed message becomes is seen when it is there.
        let is_compressed = self
            .message
            .as_ref()
            .map_or(head.compressed, |m| m.is_compressed());
        let room = self.rules.max_message.saturating_sub(begun) as u64;
        if !is_compressed && head.length > room {
            return Err(Violation::MessageTooLong);
        }
        Ok(())
    }

    /// Makes room for the payload: for what has arrived and a little more. What the peer says
    /// is to come costs nothing before it comes.
    fn make_room(&mut self, opcode: Opcode, at_hand: usize) {
        let Some(message) = self.message.as_mut().filter(|_| !opcode.is_control()) else {
            return;
        };
        if !message.is_compressed() {
            let left = self.frame.map_or(0, |frame| frame.left);
            let room = at_hand.max(AHEAD) as u64;
            message.reserve(left.min(room) as usize);
        }
    }

    /// Takes some of the payload, or all of it.
    fn bite(&mut self, mut frame: Frame, input: &mut &[u8]) -> Result<Step, Violation> {
        let most = match &self.message {
            Some(message) if message.is_compressed() => BITE,
            _ => usize::MAX,
        };
        let count = (input.len().min(most) as u64).min(frame.left);
        let (bytes, rest) = input.split_at(count as usize);
        *input = rest;
        frame.left -= count;
        let mut unmask = |bytes: &mut [u8]| {
            if let Some(mask) = &mut frame.mask {
                mask.apply(bytes);
            }
        };
        if frame.opcode.is_control() {
            let before = self.control.len();
            self.control.extend_from_slice(bytes);
            unmask(&mut self.control[before..]);
        } else if let Some(message) = &mut self.message {
            message.push(bytes, unmask, self.rules.max_message)?;
        }
        if frame.left > 0 {
            self.frame = Some(frame);
            return Ok(Step::More);
        }
        self.end_frame(frame)
    }

    /// A frame is complete, and perhaps a message with it.
    fn end_frame(&mut self, frame: Frame) -> Result<Step, Violation> {
        if frame.opcode.is_control() {
            let payload = std::mem::take(&mut self.control);
            return Ok(Step::Message(match frame.opcode {
                Opcode::Ping => Message::Ping(payload.into()),
                Opcode::Pong => Message::Pong(payload.into()),
                _ => Message::Close(close::read(&payload)?),
            }));
        }
        match self.message.take() {
            Some(message) if frame.last => {
                message.finish(self.rules.max_message).map(Step::Message)
            }
            message => {
                self.message = message;
                Ok(Step::More)
            }
        }
    }
}
