//! The pool: threads for work that blocks.
//!
//! The one thread of a runtime must never wait for anything but its next event. Reading a
//! file, asking the system's resolver, hashing a password: such work would stop every task
//! for as long as it takes. So it is given to other threads. The pool starts one when none is idle, up
//! to a limit, and keeps it for a while.
//!
//! Giving a piece of work, in order, under one lock:
//!
//! 1. It goes to the back of the queue. (What a job may wait for has a queue of its own, which comes first.)
//! 2. If a thread is idle, one is **called**: it counts as busy from this moment, so the next
//!    piece of work does not count on it.
//! 3. If none is, and the limit is not reached, a thread is started.
//! 4. Else the work waits until a thread is done with what it does.
//!
//! A thread takes work until the queue is empty, then waits to be called, and leaves when
//! it has not been called for as long as it may be idle. A wait that ends without a call is
//! nothing (the operating system may end it for no reason); a call is a number that is
//! counted down by the thread that answers it, so none is heard twice and none is lost.
//!
//! At the end of the runtime nothing is taken any more, and what was given is done: a program that
//! gave a job just before it ended means it. Each piece of work in the queue has a thread that will
//! come to it, for one was called, started or busy when it was given; so closing is no more than
//! to wait for the threads, which leave when the queue is empty.
//!
//! How it can go wrong: all threads may wait for work that is still in the queue. A
//! program that gives as many such pieces of work as there are threads has a deadlock, here as in Tokio.
//!
//! Only this file starts threads. It takes them and its locks from `crate::base::shim`: the test `loom_pool` compiles it with
//! loom's, which try the orders in which the threads can run. The pool of a simulated host has no threads
//! (`pool/simulated.rs`).

#[path = "pool/limits.rs"]
mod limits;
#[cfg(feature = "sim")]
#[path = "pool/simulated.rs"]
mod simulated;

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

pub(crate) use limits::Limits;

use crate::base::room::{KEPT, Roomy};
use crate::base::shim::{AtomicUsize, Condvar, Mutex, MutexGuard, Ordering, thread};

/// A piece of work for a thread. Neither method may panic.
pub(crate) trait Work: Send + Sync {
    /// Does it, on a thread of the pool.
    fn run(self: Arc<Self>);
    /// It will never be done: drops what it would have used.
    fn revoke(self: Arc<Self>);
}

/// Why work was not taken.
#[derive(Debug)]
pub(crate) enum Refused {
    /// The runtime is gone.
    Closed,
    /// There is no thread, and the operating system gives none.
    NoThread(io::Error),
}

impl From<Refused> for io::Error {
    fn from(refused: Refused) -> io::Error {
        match refused {
            Refused::Closed => io::Error::other("the runtime is being shut down"),
            Refused::NoThread(error) => error,
        }
    }
}

/// Takes what is given to a pool without threads.
#[cfg(feature = "sim")]
type Later = dyn Fn(Arc<dyn Work>) + Send + Sync;

/// See the file's heading. Clones are one pool.
#[derive(Clone)]
pub(crate) struct Pool(pub(super) Arc<Shared>);

pub(super) struct Shared {
    /// How many jobs that other threads have given are not over: see `blocking/remote.rs`.
    remote: AtomicUsize,
    /// How many threads run a job's closure, and may be long in it.
    busy: AtomicUsize,
    limits: Limits,
    state: Mutex<State>,
    /// A thread is called, or the pool is closed.
    pub(super) called: Condvar,
    /// The last thread has left.
    pub(super) empty: Condvar,
    /// It has no threads, and gives the work to this.
    #[cfg(feature = "sim")]
    later: Option<Box<Later>>,
}

#[derive(Default)]
pub(super) struct State {
    pub(super) queue: Roomy<VecDeque<Arc<dyn Work>>>,
    /// What comes before it.
    first: Roomy<VecDeque<Arc<dyn Work>>>,
    /// How many threads there are.
    pub(super) threads: usize,
    /// How many of them wait and have not been called.
    idle: usize,
    /// Calls that no thread has answered yet.
    calls: usize,
    closed: bool,
}

impl State {
    fn next(&mut self) -> Option<Arc<dyn Work>> {
        let queue = match self.first.is_empty() {
            true => &mut self.queue,
            false => &mut self.first,
        };
        let work = queue.pop_front();
        queue.give_back(KEPT);
        work
    }
}

impl Pool {
    /// A pool without a thread: the first work starts one.
    pub(crate) fn new(limits: Limits) -> Pool {
        Pool(Arc::new(Shared {
            #[cfg(feature = "sim")]
            later: None,
            remote: AtomicUsize::new(0),
            busy: AtomicUsize::new(0),
            limits,
            state: Mutex::default(),
            called: Condvar::new(),
            empty: Condvar::new(),
        }))
    }

    /// Gives work to a thread. Refused, it is revoked.
    pub(crate) fn give(&self, work: Arc<dyn Work>) -> Result<(), Refused> {
        #[cfg(feature = "sim")]
        if let Some(later) = &self.0.later {
            later(work);
            return Ok(());
        }
        self.give_to(self.0.lock(), work, |state| &mut state.queue)
    }

    /// Gives work that comes before all jobs in the queue; or revokes it, if each thread there may
    /// be runs a job. For work that a job may wait for: then it would never be done.
    pub(crate) fn give_first(&self, work: Arc<dyn Work>) {
        #[cfg(feature = "sim")]
        if self.0.later.is_some() {
            return work.run(); // Only a drop, and it takes no thread.
        }
        let state = self.0.lock();
        if self.0.busy.load(Ordering::Acquire) >= self.0.limits.threads {
            drop(state);
            work.revoke();
        } else {
            // Refused, it is revoked all the same.
            let _ = self.give_to(state, work, |state| &mut state.first);
        }
    }

    fn give_to(
        &self,
        mut state: MutexGuard<'_, State>,
        work: Arc<dyn Work>,
        queue: fn(&mut State) -> &mut VecDeque<Arc<dyn Work>>,
    ) -> Result<(), Refused> {
        if state.closed {
            drop(state);
            work.revoke();
            return Err(Refused::Closed);
        }
        queue(&mut state).push_back(work);
        if state.idle > 0 {
            state.idle -= 1;
            state.calls += 1;
            self.0.called.notify_one();
        } else if state.threads < self.0.limits.threads {
            return self.start(state, queue);
        }
        Ok(())
    }

    /// Whether a job that another thread gave is not over.
    pub(crate) fn has_remote(&self) -> bool {
        self.0.remote.load(Ordering::Acquire) > 0
    }

    /// Thread: runs a job's closure.
    pub(crate) fn busy<R>(&self, work: impl FnOnce() -> R) -> R {
        self.0.busy.fetch_add(1, Ordering::AcqRel);
        let _at_the_end = Busy(&self.0.busy);
        work()
    }

    pub(crate) fn count_remote(&self) {
        self.0.remote.fetch_add(1, Ordering::Release);
    }

    pub(crate) fn discount_remote(&self) {
        self.0.remote.fetch_sub(1, Ordering::Release);
    }

    /// Starts a thread. That none can be had matters only if there is no other.
    fn start(
        &self,
        mut state: MutexGuard<'_, State>,
        queue: fn(&mut State) -> &mut VecDeque<Arc<dyn Work>>,
    ) -> Result<(), Refused> {
        let shared = Arc::clone(&self.0);
        let mut thread = thread::Builder::new().name(self.0.limits.name.clone());
        if let Some(stack) = self.0.limits.stack {
            thread = thread.stack_size(stack);
        }
        match thread.spawn(move || shared.work()) {
            Ok(_) => state.threads += 1,
            Err(error) if state.threads == 0 => {
                let work = queue(&mut state).pop_back();
                drop(state);
                if let Some(work) = work {
                    work.revoke();
                }
                return Err(Refused::NoThread(error));
            }
            Err(_) => {}
        }
        Ok(())
    }

    /// Takes nothing from now on, and waits until the threads have done what they were given: at
    /// most for `patience`, or without a limit. They do it all the same when the patience is over.
    pub(crate) fn close(&self, patience: Option<Duration>) {
        self.0.lock().closed = true;
        self.0.called.notify_all();
        self.0.wait_until_empty(patience);
    }
}

/// A thread runs a job's closure.
struct Busy<'a>(&'a AtomicUsize);

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Shared {
    /// The life of a thread.
    fn work(&self) {
        let mut state = self.lock();
        loop {
            while let Some(work) = state.next() {
                drop(state);
                work.run();
                state = self.lock();
            }
            state.idle += 1;
            state = match self.wait_for_call(state) {
                Some(state) => state,
                None => return,
            };
        }
    }

    /// Waits to be called. `None`: the thread leaves, and is counted no more.
    fn wait_for_call<'a>(&self, mut state: MutexGuard<'a, State>) -> Option<MutexGuard<'a, State>> {
        let mut late = false;
        loop {
            if state.calls > 0 {
                state.calls -= 1;
                return Some(state);
            }
            if late || state.closed {
                state.idle -= 1;
                self.leave(state);
                return None;
            }
            let waited = self.called.wait_timeout(state, self.limits.keep_alive);
            let (again, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
            state = again;
            late = timeout.timed_out();
        }
    }

    fn leave(&self, mut state: MutexGuard<'_, State>) {
        state.threads -= 1;
        if state.threads == 0 {
            self.empty.notify_all();
        }
    }

    fn wait_until_empty(&self, patience: Option<Duration>) {
        let mut state = self.lock();
        let busy = |state: &mut State| state.threads > 0;
        match patience {
            Some(patience) => drop(self.empty.wait_timeout_while(state, patience, busy)),
            None => {
                while busy(&mut state) {
                    let waited = self.empty.wait(state);
                    state = waited.unwrap_or_else(PoisonError::into_inner);
                }
            }
        }
    }

    /// Nothing that could panic runs under the lock, so a poisoned one is only a lock.
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        match self.state.lock() {
            Ok(guard) => guard,
            Err(poisoned) => poisoned.into_inner(),
        }
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.0.lock();
        f.debug_struct("Pool")
            .field("threads", &state.threads)
            .field("queued", &state.queue.len())
            .finish_non_exhaustive()
    }
}

/// Without a thread a job could only wait for ever.
#[track_caller]
pub(crate) fn no_thread(error: &io::Error) -> ! {
    panic!("the operating system gives no thread to run a blocking job on: {error}")
}
