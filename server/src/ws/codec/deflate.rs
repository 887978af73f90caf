//! The data of compressed messages (RFC 7692, section 7.2).
//!
//! A compressed message is a stream of DEFLATE that ends with a flush; the last four bytes of
//! the flush are always the same and are left out on the wire.
//!
//! Each message is compressed for itself: there is no *context takeover*, and the negotiation says so. With it a
//! connection would have to keep what the last messages said, 300 KiB and more for both
//! directions, for as long as it lives. Without it the thread has one machine for each
//! direction, and a connection borrows it for the time of a message.
//!
//! How it can go wrong: a machine that is used again after it did not finish still has some of
//! what it was about, and may panic (zlib-rs 0.6.8). So only one that finished goes back to the
//! thread. And a few bytes can become a thousand times as many. So the output is
//! limited while it is made, and never by what the peer said of it.

use std::cell::Cell;

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};

use super::violation::Violation;

/// The end of a flush, which is left out on the wire.
const FLUSH: [u8; 4] = [0, 0, 0xff, 0xff];

/// An empty last block of DEFLATE. It is accepted only where a block may begin: so a message
/// that breaks off within a block is found out.
const LAST: [u8; 5] = [1, 0, 0, 0xff, 0xff];

/// Shorter messages are sent as they are: what is won is less than it costs.
const SHORTEST: usize = 64;

/// Longer messages are sent as they are: it would take too long in one piece.
const LONGEST: usize = 1024 * 1024;

thread_local! {
    static INFLATER: Cell<Option<Box<Decompress>>> = const { Cell::new(None) };
    static DEFLATER: Cell<Option<(u8, Box<Compress>)>> = const { Cell::new(None) };
}

/// Decompresses one message.
pub(crate) struct Inflater(Box<Decompress>);

impl Inflater {
    pub(crate) fn new() -> Self {
        let spare = INFLATER.take();
        Inflater(spare.unwrap_or_else(|| Box::new(Decompress::new(false))))
    }

    /// More of the message. `out` may have `most` bytes in all.
    pub(crate) fn push(
        &mut self,
        bytes: &[u8],
        out: &mut Vec<u8>,
        most: usize,
    ) -> Result<(), Violation> {
        self.run(bytes, out, most).map(drop)
    }

    /// The message is complete.
    pub(crate) fn finish(mut self, out: &mut Vec<u8>, most: usize) -> Result<(), Violation> {
        self.run(&FLUSH, out, most)?;
        match self.run(&LAST, out, most)? {
            Status::StreamEnd => {
                // While a thread ends its variables may be gone already.
                let _ = INFLATER.try_with(|spare| spare.set(Some(self.0)));
                Ok(())
            }
            _ => Err(Violation::Compression),
        }
    }

    fn run(
        &mut self,
        mut bytes: &[u8],
        out: &mut Vec<u8>,
        most: usize,
    ) -> Result<Status, Violation> {
        let machine = &mut self.0;
        loop {
            if out.len() == out.capacity() {
                // One more than is allowed, to see that it is too many.
                let room = (most.saturating_add(1) - out.len())
                    .min(out.len().max(bytes.len() * 2).max(256));
                out.reserve_exact(room);
            }
            let before = machine.total_in();
            let status = machine.decompress_vec(bytes, out, FlushDecompress::None);
            let status = status.map_err(|_| Violation::Compression)?;
            bytes = &bytes[(machine.total_in() - before) as usize..];
            if out.len() > most {
                return Err(Violation::MessageTooLong);
            }
            let has_ended = status == Status::StreamEnd;
            if has_ended {
                // A last block is allowed in a message; what follows it begins anew (section 7.2.3.4).
                machine.reset(false);
            }
            if bytes.is_empty() && (has_ended || out.len() < out.capacity()) {
                return Ok(status);
            }
        }
    }
}

/// The compressed form of a message, or `None` if it is to be sent as it is. It refers back 2
/// to the power of `bits` bytes at most; `bits` is 9 to 15.
pub(crate) fn compress(payload: &[u8], bits: u8) -> Option<Vec<u8>> {
    if payload.len() < SHORTEST || payload.len() > LONGEST {
        return None;
    }
    let spare = DEFLATER.take().filter(|(kind, _)| *kind == bits);
    let (_, mut machine) = spare.unwrap_or_else(|| {
        let machine = Compress::new_with_window_bits(Compression::default(), false, bits);
        (bits, Box::new(machine))
    });
    // Room for what does not get shorter: usually the machine finishes all the same.
    let mut out = Vec::with_capacity(payload.len() + payload.len() / 64 + 64);
    let result = machine.compress_vec(payload, &mut out, FlushCompress::Sync);
    // With room left all has been written, the flush too.
    let took_all = machine.total_in() == payload.len() as u64;
    if result.is_err() || !took_all || out.len() == out.capacity() {
        return None;
    }
    machine.reset();
    let _ = DEFLATER.try_with(|spare| spare.set(Some((bits, machine))));
    if !out.ends_with(&FLUSH) || out.len() - FLUSH.len() >= payload.len() {
        return None;
    }
    out.truncate(out.len() - FLUSH.len());
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn inflate(pieces: &[&[u8]], most: usize) -> Result<Vec<u8>, Violation> {
        let (mut inflater, mut out) = (Inflater::new(), Vec::new());
        for piece in pieces {
            inflater.push(piece, &mut out, most)?;
        }
        inflater.finish(&mut out, most)?;
        Ok(out)
    }

    #[test]
    fn the_examples_of_the_rfc_are_understood() {
        // RFC 7692, sections 7.2.3.1, 7.2.3.3 (no compression), 7.2.3.4 (a last block), 7.2.3.5.
        for hello in [
            &[0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00][..],
            &[
                0x00, 0x05, 0x00, 0xfa, 0xff, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x00,
            ],
            &[0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00],
            &[
                0xf2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xff, 0xff, 0xca, 0xc9, 0xc9, 0x07, 0x00,
            ],
        ] {
            assert_eq!(inflate(&[hello], 5), Ok(b"Hello".to_vec()), "{hello:x?}");
            let (one, two) = hello.split_at(3);
            assert_eq!(inflate(&[one, two], 100), Ok(b"Hello".to_vec()));
            assert_eq!(inflate(&[hello], 4), Err(Violation::MessageTooLong));
        }
        // The second message of section 7.2.3.2 refers back to the first.
        let again = [0xf2, 0x00, 0x11, 0x00, 0x00];
        assert_eq!(inflate(&[&again], 100), Err(Violation::Compression));
    }

    #[test]
    fn damaged_and_broken_off_data_are_refused() {
        let whole = compress(&b"to be or not to be ".repeat(20), 15).unwrap();
        for cut in 0..whole.len() {
            assert_eq!(
                inflate(&[&whole[..cut]], 1000),
                Err(Violation::Compression),
                "{cut}"
            );
        }
        assert_eq!(inflate(&[&[0xff; 8]], 1000), Err(Violation::Compression));
    }

    #[test]
    fn a_bomb_meets_the_limit_and_takes_no_memory_beyond_it() {
        let bomb = compress(&vec![0; 1_000_000], 15).unwrap();
        assert!(bomb.len() < 2_000);
        let (mut inflater, mut out) = (Inflater::new(), Vec::new());
        let result = inflater.push(&bomb, &mut out, 10_000);
        assert_eq!(result, Err(Violation::MessageTooLong));
        assert!(out.capacity() <= 10_001, "{}", out.capacity());
    }

    #[test]
    fn what_would_not_get_shorter_is_sent_as_it_is() {
        assert_eq!(compress(b"short", 15), None);
        let noise: Vec<u8> = (0..200u32)
            .map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8)
            .collect();
        assert_eq!(compress(&noise, 15), None);
        assert_eq!(compress(&vec![0; LONGEST + 1], 15), None);
    }

    /// The machine has no room for the whole output of noise.
    #[test]
    fn a_machine_that_did_not_finish_is_not_used_again() {
        let mut random = 1u64;
        let mut noise = |count: usize| -> Vec<u8> {
            let next = || {
                random = random
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                (random >> 56) as u8
            };
            std::iter::repeat_with(next).take(count).collect()
        };
        for _ in 0..10 {
            assert_eq!(compress(&noise(16_384), 15), None);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn what_was_compressed_is_found_again_in_every_window(
            seed in prop::collection::vec(any::<u8>(), 1..700),
            times in 1usize..12,
            bits in 9u8..=15,
            cut in any::<prop::sample::Index>(),
        ) {
            let payload = seed.repeat(times);
            if let Some(packed) = compress(&payload, bits) {
                prop_assert!(packed.len() < payload.len());
                let (one, two) = packed.split_at(cut.index(packed.len()));
                prop_assert_eq!(inflate(&[one, two], payload.len()), Ok(payload.clone()));
                // A receiver with just that window understands it too.
                let mut small = Decompress::new_with_window_bits(false, bits);
                let mut out = Vec::with_capacity(payload.len() + 1);
                // In small pieces, or the output itself would be the window.
                let mut rest = &packed[..];
                while !rest.is_empty() {
                    let (now, later) = rest.split_at(rest.len().min(16));
                    small.decompress_vec(now, &mut out, FlushDecompress::Sync).unwrap();
                    rest = later;
                }
                prop_assert_eq!(out, payload);
            }
        }
    }
}
