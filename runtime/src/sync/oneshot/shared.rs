//! What the two ends of a channel for one message share.

use std::cell::Cell;
use std::panic::Location;
use std::rc::Rc;
use std::task::{Context, Poll};

use crate::machine::waker_cell::WakerCell;
use crate::trace::{self, Number, Shared as Kind};

pub(super) struct Shared<T> {
    stage: Cell<Stage>,
    /// There from `send` on, until it is taken.
    value: Cell<Option<T>>,
    /// The receiver, while it waits for the value.
    pub(super) receiver: WakerCell,
    /// The sender, while it waits for the receiver to close.
    pub(super) sender: WakerCell,
    pub(super) number: Number,
    /// The line of the program that made the channel.
    pub(super) at: Cell<&'static Location<'static>>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Stage {
    /// The sender may still send.
    #[default]
    Open,
    /// It might, but the receiver wants nothing any more, or is gone.
    Closed,
    /// It has sent, and the value is here.
    Full,
    /// It was dropped without sending, or what it sent has been taken.
    Over,
}

impl<T> Default for Shared<T> {
    #[inline(always)]
    fn default() -> Shared<T> {
        Shared {
            stage: Cell::default(),
            value: Cell::default(),
            receiver: WakerCell::default(),
            sender: WakerCell::default(),
            number: Number::new(),
            at: Cell::new(Location::caller()),
        }
    }
}

impl<T> Shared<T> {
    /// A new channel, for both of its ends.
    ///
    /// The default value is written where it stays. Any other would be put together on the stack
    /// and copied two words at a time, for which the processor has to wait until each word's store
    /// has come to an end.
    #[inline]
    pub(super) fn new(at: &'static Location<'static>) -> Rc<Shared<T>> {
        let shared: Rc<Shared<T>> = Rc::default();
        shared.at.set(at);
        shared
    }

    /// The receiver waits until the value is here or cannot come any more.
    #[inline]
    pub(super) fn poll_over(
        &self,
        cx: &Context<'_>,
        polled_at: &'static Location<'static>,
    ) -> Poll<()> {
        let (is_over, number) = (|| !self.may_fill(), || self.number.tell());
        let waits = !is_over() && self.receiver.register(cx, is_over).is_pending();
        trace::waiting_polled(waits, Kind::Oneshot, number, polled_at, self.at.get());
        match waits {
            true => Poll::Pending,
            false => Poll::Ready(()),
        }
    }

    #[inline]
    pub(super) fn stage(&self) -> Stage {
        self.stage.get()
    }

    #[inline]
    pub(super) fn is_closed(&self) -> bool {
        self.stage.get() == Stage::Closed
    }

    /// Whether the value may still come.
    #[inline]
    pub(super) fn may_fill(&self) -> bool {
        self.stage.get() == Stage::Open
    }

    /// The sender's last act: the value is here, and the receiver hears of it.
    #[inline]
    pub(super) fn fill(&self, value: T) {
        self.value.set(Some(value));
        self.stage.set(Stage::Full);
        self.number.emit_sent(Kind::Oneshot, false, || (1, Some(1)));
        self.receiver.wake();
    }

    /// The sender is gone. If it had not sent, the receiver hears that nothing will come; one
    /// that has closed the channel knows.
    #[inline]
    pub(super) fn sender_left(&self) {
        self.sender.clear();
        if self.may_fill() {
            self.give_up();
        }
    }

    #[cold]
    fn give_up(&self) {
        self.stage.set(Stage::Over);
        self.number.emit_senders_gone(Kind::Oneshot);
        self.receiver.wake();
    }

    /// The receiver is gone. A value that it did not take is dropped.
    #[cold]
    pub(super) fn receiver_left(&self) {
        let lost = self.take();
        self.number.emit_gone(Kind::Oneshot, lost.iter().len());
        self.close();
        drop(lost);
    }

    /// The receiver wants no value that has not been sent yet. So it waits for nothing any more,
    /// and its waker is not kept.
    #[inline]
    pub(super) fn close(&self) {
        self.receiver.clear();
        if self.may_fill() {
            self.stage.set(Stage::Closed);
            self.sender.wake();
        }
    }

    /// The value, if it is here, for the receiver.
    #[inline]
    pub(super) fn receive(&self) -> Option<T> {
        let value = self.take()?;
        self.number.emit_received(Kind::Oneshot, || 0);
        Some(value)
    }

    #[inline]
    fn take(&self) -> Option<T> {
        let value = self.value.take();
        if value.is_some() {
            self.stage.set(Stage::Over);
        }
        value
    }
}
