//! The end of a runtime.
//!
//! In this order: every task is dropped, and what the inbox held; then the pool is closed,
//! which drops the jobs that have not begun and waits for those that have; then what these
//! brought home goes to their handles, and everybody else who waits for a job hears that it
//! was cancelled; last the reactor and the wheel let go of what they have.
//!
//! Why wait? A job cannot be stopped: it may be writing a file, and a process that ended now
//! would leave half of it. Tokio's runtime waits too. How it can go wrong: a job that waits for
//! a message that only this thread could send never ends, and neither does the drop. Whoever
//! does not want to wait says so: [`Runtime::shutdown_timeout`] waits at most so long,
//! [`Runtime::shutdown_background`] not at all. A job that is still running then goes on until
//! it ends, or the process does.

use std::io;
use std::rc::Rc;
use std::time::Duration;

use super::Runtime;
use crate::context;
use crate::reactor::says_gone;

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
    /// [jobs](crate::task::spawn_blocking) that have begun. (By the system's clock, also where
    /// the runtime's is paused: it is other threads that are waited for.)
    ///
    /// The handle of a job that is not at its end by then hears a cancellation; the job
    /// itself goes on, for nobody.
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
    /// [jobs](crate::task::spawn_blocking) that have begun. To be used where a runtime is dropped
    /// by a task of another one, which must not block.
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
        self.machine.outside.pool.close(self.patience.get());
        self.machine.executor.away().all_home();
        self.machine.driver.shut_down();
        self.gate.abandon();
    }
}
