//! The endpoints of a channel with many senders and many receivers: two counts, two lists of
//! waiters.
//!
//! A broadcast and a watch channel carry different things, but they end in the same way. When the
//! last sender is dropped, the waiting receivers must hear that nothing more will come. When the
//! last receiver is dropped, a sender may want to stop its work. That is not the end of the
//! channel: another receiver may be made later.
//!
//! - Receivers wait in `changed`: for something new, or for the drop of the last sender.
//! - Senders wait in `closed`: for the drop of the last receiver.
//!
//! How it can go wrong: the last sender is dropped and the receivers are not woken. Then they wait
//! for ever. So one call takes an endpoint off its count and wakes the other side.

use std::cell::Cell;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use super::wake_all::WakeAll;
use crate::machine::coop;
use crate::machine::wait_list::WaitKey;
use crate::trace::{self, Holds, Number, Shared as Kind};

/// See the file's heading.
pub(super) struct Endpoints {
    senders: Cell<usize>,
    receivers: Cell<usize>,
    /// Receivers that wait for something new, or for the drop of the last sender.
    changed: WakeAll,
    /// Senders that wait for the drop of the last receiver.
    closed: WakeAll,
    kind: Kind,
    number: Number,
}

impl Endpoints {
    /// For a channel that has no endpoints yet; `kind` is what a trace calls the channel.
    pub(super) fn new(kind: Kind) -> Endpoints {
        Endpoints {
            senders: Cell::new(0),
            receivers: Cell::new(0),
            changed: WakeAll::default(),
            closed: WakeAll::default(),
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

    /// The last one wakes the receivers.
    pub(super) fn remove_sender(&self) {
        if self.senders.get() > 1 {
            return self.senders.set(self.senders.get() - 1);
        }
        self.senders.set(0);
        self.emit_senders_gone();
        self.changed.wake_all();
    }

    #[track_caller]
    fn emit_senders_gone(&self) {
        if self.receivers.get() > 0 {
            self.number.emit_senders_gone(self.kind);
        }
    }

    pub(super) fn add_receiver(&self) {
        self.receivers.set(self.receivers.get() + 1);
    }

    /// The last one wakes the senders.
    pub(super) fn remove_receiver(&self) {
        self.receivers.set(self.receivers.get() - 1);
        if self.receivers.get() == 0 {
            self.closed.wake_all();
        }
    }

    /// Wakes the receivers that wait: there is something new to see.
    #[inline]
    pub(super) fn wake_receivers(&self) {
        self.changed.wake_all();
    }

    /// A receiver waits for something new, under `key`. Ready: at the second look `is_new` says
    /// that there is something.
    pub(super) fn poll_changed(
        &self,
        key: &mut Option<WaitKey>,
        cx: &Context<'_>,
        at: &'static Location<'static>,
        is_new: impl FnOnce() -> bool,
    ) -> Poll<()> {
        let polled = self.changed.register(key, cx.waker(), is_new);
        trace::waiting(polled.is_pending(), self.kind, || self.number.tell(), at);
        polled
    }

    /// Emits that the line above has put a message in: see [`Number::emit_sent`].
    #[inline]
    #[track_caller]
    pub(super) fn emit_sent(&self, holds: impl FnOnce() -> Holds) {
        self.number.emit_sent(self.kind, false, holds);
    }

    /// Emits that the line above has taken a message, or seen the value: see [`Number::emit_received`].
    #[inline]
    #[track_caller]
    pub(super) fn emit_received(&self, length: impl FnOnce() -> usize) {
        self.number.emit_received(self.kind, length);
    }

    /// Emits that the line above has taken a receiver away: see [`Number::emit_gone`].
    #[inline]
    #[track_caller]
    pub(super) fn emit_gone(&self, lost: usize) {
        self.number.emit_gone(self.kind, lost);
    }

    /// The receiver waits no more.
    #[inline]
    pub(super) fn leave_changed(&self, key: &mut Option<WaitKey>) {
        self.changed.leave(key);
    }

    /// Waits, for a sender, until there is no receiver. `at` is the line that asked for it.
    pub(super) fn closed(&self, at: &'static Location<'static>) -> Closed<'_> {
        let (endpoints, key) = (self, None);
        Closed { endpoints, key, at }
    }
}

/// See [`Endpoints::closed`].
pub(super) struct Closed<'a> {
    endpoints: &'a Endpoints,
    key: Option<WaitKey>,
    at: &'static Location<'static>,
}

impl Future for Closed<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let budget = ready!(coop::poll_proceed(cx));
        let (endpoints, at) = (self.endpoints, self.at);
        let (closed, key) = (&endpoints.closed, &mut self.key);
        let is_over = || endpoints.receivers.get() == 0;
        let waits = !is_over() && closed.register(key, cx.waker(), is_over).is_pending();
        trace::waiting(waits, endpoints.kind, || endpoints.number.tell(), at);
        if waits {
            return Poll::Pending;
        }
        closed.leave(key);
        budget.made_progress();
        Poll::Ready(())
    }
}

impl Drop for Closed<'_> {
    fn drop(&mut self) {
        self.endpoints.closed.leave(&mut self.key);
    }
}
