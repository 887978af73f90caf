//! The exhibits, in an order in which to look at them.

mod blocked_thread;
mod busy_loop;
mod deadlock;
mod dropped_handle;
mod forgotten_await;
mod forgotten_waker;
pub(crate) mod lost_bytes;
mod lost_wake_up;
pub(crate) mod one_after_another;
mod reference_cycle;
mod sleep_in_select;
mod unbounded_queue;

use std::io;

use crate::seen::{self, Main, Seen};

/// A bug and its repair.
#[derive(Debug)]
pub(crate) struct Exhibit {
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    /// It blocks the thread, and needs the real clock for that.
    real_clock: bool,
    broken: fn() -> Main,
    repaired: fn() -> Main,
    /// What an observer sees, in sentences.
    pub(crate) evidence: fn(&Seen) -> Vec<String>,
}

impl Exhibit {
    pub(crate) fn run_broken(&self) -> io::Result<Seen> {
        seen::observe(self.real_clock, self.broken)
    }

    pub(crate) fn run_repaired(&self) -> io::Result<Seen> {
        seen::observe(self.real_clock, self.repaired)
    }
}

macro_rules! exhibit {
    ($file:ident, $real_clock:literal, $title:literal) => {
        Exhibit {
            name: stringify!($file),
            title: $title,
            real_clock: $real_clock,
            broken: || Box::pin($file::broken()),
            repaired: || Box::pin($file::repaired()),
            evidence: $file::evidence,
        }
    };
}

/// In the order in which to look at them.
pub(crate) const ALL: [Exhibit; 12] = [
    exhibit!(
        lost_wake_up,
        false,
        "a wake-up comes between the look and the wait"
    ),
    exhibit!(
        forgotten_waker,
        false,
        "a future says \"not yet\" and keeps no waker"
    ),
    exhibit!(forgotten_await, false, "a future is made, and never polled"),
    exhibit!(
        sleep_in_select,
        false,
        "each round of select! begins its sleep anew"
    ),
    exhibit!(
        lost_bytes,
        false,
        "a read that is cancelled takes its bytes with it"
    ),
    exhibit!(
        blocked_thread,
        true,
        "a task blocks the thread that serves all tasks"
    ),
    exhibit!(
        deadlock,
        false,
        "two tasks lock two mutexes in opposite order"
    ),
    exhibit!(
        dropped_handle,
        false,
        "a handle is dropped, and its task runs on"
    ),
    exhibit!(reference_cycle, false, "tasks hold what would end them"),
    exhibit!(busy_loop, false, "a task wakes itself again and again"),
    exhibit!(
        one_after_another,
        false,
        "three waits one after another that could go on at once"
    ),
    exhibit!(
        unbounded_queue,
        false,
        "a queue grows because no task is slowed down"
    ),
];
