//! One direction at one end of a connection in memory: the size of its next piece, and bytes that
//! are late.
//!
//! What is late has been taken out of the pipe, and is held here until its time has come.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use runtime::time::{Sleep, sleep};

use super::faults::{Faults, FaultyHalf};
use super::transcript::Side;

/// See the file's heading.
#[derive(Default)]
pub(super) struct Half {
    faults: Option<FaultyHalf>,
    /// The size of the next piece, once it is drawn.
    piece: Option<usize>,
    /// Runs while the next piece is late.
    stall: Option<Pin<Box<Sleep>>>,
    /// The next piece has been asked whether it is late.
    is_asked: bool,
    /// What was read and is late.
    held: Vec<u8>,
}

impl Half {
    pub(super) fn new(faults: Option<&Faults>, number: usize, side: Side, direction: u64) -> Self {
        Half {
            faults: faults.map(|faults| faults.dice(number, side, direction)),
            ..Half::default()
        }
    }

    /// How many of `count` bytes the next piece has.
    pub(super) fn piece(&mut self, count: usize) -> usize {
        let Some(faults) = &mut self.faults else {
            return count;
        };
        let piece = *self.piece.get_or_insert_with(|| faults.piece());
        piece.min(count)
    }

    /// Asks, once for each piece, whether the next one is late.
    pub(super) fn draw_stall(&mut self) -> bool {
        if let (false, Some(faults)) = (self.is_asked, &mut self.faults) {
            self.is_asked = true;
            self.stall = faults.stall().map(|time| Box::pin(sleep(time)));
        }
        self.stall.is_some()
    }

    /// Ready when the next piece is not late any more.
    pub(super) fn poll_stall(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if let Some(stall) = &mut self.stall {
            ready!(stall.as_mut().poll(cx));
            self.stall = None;
        }
        Poll::Ready(())
    }

    /// The piece is on its way.
    pub(super) fn done(&mut self) {
        self.piece = None;
        self.is_asked = false;
    }

    /// Keeps what was read and is late.
    pub(super) fn hold(&mut self, bytes: &[u8]) {
        self.held.extend_from_slice(bytes);
    }

    /// Whether something that was late is here.
    pub(super) fn has_held(&self) -> bool {
        !self.held.is_empty()
    }

    /// Moves what was late to `buf`.
    pub(super) fn deliver(&mut self, buf: &mut [u8]) -> usize {
        let count = self.held.len().min(buf.len());
        buf[..count].copy_from_slice(&self.held[..count]);
        self.held.drain(..count);
        if self.held.is_empty() {
            self.done();
        }
        count
    }
}
