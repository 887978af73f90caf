//! The clocks that the benches read.
//!
//! A figure in nanoseconds is only as good as the clock behind it. Two clocks are in use:
//!
//! - **the thread's CPU clock** ([`ThreadCpu`]): how long this thread has been running, user and
//!   kernel time together. What another program does to the machine meanwhile does not count,
//!   and neither does waiting. It is the clock for everything that happens on one thread. It is a
//!   system call (about 0.2 µs), so it stands around a batch of operations and never inside one.
//! - **the wall clock** (`std::time::Instant`): for what two threads do together, where waiting
//!   *is* the figure.
//!
//! How one fools oneself here: a CPU clock hides a runtime that waits too long. Where that could
//! be the case (sleeping, waking), the bench checks or measures by the wall. And `utime`/`stime`
//! from the files of `/proc` are no clock: they lag by milliseconds. (`zz_table/user.rs` takes no more than
//! their proportion, over seconds.)

use rustix::time::{ClockId, clock_gettime};
use std::time::Duration;

/// A reading of the CPU clock of the calling thread.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ThreadCpu(Duration);

impl ThreadCpu {
    /// Reads the clock now; [`elapsed`](Self::elapsed) counts from here.
    pub(crate) fn start() -> Self {
        Self(thread_cpu())
    }

    /// The CPU time that this thread has used since `start`. Call it on the same thread.
    pub(crate) fn elapsed(self) -> Duration {
        thread_cpu().saturating_sub(self.0)
    }
}

/// The CPU time that the calling thread has used since it began.
pub(crate) fn thread_cpu() -> Duration {
    let t = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(
        u64::try_from(t.tv_sec).unwrap_or(0),
        u32::try_from(t.tv_nsec).unwrap_or(0),
    )
}
