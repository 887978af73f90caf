//! One step of the loop, and where the loop stands between two.

use crate::time::Instant;

/// Which transition [`Runtime::step`](super::Runtime::step) made.
///
/// ```
/// use runtime::runtime::{Runtime, Step};
///
/// let runtime = Runtime::new()?;
/// assert_eq!(runtime.step(), Step::WouldPark { until: None });
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Step {
    /// The inbox was emptied on to the run queue.
    TookInbox {
        /// How many wakes lay in it.
        wakes: usize,
        /// How many futures to be spawned lay in it.
        spawns: usize,
        /// How many results of jobs on the blocking pool were announced in it.
        jobs: usize,
    },
    /// A task was polled.
    Polled {
        /// Its number.
        task: u64,
        /// Whether it has ended.
        ready: bool,
    },
    /// The reactor was asked, and had something to tell.
    Turned {
        /// How many events.
        events: usize,
    },
    /// Timers fired.
    Fired {
        /// How many.
        timers: usize,
    },
    /// There is nothing to do.
    WouldPark {
        /// When there will be at the latest: the loop wants to look at its timers then.
        /// With a paused clock, the next deadline.
        until: Option<Instant>,
    },
}

/// Where the loop goes on when it may poll no more in this round: see the order in the
/// heading of this module. (There is no phase for polling: the loop is in it for as long as
/// polls are left.)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    Inbox,
    Turn,
    Fire,
    /// No task was ready: is there anything else?
    Rest,
}
