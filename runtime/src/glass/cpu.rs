//! How much of a long poll the thread computed, and how much it was held up.
//!
//! A poll that holds the thread for long does one of two things. It computes; or it has made a system call that
//! blocks, and the thread sleeps in the kernel. The operating system tells them apart: it counts the time that
//! the thread has a core. To ask it costs a system call, too much for each poll. So the count is read at the
//! beginning of a poll if the last reading is a millisecond old, and again after a poll that was long.
//!
//! ```text
//!     reading        poll begins                            poll ends, reading
//!        │ < 1 ms ago     │ ▓▓▓ computes ░░░░░ held up ▓▓▓▓▓▓▓▓▓ │
//!        └────────────────┴──────────────────────────────────────┘
//!         the time that passed − the count = how long the thread was held up
//! ```
//!
//! How it can be wrong:
//!
//! - *The thread was held up between the reading and the poll.* That is less than a millisecond, and a
//!   [long poll](crate::runtime::Builder::warn_long_poll) is usually more than ten.
//! - *The thread was held up because other threads had the cores.* It looks like a call that blocks.

use std::cell::Cell;
use std::time::{Duration, Instant};

use crate::trace::Event;

/// A reading is used for so long.
const FRESH: Duration = Duration::from_millis(1);

/// See the file's heading.
#[derive(Default)]
pub(super) struct CpuTime(Cell<Option<Reading>>);

#[derive(Clone, Copy)]
struct Reading {
    at: Instant,
    count: Duration,
}

impl CpuTime {
    /// An event happens. If it begins a poll, the reading must be fresh.
    #[inline]
    pub(super) fn note(&self, event: &Event, now: Instant) {
        if matches!(event, Event::PollStart { .. }) {
            let is_fresh = |last: Reading| now.saturating_duration_since(last.at) < FRESH;
            if !self.0.get().is_some_and(is_fresh) {
                self.0.set(read(now));
            }
        }
    }

    /// Adds to the warning of a long poll, which ends now, how long the thread computed.
    #[cold]
    pub(super) fn complete(&self, warning: &mut Event, now: Instant) {
        if let Event::LongPoll { took, cpu, .. } = warning {
            let this = read(now);
            let both = self.0.replace(this).zip(this);
            *cpu = both.map(|(last, this)| this.computed(last, *took));
        }
    }
}

impl Reading {
    /// In what part of a poll that ends now, and took so long, the thread computed: in percent.
    fn computed(self, last: Reading, took: Duration) -> u8 {
        let passed = self.at.saturating_duration_since(last.at);
        let held_up = passed.saturating_sub(self.count.saturating_sub(last.count));
        let computed = took.saturating_sub(held_up);
        (computed.as_nanos() * 100 / took.as_nanos().max(1)) as u8
    }
}

#[cfg(unix)]
fn read(at: Instant) -> Option<Reading> {
    use rustix::time::{ClockId, clock_gettime};

    let count = clock_gettime(ClockId::ThreadCPUTime).try_into().ok()?;
    Some(Reading { at, count })
}

#[cfg(not(unix))]
fn read(_: Instant) -> Option<Reading> {
    None
}
