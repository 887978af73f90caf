//! The join cell: where a task's result waits for its handle.
//!
//! The task puts its result in, and its [`JoinHandle`](super::JoinHandle) takes it out. Both live on one
//! thread, so the cell is an `Rc` of plain cells. Beside the result there is room for the waker of the task that
//! joins, and two flags: an abort is requested; the handle is gone.
//!
//! How it can go wrong: a result that is not wanted must be dropped, and its drop is the user's code. The
//! side that finds out that it is not wanted drops it: the task, if the handle has gone before its end; the
//! handle, if it goes after. What lies in a job is dropped by a thread of the pool.

use std::cell::Cell;
use std::panic::Location;
use std::rc::Rc;
use std::task::{Poll, Waker};

use super::error::{Failure, Kept};
use super::header::Key;
use super::spawned::Outcome;
use super::{Id, JoinError};
use crate::base::foreign::{drop_quietly, wake_quietly};
use crate::machine::jobs::{JobOutcome, JobResult};
use crate::machine::run_queue::RunQueue;
use crate::machine::waker_cell::register;
use crate::trace::{self, Event, Place, Wait, emit};

/// What a task and its handle share.
pub(crate) struct JoinCell<T> {
    /// Where to queue the task that is to be aborted.
    pub(super) queue: Rc<RunQueue>,
    pub(super) task: u64,
    slot: u32,
    aborted: Cell<bool>,
    /// The handle is gone: the result goes nowhere.
    detached: Cell<bool>,
    stage: Cell<Stage>,
    /// There while the stage is `Finished`.
    value: Cell<Option<T>>,
    beside: Cell<Beside<T>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Running,
    /// It has ended with a value, which is here.
    Finished,
    /// It has ended without one. If it panicked, what the panic carried is here.
    Failed,
    /// It was a job, and has ended; its result lies in it.
    JobDone,
    /// It has ended, and its result was handed out or dropped.
    Over,
}

/// What there is beside a value. A joiner waits while the task runs, and the rest is there when it
/// has ended, so the two are never here together and share a place. There is no third case: of
/// two, the compiler makes a type no wider than a waker, and a join cell is as many words smaller.
/// (So the joiner's waker has no [`WakerCell`](crate::machine::waker_cell::WakerCell) of its own.)
enum Beside<T> {
    Joiner(Waker),
    Rest(Option<Box<Rest<T>>>),
}

/// What an end without a value leaves.
enum Rest<T> {
    Panic(Kept),
    Job(JobResult<T>),
}

impl<T> Beside<T> {
    fn into_joiner(self) -> Option<Waker> {
        match self {
            Beside::Joiner(joiner) => Some(joiner),
            Beside::Rest(_) => None,
        }
    }
}

impl<T> JoinCell<T> {
    pub(crate) fn new(key: Key, queue: Rc<RunQueue>) -> Rc<JoinCell<T>> {
        Rc::new(JoinCell {
            queue,
            task: key.task,
            slot: key.slot,
            aborted: Cell::new(false),
            detached: Cell::new(false),
            stage: Cell::new(Stage::Running),
            value: Cell::new(None),
            beside: Cell::new(Beside::Rest(None)),
        })
    }

    #[inline]
    pub(super) fn has_ended(&self) -> bool {
        self.stage.get() != Stage::Running
    }

    /// Waits for the end of the task, with the waker of the task that awaits it. (To clone the waker may
    /// drive the runtime until the task has ended: see [`register`].)
    pub(super) fn poll_ended(&self, waker: &Waker) -> Poll<()> {
        let ended = || self.has_ended().then_some(());
        if ended().is_some() {
            return Poll::Ready(());
        }
        if self.is_joined_by(waker) {
            return Poll::Pending;
        }
        register(waker, ended, |waker| {
            let joiner = Beside::Joiner(waker.into_waker());
            self.beside.replace(joiner).into_joiner()
        })
    }

    /// Whether this very waker is the joiner's.
    #[inline]
    fn is_joined_by(&self, waker: &Waker) -> bool {
        let beside = self.beside.replace(Beside::Rest(None));
        let same = matches!(&beside, Beside::Joiner(joiner) if joiner.will_wake(waker));
        self.beside.set(beside);
        same
    }

    /// How it failed; asked once.
    #[cold]
    fn failure(&self) -> Failure {
        match self.rest() {
            Some(Rest::Panic(payload)) => Failure::Panicked(payload),
            _ => Failure::Cancelled,
        }
    }

    #[cold]
    fn rest(&self) -> Option<Rest<T>> {
        match self.beside.replace(Beside::Rest(None)) {
            Beside::Rest(rest) => rest.map(|rest| *rest),
            Beside::Joiner(_) => None,
        }
    }

    /// Takes the result out of the job in which it lies.
    #[cold]
    fn take_from_job(&self) -> Result<T, JoinError> {
        let result = match self.rest() {
            Some(Rest::Job(job)) => job.take(),
            _ => Err(Failure::Cancelled),
        };
        result.map_err(|failure| JoinError::new(self.task, failure))
    }

    #[inline]
    fn end(&self, stage: Stage, rest: Option<Rest<T>>) {
        self.stage.set(stage);
        let rest = Beside::Rest(rest.map(Box::new));
        if let Beside::Joiner(joiner) = self.beside.replace(rest) {
            wake_quietly(joiner);
        }
    }
}

impl<T> JoinCell<T> {
    /// Waits for the task's end, for a joiner that was polled at this line.
    pub(super) fn poll_joined(
        &self,
        waker: &Waker,
        polled_at: &'static Location<'static>,
    ) -> Poll<()> {
        // The drop of an older waker is foreign code too.
        let waits = self.poll_ended(waker).is_pending() && !self.has_ended();
        emit!(waits, self.queue.trace() => self.report_waiting(polled_at));
        match waits {
            true => Poll::Pending,
            false => Poll::Ready(()),
        }
    }

    #[cold]
    #[track_caller]
    fn report_waiting(&self, polled_at: &'static Location<'static>) {
        let on = match self.slot {
            Key::JOB => Wait::Job(self.task),
            _ => Wait::Task(self.task),
        };
        let at = trace::line_or(polled_at).map(Place::from);
        let waiting = Event::Waiting { on, at };
        self.queue.trace().record(waiting, Place::above_caller());
    }
}

impl<T> Outcome<T> for Rc<JoinCell<T>> {
    #[inline]
    fn started(&self, _: &Waker) {}

    #[inline]
    fn abort_requested(&self) -> bool {
        self.aborted.get()
    }

    fn deliver(&self, result: Result<T, Failure>) {
        if self.detached.get() {
            self.stage.set(Stage::Over);
            return drop_quietly(result);
        }
        match result {
            Ok(value) => {
                self.value.set(Some(value));
                self.end(Stage::Finished, None);
            }
            Err(Failure::Cancelled) => self.end(Stage::Failed, None),
            Err(Failure::Panicked(payload)) => self.end(Stage::Failed, Some(Rest::Panic(payload))),
        }
    }
}

impl<T> JobOutcome<T> for Rc<JoinCell<T>> {
    fn ended(&self, job: JobResult<T>) {
        if self.detached.get() {
            self.stage.set(Stage::Over);
            return job.discard();
        }
        self.end(Stage::JobDone, Some(Rest::Job(job)));
    }

    fn given_up(&self) {
        self.deliver(Err(Failure::Cancelled));
    }

    fn is_detached(&self) -> bool {
        self.detached.get()
    }
}

impl<T> JoinCell<T> {
    /// The result, if it is there and has not been taken.
    #[inline]
    pub(super) fn take(&self) -> Option<Result<T, JoinError>> {
        let result = match self.stage.get() {
            Stage::Finished => Ok(self.value.take()?),
            Stage::Failed => Err(JoinError::new(self.task, self.failure())),
            Stage::JobDone => self.take_from_job(),
            Stage::Running | Stage::Over => return None,
        };
        self.stage.set(Stage::Over);
        Some(result)
    }

    /// The handle is gone.
    #[inline]
    pub(super) fn detach(&self) {
        self.detached.set(true);
        match self.stage.get() {
            Stage::Over => {}
            Stage::Running => drop(self.beside.replace(Beside::Rest(None))),
            Stage::Finished | Stage::Failed | Stage::JobDone => self.drop_result(),
        }
    }

    /// The result is not wanted. Its drop is the user's code, and is the task's doing.
    #[inline(never)]
    fn drop_result(&self) {
        if self.stage.get() == Stage::JobDone {
            self.stage.set(Stage::Over);
            if let Some(Rest::Job(job)) = self.rest() {
                job.discard();
            }
            return;
        }
        let result = self.take();
        self.queue.on_behalf_of(self.task, || drop_quietly(result));
    }
}

/// What an [`AbortHandle`](super::AbortHandle) can do without knowing the task's type.
pub(super) trait Abortable {
    fn abort(&self);
    fn is_finished(&self) -> bool;
    fn id(&self) -> Id;
}

impl<T> Abortable for JoinCell<T> {
    fn abort(&self) {
        if self.aborted.get() || self.has_ended() {
            return;
        }
        let (task, slot) = (self.task, self.slot);
        self.aborted.set(true);
        emit!(self.queue.trace(), Event::AbortRequested { task });
        self.queue.wake_to_abort(Key { task, slot });
    }

    fn is_finished(&self) -> bool {
        self.has_ended()
    }

    fn id(&self) -> Id {
        Id::new(self.task)
    }
}
