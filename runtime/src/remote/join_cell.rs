//! The join cell of what another thread gave: its result on the way from the thread that runs it to the one that
//! holds the handle.
//!
//! Both ends may do anything at any moment: one delivers while the other asks, aborts or is dropped. So all of it lies
//! behind one lock, and nothing foreign is called while that is held. A result goes to one place only: to the handle, or
//! back to the end that finds the other one gone.
//!
//! The lock comes from `crate::base::shim`: the test `loom_remote` compiles this file with loom's, which tries the orders
//! in which the two threads can run.

use std::sync::PoisonError;
use std::task::{Poll, Waker};

use crate::base::foreign::wake_quietly;
use crate::base::shim::{Mutex, MutexGuard};
use crate::machine::waker_cell::register_locked;

/// See the file's heading. `R` is the result.
pub(crate) struct RemoteJoinCell<R>(Mutex<State<R>>);

struct State<R> {
    /// The task's number, 0 until its first poll.
    task: u64,
    stage: Stage<R>,
    aborted: bool,
    detached: bool,
    /// Who awaits the handle.
    // No `WakerCell`, here and below: that is for one thread. Here the lock guards the wakers, and
    // `register_locked` holds it from the look to the store.
    joiner: Option<Waker>,
    /// The task, by which it is aborted.
    itself: Option<Waker>,
}

enum Stage<R> {
    Running,
    Ended(R),
    Taken,
}

/// What the end that is polled finds.
pub(crate) struct Found<R> {
    /// The task's number.
    pub(crate) task: u64,
    /// `None`: it was taken before.
    pub(crate) result: Option<R>,
}

impl<R> RemoteJoinCell<R> {
    pub(crate) fn new() -> RemoteJoinCell<R> {
        RemoteJoinCell(Mutex::new(State {
            task: 0,
            stage: Stage::Running,
            aborted: false,
            detached: false,
            joiner: None,
            itself: None,
        }))
    }

    fn lock(&self) -> MutexGuard<'_, State<R>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The running end: the task begins, with this number; `waker` is its own. Only the first call counts.
    pub(crate) fn started(&self, task: impl FnOnce() -> u64, waker: &Waker) {
        let mut state = self.lock();
        if state.itself.is_none() {
            state.task = task();
            state.itself = Some(waker.clone());
        }
    }

    /// The running end: whether the handle has asked for an abort.
    pub(crate) fn abort_requested(&self) -> bool {
        self.lock().aborted
    }

    /// The running end: whether the handle is gone.
    pub(crate) fn is_detached(&self) -> bool {
        self.lock().detached
    }

    /// The running end: it is over. Wakes who waits. The result comes back if the handle is gone.
    pub(crate) fn end(&self, result: R) -> Option<R> {
        let mut state = self.lock();
        let itself = state.itself.take();
        let joiner = state.joiner.take();
        let unwanted = if state.detached {
            Some(result)
        } else {
            state.stage = Stage::Ended(result);
            None
        };
        drop(state);
        drop(itself);
        if let Some(joiner) = joiner {
            wake_quietly(joiner);
        }
        unwanted
    }

    /// The handle: waits for the end, with the waker of the task that awaits it. The clone is made outside the lock; the
    /// look and the store are one, for the other thread runs beside.
    pub(crate) fn poll_ended(&self, waker: &Waker) -> Poll<Found<R>> {
        let look = || {
            let mut state = self.lock();
            match state.stage {
                Stage::Running => Err(state),
                _ => Ok(Found {
                    task: state.task,
                    result: state.take(),
                }),
            }
        };
        register_locked(waker, look, |mut state, waker| {
            state.joiner.replace(waker.into_waker())
        })
    }

    /// The handle: asks for an abort.
    pub(crate) fn abort(&self) {
        let mut state = self.lock();
        state.aborted = true;
        let itself = state.itself.clone();
        drop(state);
        if let Some(itself) = itself {
            itself.wake();
        }
    }

    /// The handle is gone. A result that has come is returned.
    pub(crate) fn detach(&self) -> Option<R> {
        let mut state = self.lock();
        state.detached = true;
        let joiner = state.joiner.take();
        let result = match state.stage {
            Stage::Running => None,
            _ => state.take(),
        };
        drop(state);
        drop(joiner);
        result
    }

    /// The handle: whether it is over, in whatever way.
    pub(crate) fn is_finished(&self) -> bool {
        !matches!(self.lock().stage, Stage::Running)
    }

    /// The handle: the task's number, 0 until its first poll.
    pub(crate) fn task(&self) -> u64 {
        self.lock().task
    }
}

impl<R> State<R> {
    /// The result, once; it is over.
    fn take(&mut self) -> Option<R> {
        match std::mem::replace(&mut self.stage, Stage::Taken) {
            Stage::Ended(result) => Some(result),
            _ => None,
        }
    }
}
