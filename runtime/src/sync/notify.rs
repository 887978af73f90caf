//! "Something has changed": a wake without a value.
//!
//! A task that waits for a condition (the queue is not empty, the settings have been read) needs
//! no channel, only a nudge to look again. [`Notify`] is that nudge. There are two:
//!
//! - [`notify_one`](Notify::notify_one) wakes the one who has waited longest. If nobody waits it
//!   is kept, as one permit, for the next who comes: so a nudge that is a little early is not
//!   lost. Only one is kept; who is nudged looks at *all* that has changed.
//! - [`notify_waiters`](Notify::notify_waiters) wakes everybody who waits now, and keeps nothing.
//!
//! "Who waits now" begins early: from the moment that [`notified`](Notify::notified) was called,
//! polled or not, a future hears of `notify_waiters`. For that it remembers how often it had been
//! called before. To be next in line for a `notify_one` it must have been polled, or
//! [`enable`](Notified::enable)d:
//!
//! ```text
//!   Fresh ── poll, or enable ──► Waiting ── called out of the line ──► Done
//!     │                                                                 ▲
//!     └── a kept permit, or notify_waiters since it was made ───────────┘
//! ```
//!
//! How it can go wrong:
//!
//! - *The condition changes between the look and the wait.* Make the future first, look at the
//!   condition, and await only then.
//! - *A future is woken by `notify_one` and dropped before it hears of it*, because another
//!   branch of a `select!` was ready too. The nudge was meant for one of several, and would be
//!   lost. So the drop passes it on: to the next in line, or into keeping. (A nudge to all needs
//!   no passing on; therefore the list keeps which of the two it was.)

use std::cell::{Cell, RefCell};
use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use crate::foreign::{for_each_quietly, wake_quietly};
use crate::trace::{Shared, waiting};
use crate::wait_list::{WaitKey, WaitList};

/// The answer to one of several: pass it on if you have no use for it.
const ONE: u32 = 0;
/// As `ONE`, and it goes to who came last.
const LAST: u32 = 2;
/// The answer to everybody.
const ALL: u32 = 1;

/// Wakes tasks that wait to hear of a change.
///
/// ```
/// # runtime::runtime::Runtime::new()?.block_on(async {
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
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Notify {
    /// A `notify_one` that nobody was there to hear.
    kept: Cell<bool>,
    /// How often `notify_waiters` was called.
    rounds: Cell<u64>,
    list: RefCell<WaitList>,
}

impl Notify {
    /// One that nobody has called yet.
    ///
    /// ```
    /// let notify = runtime::sync::Notify::new();
    /// notify.notify_one();
    /// ```
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

    /// Waits for a nudge: one that is kept, or the next.
    ///
    /// # Cancel safety
    ///
    /// The place in the line is lost; a nudge that had come is passed on.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// let notify = runtime::sync::Notify::new();
    /// notify.notify_one();
    /// notify.notified().await; // it was kept
    /// # });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn notified(&self) -> Notified<'_> {
        Notified {
            notify: self,
            wait: Wait::new(self),
        }
    }

    /// As [`notified`](Notify::notified), for a future that is moved into a task.
    ///
    /// # Cancel safety
    ///
    /// The place in the line is lost; a nudge that had come is passed on.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// use runtime::sync::Notify;
    /// use std::sync::Arc;
    ///
    /// let notify = Arc::new(Notify::new());
    /// let task = runtime::spawn(Arc::clone(&notify).notified_owned());
    /// notify.notify_waiters(); // it was made before this, so it hears
    /// task.await.unwrap();
    /// # });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn notified_owned(self: Arc<Self>) -> OwnedNotified {
        let wait = Wait::new(&self);
        OwnedNotified { notify: self, wait }
    }

    /// Wakes the one who has waited longest, or else keeps one nudge for who comes next.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// use runtime::time::{Duration, timeout};
    ///
    /// let notify = runtime::sync::Notify::new();
    /// notify.notify_one();
    /// notify.notify_one(); // one is kept, not two
    /// notify.notified().await;
    /// assert!(timeout(Duration::ZERO, notify.notified()).await.is_err());
    /// # });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn notify_one(&self) {
        let called = self.list.borrow_mut().call(ONE);
        self.wake_or_keep(called);
    }

    /// As [`notify_one`](Notify::notify_one), for the one who came last.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// use std::pin::pin;
    ///
    /// let notify = runtime::sync::Notify::new();
    /// let (mut one, mut two) = (pin!(notify.notified()), pin!(notify.notified()));
    /// one.as_mut().enable();
    /// two.as_mut().enable();
    /// notify.notify_last();
    /// two.await;
    /// # });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn notify_last(&self) {
        let called = self.list.borrow_mut().call_last(LAST);
        self.wake_or_keep(called);
    }

    fn wake_or_keep(&self, called: Option<Waker>) {
        match called {
            Some(waker) => wake_quietly(waker),
            None => self.kept.set(true),
        }
    }

    /// Wakes everybody who waits now, which is every [`Notified`] that has been made and has not
    /// heard yet. Nothing is kept.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// let notify = runtime::sync::Notify::new();
    /// let (one, two) = (notify.notified(), notify.notified());
    /// notify.notify_waiters();
    /// runtime::join!(one, two);
    /// # });
    /// # Ok::<(), std::io::Error>(())
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

/// Waits for a nudge: see [`Notify::notified`].
#[must_use = "futures do nothing unless polled"]
pub struct Notified<'a> {
    notify: &'a Notify,
    wait: Wait,
}

/// As a [`Notified`], with a share of the [`Notify`]: see [`Notify::notified_owned`].
#[must_use = "futures do nothing unless polled"]
pub struct OwnedNotified {
    notify: Arc<Notify>,
    wait: Wait,
}

/// What both kinds are, but for how they hold on to the [`Notify`].
struct Wait {
    state: State,
    at: &'static Location<'static>,
}

#[derive(Clone, Copy)]
enum State {
    /// Made after so many rounds; not in the line.
    Fresh(u64),
    Waiting(WaitKey),
    Done,
}

impl Wait {
    #[track_caller]
    fn new(notify: &Notify) -> Wait {
        Wait {
            state: State::Fresh(notify.rounds.get()),
            at: Location::caller(),
        }
    }

    fn poll(&mut self, notify: &Notify, waker: &Waker) -> Poll<()> {
        let polled = match self.state {
            State::Fresh(rounds) => self.begin(notify, rounds, waker),
            State::Waiting(key) => self.go_on(notify, key, waker),
            State::Done => Poll::Ready(()),
        };
        if polled.is_pending() {
            waiting(Shared::Notify, notify.list.borrow().number(), self.at);
        }
        polled
    }

    fn begin(&mut self, notify: &Notify, rounds: u64, waker: &Waker) -> Poll<()> {
        // Cloning a waker is foreign code: look only afterwards.
        let waker = waker.clone();
        if notify.rounds.get() != rounds || notify.kept.take() {
            self.state = State::Done;
            return Poll::Ready(());
        }
        self.state = State::Waiting(notify.list.borrow_mut().push(waker));
        Poll::Pending
    }

    fn go_on(&mut self, notify: &Notify, key: WaitKey, waker: &Waker) -> Poll<()> {
        let waker = waker.clone();
        let mut list = notify.list.borrow_mut();
        let called = list.answer(key).is_some();
        let unused = match called {
            true => list.remove(key).or(Some(waker)),
            false => Some(list.replace(key, waker)),
        };
        drop(list);
        drop(unused);
        if !called {
            return Poll::Pending;
        }
        self.state = State::Done;
        Poll::Ready(())
    }

    /// Joins the line without a task to wake. True: there is nothing to wait for any more.
    fn enable(&mut self, notify: &Notify) -> bool {
        match self.state {
            State::Waiting(key) if notify.list.borrow().contains(key) => false,
            _ => self.poll(notify, Waker::noop()).is_ready(),
        }
    }

    fn leave(&self, notify: &Notify) {
        let State::Waiting(key) = self.state else {
            return;
        };
        let mut list = notify.list.borrow_mut();
        let answer = list.answer(key);
        let _waker = list.remove(key);
        drop(list);
        match answer {
            Some(ONE) => notify.notify_one(),
            Some(LAST) => notify.notify_last(),
            _ => {}
        }
    }
}

macro_rules! notified {
    ($notified:ty, $name:literal) => {
        impl $notified {
            /// Joins the line now, without being polled: the next `notify_one` may be for this.
            /// True: a nudge had come, and the future is ready.
            ///
            /// ```
            /// # runtime::runtime::Runtime::new()?.block_on(async {
            /// use runtime::sync::Notify;
            /// use std::pin::pin;
            ///
            /// let notify = Notify::new();
            /// let mut first = pin!(notify.notified());
            /// assert!(!first.as_mut().enable()); // waits from here on
            /// notify.notify_one();
            /// assert!(first.as_mut().enable());
            /// first.await;
            /// # });
            /// # Ok::<(), std::io::Error>(())
            /// ```
            pub fn enable(self: Pin<&mut Self>) -> bool {
                let this = self.get_mut();
                this.wait.enable(&this.notify)
            }
        }

        impl Future for $notified {
            type Output = ();

            fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
                let this = self.get_mut();
                this.wait.poll(&this.notify, cx.waker())
            }
        }

        impl Drop for $notified {
            fn drop(&mut self) {
                self.wait.leave(&self.notify);
            }
        }

        impl fmt::Debug for $notified {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct($name).finish_non_exhaustive()
            }
        }
    };
}

notified!(Notified<'_>, "Notified");
notified!(OwnedNotified, "OwnedNotified");
