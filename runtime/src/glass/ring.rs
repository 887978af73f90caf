//! The last so many events, and the state of the machine before the first of them.
//!
//! A program that runs for days must not fill the memory with its own biography, so the ring
//! has a bound, and what falls out at its far end is counted. But nothing is lost for the
//! present: an event that falls out is added to the **base**, the state in which the machine
//! was before the first event that is still there. From the base and the events, every state
//! that the ring remembers can be rebuilt.

use std::collections::VecDeque;

use super::Recording;
use crate::machine::inspect::snapshot::Snapshot;
use crate::trace::Record;

/// See the file's heading.
#[derive(Default)]
pub(crate) struct Ring {
    base: Snapshot,
    records: VecDeque<Record>,
    capacity: usize,
    lost: u64,
}

impl Ring {
    /// Begins anew, or goes on after a pause without a recording: what was recorded before
    /// stays, as long as it leads up to `present`.
    pub(super) fn start(&mut self, capacity: usize, present: Option<Snapshot>) {
        if let Some(present) = present {
            self.records.clear();
            self.base = present;
        }
        self.capacity = capacity.max(1);
        while self.records.len() > self.capacity {
            self.lose_one();
        }
    }

    pub(super) fn push(&mut self, record: Record) {
        if self.records.len() >= self.capacity {
            self.lose_one();
        }
        self.records.push_back(record);
    }

    fn lose_one(&mut self) {
        if let Some(record) = self.records.pop_front() {
            self.base.apply(&record);
            self.lost += 1;
        }
    }

    /// Takes out what is there. What comes next follows on it.
    pub(super) fn take(&mut self) -> Recording {
        let recording = self.copy();
        self.records
            .drain(..)
            .for_each(|record| self.base.apply(&record));
        recording
    }

    /// A copy of what is there.
    pub(super) fn copy(&self) -> Recording {
        Recording::of(self.base.clone(), self.records.iter().cloned().collect())
    }

    pub(super) fn lost(&self) -> u64 {
        self.lost
    }
}
