//! The floor's timers: a ring of 65,536 slots of one millisecond, each the head of a doubly
//! linked list of entries that lie in a slab.
//!
//! Setting and dropping a timer touch its entry, its two neighbours and its slot: nothing could do
//! less. What this ring does not do: a deadline more than 65 seconds away lies in a slot that is
//! passed several times before it is due, and each pass looks at it. (That is what levels are
//! for.) The clock is read when a sleep is made, so that none fires early.

use slab::Slab;
use std::task::Waker;
use std::time::{Duration, Instant};

/// How many slots the ring has; a power of two.
const SLOTS: usize = 1 << 16;

/// "No entry" in a link.
pub(super) const NONE: u32 = u32::MAX;

/// All timers of one machine.
pub(super) struct Ring {
    start: Instant,
    elapsed: u64,
    slots: Vec<u32>,
    entries: Slab<Entry>,
}

/// A timer that waits.
struct Entry {
    deadline: u64,
    next: u32,
    prev: u32,
    waker: Waker,
}

impl Ring {
    pub(super) fn new() -> Self {
        Self {
            start: Instant::now(),
            elapsed: 0,
            slots: vec![NONE; SLOTS],
            entries: Slab::new(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// How long until the next slot that is not empty; `None` when there is no timer.
    pub(super) fn next(&self) -> Option<Duration> {
        if self.is_empty() {
            return None;
        }
        let steps = (1..=SLOTS as u64).find(|i| self.slots[slot(self.elapsed + i)] != NONE)?;
        let due = self.start + Duration::from_millis(self.elapsed + steps);
        Some(due.saturating_duration_since(Instant::now()))
    }

    /// Takes out every timer that is due, and returns their wakers.
    pub(super) fn due(&mut self, now: Instant) -> Vec<Waker> {
        let now = now.duration_since(self.start).as_millis() as u64;
        let mut due = Vec::new();
        while self.elapsed < now {
            self.elapsed += 1;
            let mut at = self.slots[slot(self.elapsed)];
            while at != NONE {
                let Entry { deadline, next, .. } = self.entries[at as usize];
                if deadline <= self.elapsed {
                    due.push(self.remove(at));
                }
                at = next;
            }
        }
        due
    }

    /// Sets a timer; the key is for [`remove`](Ring::remove).
    pub(super) fn insert(&mut self, deadline: Instant, waker: Waker) -> u32 {
        let since = deadline.saturating_duration_since(self.start);
        let deadline = (since.as_nanos().div_ceil(1_000_000) as u64).max(self.elapsed + 1);
        let head = &mut self.slots[slot(deadline)];
        let entry = Entry {
            deadline,
            next: *head,
            prev: NONE,
            waker,
        };
        let key = self.entries.insert(entry) as u32;
        if *head != NONE {
            self.entries[*head as usize].prev = key;
        }
        *head = key;
        key
    }

    /// Takes a timer out, and returns its waker.
    pub(super) fn remove(&mut self, key: u32) -> Waker {
        let Entry {
            deadline,
            next,
            prev,
            waker,
        } = self.entries.remove(key as usize);
        match prev {
            NONE => self.slots[slot(deadline)] = next,
            prev => self.entries[prev as usize].next = next,
        }
        if next != NONE {
            self.entries[next as usize].prev = prev;
        }
        waker
    }
}

/// The slot of a millisecond.
fn slot(millisecond: u64) -> usize {
    (millisecond as usize) & (SLOTS - 1)
}
