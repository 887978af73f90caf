//! A film: the last so many events, cut into pieces that each begin with a state.
//!
//! The [ring](super::ring) is for the thread that is observed: it keeps one state and gives up one event
//! at a time. A film is for the thread that looks. It is asked for the state at any event, again and
//! again, and must not go through all events for each answer. So every piece has the state before its
//! first event, and an answer costs a copy of one state and the events of one piece at most. The oldest
//! piece is given up as a whole.
//!
//! A state has a task, a timer and a source for each connection that a client has made, so it may be much
//! larger than the events. Both count against the film's capacity, and a piece of many events begins only
//! where there is a large state.
//!
//! Where events were lost, a state cannot be rebuilt. The film has a gap there, and goes on at the next
//! state that is known.

use std::collections::VecDeque;
use std::ops::Range;
use std::time::Duration;

use super::feed::{Block, Fed};
use super::recording::{Recording, replay};
use crate::machine::inspect::snapshot::Snapshot;
use crate::trace::Record;

/// So many events are in a piece, or as many as its state has things, if those are more.
const PIECE: usize = 4096;

/// The last events of a runtime and all states between them. It is filled from a
/// [`Feed`](super::Feed), usually on another thread.
///
/// ```
/// use runtime::trace::Film;
///
/// let runtime = runtime::runtime::Runtime::new()?;
/// let feed = runtime.trace().feed(10_000);
/// runtime.block_on(async {});
/// let mut film = Film::new(100_000);
/// film.add(feed.take());
/// let events = film.range();
/// assert!(film.state_before(events.start).unwrap().tasks.is_empty());
/// let tasks = events.map(|event| film.state_before(event).unwrap().tasks.len());
/// assert_eq!(tasks.max(), Some(1), "the future of block_on is a task");
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct Film {
    pieces: VecDeque<Piece>,
    present: Snapshot,
    capacity: usize,
    lost: u64,
    /// The film has ended at a gap, and waits for a state.
    is_cut: bool,
}

#[derive(Debug)]
struct Piece {
    base: Snapshot,
    records: Vec<Record>,
    /// Something is missing between this piece and the one before.
    after_gap: bool,
}

impl Piece {
    fn start(&self) -> u64 {
        self.records.first().map_or(0, |record| record.seq)
    }

    fn end(&self) -> u64 {
        self.records.last().map_or(0, |record| record.seq + 1)
    }

    /// What it counts against the capacity.
    fn size(&self) -> usize {
        self.records.len() + size(&self.base)
    }

    fn between(&self, events: &Range<u64>) -> &[Record] {
        let index = |seq: u64| seq.saturating_sub(self.start()) as usize;
        let end = index(events.end).min(self.records.len());
        &self.records[index(events.start).min(end)..end]
    }
}

/// How many things a state has.
fn size(state: &Snapshot) -> usize {
    let machine = state.tasks.len() + state.wheel.timers.len() + state.sources.len();
    machine + state.shared.len() + state.stretches.len()
}

impl Film {
    /// An empty film for `capacity` events, and a few thousand more. The tasks, timers and sources of the
    /// states that it keeps count as events.
    ///
    /// ```
    /// assert!(runtime::trace::Film::new(1000).range().is_empty());
    /// ```
    pub fn new(capacity: usize) -> Film {
        Film {
            pieces: VecDeque::new(),
            present: Snapshot::default(),
            capacity,
            lost: 0,
            is_cut: true,
        }
    }

    /// All of a recording.
    ///
    /// ```
    /// let runtime = runtime::runtime::Runtime::new()?;
    /// runtime.trace().start(100);
    /// runtime.block_on(async {});
    /// let recording = runtime.trace().recording();
    /// let film = runtime::trace::Film::of(&recording);
    /// assert_eq!(*film.present(), recording.state_at(usize::MAX));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn of(recording: &Recording) -> Film {
        let mut film = Film::new(usize::MAX);
        film.add_block(Block {
            state: Some(Box::new(recording.base().clone())),
            records: recording.records().to_vec(),
        });
        film
    }

    /// Adds what a feed has brought.
    ///
    /// ```
    /// # use runtime::trace::Film;
    /// let runtime = runtime::runtime::Runtime::new()?;
    /// let feed = runtime.trace().feed(10_000);
    /// runtime.block_on(async {});
    /// let mut film = Film::new(1000);
    /// film.add(feed.take());
    /// assert!(!film.range().is_empty());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn add(&mut self, fed: Fed) {
        if fed.lost > 0 {
            self.lost += fed.lost;
            self.is_cut = true;
        }
        fed.blocks
            .into_iter()
            .for_each(|block| self.add_block(block));
        self.forget();
    }

    fn add_block(&mut self, block: Block) {
        if let Some(state) = block.state {
            self.present = *state;
            let after_gap = self.is_cut;
            self.is_cut = false;
            self.begin(after_gap);
        }
        if self.is_cut {
            self.lost += block.records.len() as u64;
            return;
        }
        for record in block.records {
            let is_full = |it: &Piece| it.records.len() >= PIECE.max(size(&it.base));
            if self.pieces.back().is_none_or(is_full) {
                self.begin(false);
            }
            self.present.apply(&record);
            if let Some(piece) = self.pieces.back_mut() {
                piece.records.push(record);
            }
        }
    }

    /// Begins a piece at the present state.
    fn begin(&mut self, after_gap: bool) {
        let mut after_gap = after_gap;
        if self.pieces.back().is_some_and(|it| it.records.is_empty()) {
            let empty = self.pieces.pop_back();
            after_gap |= empty.is_some_and(|it| it.after_gap);
        }
        self.pieces.push_back(Piece {
            base: self.present.clone(),
            records: Vec::new(),
            after_gap,
        });
    }

    /// Gives up the oldest pieces, as far as enough is left without them.
    fn forget(&mut self) {
        let mut sizes: usize = self.pieces.iter().map(Piece::size).sum();
        while self.pieces.len() > 1 {
            let oldest = self.pieces.front().map_or(0, Piece::size);
            if sizes - oldest < self.capacity {
                return;
            }
            sizes -= oldest;
            self.pieces.pop_front();
        }
    }

    /// The state after the last event.
    pub fn present(&self) -> &Snapshot {
        &self.present
    }

    /// How many events were lost, because the queue was full or because a state was missing after that.
    pub fn lost(&self) -> u64 {
        self.lost
    }

    /// Whether the film has ended at a gap and waits for
    /// [a state](super::Trace::feed_state).
    pub fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// From the number of the first event to the number that the next event will have. There may be gaps
    /// in between.
    pub fn range(&self) -> Range<u64> {
        let mut full = self.pieces.iter().filter(|it| !it.records.is_empty());
        let start = full.next().map_or(0, Piece::start);
        let end = self.pieces.iter().map(Piece::end).max();
        start..end.unwrap_or(0)
    }

    /// The state before the event of this number; the present if it is the next one. `None` where the
    /// film has none: before its beginning, after its end, in a gap.
    ///
    /// ```
    /// # use runtime::trace::Film;
    /// assert!(Film::new(1000).state_before(7).is_none());
    /// ```
    pub fn state_before(&self, event: u64) -> Option<Snapshot> {
        let has = |piece: &&Piece| piece.start() <= event && event <= piece.end();
        let full = self.pieces.iter().filter(|it| !it.records.is_empty());
        let piece = full.rev().find(has)?;
        let records = piece.between(&(0..event));
        Some(replay(&piece.base, records))
    }

    /// The events of these numbers, as far as there are any, the oldest first.
    ///
    /// ```
    /// # use runtime::trace::Film;
    /// assert_eq!(Film::new(1000).records(0..100).count(), 0);
    /// ```
    pub fn records(&self, events: Range<u64>) -> impl DoubleEndedIterator<Item = &Record> {
        let pieces = self.pieces.iter();
        pieces.flat_map(move |piece| piece.between(&events))
    }

    /// The number of the first event at or after a time of the runtime's clock; the number of the next
    /// event if there is none.
    ///
    /// ```
    /// # use runtime::trace::Film;
    /// # use std::time::Duration;
    /// assert_eq!(Film::new(1000).event_at(Duration::from_secs(1)), 0);
    /// ```
    pub fn event_at(&self, time: Duration) -> u64 {
        let ends_later = |it: &&Piece| it.records.last().is_some_and(|last| last.time >= time);
        let Some(piece) = self.pieces.iter().find(ends_later) else {
            return self.range().end;
        };
        let index = piece.records.partition_point(|record| record.time < time);
        piece.start() + index as u64
    }

    /// All that follows the event of this number without a gap, and the event itself, as a recording. It
    /// begins later if a gap lies in between: after the last one.
    ///
    /// ```
    /// # use runtime::trace::Film;
    /// let runtime = runtime::runtime::Runtime::new()?;
    /// let feed = runtime.trace().feed(10_000);
    /// runtime.block_on(async {});
    /// let mut film = Film::new(1000);
    /// film.add(feed.take());
    /// let recording = film.recording(0);
    /// assert_eq!(recording.state_at(recording.records().len()), *film.present());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn recording(&self, from: u64) -> Recording {
        let gap = self.pieces.iter().rev().find(|it| it.after_gap);
        let from = from
            .max(gap.map_or(0, Piece::start))
            .max(self.range().start);
        let is_new = |piece: &Piece| piece.after_gap && piece.records.is_empty();
        if self.pieces.back().is_some_and(is_new) {
            return Recording::of(self.present.clone(), Vec::new());
        }
        let base = self.state_before(from);
        let records = self.records(from..u64::MAX).cloned().collect();
        Recording::of(base.unwrap_or_else(|| self.present.clone()), records)
    }
}

#[cfg(test)]
mod tests;
