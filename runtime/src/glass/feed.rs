//! From the runtime that is observed to another thread: each event, through a queue with a bound.
//!
//! The thread that is observed must not wait, must not grow, and must not do work that another thread
//! can do. So it only puts records into a block, under a lock that the other thread holds for as long as
//! it takes to exchange a few pointers. Replaying, telling and writing happen over there.
//!
//! ```text
//!    observed thread                                          other thread
//!    Outlet::push ──▶ [ oldest block ][ block ][ newest ] ──▶ Feed::take
//!                       │ too many: dropped, and its events counted
//! ```
//!
//! If the other thread is too slow, the oldest block goes: what is new is worth more than what is old. A
//! state that is rebuilt from events ends at such a gap. It begins again at a block that has a state of
//! its own: the first block has one, and [`Trace::feed_state`](super::Trace::feed_state) makes another.

use std::collections::VecDeque;
use std::fmt;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::machine::inspect::snapshot::Snapshot;
use crate::trace::Record;

/// So many records go into a block.
const BLOCK: usize = 1024;

/// The other thread's end of a feed. From [`Trace::feed`](super::Trace::feed).
///
/// When it is dropped, nothing more is handed over.
pub struct Feed {
    shared: Arc<Mutex<Queue>>,
}

/// What [`Feed::take`] took.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Fed {
    /// So many events were lost before the first of the blocks, because the queue was full.
    pub lost: u64,
    /// The blocks, the oldest first.
    pub blocks: Vec<Block>,
}

/// Records that follow one another without a gap.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Block {
    /// The state before the first record. `None`: the block goes on where the one before ended.
    pub state: Option<Box<Snapshot>>,
    /// The records, the oldest first.
    pub records: Vec<Record>,
}

#[derive(Default)]
struct Queue {
    blocks: VecDeque<Block>,
    /// At most so many blocks.
    most: usize,
    lost: u64,
    /// The other thread's end is gone.
    closed: bool,
}

impl Feed {
    /// Takes all that is there, and how much was lost. Never waits.
    ///
    /// ```
    /// let runtime = runtime::runtime::Runtime::new()?;
    /// let feed = runtime.trace().feed(10_000);
    /// runtime.block_on(async {});
    /// let other = std::thread::spawn(move || feed.take());
    /// let fed = other.join().unwrap();
    /// assert_eq!(fed.lost, 0);
    /// assert!(fed.blocks[0].state.is_some() && !fed.blocks[0].records.is_empty());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn take(&self) -> Fed {
        let mut queue = lock(&self.shared);
        Fed {
            lost: mem::take(&mut queue.lost),
            blocks: mem::take(&mut queue.blocks).into(),
        }
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        let mut queue = lock(&self.shared);
        queue.closed = true;
        let left = mem::take(&mut queue.blocks);
        drop(queue);
        drop(left);
    }
}

impl fmt::Debug for Feed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Feed").finish_non_exhaustive()
    }
}

/// The observed thread's end.
pub(super) struct Outlet {
    shared: Arc<Mutex<Queue>>,
}

/// A queue for about `capacity` records.
pub(super) fn feed(capacity: usize, state: Snapshot) -> (Outlet, Feed) {
    let shared = Arc::new(Mutex::new(Queue {
        most: capacity.div_ceil(BLOCK).max(2),
        ..Queue::default()
    }));
    let outlet = Outlet {
        shared: Arc::clone(&shared),
    };
    outlet.begin(state);
    (outlet, Feed { shared })
}

impl Outlet {
    /// Hands over a record. It comes back if the other end is gone.
    pub(super) fn push(&self, record: Record) -> Result<(), Record> {
        let mut queue = lock(&self.shared);
        if queue.closed {
            return Err(record);
        }
        match queue.blocks.back_mut() {
            Some(block) if block.records.len() < BLOCK => block.records.push(record),
            _ => queue.begin(None, Some(record)),
        }
        Ok(())
    }

    /// Begins a block with a state of its own.
    pub(super) fn begin(&self, state: Snapshot) {
        let mut queue = lock(&self.shared);
        if !queue.closed {
            queue.begin(Some(Box::new(state)), None);
        }
    }
}

impl Queue {
    fn begin(&mut self, state: Option<Box<Snapshot>>, first: Option<Record>) {
        let mut records = self.make_room();
        records.extend(first);
        self.blocks.push_back(Block { state, records });
    }

    /// Drops the oldest block if the queue is full. The answer is memory for a new one.
    fn make_room(&mut self) -> Vec<Record> {
        if self.blocks.len() < self.most {
            return Vec::with_capacity(BLOCK);
        }
        let oldest = self.blocks.pop_front().unwrap_or_default();
        let mut records = oldest.records;
        self.lost += records.len() as u64;
        records.clear();
        records
    }
}

fn lock(shared: &Mutex<Queue>) -> MutexGuard<'_, Queue> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::trace::{Event, Place};

    fn record(seq: u64) -> Record {
        Record {
            seq,
            time: Duration::ZERO,
            task: None,
            place: Place::UNKNOWN,
            event: Event::Unparked,
        }
    }

    #[test]
    fn a_full_queue_drops_the_oldest_and_counts_them() {
        let (outlet, feed) = feed(4 * BLOCK, Snapshot::default());
        let all = 10 * BLOCK as u64 + 7;
        (0..all).for_each(|seq| outlet.push(record(seq)).unwrap());
        let fed = feed.take();
        let records: Vec<_> = fed.blocks.iter().flat_map(|block| &block.records).collect();
        assert_eq!(records.len() as u64 + fed.lost, all);
        assert!(records.len() <= 4 * BLOCK, "the bound holds");
        let seqs = records.iter().map(|record| record.seq);
        assert!(seqs.eq(fed.lost..all), "the newest are left, without a gap");
        assert!(fed.blocks[0].state.is_none(), "the state was lost too");
        assert_eq!(feed.take().lost, 0, "what was told is not told again");
    }

    #[test]
    fn a_new_state_begins_a_block() {
        let (outlet, feed) = feed(4 * BLOCK, Snapshot::default());
        outlet.push(record(0)).unwrap();
        outlet.begin(Snapshot::default());
        outlet.push(record(1)).unwrap();
        let blocks = feed.take().blocks;
        let shape = blocks
            .iter()
            .map(|it| (it.state.is_some(), it.records.len()));
        assert_eq!(shape.collect::<Vec<_>>(), [(true, 1), (true, 1)]);
    }

    #[test]
    fn nothing_is_kept_for_an_end_that_is_gone() {
        let (outlet, feed) = feed(BLOCK, Snapshot::default());
        let queue = Arc::clone(&feed.shared);
        drop(feed);
        assert_eq!(outlet.push(record(0)), Err(record(0)));
        outlet.begin(Snapshot::default());
        assert!(lock(&queue).blocks.is_empty());
    }
}
