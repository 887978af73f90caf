//! Only one loop at a time runs on a thread.
//!
//! A task that calls `block_on` would wait for a loop that waits for the task, and every other
//! task would wait with them. So a thread remembers that a loop is running on it, and a runtime
//! that it is its own; who would run one inside is told what to write instead. To *step* another
//! runtime from a task is allowed: a step never blocks.
//!
//! To run is also to be in the runtime, so that `spawn` and `sleep` find it, and to have the
//! budget of the task that was running before put aside.

use std::cell::Cell;
use std::rc::Rc;

use super::Runtime;
use crate::machine::context::{self, Entered};
use crate::machine::coop::{self, SetAside};
use crate::machine::run_queue::PutBack;
use crate::trace::emit;

thread_local! {
    /// A runtime's loop is running on this thread.
    static RUNNING: Cell<bool> = const { Cell::new(false) };
}

/// A runtime's loop is running, until dropped.
pub(super) struct Running<'a> {
    runtime: &'a Runtime,
    /// Whether a loop was running on this thread already: a task steps another runtime.
    before: bool,
    /// What its tasks do belongs to no other task, even if this runs in a destructor that does.
    _acting: PutBack<'a>,
    _budget: SetAside,
    _entered: Entered,
}

/// Whether a runtime's loop is running on this thread.
pub(super) fn is_running() -> bool {
    RUNNING.try_with(Cell::get).unwrap_or(false)
}

impl Runtime {
    /// Enters the runtime to run it: no runtime may be running on this thread.
    #[track_caller]
    pub(super) fn run(&self) -> Running<'_> {
        assert!(
            !RUNNING.get(),
            "block_on was called on a thread that is running a runtime already: it would block \
             every task on it; `.await` the future instead, or `spawn` it"
        );
        self.begin_step()
    }

    /// Enters the runtime for one step or one wait: it must not be running itself.
    #[track_caller]
    pub(super) fn begin_step(&self) -> Running<'_> {
        assert!(
            !self.running.replace(true),
            "this runtime is running already: a task cannot step or park the runtime that polls it"
        );
        emit!(self.machine.trace => self.machine.trace.observer().between_polls());
        Running {
            before: RUNNING.replace(true),
            _acting: self.machine.executor.queue().act_for(0),
            runtime: self,
            _budget: coop::set_aside(),
            _entered: context::enter(Rc::clone(&self.machine)),
        }
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        RUNNING.set(self.before);
        self.runtime.running.set(false);
        // Perhaps a panic has ended a poll.
        self.runtime.machine.executor.queue().running().end();
    }
}
