//! A message on its way in, of which some has arrived.

use super::deflate::Inflater;
use super::utf8::Utf8;
use super::violation::Violation;
use crate::ws::message::Message;
use crate::ws::utf8_bytes::Utf8Bytes;

/// What has arrived of a message.
pub(crate) struct Partial {
    data: Vec<u8>,
    /// Checked so far; `None` if the message is binary.
    text: Option<Utf8>,
    inflater: Option<Inflater>,
}

impl Partial {
    pub(crate) fn new(is_text: bool, is_compressed: bool) -> Self {
        Partial {
            data: Vec::new(),
            text: is_text.then(Utf8::default),
            inflater: is_compressed.then(Inflater::new),
        }
    }

    pub(crate) fn is_compressed(&self) -> bool {
        self.inflater.is_some()
    }

    /// Bytes that are there already.
    pub(crate) fn len(&self) -> usize {
        self.data.len()
    }

    /// A frame begins of which `count` bytes are at hand, of a message without compression.
    pub(crate) fn reserve(&mut self, count: usize) {
        self.data.reserve(count);
    }

    /// More of the payload. `unmask` is applied to it before it is looked at.
    pub(crate) fn push(
        &mut self,
        bytes: &[u8],
        unmask: impl FnOnce(&mut [u8]),
        most: usize,
    ) -> Result<(), Violation> {
        let before = self.data.len();
        match &mut self.inflater {
            None => {
                self.data.extend_from_slice(bytes);
                unmask(&mut self.data[before..]);
            }
            Some(inflater) => {
                let mut packed = bytes.to_vec();
                unmask(&mut packed);
                inflater.push(&packed, &mut self.data, most)?;
            }
        }
        self.check(before)
    }

    /// The last frame has ended.
    pub(crate) fn finish(mut self, most: usize) -> Result<Message, Violation> {
        if let Some(inflater) = self.inflater.take() {
            let before = self.data.len();
            inflater.finish(&mut self.data, most)?;
            self.check(before)?;
        }
        let data = self.data.into();
        let Some(text) = self.text else {
            return Ok(Message::Binary(data));
        };
        text.finish().map_err(|_| Violation::Utf8)?;
        Ok(Message::Text(Utf8Bytes::checked(data)))
    }

    /// Checks what has come since there were `before` bytes.
    fn check(&mut self, before: usize) -> Result<(), Violation> {
        match &mut self.text {
            None => Ok(()),
            Some(text) => text.push(&self.data[before..]).map_err(|_| Violation::Utf8),
        }
    }
}
