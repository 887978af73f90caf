//! Waiting for a task by blocking a thread that is not the task's.
//!
//! A thread without a runtime has no `.await`. It parks in the operating system instead; the waker
//! that it leaves with the task unparks it.
//!
//! How it can go wrong: the thread that parks is the one that has to run the task. Then both wait
//! for ever. So a thread that is running a loop refuses to wait, and so does the runtime's own
//! thread.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

use super::running::is_running;
use crate::machine::context;
use crate::machine::task::JoinError;
use crate::remote::RemoteJoinHandle;

impl<T> RemoteJoinHandle<T> {
    /// Blocks this thread until the task or the job has ended, and returns its result.
    ///
    /// It is for threads that run no runtime: threads of the program's own, and
    /// [jobs](crate::task::spawn_blocking). With [`Handle::spawn_with`](super::Handle::spawn_with) it
    /// takes the place of Tokio's `Handle::block_on`. In a task, `.await` the handle.
    ///
    /// It waits as long as it takes. The runtime must be running for a task to get on; if it
    /// is shut down, this returns a cancellation.
    ///
    /// # Errors
    ///
    /// If the task panicked, was aborted, or was dropped with its runtime.
    ///
    /// # Panics
    ///
    /// If this thread is running a runtime (every task on it would have to wait), and if it is the
    /// thread of the task's runtime, and the task has not ended (it would wait for itself).
    ///
    /// ```
    /// use runtime::runtime::{Handle, Runtime};
    ///
    /// let runtime = Runtime::new()?;
    /// let handle = runtime.handle().clone();
    /// let thread = std::thread::spawn(move || {
    ///     let task = handle.spawn_with(|| async { runtime::spawn(async { 1 + 2 }).await });
    ///     task.blocking_join().unwrap()
    /// });
    /// let stop = runtime.spawn_blocking(|| thread.join());
    /// assert_eq!(runtime.block_on(stop).unwrap().unwrap().unwrap(), 3);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn blocking_join(self) -> Result<T, JoinError> {
        assert!(
            !is_running(),
            "blocking_join was called on a thread that is running a runtime: it would block every \
             task on it; `.await` the handle instead"
        );
        let at_home = self.home().is_some_and(context::is_home_of);
        assert!(
            self.is_finished() || !at_home,
            "blocking_join was called on the thread of the runtime that has to run the task: it \
             would wait for itself; give the handle to `Runtime::block_on` instead"
        );
        wait_for(self)
    }
}

/// Gets a parked thread going.
struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Polls `future` until it is ready, and parks the thread in between.
fn wait_for<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut cx = Context::from_waker(&waker);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut cx) {
            return output;
        }
        // Unparked before it parks, it returns at once. Unparked by others, it polls once more.
        thread::park();
    }
}
