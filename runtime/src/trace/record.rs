//! An event with its stamp: when it happened, in whose poll, and where in the runtime.

use std::time::Duration;

use super::{Event, Place};

/// An [`Event`] with its stamp.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Record {
    /// The event's place in the order of this runtime's events, from 0. (Events that only a recording has a
    /// use for have no place while events are not kept.)
    pub seq: u64,
    /// The clock's time, counted from the moment the runtime was built.
    pub time: Duration,
    /// The task that was being polled; `None` between polls.
    pub task: Option<u64>,
    /// Where in the runtime's own source the event was emitted.
    pub place: Place,
    /// What happened.
    pub event: Event,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_plain_data_that_may_cross_threads() {
        fn plain<T: Send + Sync + Clone + 'static>() {}
        plain::<Record>();
    }
}
