//! Waiting for a task's end, and asking for it.
//!
//! The join cell is shared by the task, which puts its result in, and its
//! [`JoinHandle`], which takes it out. Both live on one thread, so it is an `Rc` of plain
//! cells.
//!
//! Aborting is a request, as it is in Tokio: `abort` raises a flag and queues the task;
//! when its turn comes the future is dropped instead of polled. So `abort` returns before
//! the task is gone. A program that needs to know that it is awaits the handle.

use std::cell::Cell;
use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker, ready};

use super::error::{Failure, Kept};
use super::spawned::Outcome;
use super::{Id, JoinError};
use crate::machine::coop;
use crate::machine::foreign::{drop_quietly, wake_quietly};
use crate::machine::jobs::{JobOutcome, JobResult};
use crate::machine::run_queue::{Key, RunQueue};
use crate::machine::stays::{STAYS, Stays};
use crate::machine::waker_cell::register;
use crate::trace::{self, Event, Place, Wait, emit};

/// What a task and its handle share.
pub(crate) struct JoinCell<T> {
    /// Where to queue the task that is to be aborted.
    queue: Rc<RunQueue>,
    task: u64,
    index: u32,
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
            index: key.index,
            aborted: Cell::new(false),
            detached: Cell::new(false),
            stage: Cell::new(Stage::Running),
            value: Cell::new(None),
            beside: Cell::new(Beside::Rest(None)),
        })
    }

    #[inline]
    fn has_ended(&self) -> bool {
        self.stage.get() != Stage::Running
    }

    /// Waits for the end of the task, with the waker of the task that awaits it. (To clone the waker may
    /// drive the runtime until the task has ended: see [`register`].)
    fn poll_ended(&self, waker: &Waker) -> Poll<()> {
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
    #[cold]
    fn emit_waiting(&self, polled_at: &'static Location<'static>) {
        let on = match self.index {
            Key::JOB => Wait::Job(self.task),
            _ => Wait::Task(self.task),
        };
        let at = trace::line_or(polled_at).map(Place::from);
        emit!(self.queue.trace(), Event::Waiting { on, at });
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

/// What an [`AbortHandle`] can do without knowing the task's type.
trait Abortable {
    fn abort(&self);
    fn is_finished(&self) -> bool;
    fn id(&self) -> Id;
}

impl<T> Abortable for JoinCell<T> {
    fn abort(&self) {
        if self.aborted.get() || self.has_ended() {
            return;
        }
        self.aborted.set(true);
        emit!(
            self.queue.trace(),
            Event::AbortRequested { task: self.task }
        );
        let key = Key {
            task: self.task,
            index: self.index,
        };
        match key.index {
            Key::JOB => self.queue.push_abort_request(key),
            // The task may be queued already; the second key will find it gone.
            _ => self.queue.push(key),
        }
    }

    fn is_finished(&self) -> bool {
        self.has_ended()
    }

    fn id(&self) -> Id {
        Id::new(self.task)
    }
}

/// The right to wait for a task's end: a future of its result.
///
/// Dropping the handle **detaches** the task: it runs on, and its result is dropped. To
/// end it, [`abort`](JoinHandle::abort).
///
/// The result is `Err` if the task panicked, was aborted, or was dropped because its
/// runtime was shut down.
///
/// # Cancel safety
///
/// Awaiting `&mut handle` in `select!` is cancel safe: the result stays until taken.
///
/// # Panics
///
/// When polled again after it returned the result.
///
/// ```
/// # runtime::runtime::Runtime::new()?.block_on(async {
/// let handle = runtime::spawn(async { 6 * 7 });
/// assert_eq!(handle.await.unwrap(), 42);
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct JoinHandle<T> {
    state: Rc<JoinCell<T>>,
    _stays: Stays,
}

impl<T> JoinHandle<T> {
    pub(crate) fn new(state: Rc<JoinCell<T>>) -> JoinHandle<T> {
        JoinHandle {
            state,
            _stays: STAYS,
        }
    }

    /// Asks for the task to be dropped at its next turn, instead of being polled.
    ///
    /// Awaiting the handle then gives an error that [is a
    /// cancellation](JoinError::is_cancelled), unless the task ends in its own way first:
    /// one that aborts itself and returns a value in the same poll has that value. A task
    /// that has ended is not affected.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// let handle = runtime::spawn(std::future::pending::<()>());
    /// handle.abort();
    /// assert!(!handle.is_finished()); // a request: it has not had its turn yet
    /// assert!(handle.await.unwrap_err().is_cancelled());
    /// # });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn abort(&self) {
        Abortable::abort(&*self.state);
    }

    /// Whether the task has ended, in whatever way.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// let handle = runtime::spawn(async {});
    /// assert!(!handle.is_finished());
    /// runtime::task::yield_now().await;
    /// assert!(handle.is_finished());
    /// # });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn is_finished(&self) -> bool {
        self.state.has_ended()
    }

    /// A handle that can abort the task but not await it.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// let handle = runtime::spawn(std::future::pending::<()>());
    /// let abort = handle.abort_handle();
    /// abort.abort();
    /// assert!(handle.await.unwrap_err().is_cancelled());
    /// # });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn abort_handle(&self) -> AbortHandle
    where
        T: 'static,
    {
        let state: Rc<JoinCell<T>> = Rc::clone(&self.state);
        AbortHandle {
            state,
            _stays: STAYS,
        }
    }

    /// The task's number.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// let handle = runtime::spawn(async {});
    /// assert_eq!(handle.id(), handle.abort_handle().id());
    /// # });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn id(&self) -> Id {
        Id::new(self.state.task)
    }
}

impl<T> Future for JoinHandle<T> {
    type Output = Result<T, JoinError>;

    /// A handle is made by `spawn` and may be awaited far from there, so its wait has the line
    /// of the `.await`: what the compiler writes for it calls `poll`, and is at that line.
    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let budget = ready!(coop::poll_proceed(cx));
        let state = &self.state;
        // The drop of an older waker is foreign code too.
        if state.poll_ended(cx.waker()).is_pending() && !state.has_ended() {
            emit!(state.queue.trace() => state.emit_waiting(Location::caller()));
            return Poll::Pending;
        }
        budget.made_progress();
        match self.take() {
            Some(result) => Poll::Ready(result),
            None => panic!("a JoinHandle was polled again after it gave its result"),
        }
    }
}

impl<T> JoinHandle<T> {
    /// The result, if it is there and has not been taken.
    #[inline]
    pub(crate) fn take(&self) -> Option<Result<T, JoinError>> {
        let state = &*self.state;
        let result = match state.stage.get() {
            Stage::Finished => Ok(state.value.take()?),
            Stage::Failed => Err(JoinError::new(state.task, state.failure())),
            Stage::JobDone => state.take_from_job(),
            Stage::Running | Stage::Over => return None,
        };
        state.stage.set(Stage::Over);
        Some(result)
    }

    /// The result is not wanted. Its drop is the user's code, and is the task's doing.
    #[inline(never)]
    fn drop_result(&self) {
        let state = &*self.state;
        if state.stage.get() == Stage::JobDone {
            state.stage.set(Stage::Over);
            if let Some(Rest::Job(job)) = state.rest() {
                job.discard();
            }
            return;
        }
        let result = self.take();
        let queue = &state.queue;
        queue.on_behalf_of(state.task, || drop_quietly(result));
    }
}

impl<T> Drop for JoinHandle<T> {
    #[inline]
    fn drop(&mut self) {
        let state = &*self.state;
        state.detached.set(true);
        match state.stage.get() {
            Stage::Over => {}
            Stage::Running => drop(state.beside.replace(Beside::Rest(None))),
            Stage::Finished | Stage::Failed | Stage::JobDone => self.drop_result(),
        }
    }
}

impl<T> fmt::Debug for JoinHandle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JoinHandle")
            .field("id", &self.id())
            .finish()
    }
}

/// The right to end a task, without the right to its result.
///
/// Any number of them may exist; dropping one does nothing.
///
/// ```
/// # runtime::runtime::Runtime::new()?.block_on(async {
/// let task = runtime::spawn(std::future::pending::<()>());
/// let abort = task.abort_handle();
/// abort.abort();
/// assert!(task.await.is_err());
/// assert!(abort.is_finished());
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone)]
pub struct AbortHandle {
    state: Rc<dyn Abortable>,
    _stays: Stays,
}

impl AbortHandle {
    /// As [`JoinHandle::abort`].
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// let task = runtime::spawn(std::future::pending::<()>());
    /// task.abort_handle().abort();
    /// assert!(task.await.unwrap_err().is_cancelled());
    /// # });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn abort(&self) {
        self.state.abort();
    }

    /// As [`JoinHandle::is_finished`].
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// assert!(!runtime::spawn(async {}).abort_handle().is_finished());
    /// # });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn is_finished(&self) -> bool {
        self.state.is_finished()
    }

    /// The task's number.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// let task = runtime::spawn(async {});
    /// assert_eq!(task.abort_handle().id(), task.id());
    /// # });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn id(&self) -> Id {
        self.state.id()
    }
}

impl fmt::Debug for AbortHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AbortHandle")
            .field("id", &self.id())
            .finish()
    }
}
