//! What the ends of a watch channel share: the value and its version.
//!
//! The version grows by one with each change. The tasks that wait for a change, and the counts of
//! the ends, are in `sync/endpoints.rs`.
//!
//! How it can go wrong: the user's code runs while the value is borrowed. It may panic, or look at
//! this very value. So the version grows, and the receivers are woken, only after that code has
//! returned and the borrow has ended; a second borrow panics with a message.

use std::cell::{Cell, RefCell};
use std::ops::Deref;

use crate::sync::endpoints::Endpoints;
use crate::trace::Shared as Kind;

pub(super) struct Shared<T> {
    value: RefCell<T>,
    /// Grows with every change. A receiver remembers which one it has seen.
    version: Cell<u64>,
    pub(super) endpoints: Endpoints,
}

impl<T> Shared<T> {
    pub(super) fn new(value: T) -> Shared<T> {
        Shared {
            value: RefCell::new(value),
            version: Cell::new(0),
            endpoints: Endpoints::new(Kind::Watch),
        }
    }

    pub(super) fn version(&self) -> u64 {
        self.version.get()
    }

    /// Whether all senders are gone.
    pub(super) fn is_closed(&self) -> bool {
        self.endpoints.senders() == 0
    }

    /// Looks at the value, for a receiver that has seen the version `seen`.
    #[track_caller]
    pub(super) fn borrow(&self, seen: u64) -> Ref<'_, T> {
        let Ok(value) = self.value.try_borrow() else {
            panic!(
                "the value of a watch channel was borrowed in the midst of its change: \
                 the closure given to `send_modify` or `send_if_modified` must not look at it \
                 through the channel"
            );
        };
        let has_changed = seen != self.version.get();
        Ref { value, has_changed }
    }

    /// Lets `change` change the value; if it says that it did, wakes the receivers. If it
    /// panics, no receiver is woken.
    #[track_caller]
    pub(super) fn change(&self, change: impl FnOnce(&mut T) -> bool) -> bool {
        let Ok(mut value) = self.value.try_borrow_mut() else {
            panic!(
                "a watch channel was sent to while its value is borrowed on this thread: \
                 drop the `Ref` that `borrow` or `wait_for` returned before sending, and hold \
                 none across an `.await`"
            );
        };
        if !change(&mut value) {
            return false;
        }
        drop(value);
        self.announce();
        true
    }

    /// The value is another one now.
    fn announce(&self) {
        self.version.set(self.version.get().wrapping_add(1));
        self.endpoints.emit_sent(|| (1, Some(1)));
        self.endpoints.wake_receivers();
    }
}

/// A look at the value. As long as it lives the value cannot be changed: a sender that tries
/// panics.
#[derive(Debug)]
pub struct Ref<'a, T> {
    value: std::cell::Ref<'a, T>,
    has_changed: bool,
}

impl<T> Ref<'_, T> {
    /// Whether the receiver that looks had not seen this value yet. Through a sender: `false`.
    ///
    /// ```
    /// let (tx, mut rx) = runtime::sync::watch::channel(1);
    /// tx.send(2).unwrap();
    /// assert!(rx.borrow_and_update().has_changed());
    /// assert!(!rx.borrow_and_update().has_changed());
    /// ```
    pub fn has_changed(&self) -> bool {
        self.has_changed
    }
}

impl<T> Deref for Ref<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}
