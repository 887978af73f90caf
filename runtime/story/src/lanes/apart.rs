//! Which recordings are not of the same run of a simulation.
//!
//! Two runs of one program have the same hosts, and their events have the same numbers. But in one run, no two runs of
//! hosts have the same place. So recordings in which a place is there twice were not made together, and nothing goes from
//! one to the other.

use std::collections::BTreeSet;
use std::rc::Rc;

use runtime::trace::Recording;

/// Pairs of recordings that were not made together.
#[derive(Debug)]
pub(super) struct Apart(BTreeSet<[usize; 2]>);

impl Apart {
    pub(super) fn of(recordings: &[Rc<Recording>]) -> Apart {
        let mut places: Vec<(u64, usize)> = Vec::new();
        for (number, recording) in recordings.iter().enumerate() {
            let lane = recording.lane().into_iter();
            let runs = lane.flat_map(|lane| lane.runs.iter().chain(&lane.crash));
            places.extend(runs.map(|run| (run.order, number)));
        }
        places.sort_unstable();
        places.dedup();
        let mut pairs = BTreeSet::new();
        for same in places.chunk_by(|one, next| one.0 == next.0) {
            for (nth, (_, one)) in same.iter().enumerate() {
                pairs.extend(same[nth + 1..].iter().map(|(_, other)| [*one, *other]));
            }
        }
        Apart(pairs)
    }

    /// Whether one of these can be the cause of something in the other, as far as is known.
    pub(super) fn are_together(&self, one: usize, other: usize) -> bool {
        !self.0.contains(&[one.min(other), one.max(other)])
    }
}
