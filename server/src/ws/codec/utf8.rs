//! UTF-8, checked as it arrives.
//!
//! Text may be cut anywhere, also in the middle of a character: by fragments, and by the
//! network. What is certainly wrong is refused at the byte that makes it so, and not when the
//! message is complete.

/// How the text so far ends: the bytes of a character that is not complete.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Utf8 {
    open: [u8; 4],
    count: u8,
}

/// This is not UTF-8, whatever follows.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NotUtf8;

impl Utf8 {
    /// More text.
    pub(crate) fn push(&mut self, mut bytes: &[u8]) -> Result<(), NotUtf8> {
        while self.count > 0 {
            let Some((first, rest)) = bytes.split_first() else {
                return Ok(());
            };
            bytes = rest;
            self.complete(*first)?;
        }
        let Err(error) = std::str::from_utf8(bytes) else {
            return Ok(());
        };
        if error.error_len().is_some() {
            return Err(NotUtf8);
        }
        let open = &bytes[error.valid_up_to()..];
        self.open[..open.len()].copy_from_slice(open);
        self.count = open.len() as u8;
        Ok(())
    }

    /// The text ends here.
    pub(crate) fn finish(&self) -> Result<(), NotUtf8> {
        if self.count > 0 { Err(NotUtf8) } else { Ok(()) }
    }

    /// One more byte of the character that is not complete.
    fn complete(&mut self, byte: u8) -> Result<(), NotUtf8> {
        let count = usize::from(self.count);
        self.open[count] = byte;
        match std::str::from_utf8(&self.open[..=count]) {
            Ok(_) => self.count = 0,
            Err(error) if error.error_len().is_some() => return Err(NotUtf8),
            Err(_) => self.count += 1,
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// After how many bytes, given one by one, the text is refused.
    fn refused_at(bytes: &[u8]) -> Option<usize> {
        let mut text = Utf8::default();
        bytes.iter().position(|byte| text.push(&[*byte]).is_err())
    }

    #[test]
    fn what_cannot_become_a_character_is_refused_at_once() {
        for (bytes, at) in [
            (&b"\x80"[..], 0),         // a continuation without a beginning
            (b"\xc0\x80", 0),          // two bytes where one would do
            (b"\xe0\x80\x80", 1),      // three bytes where two would do
            (b"\xf0\x80\x80\x80", 1),  // four bytes where three would do
            (b"\xed\xa0\x80", 1),      // half a surrogate pair
            (b"\xf4\x90\x80\x80", 1),  // beyond the last character
            (b"\xf5", 0),              // beyond, too
            (b"\xce\xba\xe1\xbdX", 4), // a character breaks off
        ] {
            assert_eq!(refused_at(bytes), Some(at), "{bytes:x?}");
        }
        assert_eq!(refused_at("κόσμε 🦀 \u{10ffff}".as_bytes()), None);
    }

    proptest! {
        #[test]
        fn however_it_is_cut_the_answer_is_that_of_the_whole(
            text in ".{0,20}",
            noise in prop::option::of((0usize..40, any::<u8>())),
            cuts in prop::collection::vec(0usize..7, 0..20),
        ) {
            let mut bytes = text.into_bytes();
            if let Some((byte, noise)) = noise.and_then(|(at, n)| Some((bytes.get_mut(at)?, n))) {
                *byte = noise;
            }
            let (mut checked, mut rest) = (Utf8::default(), &bytes[..]);
            let mut result = Ok(());
            for cut in cuts {
                let (now, later) = rest.split_at(cut.min(rest.len()));
                result = result.and_then(|()| checked.push(now));
                rest = later;
            }
            let result = result.and_then(|()| checked.push(rest)).and_then(|()| checked.finish());
            prop_assert_eq!(result.is_ok(), std::str::from_utf8(&bytes).is_ok());
        }
    }
}
