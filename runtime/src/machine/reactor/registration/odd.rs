//! Where an odd system answers instead of the real one: see `reactor/odd.rs`.
//!
//! Without the crate feature `sim`, the system is offered all that there is.

#[cfg(feature = "sim")]
use std::io;
use std::ops::Deref;

use super::Registration;
use crate::trace::Direction;
#[cfg(feature = "sim")]
use crate::trace::SourceKind;

impl<S: mio::event::Source> Registration<S> {
    /// How much of `len` the next transfer offers to the system.
    #[cfg(not(feature = "sim"))]
    #[inline(always)]
    #[allow(clippy::unused_self, reason = "it is asked with the feature `sim`")]
    pub(crate) fn offered(&self, _: Direction, len: usize) -> usize {
        len
    }

    /// How much of `len` the next transfer offers to the system. To a pipe, all: a short line is written as a whole
    /// or not at all (pipe(7)), and what is left of a packet is lost.
    #[cfg(feature = "sim")]
    pub(crate) fn offered(&self, want: Direction, len: usize) -> usize {
        if self.source.kind() == SourceKind::Pipe {
            return len;
        }
        let ended = self.side(want).is_closed();
        let odd = &self.reactor.odd;
        odd.offered(self.source.token(), want, ended, len)
    }

    /// How many of these buffers the next transfer offers to the system. There is a byte in them, if there is one
    /// in all: a transfer of none would be taken for the end.
    #[inline]
    pub(crate) fn offered_of<B: Deref<Target = [u8]>>(
        &self,
        want: Direction,
        buffers: &[B],
    ) -> usize {
        let count = self.offered(want, buffers.len());
        let is_empty = |buffer: &B| buffer.is_empty();
        match count < buffers.len() && buffers[..count].iter().all(is_empty) {
            true => buffers.len(),
            false => count,
        }
    }

    /// What an odd system says, instead of making the operation.
    #[cfg(feature = "sim")]
    pub(super) fn odd_answer(&self, want: Direction) -> Option<io::Error> {
        let kind = self.source.kind();
        let accepts = matches!(kind, SourceKind::TcpListener | SourceKind::UnixListener);
        let ended = self.side(want).is_closed();
        let odd = &self.reactor.odd;
        odd.answer(self.source.token(), want, ended, accepts)
    }
}
