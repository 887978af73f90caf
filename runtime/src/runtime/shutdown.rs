//! The end of a runtime.
//!
//! In this order: every task is dropped, and what the inbox held; then the pool is closed, which
//! takes nothing any more, does what it was given, and is waited for; then what its jobs brought
//! home goes to their handles, and the handle of a job that is not over reports a cancellation;
//! last the reactor and the wheel let go of what they have.
//!
//! Why wait? A job cannot be stopped: it may be writing a file, and a process that ended now
//! would leave half of it. And why do the jobs that have not begun? A program that gave a job
//! just before its end would otherwise find it done or not, as it happens. Tokio's runtime does
//! them and waits too. How it can go wrong: a job that waits for a message that only this thread
//! could send never ends, and neither does the drop. So the wait can be given a limit:
//! [`Runtime::shutdown_timeout`] waits at most so long, [`Runtime::shutdown_background`] not at
//! all. The jobs that are not over then go on until they are, or until the process ends.

use std::io;
use std::rc::Rc;
use std::time::Duration;

use super::Runtime;
use crate::machine::context;
use crate::machine::reactor::says_gone;

/// Whether an operation on a socket failed because the runtime that the socket belongs to has been
/// shut down. A socket may outlive its runtime; all that it can still do is to say so.
///
/// ```
/// use runtime::net::TcpListener;
/// use runtime::runtime::{Runtime, is_rt_shutdown_err};
///
/// let (first, second) = (Runtime::new()?, Runtime::new()?);
/// let listener = first.block_on(TcpListener::bind("127.0.0.1:0"))?;
/// drop(first);
/// let error = second.block_on(listener.accept()).unwrap_err();
/// assert!(is_rt_shutdown_err(&error));
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn is_rt_shutdown_err(error: &io::Error) -> bool {
    says_gone(error)
}

impl Runtime {
    /// Drops the runtime and every task in it, waiting at most `duration` for the
    /// [jobs](crate::task::spawn_blocking) that were given, whether or not they have begun. (By
    /// the system's clock, also where the runtime's is paused: it is other threads that are waited
    /// for.)
    ///
    /// The handle of a job that is not over by then reports a cancellation. The job itself is
    /// done all the same, unless the process ends before; its result is dropped by the thread that
    /// did it. A duration of zero does not wait.
    ///
    /// ```
    /// use std::sync::mpsc;
    /// use std::time::Duration;
    ///
    /// let runtime = runtime::runtime::Runtime::new()?;
    /// let (release, released) = mpsc::channel::<()>();
    /// let job = runtime.spawn_blocking(move || drop(released.recv()));
    /// runtime.shutdown_timeout(Duration::from_millis(10)); // not for ever
    /// assert!(job.is_finished());
    /// drop(release);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn shutdown_timeout(self, duration: Duration) {
        self.patience.set(Some(duration));
        drop(self);
    }

    /// Drops the runtime and every task in it, without waiting for the
    /// [jobs](crate::task::spawn_blocking) that were given: they go on, as after a
    /// [`shutdown_timeout`](Runtime::shutdown_timeout) whose time is up. Use it when a task of
    /// another runtime drops this runtime: a task must not block.
    ///
    /// ```
    /// runtime::runtime::Runtime::new()?.shutdown_background();
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn shutdown_background(self) {
        self.shutdown_timeout(Duration::ZERO);
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        let _entered = context::enter(Rc::clone(&self.machine));
        self.machine.executor.shut_down();
        self.machine.executor.jobs().discard_detached();
        self.machine.remote.pool.close(self.patience.get());
        self.machine.executor.jobs().complete_all();
        self.machine.driver.shut_down();
        self.machine.gate.abandon();
    }
}
