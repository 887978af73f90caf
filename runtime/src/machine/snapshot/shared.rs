//! What tasks share, in a snapshot.

use crate::trace::{Place, Shared};

/// A lock, a semaphore or a channel, while it is held or messages lie in it; a `Notify` that keeps a call.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct SharedView {
    /// What it is; of an `mpsc` channel always [`MpscMessage`](Shared::MpscMessage).
    pub kind: Shared,
    /// Who holds it, permits of it, or places that are reserved in it, the oldest first.
    pub holders: Vec<Holder>,
    /// How many messages lie in it, if it is a channel; 1 of a `Notify`.
    pub length: usize,
    /// How many messages it may hold; `None`: it has no bound, or is no channel.
    pub bound: Option<usize>,
}

impl SharedView {
    /// Of a thing of which nothing is known yet.
    pub(crate) fn new(kind: Shared) -> SharedView {
        SharedView {
            kind,
            holders: Vec::new(),
            length: 0,
            bound: None,
        }
    }
}

/// Who holds a lock, or permits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Holder {
    /// The task that took it; `None`: it was taken outside of any task.
    pub task: Option<u64>,
    /// How many permits: 1 for a mutex or a place, all for a lock to write.
    pub count: usize,
    /// The line of the program that took it.
    pub at: Place,
}
