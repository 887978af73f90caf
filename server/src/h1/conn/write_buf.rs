//! The bytes that wait to leave.
//!
//! A write costs a system call, and a system call costs more than everything this crate
//! does to make a small answer. So answers are collected: sixteen pipelined requests that
//! came in one read are answered in one write. Collected, but bounded: beyond 64 KiB the
//! connection writes first and makes the next answer afterwards.
//!
//! Small things are copied together; a large one is not worth the copying. A piece of 16 KiB
//! or more stays where it is, as the *tail*, and goes out in the same system call as what
//! was collected before it (a vectored write takes several pieces of memory at once).
//!
//! ```text
//!   [ buffer: sent │ waiting ][ tail: one large piece ][ end: a line end behind it ]
//! ```

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use futures_io::AsyncWrite;

use super::scratch::WRITE_SIZE;

/// Pieces of this size and more are sent from where they are.
const LARGE: usize = 16 * 1024;

/// What waits to be written.
#[derive(Debug, Default)]
pub(crate) struct WriteBuf {
    buffer: Vec<u8>,
    sent: usize,
    tail: Bytes,
    end: &'static [u8],
}

impl WriteBuf {
    /// Uses the thread's buffer, unless some of our own waits from last time.
    #[inline]
    pub(crate) fn lend(&mut self, spare: &mut Vec<u8>) {
        if self.buffer.capacity() == 0 {
            std::mem::swap(&mut self.buffer, spare);
        }
    }

    /// Gives the thread its buffer back, and keeps a copy of what has not been sent.
    #[inline]
    pub(crate) fn give_back(&mut self, spare: &mut Vec<u8>) {
        if spare.capacity() > 0 {
            self.drop_own();
        } else if self.buffer.is_empty() {
            std::mem::swap(&mut self.buffer, spare);
        } else {
            self.keep_rest(spare);
        }
    }

    /// The buffer is ours and not the thread's: no need for it when all is sent.
    pub(crate) fn drop_own(&mut self) {
        if self.buffer.is_empty() {
            self.buffer = Vec::new();
        }
    }

    #[cold]
    fn keep_rest(&mut self, spare: &mut Vec<u8>) {
        let own = self.buffer[self.sent..].to_vec();
        *spare = std::mem::replace(&mut self.buffer, own);
        spare.clear();
        self.sent = 0;
    }

    /// Nothing waits.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.buffer.is_empty() && self.tail.is_empty() && self.end.is_empty()
    }

    /// How many bytes wait.
    pub(crate) fn len(&self) -> usize {
        self.buffer.len() - self.sent + self.tail.len() + self.end.len()
    }

    /// A large piece waits, and nothing may be put behind it.
    #[inline]
    pub(crate) fn has_tail(&self) -> bool {
        !self.tail.is_empty() || !self.end.is_empty()
    }

    /// So much waits that it should be written before there is more.
    #[inline]
    pub(crate) fn is_full(&self) -> bool {
        self.buffer.len() >= WRITE_SIZE || self.has_tail()
    }

    /// Where small things are written to. Not for use while the output is full.
    #[inline]
    pub(crate) fn buffer(&mut self) -> &mut Vec<u8> {
        debug_assert!(self.tail.is_empty(), "something would overtake the tail");
        &mut self.buffer
    }

    /// Appends a piece and what goes behind it.
    #[inline]
    pub(crate) fn push(&mut self, piece: &Bytes, end: &'static [u8]) {
        debug_assert!(self.tail.is_empty(), "something would overtake the tail");
        if piece.len() < LARGE {
            self.buffer.extend_from_slice(piece);
            self.buffer.extend_from_slice(end);
        } else {
            self.tail = piece.clone();
            self.end = end;
        }
    }

    /// Nothing of what waits will leave.
    pub(crate) fn clear(&mut self) {
        self.buffer.clear();
        self.sent = 0;
        self.tail = Bytes::new();
        self.end = b"";
    }

    /// Takes back the last byte, if it still waits; says whether it did.
    pub(crate) fn take_back(&mut self) -> bool {
        if let Some((_, rest)) = self.end.split_last() {
            self.end = rest;
        } else if !self.tail.is_empty() {
            self.tail.truncate(self.tail.len() - 1);
        } else if self.buffer.pop().is_none() {
            return false;
        }
        if self.sent == self.buffer.len() {
            self.buffer.clear();
            self.sent = 0;
        }
        true
    }

    /// Writes once, as much as the socket takes.
    pub(crate) fn poll_write<I: AsyncWrite + Unpin>(
        &mut self,
        io: &mut I,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        let waiting = &self.buffer[self.sent..];
        let count = if self.tail.is_empty() && self.end.is_empty() {
            ready!(Pin::new(io).poll_write(cx, waiting))?
        } else {
            let pieces = [
                IoSlice::new(waiting),
                IoSlice::new(&self.tail),
                IoSlice::new(self.end),
            ];
            let pieces = if waiting.is_empty() {
                &pieces[1..]
            } else {
                &pieces
            };
            let pieces = if self.tail.is_empty() {
                &pieces[pieces.len() - 1..]
            } else {
                pieces
            };
            ready!(Pin::new(io).poll_write_vectored(cx, pieces))?
        };
        self.advance(count);
        Poll::Ready(Ok(count))
    }

    /// The first `count` of the waiting bytes have left.
    fn advance(&mut self, count: usize) {
        let from_buffer = count.min(self.buffer.len() - self.sent);
        self.sent += from_buffer;
        if self.sent == self.buffer.len() {
            self.buffer.clear();
            self.sent = 0;
        }
        let count = count - from_buffer;
        let from_tail = count.min(self.tail.len());
        self.tail.advance(from_tail);
        self.end = &self.end[(count - from_tail).min(self.end.len())..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::task::Waker;

    /// Takes at most `step` bytes a write.
    struct Sink {
        bytes: Vec<u8>,
        step: usize,
    }

    impl AsyncWrite for Sink {
        fn poll_write(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            buf: &[u8],
        ) -> Poll<io::Result<usize>> {
            let count = self.step.min(buf.len());
            self.bytes.extend_from_slice(&buf[..count]);
            Poll::Ready(Ok(count))
        }

        fn poll_write_vectored(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            bufs: &[IoSlice<'_>],
        ) -> Poll<io::Result<usize>> {
            let all: Vec<u8> = bufs.iter().flat_map(|buf| buf.iter().copied()).collect();
            let count = self.step.min(all.len());
            self.bytes.extend_from_slice(&all[..count]);
            Poll::Ready(Ok(count))
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    #[test]
    fn the_last_byte_is_taken_back_wherever_it_waits() {
        let mut cx = Context::from_waker(Waker::noop());
        for (size, end) in [(5, &b""[..]), (LARGE, b""), (LARGE, b"\r\n")] {
            let mut output = WriteBuf::default();
            output.buffer().extend_from_slice(b"head ");
            output.push(&vec![b'x'; size].into(), end);
            assert!(output.take_back());
            let mut sink = Sink {
                bytes: Vec::new(),
                step: usize::MAX,
            };
            while !output.is_empty() {
                assert!(output.poll_write(&mut sink, &mut cx).is_ready());
            }
            assert_eq!(sink.bytes.len(), 5 + size + end.len() - 1);
            assert!(!output.take_back(), "nothing waits");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn bytes_leave_in_the_order_they_came_whatever_the_socket_takes(
            sizes in prop::collection::vec(
                prop_oneof![0usize..50, LARGE - 2..LARGE + 2], 1..6),
            step in prop_oneof![300usize..1_000, 5_000usize..40_000],
            pauses in any::<bool>(),
        ) {
            let mut cx = Context::from_waker(Waker::noop());
            let mut sink = Sink { bytes: Vec::new(), step };
            let (mut output, mut spare) = (WriteBuf::default(), Vec::with_capacity(64));
            let mut expected = Vec::new();
            output.lend(&mut spare);
            for (n, size) in sizes.into_iter().enumerate() {
                let piece = vec![n as u8; size];
                expected.extend_from_slice(&piece);
                expected.extend_from_slice(b"\r\n");
                output.push(&piece.into(), b"\r\n");
                while output.is_full() || (n == 4 && !output.is_empty()) {
                    prop_assert!(output.poll_write(&mut sink, &mut cx).is_ready());
                    if pauses {
                        output.give_back(&mut spare);
                        prop_assert!(spare.is_empty());
                        output.lend(&mut spare);
                    }
                }
            }
            while !output.is_empty() {
                prop_assert!(output.poll_write(&mut sink, &mut cx).is_ready());
            }
            prop_assert!(sink.bytes == expected);
        }
    }
}
