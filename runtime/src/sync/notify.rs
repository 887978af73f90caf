//! "Something has changed": a wake without a value.
//!
//! A task that waits for a condition (the queue is not empty, the settings have been read) needs
//! no channel, only a nudge to look again. [`Notify`] is that nudge. There are two:
//!
//! - [`notify_one`](Notify::notify_one) wakes the task that has waited longest. If no task waits,
//!   it is kept, as one permit, for the next task that comes: so a nudge that is a little early is
//!   not lost. Only one is kept; a task that is nudged looks at *all* that has changed.
//! - [`notify_waiters`](Notify::notify_waiters) wakes all tasks that wait now, and keeps nothing.
//!
//! How a wait hears of them, and what becomes of a nudge to one that has gone away, is told in
//! `notified`, beside this file.
//!
//! How it can go wrong: *the condition changes between the look and the wait.* Make the future
//! first, look at the condition, and await only then: it hears of every
//! [`notify_waiters`](Notify::notify_waiters) since it was made, and a `notify_one` is kept.

mod emits;
mod notified;

use std::cell::{Cell, RefCell};
use std::fmt;
use std::task::Waker;

pub use notified::{Notified, OwnedNotified};

use crate::base::foreign::{for_each_quietly, wake_quietly};
use crate::machine::wait_list::WaitList;

/// The answer to one of several: pass it on if you have no use for it.
const ONE: u32 = 0;
/// As [`ONE`], and it goes to who came last.
const LAST: u32 = 1;
/// The answer to all waiters.
const ALL: u32 = 2;

/// Wakes tasks that wait to hear of a change.
///
/// ```
/// # #[runtime::main] async fn main() {
/// use runtime::sync::Notify;
/// use std::cell::Cell;
/// use std::rc::Rc;
///
/// let (ready, notify) = (Rc::new(Cell::new(false)), Rc::new(Notify::new()));
/// let (their_ready, theirs) = (Rc::clone(&ready), Rc::clone(&notify));
/// let task = runtime::spawn(async move {
///     while !their_ready.get() {
///         theirs.notified().await;
///     }
/// });
/// ready.set(true);
/// notify.notify_one();
/// task.await.unwrap();
/// # }
/// ```
pub struct Notify {
    /// A `notify_one` that came while no task waited.
    kept: Cell<bool>,
    /// How often `notify_waiters` was called.
    rounds: Cell<u64>,
    list: RefCell<WaitList>,
}

impl Notify {
    /// One that has not been called yet.
    pub const fn new() -> Notify {
        Notify {
            kept: Cell::new(false),
            rounds: Cell::new(0),
            list: RefCell::new(WaitList::new()),
        }
    }

    /// As [`new`](Notify::new), which is `const` here too. It belongs to a thread: it can stand
    /// in a `thread_local!`, not in a `static`.
    ///
    /// ```
    /// use runtime::sync::Notify;
    ///
    /// thread_local!(static CHANGED: Notify = const { Notify::const_new() });
    /// CHANGED.with(Notify::notify_one);
    /// ```
    pub const fn const_new() -> Notify {
        Notify::new()
    }

    /// Wakes the task that has waited longest, or else keeps one nudge for the next that comes.
    ///
    /// ```
    /// # #[runtime::main] async fn main() {
    /// use runtime::time::{Duration, timeout};
    ///
    /// let notify = runtime::sync::Notify::new();
    /// notify.notify_one();
    /// notify.notify_one(); // one is kept, not two
    /// notify.notified().await;
    /// assert!(timeout(Duration::ZERO, notify.notified()).await.is_err());
    /// # }
    /// ```
    #[inline]
    pub fn notify_one(&self) {
        if self.list.borrow().is_empty() {
            return self.keep();
        }
        let called = self.list.borrow_mut().call(ONE);
        self.wake_or_keep(called);
    }

    /// As [`notify_one`](Notify::notify_one), for the task that came last.
    ///
    /// ```
    /// # #[runtime::main] async fn main() {
    /// use std::pin::pin;
    ///
    /// let notify = runtime::sync::Notify::new();
    /// let (mut one, mut two) = (pin!(notify.notified()), pin!(notify.notified()));
    /// one.as_mut().enable();
    /// two.as_mut().enable();
    /// notify.notify_last();
    /// two.await;
    /// # }
    /// ```
    pub fn notify_last(&self) {
        let called = self.list.borrow_mut().call_last(LAST);
        self.wake_or_keep(called);
    }

    #[cold]
    fn wake_or_keep(&self, called: Option<Waker>) {
        match called {
            Some(waker) => self.wake(waker),
            None => self.keep(),
        }
    }

    fn wake(&self, waker: Waker) {
        self.emit_handed_over();
        wake_quietly(waker);
    }

    #[inline]
    fn keep(&self) {
        self.kept.set(true);
        self.emit_kept();
    }

    /// Takes what is kept. Says whether there was something.
    #[inline]
    fn take_kept(&self) -> bool {
        let kept = self.kept.take();
        self.emit_used(kept);
        kept
    }

    /// Wakes every task that waits now, which is every [`Notified`] that has been made and has not
    /// heard yet. Nothing is kept.
    ///
    /// ```
    /// # #[runtime::main] async fn main() {
    /// let notify = runtime::sync::Notify::new();
    /// let (one, two) = (notify.notified(), notify.notified());
    /// notify.notify_waiters();
    /// runtime::join!(one, two);
    /// # }
    /// ```
    pub fn notify_waiters(&self) {
        self.rounds.set(self.rounds.get().wrapping_add(1));
        let wakers = self.list.borrow_mut().call_all(ALL);
        for_each_quietly(wakers, Waker::wake);
    }
}

impl Default for Notify {
    fn default() -> Notify {
        Notify::new()
    }
}

impl fmt::Debug for Notify {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notify").finish_non_exhaustive()
    }
}
