//! What a pool is allowed to do.

use std::time::Duration;

/// See the file's heading.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    /// How many threads there may be at once.
    pub(crate) threads: usize,
    /// How long a thread may be idle before it leaves.
    pub(crate) keep_alive: Duration,
    /// What the threads are called.
    pub(crate) name: String,
    /// The size of a thread's stack in bytes, if not the system's.
    pub(crate) stack: Option<usize>,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            threads: 512,
            keep_alive: Duration::from_secs(10),
            name: String::from("runtime-blocking"),
            stack: None,
        }
    }
}
