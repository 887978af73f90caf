//! What events say of a task: who woke it, how it ended, which mark it set. And what a source was
//! registered for.

use super::Direction;

/// Who woke a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum Cause {
    /// A task, in its own poll.
    Task(u64),
    /// A timer that fired.
    Timer(u64),
    /// A source that became ready.
    Source(u64, Direction),
    /// A job on the blocking pool that is completed, by its number.
    Job(u64),
    /// Another thread, or another runtime, by way of the inbox.
    Outside,
    /// The runtime's own thread, outside of any poll: a spawn before the loop began, a
    /// handle used between two steps, a shutdown.
    Owner,
}

/// How a task ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum End {
    /// It returned its value.
    Finished,
    /// It was aborted, or its runtime was shut down.
    Cancelled,
    /// It panicked.
    Panicked,
}

/// Which mark of a stretch it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Mark {
    /// The work begins. From here on it is a stretch of the task that is being polled.
    Begin,
    /// The work has come to a point that is worth a word.
    Point,
    /// The work has ended.
    End,
}

/// What a source was registered for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Interests {
    /// Reading.
    pub read: bool,
    /// Writing.
    pub write: bool,
}

impl Interests {
    /// For these directions.
    ///
    /// ```
    /// use runtime::trace::Interests;
    ///
    /// assert!(Interests::new(true, false).read);
    /// ```
    pub const fn new(read: bool, write: bool) -> Interests {
        Interests { read, write }
    }
}
