//! How a task is made by the code that runs on the runtime's own thread.
//!
//! The context says which runtime that is; its executor makes the task, and puts it on the run
//! queue. The first poll comes later, from the loop. (From another thread a future comes through
//! the inbox: `remote/mod.rs`.)

use std::future::Future;
use std::panic::Location;
use std::rc::Rc;

use crate::base::boxed::box_if_large;
use crate::machine::context::machine;
use crate::machine::task::{JoinCell, JoinHandle, Outcome};

/// Makes a task of `future`, which starts at its first turn, not before.
///
/// The future need be neither `Send` nor `Sync`; it must own what it uses (`'static`),
/// because it may outlive the function that spawns it. The task runs whether or not the
/// handle is awaited; dropping the handle detaches it.
///
/// # Panics
///
/// If there is no runtime on this thread.
///
/// ```
/// # #[runtime::main] async fn main() {
/// use std::rc::Rc;
///
/// let shared = Rc::new(20); // not Send: everything stays on this thread
/// let theirs = Rc::clone(&shared);
/// let task = runtime::spawn(async move { *theirs + 1 });
/// assert_eq!(*shared + task.await.unwrap(), 41);
/// # }
/// ```
#[track_caller]
pub fn spawn<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    // `machine()` lends nothing: should the runtime be shutting down, the future is dropped at once, and its
    // drop is foreign code. (`box_if_large!` boxes the future before it is passed on: `base/boxed.rs`.)
    let at = Location::caller();
    box_if_large!(F: future = Box::pin(future); machine().executor.spawn(future, at))
}

/// Makes a task that no handle is kept of: as `drop(spawn(future))`, but without the memory that a task
/// shares with its handle. A server makes one for each connection.
///
/// The task cannot be awaited or aborted. Its result is dropped when it ends; a panic is its end. When the
/// runtime is shut down the task is dropped, like any other. Tokio has no such function.
///
/// # Panics
///
/// If there is no runtime on this thread.
///
/// ```
/// # #[runtime::main] async fn main() {
/// let (tx, rx) = runtime::sync::oneshot::channel();
/// runtime::task::spawn_detached(async { drop(tx.send(1)) });
/// assert_eq!(rx.await, Ok(1));
/// # }
/// ```
#[track_caller]
pub fn spawn_detached<F>(future: F)
where
    F: Future + 'static,
{
    let at = Location::caller();
    box_if_large!(F: future = Box::pin(future); machine().executor.spawn_detached(future, at));
}

/// Makes a task with a name.
#[track_caller]
pub(crate) fn spawn_named<F>(
    future: F,
    name: &str,
    at: &'static Location<'static>,
) -> JoinHandle<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    let machine = machine();
    let future = machine.executor.named(future, name);
    machine.executor.spawn(future, at)
}

/// Makes a task whose result goes to what `outcome` makes of its join cell.
#[track_caller]
pub(crate) fn spawn_for<F, O>(
    future: F,
    outcome: impl FnOnce(Rc<JoinCell<F::Output>>) -> O,
    name: Option<&str>,
    at: &'static Location<'static>,
) -> JoinHandle<F::Output>
where
    F: Future + 'static,
    O: Outcome<F::Output> + 'static,
{
    let executor = &machine().executor;
    match name {
        Some(name) => executor.spawn_for(executor.named(future, name), outcome, at),
        None => executor.spawn_for(future, outcome, at),
    }
}

/// Another name of [`spawn`], for programs that say where they need no `Send`.
///
/// # Panics
///
/// If there is no runtime on this thread.
///
/// ```
/// # #[runtime::main] async fn main() {
/// assert_eq!(runtime::task::spawn_local(async { 1 }).await.unwrap(), 1);
/// # }
/// ```
#[track_caller]
pub fn spawn_local<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    box_if_large!(F: future = Box::pin(future); spawn(future))
}
