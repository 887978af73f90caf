//! A limit of calls at a time, with a short queue; what does not fit into the queue is *shed*.
//!
//! A service that takes on more than it can do becomes slow for all its callers. Those give up and
//! ask again, and in the end it works only on answers that no caller waits for. So it does so many
//! at a time, lets a few wait, and says "no" to the rest at once, which costs almost nothing.
//!
//! How it can go wrong: a queue that is long. It hides the overload until each caller waits for
//! longer than it has patience. So the queue has a bound, and a caller that is dropped leaves it.

use std::cell::Cell;

use super::count::Count;
use super::slots::{Slot, Slots};

/// So many at a time, so many in the queue.
pub(crate) struct ConcurrencyLimit {
    slots: Slots,
    waiting: Count,
    max_waiting: Cell<usize>,
}

/// The queue is full: the call is shed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Shed;

impl ConcurrencyLimit {
    pub(crate) fn new(slots: usize, max_waiting: usize) -> Self {
        ConcurrencyLimit {
            slots: Slots::new(slots),
            waiting: Count::default(),
            max_waiting: Cell::new(max_waiting),
        }
    }

    /// A slot: at once, or after a wait in the queue. Cancel safe.
    pub(crate) async fn enter(&self) -> Result<Slot<'_>, Shed> {
        if let Some(slot) = self.slots.try_acquire() {
            return Ok(slot);
        }
        if self.waiting.get() >= self.max_waiting.get() {
            return Err(Shed);
        }
        let _waits = self.waiting.begin();
        Ok(self.slots.acquire().await)
    }

    pub(crate) fn resize(&self, slots: usize, max_waiting: usize) {
        self.max_waiting.set(max_waiting);
        self.slots.resize(slots);
    }

    pub(crate) fn slots(&self) -> usize {
        self.slots.size()
    }

    pub(crate) fn max_waiting(&self) -> usize {
        self.max_waiting.get()
    }

    pub(crate) fn running(&self) -> usize {
        self.slots.in_use()
    }

    pub(crate) fn waiting(&self) -> usize {
        self.waiting.get()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_lite::future::poll_once;

    #[runtime::test]
    async fn it_runs_two_lets_one_wait_and_sheds_the_fourth() {
        let limit = ConcurrencyLimit::new(2, 1);
        let (first, _second) = (limit.enter().await.unwrap(), limit.enter().await.unwrap());
        let mut third = Box::pin(limit.enter());
        assert!(poll_once(&mut third).await.is_none());
        assert_eq!((limit.running(), limit.waiting()), (2, 1));
        assert!(limit.enter().await.is_err(), "shed at once");
        drop(first);
        let _third = third.await.expect("its turn has come");
        assert_eq!((limit.running(), limit.waiting()), (2, 0));
    }

    #[runtime::test]
    async fn a_caller_that_leaves_the_queue_makes_room_and_no_slot_is_lost() {
        let limit = ConcurrencyLimit::new(1, 1);
        let first = limit.enter().await.unwrap();
        for _ in 0..3 {
            let mut waits = Box::pin(limit.enter());
            assert!(poll_once(&mut waits).await.is_none());
            assert_eq!(limit.waiting(), 1);
        }
        assert_eq!(limit.waiting(), 0);
        drop(first);
        assert_eq!(limit.running(), 0);
        drop(limit.enter().await.expect("the slot is free"));
    }

    #[runtime::test]
    async fn without_a_queue_a_call_runs_or_is_shed() {
        let limit = ConcurrencyLimit::new(1, 0);
        let _first = limit.enter().await.unwrap();
        assert!(limit.enter().await.is_err());
        limit.resize(2, 0);
        assert!(limit.enter().await.is_ok());
    }
}
