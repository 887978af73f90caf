//! The two sides of a channel that has many ends on either: how many are left, and who waits.
//!
//! A broadcast and a watch channel carry different things, and come to their end alike. When
//! the last sender goes, receivers that wait must hear that nothing more will come. When the last
//! receiver goes, a sender may want to hear that nobody listens any more; another may come later,
//! so that is news, and not the end.
//!
//! How it can go wrong: the last end of a side goes, and nobody is told; then the other side
//! waits for ever. So an end is taken off the count and the others are woken in one call.

use std::cell::Cell;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use super::wake_all::WakeAll;
use crate::machine::coop;
use crate::machine::wait_list::WaitKey;
use crate::trace::{self, Number, Shared as Kind};

/// See the file's heading.
pub(super) struct Sides {
    senders: Cell<usize>,
    receivers: Cell<usize>,
    /// Receivers that wait for something new, or for the senders' end.
    news: WakeAll,
    /// Senders that wait for the receivers' end.
    ends: WakeAll,
    kind: Kind,
    number: Number,
}

impl Sides {
    /// Of a channel that has no ends yet; `kind` is what it is called in a trace.
    pub(super) fn new(kind: Kind) -> Sides {
        Sides {
            senders: Cell::new(0),
            receivers: Cell::new(0),
            news: WakeAll::default(),
            ends: WakeAll::default(),
            kind,
            number: Number::new(),
        }
    }

    pub(super) fn senders(&self) -> usize {
        self.senders.get()
    }

    pub(super) fn receivers(&self) -> usize {
        self.receivers.get()
    }

    pub(super) fn add_sender(&self) {
        self.senders.set(self.senders.get() + 1);
    }

    /// The last one to go tells the receivers.
    pub(super) fn remove_sender(&self) {
        self.senders.set(self.senders.get() - 1);
        if self.senders.get() == 0 {
            self.news.wake_all();
        }
    }

    pub(super) fn add_receiver(&self) {
        self.receivers.set(self.receivers.get() + 1);
    }

    /// The last one to go tells the senders.
    pub(super) fn remove_receiver(&self) {
        self.receivers.set(self.receivers.get() - 1);
        if self.receivers.get() == 0 {
            self.ends.wake_all();
        }
    }

    /// Wakes the receivers that wait: there is something new.
    #[inline]
    pub(super) fn tell_receivers(&self) {
        self.news.wake_all();
    }

    /// A receiver waits for something new, under `key`. Ready: at the second look `is_new` says
    /// that it is there.
    #[track_caller]
    pub(super) fn wait_for_news(
        &self,
        key: &mut Option<WaitKey>,
        cx: &Context<'_>,
        at: &'static Location<'static>,
        is_new: impl FnOnce() -> bool,
    ) -> Poll<()> {
        let polled = self.news.register(key, cx.waker(), is_new);
        if polled.is_pending() {
            trace::waiting(self.kind, &self.number, at);
        }
        polled
    }

    /// That receiver waits no more.
    #[inline]
    pub(super) fn leave_news(&self, key: &mut Option<WaitKey>) {
        self.news.leave(key);
    }

    /// Waits, for a sender, until there is no receiver. `at` is the line that asked for it.
    pub(super) fn closed(&self, at: &'static Location<'static>) -> Closed<'_> {
        let (sides, key) = (self, None);
        Closed { sides, key, at }
    }
}

/// See [`Sides::closed`].
pub(super) struct Closed<'a> {
    sides: &'a Sides,
    key: Option<WaitKey>,
    at: &'static Location<'static>,
}

impl Future for Closed<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let budget = ready!(coop::poll_proceed(cx));
        let (sides, at) = (self.sides, self.at);
        let (ends, key) = (&sides.ends, &mut self.key);
        let is_over = || sides.receivers.get() == 0;
        if is_over() || ends.register(key, cx.waker(), is_over).is_ready() {
            ends.leave(key);
            budget.made_progress();
            return Poll::Ready(());
        }
        trace::waiting(sides.kind, &sides.number, at);
        Poll::Pending
    }
}

impl Drop for Closed<'_> {
    fn drop(&mut self) {
        self.sides.ends.leave(&mut self.key);
    }
}
