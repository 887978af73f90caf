//! The mask of a client's frames.
//!
//! A client masks what it sends with four bytes that it draws anew for each frame, so that a
//! program in a browser cannot choose the bytes on the wire, and with them fool an old proxy (RFC 6455,
//! section 10.3). A mask is no secret: it stands in the frame's head.

use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher, RandomState};

/// Four bytes, and which of them is next.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mask(u32);

impl Mask {
    pub(crate) fn new(key: [u8; 4]) -> Self {
        Mask(u32::from_ne_bytes(key))
    }

    /// Masks or unmasks `bytes`, which follow those of the last call.
    pub(crate) fn apply(&mut self, bytes: &mut [u8]) {
        let mut words = bytes.chunks_exact_mut(8);
        let wide = u64::from(self.0) << 32 | u64::from(self.0);
        for word in &mut words {
            let value = u64::from_ne_bytes((&*word).try_into().expect("eight bytes"));
            word.copy_from_slice(&(value ^ wide).to_ne_bytes());
        }
        let rest = words.into_remainder();
        let key = self.0.to_ne_bytes();
        for (byte, key) in rest.iter_mut().zip(key.iter().cycle()) {
            *byte ^= key;
        }
        let shift = rest.len() % 4;
        let mut key = key;
        key.rotate_left(shift);
        self.0 = u32::from_ne_bytes(key);
    }
}

/// Where a client's masks come from: a keyed hash of a counter, with a key that the system
/// drew (section 5.3 asks for masks that cannot be foreseen).
#[derive(Debug)]
pub(crate) struct Masks {
    key: Key,
    count: u64,
}

#[derive(Debug)]
enum Key {
    Drawn(RandomState),
    Given(u64),
}

impl Masks {
    pub(crate) fn new() -> Self {
        Masks {
            key: Key::Drawn(RandomState::new()),
            count: 0,
        }
    }

    /// The same masks for the same seed: for tests.
    pub(crate) fn foreseeable(seed: u64) -> Self {
        Masks {
            key: Key::Given(seed),
            count: 0,
        }
    }

    pub(crate) fn draw(&mut self) -> [u8; 4] {
        self.count += 1;
        let hash = match &self.key {
            Key::Drawn(key) => key.hash_one(self.count),
            Key::Given(seed) => {
                BuildHasherDefault::<DefaultHasher>::new().hash_one((seed, self.count))
            }
        };
        let drawn = hash.to_ne_bytes();
        [drawn[0], drawn[1], drawn[2], drawn[3]]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn each_byte_meets_its_byte_of_the_mask_however_the_payload_is_cut(
            bytes in prop::collection::vec(any::<u8>(), 0..100),
            cuts in prop::collection::vec(0usize..20, 0..10),
            key: [u8; 4],
        ) {
            let expected: Vec<u8> = bytes.iter().enumerate().map(|(n, b)| b ^ key[n % 4]).collect();
            let (mut masked, mut mask) = (bytes, Mask::new(key));
            let mut rest = &mut masked[..];
            for cut in cuts {
                let (now, later) = rest.split_at_mut(cut.min(rest.len()));
                mask.apply(now);
                rest = later;
            }
            mask.apply(rest);
            prop_assert_eq!(masked, expected);
        }
    }

    #[test]
    fn no_two_masks_in_a_row_are_alike() {
        let mut masks = Masks::new();
        let drawn: Vec<_> = (0..64).map(|_| masks.draw()).collect();
        assert!(drawn.windows(2).any(|two| two[0] != two[1]));
        assert_ne!(
            drawn[0],
            Masks::new().draw(),
            "each connection has a key of its own"
        );
    }
}
