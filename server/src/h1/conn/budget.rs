//! What one turn of a connection may do before the others have their turn.
//!
//! A client with a fast link always has another request, and a connection that served it as long
//! as it could would stall all others. So a turn has a **budget**. When it is spent the connection
//! asks for [another turn](super::turns), behind the others that do.
//!
//! The budget counts work, in units of roughly a quarter of a microsecond: a request is one unit,
//! and so is each 2 KiB that a read or a write moves. Sixteen requests that came together are
//! answered in one turn. A piece of 64 KiB, in or out, is a turn of its own.
//!
//! How it can go wrong: if the budget is too large, each turn is long, and a neighbour waits for the
//! turns of all busy connections. If it is too small, the engine copies the leftover bytes (half a
//! buffer of requests, or of answers) too often. Nothing is put aside by a write that empties its buffer, so the budget is
//! asked after such a write and not before it.
//!
//! And a read that was not made for want of budget looks like a peer that has sent nothing. Both
//! are `Pending`. So no conclusion about the peer is drawn before
//! [`is_to_blame`](Budget::is_to_blame) has been asked.

use std::task::Poll;

use runtime::task::coop::has_budget_remaining;

/// Units of one turn.
const TURN: u32 = 32;

/// Bytes that cost one unit.
const BYTES: usize = 2 * 1024;

/// What is left of a turn.
#[derive(Debug)]
pub(super) struct Budget {
    left: u32,
    /// The turn ends because nothing is left, and not because there is nothing to do.
    missed: bool,
}

impl Budget {
    /// The budget of a turn that begins.
    pub(super) fn new() -> Self {
        Budget {
            left: TURN,
            missed: false,
        }
    }

    #[inline]
    pub(super) fn is_spent(&self) -> bool {
        self.left == 0
    }

    /// A request will be answered.
    #[inline]
    pub(super) fn request(&mut self) {
        self.left = self.left.saturating_sub(1);
    }

    /// A read or a write has moved so many bytes.
    pub(super) fn transfer(&mut self, bytes: usize) {
        let cost = u32::try_from(1 + bytes / BYTES).unwrap_or(TURN);
        self.left = self.left.saturating_sub(cost);
    }

    /// Ready if something is left; else the connection needs another turn to go on.
    pub(super) fn poll(&mut self) -> Poll<()> {
        if self.is_spent() {
            self.missed = true;
            return Poll::Pending;
        }
        Poll::Ready(())
    }

    /// After a `Pending` of a read or a write: whether a budget made it, this one or that
    /// which the runtime gives to each poll of a task. Then it says nothing about the peer, and
    /// the connection needs another turn.
    pub(super) fn is_to_blame(&mut self) -> bool {
        self.missed |= !has_budget_remaining();
        self.missed
    }

    /// Whether the connection needs another turn.
    pub(super) fn is_missed(&self) -> bool {
        self.missed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_and_bytes_spend_it() {
        let mut budget = Budget::new();
        budget.transfer(640);
        (0..16).for_each(|_| budget.request());
        budget.transfer(2_000);
        assert!(!budget.is_spent(), "sixteen requests are less than a turn");
        (0..TURN).for_each(|_| budget.request());
        assert!(budget.is_spent());
        for bytes in [64 * 1024, usize::MAX] {
            let mut budget = Budget::new();
            budget.transfer(bytes);
            assert!(budget.is_spent());
        }
    }
}
