//! What the two ends of a channel for one message share.

use std::cell::Cell;
use std::panic::Location;

use crate::sync::slot::Slot;
use crate::trace::Number;

pub(super) struct Shared<T> {
    stage: Cell<Stage>,
    /// The receiver wants nothing any more, or is gone.
    closed: Cell<bool>,
    /// There from `send` on, until it is taken.
    value: Cell<Option<T>>,
    /// Who waits for the value.
    pub(super) receiver: Slot,
    /// Who waits for the receiver to close.
    pub(super) sender: Slot,
    pub(super) number: Number,
    /// The line of the program that made the channel.
    pub(super) at: &'static Location<'static>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// The sender may still send.
    Open,
    /// It has sent, and the value is here.
    Full,
    /// It was dropped without sending, or what it sent has been taken.
    Over,
}

impl<T> Shared<T> {
    #[inline]
    pub(super) fn new(at: &'static Location<'static>) -> Shared<T> {
        Shared {
            stage: Cell::new(Stage::Open),
            closed: Cell::new(false),
            value: Cell::new(None),
            receiver: Slot::default(),
            sender: Slot::default(),
            number: Number::new(),
            at,
        }
    }

    #[inline]
    pub(super) fn stage(&self) -> Stage {
        self.stage.get()
    }

    #[inline]
    pub(super) fn is_closed(&self) -> bool {
        self.closed.get()
    }

    /// Whether the value may still come.
    #[inline]
    pub(super) fn may_fill(&self) -> bool {
        self.stage.get() == Stage::Open && !self.closed.get()
    }

    /// The sender's last act: the value is here, and the receiver hears of it.
    #[inline]
    pub(super) fn fill(&self, value: T) {
        self.value.set(Some(value));
        self.stage.set(Stage::Full);
        self.receiver.wake();
    }

    /// The sender is gone. If it had not sent, the receiver hears that nothing will come; one
    /// that has closed the channel knows.
    #[inline]
    pub(super) fn sender_left(&self) {
        self.sender.leave();
        if self.stage.get() == Stage::Open {
            self.give_up();
        }
    }

    #[cold]
    fn give_up(&self) {
        self.stage.set(Stage::Over);
        if !self.closed.get() {
            self.receiver.wake();
        }
    }

    /// The receiver is gone. A value that it did not take is dropped.
    #[cold]
    pub(super) fn receiver_left(&self) {
        self.receiver.leave();
        self.close();
        drop(self.take());
    }

    /// The receiver wants no value that has not been sent yet.
    #[inline]
    pub(super) fn close(&self) {
        if !self.closed.replace(true) {
            self.sender.wake();
        }
    }

    /// The value, if it is here.
    #[inline]
    pub(super) fn take(&self) -> Option<T> {
        let value = self.value.take();
        if value.is_some() {
            self.stage.set(Stage::Over);
        }
        value
    }
}
