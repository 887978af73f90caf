//! Work that blocks, done on other threads.
//!
//! A task that computes for a second, or makes a system call that blocks, stops
//! all other tasks of its runtime. [`spawn_blocking`] gives such work to a thread of a
//! **pool** instead: as a **job**, which is a closure, not a future. What it returns arrives
//! through the inbox, like a wake from any other thread, and the task that awaits its
//! [`JoinHandle`] is woken.
//!
//! Four things make that up, each in a file: the threads and their queue (`base/pool.rs`); the job
//! on its way out and back (`job.rs`); the list of jobs in flight, which the runtime's own
//! thread keeps (`machine/jobs.rs`); and a job given by another thread, whose result does not pass
//! through that list (`remote.rs`). The look-up of host names uses the pool too, and so do files and standard
//! input and output, whose bytes it carries to and fro in one buffer each
//! (`transfer_buffer.rs`, `blocking_io.rs`), and directories, whose entries it fetches; a job and a task
//! use such a thing by turns (`by_turns.rs`).
//!
//! How it can go wrong: a job cannot be stopped. It has no `.await` at which it could be
//! dropped, so aborting it works only before it began, and dropping a runtime waits for it.
//! To drop its result may take long too. So a thread of the pool drops each result that no task
//! wants.

mod blocking_io;
mod by_turns;
mod job;
mod remote;
mod transfer_buffer;

use std::fmt;
use std::io;
use std::panic::Location;
use std::rc::Rc;
use std::sync::Arc;

use crate::base::boxed::box_if_large;
pub(crate) use crate::base::pool::no_thread;
use crate::base::pool::{Pool, Refused};
use crate::machine::context::{self};
use crate::machine::inbox::Inbox;
use crate::machine::jobs::{JobOutcome, JobResult};
use crate::machine::run_queue;
use crate::machine::task::{JoinCell, JoinError, JoinHandle, Message, enter_job};
use crate::machine::turn::Machine;
use crate::trace::{Event, Place, emit_next};

pub(crate) use blocking_io::{BlockingIo, Device, beginning_a_seek};
pub(crate) use by_turns::ByTurns;
use job::{Hears, Job, Pair};
pub(crate) use remote::give_remotely;

/// Runs `work` on a thread where it may block, and returns the handle of its result.
///
/// The thread is one of the runtime's pool, which grows with the work up to
/// [`max_blocking_threads`](crate::runtime::Builder::max_blocking_threads) and gives up
/// threads that are idle. What does not find a thread waits its turn.
///
/// For work that computes for long, bound the number of jobs (by a
/// [`Semaphore`](crate::sync::Semaphore), say): the pool has many more threads than the
/// machine has cores, because most of its work waits.
///
/// [`Handle::current`](crate::runtime::Handle::current) works inside `work`, so that blocking
/// code can send a future back to the runtime with
/// [`Handle::spawn`](crate::runtime::Handle::spawn), or another job to the pool with
/// [`Handle::spawn_blocking`](crate::runtime::Handle::spawn_blocking). Tasks, timers and
/// sockets cannot be made there: they belong to the runtime's own thread.
///
/// Dropping the handle detaches the job. [`abort`](JoinHandle::abort) keeps one from beginning
/// that has not begun, and does nothing to one that has. A panic of `work` is the
/// [`JoinError`] of the task that awaits the handle.
///
/// A job that was given is done, also when the runtime is dropped before it has begun. Dropping
/// the runtime waits until all jobs are over; how long it waits at most can be chosen: see
/// [`shutdown_timeout`](crate::runtime::Runtime::shutdown_timeout). A job that is given while the
/// runtime is being dropped, when its tasks are gone, is refused: its handle reports a
/// cancellation.
///
/// A result that is not awaited (the handle was dropped, or the time of a
/// [`timeout`](crate::time::timeout()) was up) is dropped by a thread of the pool, for that may
/// take long too. So is the closure of a job that was aborted. Only where the pool is gone is
/// there no other thread than the one that drops the handle.
///
/// A paused clock does not jump ahead while a job is in flight.
///
/// # Panics
///
/// If this thread is not in a runtime of its own; if the operating system gives no thread and
/// the pool has none.
///
/// ```
/// # #[runtime::main] async fn main() {
/// let sum = runtime::task::spawn_blocking(|| (1..=1_000_000_u64).sum::<u64>());
/// assert_eq!(sum.await.unwrap(), 500_000_500_000);
/// # }
/// ```
#[track_caller]
pub fn spawn_blocking<F, R>(work: F) -> JoinHandle<R>
where
    F: FnOnce() -> R + Send + 'static,
    R: Send + 'static,
{
    let at = Location::caller().into();
    box_if_large!(F: work = Box::new(work); spawn_blocking_in(&context::machine(), work, at))
}

/// [`spawn_blocking`] in a given runtime.
#[track_caller]
pub(crate) fn spawn_blocking_in<F, R>(machine: &Machine, work: F, at: Place) -> JoinHandle<R>
where
    F: FnOnce() -> R + Send + 'static,
    R: Send + 'static,
{
    let (handle, given) = give_for(machine, &machine.remote.pool, work, |state| state, at);
    match given {
        // Refused, it has been revoked, and the handle reports a cancellation.
        Ok(()) | Err(Refused::Closed) => handle,
        Err(Refused::NoThread(error)) => no_thread(&error),
    }
}

/// Refuses: this runtime has one thread, and to block it would stop every task.
///
/// In Tokio it moves the other tasks to another thread first; on a runtime of one thread it
/// panics there too. What to write instead is [`spawn_blocking`], whose closure must own what
/// it uses. Outside of tasks, where no task is held up, it calls `work` and returns its result.
///
/// # Panics
///
/// If it is called by a task.
///
/// ```
/// let runtime = runtime::runtime::Runtime::new()?;
/// assert_eq!(runtime::task::block_in_place(|| 1 + 2), 3); // no task waits for this thread
/// let task = runtime.spawn(async { runtime::task::block_in_place(|| 1 + 2) });
/// assert!(runtime.block_on(task).unwrap_err().is_panic());
/// # Ok::<(), std::io::Error>(())
/// ```
#[track_caller]
pub fn block_in_place<F, R>(work: F) -> R
where
    F: FnOnce() -> R,
{
    assert!(
        run_queue::polling().is_none(),
        "block_in_place was called by a task of a runtime that has one thread: blocking it would \
         stop every task; give the work to `task::spawn_blocking` and `.await` that"
    );
    work()
}

/// Gives a job of a runtime to a pool, on the runtime's own thread. The pool is the runtime's, or what a simulation has
/// in its place.
pub(crate) fn give<F, R>(
    machine: &Machine,
    pool: &Pool,
    work: F,
    at: Place,
) -> io::Result<JoinHandle<R>>
where
    F: FnOnce() -> R + Send + 'static,
    R: Send + 'static,
{
    let (handle, given) = give_for(machine, pool, work, |state| state, at);
    given?;
    Ok(handle)
}

/// [`spawn_blocking`] for a caller that must hear of the end: what `outcome` makes of the handle's
/// state is told. If there is no thread, it hears of a cancellation all the same.
#[track_caller]
pub(crate) fn spawn_blocking_for<F, R, O>(
    work: F,
    outcome: impl FnOnce(Rc<JoinCell<R>>) -> O,
    at: &'static Location<'static>,
) -> io::Result<JoinHandle<R>>
where
    F: FnOnce() -> R + Send + 'static,
    R: Send + 'static,
    O: JobOutcome<R> + 'static,
{
    let machine = context::machine();
    match give_for(&machine, &machine.remote.pool, work, outcome, at.into()) {
        (_, Err(Refused::NoThread(error))) => Err(error),
        (handle, _) => Ok(handle),
    }
}

/// A handle that reports a cancellation comes with a refusal.
fn give_for<F, R, O>(
    machine: &Machine,
    pool: &Pool,
    work: F,
    outcome: impl FnOnce(Rc<JoinCell<R>>) -> O,
    at: Place,
) -> (JoinHandle<R>, Result<(), Refused>)
where
    F: FnOnce() -> R + Send + 'static,
    R: Send + 'static,
    O: JobOutcome<R> + 'static,
{
    let executor = &machine.executor;
    let (number, state) = executor.new_job();
    let outside = machine.remote.clone();
    let work = move || {
        let _inside = context::enter_remotely(&outside);
        let _number = enter_job(number);
        work()
    };
    let end = LocalEnd {
        number,
        inbox: Arc::clone(machine.inbox()),
    };
    let job = Arc::new(Job::new(pool.clone(), work, end));
    let pair = Pair {
        job: Arc::clone(&job),
        outcome: outcome(Rc::clone(&state)),
    };
    executor.jobs().add(number, Box::new(pair));
    emit_next!(machine.trace, Event::JobQueued { job: number, at });
    let given = pool.give(job);
    if given.is_err() {
        executor.jobs().complete(number);
    }
    (JoinHandle::new(state), given)
}

/// The list of the jobs in flight, as the threads of the pool reach it.
struct LocalEnd {
    /// The job's number in it.
    number: u64,
    inbox: Arc<Inbox<Message>>,
}

impl<T> Hears<T> for LocalEnd {
    fn is_aborted(&self) -> bool {
        false // the list has the job itself, and tells it
    }

    fn over(&self, _: JobResult<T>) {
        // Refused, the runtime is being dropped: it looks at the job without being told.
        let _ = self.inbox.send(Message::JobDone(self.number));
    }
}

/// Does a part of the runtime's own work on the pool of the runtime that this thread is in:
/// `work` is a call of the operating system that may block.
pub(crate) async fn run<F, R>(work: F, at: Place) -> io::Result<R>
where
    F: FnOnce() -> io::Result<R> + Send + 'static,
    R: Send + 'static,
{
    let machine = context::machine();
    let job = give(&machine, &machine.remote.pool, work, at)?;
    drop(machine);
    ended(job).await
}

/// Waits for a job of the runtime's own work.
pub(crate) async fn ended<R>(job: JoinHandle<io::Result<R>>) -> io::Result<R> {
    match job.await {
        Ok(result) => result,
        Err(error) => Err(io::Error::other(Interrupted(error))),
    }
}

/// The work was never done, or panicked.
#[derive(Debug)]
struct Interrupted(JoinError);

impl fmt::Display for Interrupted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the work was given to a thread of the blocking pool, and {}",
            self.0
        )
    }
}

impl std::error::Error for Interrupted {}
