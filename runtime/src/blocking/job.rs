//! A job: a closure on its way to a thread, and its result on the way back.
//!
//! ```text
//!             taken up             its end              the handle takes it
//!   ┌────────┐        ┌─────────┐          ┌──────────┐
//!   │ queued ├───────►│ running ├─────────►│   done   ├──────────────────► over
//!   └───┬────┘        └────┬────┘          └────┬─────┘
//!       │ abort            │ its result is      │ it is discarded: the job goes
//!       ▼                  │ not wanted         │ to the pool a second time
//!   ┌─────────┐            ▼                    ▼
//!   │ aborted ├──────► over: a thread of the pool has dropped the closure
//!   └─────────┘              or the result
//! ```
//!
//! The job is shared by three: the pool, whose threads do what is next for it; the list of the
//! jobs in flight (`machine/jobs.rs`), or nothing, if another thread gave it; and, when it is
//! over, the handle. Who changes its stage does so under its lock, and for no longer than that
//! takes: the closure runs outside, and so does every drop of what belongs to the user.
//!
//! How it can go wrong: dropping what belongs to the user may take long. A result that is not
//! wanted, the payload of a panic, the closure of a job that was aborted: the runtime's own thread
//! does not drop one, for every task would wait. A thread of the pool does. But a job that runs may
//! wait for just that drop (of the other end of a channel, say), and a result in the queue behind it
//! would never be dropped. So drops come before all jobs in the queue; and if each thread of the pool
//! runs a job, the runtime's thread does drop the result.

use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard};

use crate::base::foreign::drop_quietly;
use crate::base::pool::{Pool, Work};
use crate::machine::jobs::InFlight;
use crate::machine::jobs::{Ended, JobOutcome, JobResult};
use crate::machine::task::Failure;
use crate::trace::End;

/// Who hears of a job's end.
pub(super) trait Hears<T>: Send + Sync {
    /// Whether the job was aborted before it began.
    fn is_aborted(&self) -> bool;
    /// The job is over; its result lies in it.
    fn over(&self, job: JobResult<T>);
}

/// See the file's heading.
pub(crate) struct Job<F, T, H> {
    pool: Pool,
    state: Mutex<State<F, T>>,
    listener: H,
}

struct State<F, T> {
    stage: Stage<F, T>,
    /// Whether the result will be taken.
    wanted: bool,
}

enum Stage<F, T> {
    Queued(F),
    /// It will never begin; the closure waits for the thread that comes to it.
    Aborted(F),
    Running,
    Done(Result<T, Failure>),
    /// The result has been taken or dropped.
    Over(End),
}

/// What a thread of the pool finds to do for a job.
enum Next<F, T> {
    Run(F),
    DropClosure(F),
    DropResult(Result<T, Failure>),
    Nothing,
}

impl<F, T, H> Job<F, T, H> {
    pub(super) fn new(pool: Pool, work: F, listener: H) -> Job<F, T, H> {
        Job {
            pool,
            state: Mutex::new(State {
                stage: Stage::Queued(work),
                wanted: true,
            }),
            listener,
        }
    }

    /// Owner: keeps a job that has not begun from beginning; says whether it could.
    pub(super) fn abort(&self) -> bool {
        let mut state = self.lock();
        match mem::replace(&mut state.stage, Stage::Running) {
            Stage::Queued(work) => {
                state.stage = Stage::Aborted(work);
                true
            }
            other => {
                state.stage = other;
                false
            }
        }
    }

    /// How the job ended; `None` if it has not. A result that comes later is not wanted.
    pub(super) fn conclude(&self) -> Option<End> {
        let mut state = self.lock();
        match &state.stage {
            Stage::Done(result) => Some(end_of(result)),
            Stage::Over(how) => Some(*how),
            Stage::Queued(_) | Stage::Aborted(_) | Stage::Running => {
                state.wanted = false;
                None
            }
        }
    }

    /// Thread: takes out what is to be done next.
    fn next(&self) -> Next<F, T> {
        let mut state = self.lock();
        match mem::replace(&mut state.stage, Stage::Running) {
            Stage::Queued(work) => Next::Run(work),
            Stage::Aborted(work) => {
                state.stage = Stage::Over(End::Cancelled);
                Next::DropClosure(work)
            }
            Stage::Done(result) if !state.wanted => {
                state.stage = Stage::Over(end_of(&result));
                Next::DropResult(result)
            }
            other => {
                state.stage = other;
                Next::Nothing
            }
        }
    }

    /// Thread: leaves the result. It comes back if it is not wanted.
    fn leave(&self, result: Result<T, Failure>) -> Option<Result<T, Failure>> {
        let mut state = self.lock();
        if !state.wanted {
            state.stage = Stage::Over(end_of(&result));
            return Some(result);
        }
        state.stage = Stage::Done(result);
        None
    }

    fn lock(&self) -> MutexGuard<'_, State<F, T>> {
        match self.state.lock() {
            Ok(guard) => guard,
            Err(poisoned) => poisoned.into_inner(),
        }
    }
}

impl<F, T, H> Job<F, T, H>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
    H: Hears<T> + 'static,
{
    /// Thread: the job is over.
    fn finish(self: Arc<Self>, result: Result<T, Failure>) {
        drop_quietly(self.leave(result));
        let job = Arc::clone(&self);
        self.listener.over(job);
    }

    /// Drops what was to be done next.
    fn give_up(self: Arc<Self>, next: Next<F, T>) {
        match next {
            Next::Run(work) => {
                drop_quietly(work);
                self.finish(Err(Failure::Cancelled));
            }
            Next::DropClosure(work) => drop_quietly(work),
            Next::DropResult(result) => drop_quietly(result),
            Next::Nothing => {}
        }
    }
}

impl<F, T, H> Work for Job<F, T, H>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
    H: Hears<T> + 'static,
{
    fn run(self: Arc<Self>) {
        match self.next() {
            Next::Run(work) if !self.listener.is_aborted() => {
                let work = || catch_unwind(AssertUnwindSafe(work));
                let result = self.pool.busy(work);
                self.finish(result.map_err(Failure::panicked));
            }
            next => self.give_up(next),
        }
    }

    fn revoke(self: Arc<Self>) {
        let next = self.next();
        self.give_up(next);
    }
}

impl<F, T, H> Ended<T> for Job<F, T, H>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
    H: Hears<T> + 'static,
{
    fn take(&self) -> Result<T, Failure> {
        let mut state = self.lock();
        match mem::replace(&mut state.stage, Stage::Running) {
            Stage::Done(result) => {
                state.stage = Stage::Over(end_of(&result));
                result
            }
            other => {
                state.stage = other;
                Err(Failure::Cancelled)
            }
        }
    }

    fn discard(self: Arc<Self>) {
        let mut state = self.lock();
        let first = mem::replace(&mut state.wanted, false);
        let needs_thread = match &state.stage {
            Stage::Done(Ok(_)) => mem::needs_drop::<T>(),
            Stage::Done(Err(failure)) => matches!(failure, Failure::Panicked(_)),
            // The thread that comes to it, or has it, will see that its result is not wanted.
            _ => false,
        };
        drop(state);
        if first && needs_thread {
            self.pool.clone().give_first(self);
        }
    }
}

/// A job in flight, and where its result goes: what the runtime's own thread keeps of it.
pub(super) struct Pair<F, T, H, O> {
    pub(super) job: Arc<Job<F, T, H>>,
    /// Gets the result.
    pub(super) outcome: O,
}

impl<F, T, H, O> InFlight for Pair<F, T, H, O>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
    H: Hears<T> + 'static,
    O: JobOutcome<T>,
{
    fn abort(&self) -> bool {
        self.job.abort()
    }

    fn discard_if_detached(&self) {
        if self.outcome.is_detached() {
            Arc::clone(&self.job).discard();
        }
    }

    fn complete(self: Box<Self>, tell: &dyn Fn(End)) {
        let ended = self.job.conclude();
        tell(ended.unwrap_or(End::Cancelled));
        match ended {
            Some(_) => {
                let job: JobResult<T> = self.job;
                self.outcome.ended(job);
            }
            None => self.outcome.given_up(),
        }
    }
}

fn end_of<T>(result: &Result<T, Failure>) -> End {
    match result {
        Ok(_) => End::Finished,
        Err(Failure::Cancelled) => End::Cancelled,
        Err(Failure::Panicked(_)) => End::Panicked,
    }
}
