//! A gate between the steps, for a debugger that lives on another thread.
//!
//! The loop of `block_on` passes the gate before every step. While it is held the loop's
//! thread waits there, between two transitions, with the whole machine at rest. The
//! debugger may let single steps through.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};

use crate::machine::inbox::Inbox;
use crate::machine::task::Message;

/// Holds the loop of one runtime between two steps; made by
/// [`Runtime::gate`](crate::runtime::Runtime::gate).
///
/// May be cloned and sent to other threads; all clones are one gate. Holding it on the
/// runtime's own thread and then running the runtime waits for another thread to let go.
///
/// ```
/// let runtime = runtime::runtime::Runtime::new()?;
/// let gate = runtime.gate();
/// gate.hold();
/// let debugger = std::thread::spawn(move || {
///     gate.wait_until_stopped();
///     gate.let_through(1); // one step, then it stops again
///     gate.wait_until_stopped();
///     gate.release();
/// });
/// runtime.block_on(async { runtime::task::yield_now().await });
/// debugger.join().unwrap();
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone)]
pub struct Gate {
    shared: Arc<Shared>,
    inbox: Arc<Inbox<Message>>,
}

struct Shared {
    /// Whether the loop must look at the state. Written under its lock.
    held: AtomicBool,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    held: bool,
    /// Steps that may still pass while it is held.
    steps: u64,
    /// The loop's thread stands at the gate.
    stopped: bool,
    /// The runtime has been dropped: its loop will not come to the gate any more.
    gone: bool,
}

impl Gate {
    pub(crate) fn new(inbox: Arc<Inbox<Message>>) -> Gate {
        Gate {
            shared: Arc::new(Shared {
                held: AtomicBool::new(false),
                state: Mutex::default(),
                changed: Condvar::new(),
            }),
            inbox,
        }
    }

    /// Closes the gate: the loop stops before its next step. A thread that is parked comes
    /// out of the operating system for it.
    ///
    /// ```
    /// let runtime = runtime::runtime::Runtime::new()?;
    /// let gate = runtime.gate();
    /// gate.hold();
    /// gate.release();
    /// runtime.block_on(async {});
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn hold(&self) {
        self.change(|state| state.held = true);
        self.inbox.nudge();
    }

    /// Opens the gate.
    ///
    /// ```
    /// let gate = runtime::runtime::Runtime::new()?.gate();
    /// gate.release(); // it was open: nothing happens
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn release(&self) {
        self.change(|state| {
            state.held = false;
            state.steps = 0;
        });
    }

    /// Lets `steps` more steps pass through the held gate. An open one is not touched: nothing
    /// is saved up for the next time it is held.
    ///
    /// ```
    /// let runtime = runtime::runtime::Runtime::new()?;
    /// let gate = runtime.gate();
    /// gate.hold();
    /// gate.let_through(10); // enough for what follows
    /// runtime.block_on(async {});
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn let_through(&self, steps: u64) {
        self.change(|state| {
            if state.held {
                state.steps = state.steps.saturating_add(steps);
                state.stopped = false;
            }
        });
    }

    /// Waits until the loop's thread stands at the gate with no step left to take. Returns at
    /// once if the gate is not held, or if the runtime has been dropped.
    ///
    /// If the runtime is not running, this waits until it is.
    ///
    /// ```
    /// let gate = runtime::runtime::Runtime::new()?.gate();
    /// gate.wait_until_stopped(); // not held
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn wait_until_stopped(&self) {
        let mut state = self.lock();
        while state.held && !state.stopped && !state.gone {
            state = wait(&self.shared.changed, state);
        }
    }

    /// Whether the loop's thread stands at the gate with no step left to take. For a debugger that must
    /// not wait.
    ///
    /// ```
    /// let gate = runtime::runtime::Runtime::new()?.gate();
    /// gate.hold();
    /// assert!(!gate.is_stopped()); // it does not run
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn is_stopped(&self) -> bool {
        self.lock().stopped
    }

    /// The runtime is dropped: a debugger that waits for its loop is let go.
    pub(crate) fn abandon(&self) {
        self.change(|state| state.gone = true);
    }

    /// Whether it is held now.
    pub(crate) fn is_held(&self) -> bool {
        self.shared.held.load(Ordering::Relaxed)
    }

    /// The loop: waits for as long as the gate is held, or until it may take another step. Whether it had to wait.
    pub(crate) fn pass(&self) -> bool {
        let mut state = self.lock();
        let has_to_wait = state.held && state.steps == 0;
        while state.held && state.steps == 0 {
            state.stopped = true;
            self.shared.changed.notify_all();
            state = wait(&self.shared.changed, state);
        }
        state.stopped = false;
        state.steps = state.steps.saturating_sub(1);
        has_to_wait
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.lock();
        change(&mut state);
        self.shared.held.store(state.held, Ordering::Relaxed);
        drop(state);
        self.shared.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        match self.shared.state.lock() {
            Ok(guard) => guard,
            Err(poisoned) => poisoned.into_inner(),
        }
    }
}

fn wait<'a>(changed: &Condvar, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
    match changed.wait(state) {
        Ok(guard) => guard,
        Err(poisoned) => poisoned.into_inner(),
    }
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.lock();
        f.debug_struct("Gate")
            .field("held", &state.held)
            .field("stopped", &state.stopped)
            .finish_non_exhaustive()
    }
}
