//! What the ends of a channel share: the messages, and the tasks that wait.
//!
//! The messages lie in a ring that grows with their number and is used again: sending and
//! receiving allocate nothing, once it is as large as it must be. A burst does not stay in
//! memory for ever: a ring that is hardly used any more is cut (`base/room.rs`).
//!
//! The channel ends in two ways. When the last sender is gone, the receiver takes out what is
//! left and then hears that nothing will come. When the receiver
//! [closes](Channel::close) it, senders are refused from then on; what was sent before, and
//! what comes by a permit that was given before, can still be received.
//!
//! How it can go wrong: a message is dropped while the ring is borrowed. Its drop is the
//! user's code, and may well send to this very channel. So nothing is dropped in here: what is
//! left is taken out as a whole, and dropped when the borrow has ended.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::panic::Location;
use std::task::{Context, Poll, Waker, ready};

use super::capacity::{Bound, Capacity};
use super::error::TryRecvError;
use super::waker_cache::WakerCache;
use crate::base::foreign::for_each_quietly;
use crate::base::room::{Roomy, kept};
use crate::machine::coop;
use crate::machine::wait_list::WaitKey;
use crate::sync::wake_all::WakeAll;
use crate::trace::{self, Number, Shared};

pub(super) struct Channel<T, B> {
    messages: RefCell<Roomy<VecDeque<T>>>,
    pub(super) bound: B,
    senders: Cell<usize>,
    receiver: Cell<Stage>,
    /// The receiver, while it waits for a message.
    receiving: WakerCache,
    /// The senders that wait until the channel is closed.
    closing: WakeAll,
}

/// How far the receiver is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Open,
    /// It takes what is on its way, and nothing else.
    Closed,
    /// It was dropped.
    Gone,
}

impl<T, B: Bound> Channel<T, B> {
    /// A channel with one sender and one receiver.
    pub(super) fn new(bound: B) -> Channel<T, B> {
        Channel {
            messages: RefCell::default(),
            bound,
            senders: Cell::new(1),
            receiver: Cell::new(Stage::Open),
            receiving: WakerCache::default(),
            closing: WakeAll::default(),
        }
    }

    /// Whether the receiver takes nothing that is not on its way.
    #[inline]
    pub(super) fn is_closed(&self) -> bool {
        self.receiver.get() != Stage::Open
    }

    pub(super) fn len(&self) -> usize {
        self.messages.borrow().len()
    }

    pub(super) fn senders(&self) -> usize {
        self.senders.get()
    }

    pub(super) fn add_sender(&self) {
        self.senders.set(self.senders.get() + 1);
    }

    /// The last one wakes the receiver.
    #[inline]
    pub(super) fn remove_sender(&self) {
        if self.senders.get() > 1 {
            return self.senders.set(self.senders.get() - 1);
        }
        self.senders.set(0);
        self.emit_senders_gone();
        self.receiving.wake_last();
    }

    #[track_caller]
    fn emit_senders_gone(&self) {
        if self.receiver.get() != Stage::Gone {
            self.number().emit_senders_gone(Shared::MpscMessage);
        }
    }

    /// Puts a message in. The channel is open, and there is a place.
    #[inline(always)]
    pub(super) fn push(&self, message: T) {
        self.put(message, false);
    }

    /// `reserved`: the place was a permit.
    #[inline(always)]
    fn put(&self, message: T, reserved: bool) {
        self.messages.borrow_mut().push_back(message);
        self.emit_sent(reserved);
        self.receiving.wake();
    }

    #[inline(always)]
    #[track_caller]
    fn emit_sent(&self, reserved: bool) {
        let holds = || (self.len(), self.bound.all());
        self.number()
            .emit_sent(Shared::MpscMessage, reserved, holds);
    }

    #[inline(always)]
    #[track_caller]
    fn emit_received(&self) {
        self.number()
            .emit_received(Shared::MpscMessage, || self.len());
    }

    #[inline(always)]
    fn number(&self) -> &Number {
        self.bound.number()
    }

    /// See [`give_back`](Channel::give_back): the place has been returned already.
    pub(super) fn returned(&self) {
        if self.is_closed() && self.bound.is_idle() {
            self.receiving.wake_last();
        }
    }

    #[inline(always)]
    fn pop(&self) -> Option<T> {
        let message = self.take_first()?;
        self.emit_received();
        self.bound.give_back(1);
        Some(message)
    }

    #[inline(always)]
    fn take_first(&self) -> Option<T> {
        let mut messages = self.messages.borrow_mut();
        let message = messages.pop_front()?;
        messages.give_back_one(kept::<T>());
        Some(message)
    }

    /// Nothing is here, and nothing can come.
    fn is_over(&self) -> bool {
        self.senders.get() == 0 || self.is_closed() && self.bound.is_idle()
    }

    #[inline(always)]
    pub(super) fn poll_recv(
        &self,
        cx: &mut Context<'_>,
        at: &'static Location<'static>,
    ) -> Poll<Option<T>> {
        let budget = ready!(coop::poll_proceed(cx));
        let message = match self.pop() {
            None => ready!(self.poll_empty(cx, at)),
            message => message,
        };
        budget.made_progress();
        Poll::Ready(message)
    }

    #[inline(always)]
    fn poll_empty(&self, cx: &Context<'_>, at: &'static Location<'static>) -> Poll<Option<T>> {
        ready!(self.poll_over(cx, at));
        Poll::Ready(self.pop())
    }

    /// The channel is empty, and the task waits, unless it is over or something comes just then.
    #[inline(always)]
    fn poll_over(&self, cx: &Context<'_>, at: &'static Location<'static>) -> Poll<()> {
        if self.is_over() {
            return Poll::Ready(());
        }
        let waits = || self.len() == 0 && !self.is_over();
        let polled = self.receiving.register(cx, || !waits());
        trace::waiting(
            polled.is_pending(),
            Shared::MpscMessage,
            || self.number().tell(),
            at,
        );
        polled
    }

    pub(super) fn poll_recv_many(
        &self,
        cx: &mut Context<'_>,
        buffer: &mut Vec<T>,
        limit: usize,
        at: &'static Location<'static>,
    ) -> Poll<usize> {
        let budget = ready!(coop::poll_proceed(cx));
        if self.len() == 0 && limit > 0 {
            ready!(self.poll_over(cx, at));
        }
        budget.made_progress();
        Poll::Ready(self.pop_into(buffer, limit))
    }

    /// Takes out as many messages as are here, at most `limit`. Returns how many.
    fn pop_into(&self, buffer: &mut Vec<T>, limit: usize) -> usize {
        let count = self.len().min(limit);
        if count > 0 {
            self.take_some(buffer, count);
            self.emit_received();
            self.bound.give_back(count);
        }
        count
    }

    fn take_some(&self, buffer: &mut Vec<T>, count: usize) {
        let mut messages = self.messages.borrow_mut();
        buffer.extend(messages.drain(..count));
        messages.give_back_after(count, kept::<T>());
    }

    pub(super) fn try_recv(&self) -> Result<T, TryRecvError> {
        self.pop().ok_or_else(|| match self.is_over() {
            true => TryRecvError::Disconnected,
            false => TryRecvError::Empty,
        })
    }

    /// The receiver waits no more.
    pub(super) fn leave(&self) {
        self.receiving.clear();
    }

    /// The receiver takes nothing from now on but what is on its way.
    pub(super) fn close(&self) {
        if self.is_closed() {
            return;
        }
        self.receiver.set(Stage::Closed);
        for_each_quietly(self.bound.close(), Waker::wake);
        self.closing.wake_all();
    }

    /// The receiver is gone. The messages that are left are dropped.
    pub(super) fn abandon(&self) {
        self.leave();
        self.receiver.set(Stage::Gone);
        let left = self.messages.take();
        self.number().emit_gone(Shared::MpscMessage, left.len());
        self.bound.give_back(left.len());
        drop(left);
    }

    /// Waits until the receiver closes the channel or is gone.
    pub(super) fn poll_closed(
        &self,
        key: &mut Option<WaitKey>,
        cx: &Context<'_>,
        at: &'static Location<'static>,
    ) -> Poll<()> {
        let is_closed = || self.is_closed();
        let mut wait = || self.closing.register(key, cx.waker(), is_closed);
        let waits = !is_closed() && wait().is_pending();
        trace::waiting(waits, Shared::MpscEnd, || self.number().tell(), at);
        if waits {
            return Poll::Pending;
        }
        self.closing.leave(key);
        Poll::Ready(())
    }

    pub(super) fn leave_closed(&self, key: &mut Option<WaitKey>) {
        self.closing.leave(key);
    }

    /// Emits that the task waits for a place, if it does: see [`trace::waiting`].
    #[inline]
    #[track_caller]
    pub(super) fn emit_waiting(&self, waits: bool, at: &'static Location<'static>) {
        trace::waiting(waits, Shared::MpscPlace, || self.number().tell(), at);
    }
}

impl<T> Channel<T, Capacity> {
    /// Puts a message in, for which there is a permit. If the receiver is gone it is dropped.
    pub(super) fn push_or_drop(&self, message: T) {
        match self.receiver.get() {
            Stage::Gone => self.give_back(),
            _ => self.put(message, true),
        }
    }

    /// A place was not used. A receiver that has closed the channel waits for just that.
    pub(super) fn give_back(&self) {
        self.bound.emit_given_back();
        self.bound.give_back(1);
        self.returned();
    }
}
