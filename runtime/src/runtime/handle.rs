//! The handle: a runtime as other threads know it.
//!
//! A runtime is made of plain cells and stays on its thread. All that another thread can do
//! is to leave something in its inbox, or work for its pool of threads, so that is all a handle
//! holds.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::panic::Location;
use std::sync::Arc;

use super::identity::{Id, RuntimeFlavor, TryCurrentError};
use crate::base::boxed::box_if_large;
use crate::blocking;
use crate::glass::Dump;
use crate::machine::context::{self, Entered};
use crate::machine::inspect::snapshot::TaskState;
use crate::machine::task::Message;
use crate::machine::turn::RemoteHandle;
use crate::remote::{RemoteJoinHandle, remote, remote_with};

/// Reaches a runtime from any thread. `Send`, `Sync`, and cheap to clone.
///
/// It does not keep the runtime alive. What is spawned when the runtime is gone is dropped,
/// and its handle reports a cancellation.
///
/// ```
/// use runtime::runtime::{Handle, Runtime};
///
/// let runtime = Runtime::new()?;
/// let task = runtime.block_on(async {
///     let handle = Handle::current();
///     std::thread::spawn(move || handle.spawn(async { "hello" })).join().unwrap()
/// });
/// assert_eq!(runtime.block_on(task).unwrap(), "hello");
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone)]
pub struct Handle {
    outside: RemoteHandle,
}

impl Handle {
    pub(super) fn new(outside: RemoteHandle) -> Handle {
        Handle { outside }
    }

    /// The runtime that this thread is in.
    ///
    /// # Panics
    ///
    /// If it is in none.
    ///
    /// ```
    /// # #[runtime::main] async fn main() {
    /// let handle = runtime::runtime::Handle::current();
    /// # }
    /// ```
    #[track_caller]
    pub fn current() -> Handle {
        match Handle::try_current() {
            Ok(handle) => handle,
            Err(error) => panic!("{error}"),
        }
    }

    /// The runtime that this thread is in.
    ///
    /// # Errors
    ///
    /// If it is in none.
    ///
    /// ```
    /// assert!(runtime::runtime::Handle::try_current().is_err());
    /// ```
    pub fn try_current() -> Result<Handle, TryCurrentError> {
        let outside = context::remote_handle().map_err(TryCurrentError)?;
        Ok(Handle { outside })
    }

    /// Sends a future to the runtime, to become a task there.
    ///
    /// It may be called on any thread, so the future must be `Send`; once it has arrived it
    /// stays on the runtime's thread. On that thread [`runtime::spawn`](crate::spawn) does
    /// the same without the way through the inbox, and asks for no `Send`.
    ///
    /// ```
    /// let runtime = runtime::runtime::Runtime::new()?;
    /// let task = runtime.handle().spawn(async { 1 });
    /// assert_eq!(runtime.block_on(task).unwrap(), 1);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn spawn<F>(&self, future: F) -> RemoteJoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let at = Location::caller();
        let home = self.home();
        let (spawn, handle) = box_if_large!(F: future = Box::pin(future); remote(future, at, home));
        // Refused, the future is dropped, and the handle hears that it was cancelled.
        drop(self.outside.inbox.send(Message::Spawn(spawn)));
        handle
    }

    /// Sends a closure to the runtime, which makes the future of a new task there.
    ///
    /// Only the closure travels, so only the closure and the result must be `Send`. The future is
    /// made on the runtime's thread and stays there. It may hold what [`spawn`](Handle::spawn)
    /// cannot take: a timer, a socket, an `Rc`, a [`JoinHandle`](crate::task::JoinHandle).
    ///
    /// The runtime calls the closure in the first poll of the task. The closure runs inside the
    /// runtime and inside the task: `runtime::spawn`, `sleep` and `task::id` work in it. If it
    /// panics, the task has panicked, and the handle reports that.
    ///
    /// If the task is aborted before its first poll, the closure is not called. The runtime drops
    /// it on its own thread, and the handle reports a cancellation. The same happens if the
    /// runtime is shut down before the first poll. If the runtime is gone already, this function
    /// drops the closure.
    ///
    /// # Cancel safety
    ///
    /// Dropping the handle detaches the task.
    ///
    /// To wait for the result on a thread that runs no runtime there is
    /// [`RemoteJoinHandle::blocking_join`].
    ///
    /// ```
    /// use runtime::runtime::{Handle, Runtime};
    /// use runtime::time::{Duration, sleep};
    ///
    /// let runtime = Runtime::new()?;
    /// let worker = runtime.spawn_blocking(|| {
    ///     let handle = Handle::current();
    ///     let task = handle.spawn_with(|| async {
    ///         sleep(Duration::from_millis(1)).await; // a `Sleep` is not `Send`
    ///         "rested"
    ///     });
    ///     task.blocking_join().unwrap()
    /// });
    /// assert_eq!(runtime.block_on(worker).unwrap(), "rested");
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn spawn_with<M, F>(&self, make: M) -> RemoteJoinHandle<F::Output>
    where
        M: FnOnce() -> F + Send + 'static,
        F: Future + 'static,
        F::Output: Send + 'static,
    {
        let at = Location::caller();
        let home = self.home();
        let (spawn, handle) = box_if_large!(
            M: make = Box::new(make); remote_with(make, at, home)
        );
        // Refused, the closure is dropped, and the handle hears that it was cancelled.
        drop(self.outside.inbox.send(Message::Spawn(spawn)));
        handle
    }

    /// What kind of runtime it is: there is one thread, always.
    ///
    /// ```
    /// use runtime::runtime::{Runtime, RuntimeFlavor};
    ///
    /// let runtime = Runtime::new()?;
    /// assert_eq!(runtime.handle().runtime_flavor(), RuntimeFlavor::CurrentThread);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn runtime_flavor(&self) -> RuntimeFlavor {
        RuntimeFlavor::CurrentThread
    }

    /// A number of the runtime, which no other has while this handle lives.
    ///
    /// ```
    /// use runtime::runtime::Runtime;
    ///
    /// let (one, two) = (Runtime::new()?, Runtime::new()?);
    /// assert_ne!(one.handle().id(), two.handle().id());
    /// assert_eq!(one.handle().id(), one.handle().clone().id());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn id(&self) -> Id {
        Id(Arc::as_ptr(&self.outside.inbox).addr())
    }

    /// What a remote handle remembers of the runtime.
    fn home(&self) -> Option<usize> {
        Some(self.id().0)
    }

    /// Runs `work` on a thread of the runtime's pool, where it may block: as
    /// [`task::spawn_blocking`](crate::task::spawn_blocking), but from any thread, a job's
    /// included. The runtime need not be running for it.
    ///
    /// The handle has no [`id`](RemoteJoinHandle::id): the job never comes to the runtime's own
    /// thread.
    ///
    /// # Panics
    ///
    /// If the operating system gives no thread and the pool has none.
    ///
    /// ```
    /// use runtime::runtime::{Handle, Runtime};
    ///
    /// let runtime = Runtime::new()?;
    /// let sum = runtime.block_on(runtime.spawn_blocking(|| {
    ///     // On a thread of the pool: what else takes long goes to another one.
    ///     Handle::current().spawn_blocking(|| 1 + 2)
    /// }));
    /// assert_eq!(runtime.block_on(sum.unwrap()).unwrap(), 3);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn spawn_blocking<F, R>(&self, work: F) -> RemoteJoinHandle<R>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static,
    {
        box_if_large!(F: work = Box::new(work); blocking::give_remotely(&self.outside, work))
    }

    /// Every task of the runtime, to be printed: its state, where and when it was spawned, how
    /// often it was polled, and what it waits for, where that can be found out. (While the runtime is
    /// [observed](crate::trace::Trace::observe), it always can.)
    ///
    /// The runtime makes it when it comes to it: a task that holds the thread for ever makes
    /// all others wait, and the dump too.
    ///
    /// To print it is a blocking write. On the runtime's thread, a standard error that is a
    /// full pipe would stop every task: print it on another thread.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe.
    ///
    /// ```
    /// let runtime = runtime::runtime::Runtime::new()?;
    /// let task = runtime.spawn(async { runtime::signal::ctrl_c().await });
    /// runtime.block_on(runtime::task::yield_now());
    /// let dump = runtime.block_on(runtime.handle().dump());
    /// assert!(dump.to_string().contains("to be readable"), "{dump}");
    /// # drop(task);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn dump(&self) -> impl Future<Output = Dump> + Send + use<> {
        let dumped = self.spawn(async { context::machine().snapshot() });
        async move {
            let mut state = dumped.await.ok();
            if let Some(state) = &mut state {
                // The task that looked.
                state
                    .tasks
                    .retain(|_, view| view.state != TaskState::Running);
            }
            Dump::new(state)
        }
    }

    /// Puts this thread into the runtime for as long as the guard lives.
    ///
    /// On the runtime's own thread this is [`Runtime::enter`](super::Runtime::enter). On
    /// another, [`Handle::current`] finds the handle, and nothing else can be done.
    ///
    /// ```
    /// use runtime::runtime::{Handle, Runtime};
    /// let runtime = Runtime::new()?;
    /// let guard = runtime.handle().enter();
    /// assert!(Handle::try_current().is_ok());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn enter(&self) -> EnterGuard<'_> {
        EnterGuard::new(context::enter_remotely(&self.outside))
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle").finish_non_exhaustive()
    }
}

/// This thread is in a runtime for as long as this lives.
///
/// Made by [`Runtime::enter`](super::Runtime::enter) and [`Handle::enter`].
///
/// # Panics
///
/// Guards must be dropped in the reverse order of their making: the drop of one that was made
/// before another that still lives panics.
///
/// ```
/// let runtime = runtime::runtime::Runtime::new()?;
/// let guard: runtime::runtime::EnterGuard<'_> = runtime.enter();
/// # Ok::<(), std::io::Error>(())
/// ```
#[must_use = "the thread leaves the runtime when the guard is dropped"]
pub struct EnterGuard<'a> {
    _entered: Entered,
    runtime: PhantomData<&'a Handle>,
}

impl EnterGuard<'_> {
    pub(super) fn new(entered: Entered) -> Self {
        EnterGuard {
            _entered: entered,
            runtime: PhantomData,
        }
    }
}

impl fmt::Debug for EnterGuard<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EnterGuard").finish_non_exhaustive()
    }
}
