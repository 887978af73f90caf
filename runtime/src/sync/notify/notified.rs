//! The wait for a nudge, from the moment that it is made.
//!
//! A wait begins early: from the moment that [`notified`](Notify::notified) was called,
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
//! How it can go wrong: *a future is woken by `notify_one` and dropped before it hears of it*,
//! because another branch of a `select!` was ready too. The nudge was meant for one of several,
//! and would be lost. So the drop passes it on: to the next in line, or into keeping. A nudge to
//! all needs no passing on; therefore the list keeps which of the two it was, also when the other
//! kind comes after it.

use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};

use super::{LAST, Notify, ONE};
use crate::machine::wait_list::WaitKey;
use crate::machine::waker_cell::register;
use crate::trace::{Shared, waiting};

impl Notify {
    /// Waits for a nudge: one that is kept, or the next.
    ///
    /// # Cancel safety
    ///
    /// The place in the line is lost; a nudge that had come is passed on.
    #[inline]
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
    /// # #[runtime::main] async fn main() {
    /// use runtime::sync::Notify;
    /// use std::sync::Arc;
    ///
    /// let notify = Arc::new(Notify::new());
    /// let task = runtime::spawn(Arc::clone(&notify).notified_owned());
    /// notify.notify_waiters(); // it was made before this, so it hears
    /// task.await.unwrap();
    /// # }
    /// ```
    #[track_caller]
    pub fn notified_owned(self: Arc<Self>) -> OwnedNotified {
        let wait = Wait::new(&self);
        OwnedNotified { notify: self, wait }
    }

    /// Whether there is a nudge for one that is not in the line. One that was kept is taken.
    #[inline]
    fn has_nudge_since(&self, rounds: u64) -> bool {
        self.rounds.get() != rounds || self.take_kept()
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
    #[inline]
    #[track_caller]
    fn new(notify: &Notify) -> Wait {
        Wait {
            state: State::Fresh(notify.rounds.get()),
            at: Location::caller(),
        }
    }

    #[inline]
    fn poll(&mut self, notify: &Notify, waker: &Waker) -> Poll<()> {
        if let State::Fresh(rounds) = self.state {
            if notify.has_nudge_since(rounds) {
                self.state = State::Done;
                return Poll::Ready(());
            }
        }
        self.poll_in_line(notify, waker)
    }

    #[cold]
    #[inline(never)]
    fn poll_in_line(&mut self, notify: &Notify, waker: &Waker) -> Poll<()> {
        let number = || notify.list.borrow().number().tell();
        let polled = self.join_or_look(notify, waker);
        waiting(polled.is_pending(), Shared::Notify, number, self.at);
        polled
    }

    fn join_or_look(&mut self, notify: &Notify, waker: &Waker) -> Poll<()> {
        match self.state {
            State::Fresh(rounds) => self.begin(notify, rounds, waker),
            State::Waiting(key) => self.go_on(notify, key, waker),
            State::Done => Poll::Ready(()),
        }
    }

    fn begin(&mut self, notify: &Notify, rounds: u64, waker: &Waker) -> Poll<()> {
        let heard = || notify.has_nudge_since(rounds).then_some(());
        ready!(register(waker, heard, |waker| {
            self.state = State::Waiting(notify.list.borrow_mut().push(waker));
            None
        }));
        self.state = State::Done;
        Poll::Ready(())
    }

    fn go_on(&mut self, notify: &Notify, key: WaitKey, waker: &Waker) -> Poll<()> {
        let list = &notify.list;
        let answer = || list.borrow().answer(key);
        if answer().is_none() {
            ready!(register(waker, answer, |waker| {
                Some(list.borrow_mut().replace(key, waker))
            }));
        }
        list.borrow_mut().remove(key);
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

    #[cold]
    fn leave(&self, notify: &Notify, key: WaitKey) {
        let (answer, _waker) = notify.list.borrow_mut().leave(key);
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
            /// # #[runtime::main] async fn main() {
            /// use runtime::sync::Notify;
            /// use std::pin::pin;
            ///
            /// let notify = Notify::new();
            /// let mut first = pin!(notify.notified());
            /// assert!(!first.as_mut().enable()); // waits from here on
            /// notify.notify_one();
            /// assert!(first.as_mut().enable());
            /// first.await;
            /// # }
            /// ```
            pub fn enable(self: Pin<&mut Self>) -> bool {
                let this = self.get_mut();
                this.wait.enable(&this.notify)
            }
        }

        impl Future for $notified {
            type Output = ();

            #[inline]
            fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
                let this = self.get_mut();
                this.wait.poll(&this.notify, cx.waker())
            }
        }

        impl Drop for $notified {
            #[inline]
            fn drop(&mut self) {
                if let State::Waiting(key) = self.wait.state {
                    self.wait.leave(&self.notify, key);
                }
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
