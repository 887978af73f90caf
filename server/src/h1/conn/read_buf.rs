//! The bytes that have arrived and wait to be dealt with.
//!
//! They live in one of two places. While a connection is being polled they lie where they
//! were read to, in the thread's scratch buffer (see [`scratch`](super::scratch)). When the
//! poll ends and some are left, they are copied into memory of the connection's own, just
//! as much as there is. From then on more bytes are appended there, so that a head that
//! comes in a thousand pieces is copied once and not a thousand times.
//!
//! ```text
//!   in the lent buffer:   [ dealt with │ waiting │ room for the next read      ]
//!                         0           from      to
//!   in memory of its own: [ dealt with │ waiting ]
//!                         0           from
//! ```
//!
//! A third place holds a copy of how they begin: the heads in it, in counted memory that the
//! values of a request's headers can point into. It is made when a head is read, of as much
//! as waits, so that sixteen heads that came together are copied once and not sixteen times.
//! Whatever is dealt with leaves the copy too, and what arrives is appended behind it, so it
//! never says anything else than the bytes themselves.

use std::io;
use std::ops::Range;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use futures_io::AsyncRead;

/// Where the bytes in waiting are. They are in `kept` if that is not empty, and in the
/// lent buffer otherwise; the lent buffer is handed in by the caller, always the same one
/// until [`keep`](ReadBuf::keep) is called.
#[derive(Debug, Default)]
pub(in crate::h1) struct ReadBuf {
    kept: Vec<u8>,
    from: usize,
    to: usize,
    /// The same bytes again as those in waiting, or as the first of them.
    copy: Bytes,
}

impl ReadBuf {
    /// The bytes in waiting.
    #[inline]
    pub(in crate::h1) fn bytes<'a>(&'a self, lent: &'a [u8]) -> &'a [u8] {
        if self.kept.is_empty() {
            &lent[self.from..self.to]
        } else {
            &self.kept[self.from..]
        }
    }

    /// The bytes in waiting, and the copy of how they begin; a caller that puts something into
    /// it sees to it that it is one.
    #[inline]
    pub(in crate::h1) fn with_copy<'a>(&'a mut self, lent: &'a [u8]) -> (&'a [u8], &'a mut Bytes) {
        let bytes = if self.kept.is_empty() {
            &lent[self.from..self.to]
        } else {
            &self.kept[self.from..]
        };
        (bytes, &mut self.copy)
    }

    /// How many bytes wait.
    #[inline]
    pub(in crate::h1) fn len(&self) -> usize {
        if self.kept.is_empty() {
            self.to - self.from
        } else {
            self.kept.len() - self.from
        }
    }

    /// Where the bytes lie in the lent buffer, if they do.
    pub(super) fn in_lent(&self) -> Option<Range<usize>> {
        self.kept.is_empty().then_some(self.from..self.to)
    }

    /// Whether everything has been dealt with.
    #[inline]
    pub(in crate::h1) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The first `count` bytes have been dealt with.
    #[inline]
    pub(in crate::h1) fn consume(&mut self, count: usize) {
        debug_assert!(count <= self.len(), "consumed more than there was");
        self.from += count;
        self.copy.advance(count.min(self.copy.len()));
        if self.is_empty() {
            self.clear();
        }
    }

    /// Everything has been dealt with.
    #[inline]
    pub(in crate::h1) fn clear(&mut self) {
        *self = ReadBuf::default();
    }

    /// Reads `most` bytes at most, once, and says how many came; nought is the end.
    pub(in crate::h1) fn poll_fill<I: AsyncRead + Unpin>(
        &mut self,
        io: &mut I,
        lent: &mut [u8],
        most: usize,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        if self.kept.is_empty() && self.make_room(lent) {
            let end = lent.len().min(self.to + most);
            let count = ready!(Pin::new(io).poll_read(cx, &mut lent[self.to..end]))?;
            self.to += count;
            return Poll::Ready(Ok(count));
        }
        let end = lent.len().min(most);
        let count = ready!(Pin::new(io).poll_read(cx, &mut lent[..end]))?;
        self.kept.drain(..self.from);
        self.from = 0;
        self.kept.extend_from_slice(&lent[..count]);
        Poll::Ready(Ok(count))
    }

    /// The lent buffer goes back: what is left in it comes along.
    #[inline]
    pub(in crate::h1) fn keep(&mut self, lent: &[u8]) {
        self.copy = Bytes::new();
        if !self.kept.is_empty() {
            return self.shed();
        }
        if self.from < self.to {
            self.kept = lent[self.from..self.to].to_vec();
        }
        self.from = 0;
        self.to = 0;
    }

    /// What has been dealt with gives its memory back, if that is most of it: a head that
    /// came in pieces, while its body comes.
    fn shed(&mut self) {
        if self.from > self.kept.len() / 2 {
            self.kept = self.kept[self.from..].to_vec();
            self.from = 0;
        }
    }

    /// Makes sure that the lent buffer has room to read into, by moving what waits to its
    /// front; if there is nothing to gain, what waits moves out of it altogether.
    fn make_room(&mut self, lent: &mut [u8]) -> bool {
        if self.to < lent.len() {
            return true;
        }
        if self.from == 0 {
            self.keep(lent);
            return self.kept.is_empty();
        }
        lent.copy_within(self.from..self.to, 0);
        self.to -= self.from;
        self.from = 0;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::task::Waker;

    /// Gives out what it has, at most `step` bytes a read.
    struct Source {
        bytes: Vec<u8>,
        step: usize,
    }

    impl AsyncRead for Source {
        fn poll_read(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            buf: &mut [u8],
        ) -> Poll<io::Result<usize>> {
            let count = self.step.min(buf.len()).min(self.bytes.len());
            buf[..count].copy_from_slice(&self.bytes[..count]);
            self.bytes.drain(..count);
            Poll::Ready(Ok(count))
        }
    }

    #[test]
    fn what_has_been_dealt_with_keeps_no_memory_while_the_rest_waits() {
        let mut source = Source {
            bytes: vec![b'x'; 60_000],
            step: 1_000,
        };
        let (mut input, mut lent) = (ReadBuf::default(), [0; 2_000]);
        let mut cx = Context::from_waker(Waker::noop());
        while input.len() < 60_000 {
            assert!(
                input
                    .poll_fill(&mut source, &mut lent, 4096, &mut cx)
                    .is_ready()
            );
            input.keep(&lent);
        }
        input.consume(59_998);
        input.keep(&lent);
        assert_eq!(input.bytes(&lent), b"xx");
        assert!(input.kept.capacity() < 100, "{}", input.kept.capacity());
    }

    #[derive(Clone, Debug)]
    enum Move {
        Fill,
        Consume(usize),
        Copy,
        Keep,
    }

    fn moves() -> impl Strategy<Value = Vec<Move>> {
        let one = prop_oneof![
            3 => Just(Move::Fill),
            2 => (0usize..20).prop_map(Move::Consume),
            1 => Just(Move::Copy),
            1 => Just(Move::Keep),
        ];
        prop::collection::vec(one, 0..100)
    }

    proptest! {
        #[test]
        fn no_byte_is_lost_or_changed_wherever_it_lies(moves in moves(), step in 1usize..12) {
            let bytes: Vec<u8> = (0..=255).collect();
            let mut source = Source { bytes: bytes.clone(), step };
            let (mut input, mut lent) = (ReadBuf::default(), [0; 16]);
            let mut cx = Context::from_waker(Waker::noop());
            let (mut arrived, mut gone) = (0, 0);
            for step in moves {
                match step {
                    Move::Fill => {
                        let read = input.poll_fill(&mut source, &mut lent, 12, &mut cx);
                        let Poll::Ready(Ok(count)) = read else { unreachable!() };
                        arrived += count;
                    }
                    Move::Consume(count) => {
                        let count = count.min(input.len());
                        input.consume(count);
                        gone += count;
                    }
                    Move::Copy => {
                        let (bytes, copy) = input.with_copy(&lent);
                        *copy = Bytes::copy_from_slice(bytes);
                    }
                    Move::Keep => {
                        input.keep(&lent);
                        lent.fill(0);
                    }
                }
                prop_assert_eq!(input.bytes(&lent), &bytes[gone..arrived]);
                prop_assert!(bytes[gone..arrived].starts_with(&input.copy));
            }
        }
    }
}
