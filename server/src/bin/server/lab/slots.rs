//! Slots: a semaphore whose number of permits can be changed while they are in use.
//!
//! To make it larger, permits are added. To make it smaller is harder: a permit that a call holds
//! cannot be taken away. So the slots remember how many permits they *owe*, and the next permits that
//! come back are not given out again.

use std::cell::Cell;

use runtime::sync::{Semaphore, SemaphorePermit};

/// So many at a time.
pub(crate) struct Slots {
    permits: Semaphore,
    size: Cell<usize>,
    /// How many permits must still go, since the size became smaller while they were in use.
    owed: Cell<usize>,
}

/// A slot in use. Dropping it makes it free.
pub(crate) struct Slot<'a> {
    slots: &'a Slots,
    permit: Option<SemaphorePermit<'a>>,
}

impl Slots {
    pub(crate) fn new(size: usize) -> Self {
        Slots {
            permits: Semaphore::new(size),
            size: Cell::new(size),
            owed: Cell::new(0),
        }
    }

    pub(crate) fn size(&self) -> usize {
        self.size.get()
    }

    pub(crate) fn in_use(&self) -> usize {
        self.size.get() + self.owed.get() - self.permits.available_permits()
    }

    /// A slot, if one is free and no call waits for one.
    pub(crate) fn try_acquire(&self) -> Option<Slot<'_>> {
        self.settle();
        self.permits.try_acquire().ok().map(|it| self.slot(it))
    }

    /// A slot, as soon as one is free: first come, first served. Cancel safe: a caller that is
    /// dropped loses its place in the queue, and no slot is lost.
    pub(crate) async fn acquire(&self) -> Slot<'_> {
        self.settle();
        self.slot(self.permits.acquire().await.expect("is never closed"))
    }

    /// Changes how many there are. What is in use stays in use until it ends.
    pub(crate) fn resize(&self, size: usize) {
        let before = self.size.replace(size);
        let paid = self.owed.get().min(size.saturating_sub(before));
        self.owed
            .set(self.owed.get() - paid + before.saturating_sub(size));
        self.permits.add_permits(size.saturating_sub(before) - paid);
        self.settle();
    }

    /// Takes free permits away, as far as any are owed.
    fn settle(&self) {
        let owed = self.owed.get();
        if owed > 0 {
            self.owed.set(owed - self.permits.forget_permits(owed));
        }
    }

    fn slot<'a>(&'a self, permit: SemaphorePermit<'a>) -> Slot<'a> {
        let (slots, permit) = (self, Some(permit));
        Slot { slots, permit }
    }
}

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        let owed = &self.slots.owed;
        if owed.get() > 0
            && let Some(permit) = self.permit.take()
        {
            owed.set(owed.get() - 1);
            permit.forget();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fewer_slots_take_effect_as_those_in_use_become_free() {
        let slots = Slots::new(3);
        let mut used: Vec<_> = (0..3).filter_map(|_| slots.try_acquire()).collect();
        slots.resize(1);
        assert_eq!((slots.in_use(), slots.size()), (3, 1));
        used.pop();
        used.pop();
        assert_eq!(slots.in_use(), 1);
        assert!(slots.try_acquire().is_none(), "one is in use, of one");
        used.pop();
        assert!(slots.try_acquire().is_some());
    }

    #[test]
    fn what_is_owed_is_paid_before_slots_are_added() {
        let slots = Slots::new(3);
        let used: Vec<_> = (0..3).filter_map(|_| slots.try_acquire()).collect();
        slots.resize(1);
        slots.resize(4);
        assert_eq!(slots.in_use(), 3);
        let one = slots.try_acquire();
        assert!(one.is_some());
        assert!(slots.try_acquire().is_none(), "four are in use, of four");
        drop((used, one));
        assert_eq!(slots.in_use(), 0);
        assert_eq!((0..9).filter_map(|_| slots.try_acquire()).count(), 9);
    }

    #[runtime::test]
    async fn a_caller_that_is_dropped_after_its_turn_has_come_gives_the_slot_to_the_next() {
        let slots = Slots::new(1);
        let used = slots.try_acquire().expect("free");
        let mut first = Box::pin(slots.acquire());
        let mut second = Box::pin(slots.acquire());
        assert!(futures_lite::future::poll_once(&mut first).await.is_none());
        assert!(futures_lite::future::poll_once(&mut second).await.is_none());
        drop(used);
        drop(first);
        drop(second.await);
        assert_eq!(slots.in_use(), 0);
    }
}
