//! The receiver: the end of a watch channel that looks at the value.
//!
//! A receiver remembers the version of the value that it has seen last. "Changed" means that the
//! channel's version is another one.

use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use super::error::RecvError;
use super::shared::{Ref, Shared};
use crate::machine::coop;
use crate::machine::wait_list::WaitKey;

/// Watches a value; made by [`channel`](super::channel()) and
/// [`Sender::subscribe`](super::Sender::subscribe).
///
/// Each has its own idea of what it has seen; a clone begins with that of its original.
///
/// ```
/// # #[runtime::main] async fn main() {
/// let (tx, mut rx) = runtime::sync::watch::channel(0);
/// runtime::spawn(async move { (1..=3).for_each(|n| tx.send(n).unwrap()) });
/// while rx.changed().await.is_ok() {
///     println!("{}", *rx.borrow()); // 3: the values in between are skipped
/// }
/// # }
/// ```
pub struct Receiver<T> {
    shared: Rc<Shared<T>>,
    /// The version that it has seen.
    seen: u64,
}

impl<T> Receiver<T> {
    pub(super) fn new(shared: Rc<Shared<T>>, seen: u64) -> Receiver<T> {
        shared.endpoints.add_receiver();
        Receiver { shared, seen }
    }

    /// Looks at the value, which does not count as seen by that. Nothing can be sent as long as
    /// the look lasts: hold it for a short time, and never across an `.await`.
    ///
    /// ```
    /// let (tx, rx) = runtime::sync::watch::channel(1);
    /// tx.send(2).unwrap();
    /// assert_eq!(*rx.borrow(), 2);
    /// assert!(rx.has_changed().unwrap());
    /// ```
    #[track_caller]
    pub fn borrow(&self) -> Ref<'_, T> {
        self.shared.borrow(self.seen)
    }

    /// Looks at the value, which is seen by that. As [`borrow`](Receiver::borrow) otherwise.
    ///
    /// ```
    /// let (tx, mut rx) = runtime::sync::watch::channel(1);
    /// tx.send(2).unwrap();
    /// assert_eq!(*rx.borrow_and_update(), 2);
    /// assert!(!rx.has_changed().unwrap());
    /// ```
    #[track_caller]
    pub fn borrow_and_update(&mut self) -> Ref<'_, T> {
        let seen = self.see();
        self.shared.borrow(seen)
    }

    /// Whether there is a value that it has not seen.
    ///
    /// # Errors
    ///
    /// If all senders are gone, even if there is a value not seen.
    ///
    /// ```
    /// let (tx, rx) = runtime::sync::watch::channel(1);
    /// assert!(!rx.has_changed().unwrap());
    /// tx.send(2).unwrap();
    /// assert!(rx.has_changed().unwrap());
    /// drop(tx);
    /// assert!(rx.has_changed().is_err());
    /// ```
    pub fn has_changed(&self) -> Result<bool, RecvError> {
        match self.shared.is_closed() {
            true => Err(RecvError(())),
            false => Ok(self.seen != self.shared.version()),
        }
    }

    /// Whether all senders are gone.
    pub fn is_closed(&self) -> bool {
        self.shared.is_closed()
    }

    /// Takes the value for one that was not seen.
    ///
    /// ```
    /// # #[runtime::main] async fn main() {
    /// let (_tx, mut rx) = runtime::sync::watch::channel(1);
    /// rx.mark_changed();
    /// rx.changed().await.unwrap(); // at once: the first value counts as changed
    /// # }
    /// ```
    pub fn mark_changed(&mut self) {
        self.seen = self.shared.version().wrapping_sub(1);
    }

    /// Takes the value for one that was seen.
    ///
    /// ```
    /// let (tx, mut rx) = runtime::sync::watch::channel(1);
    /// tx.send(2).unwrap();
    /// rx.mark_unchanged();
    /// assert!(!rx.has_changed().unwrap());
    /// ```
    pub fn mark_unchanged(&mut self) {
        self.seen = self.shared.version();
    }

    /// Waits for a value that it has not seen; the value then counts as seen.
    ///
    /// # Errors
    ///
    /// If the value was seen and all senders are gone.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a value counts as seen only when the future is ready.
    ///
    /// ```
    /// # #[runtime::main] async fn main() {
    /// let (tx, mut rx) = runtime::sync::watch::channel("hello");
    /// runtime::spawn(async move { tx.send("goodbye") });
    /// rx.changed().await.unwrap();
    /// assert_eq!(*rx.borrow(), "goodbye");
    /// assert!(rx.changed().await.is_err());
    /// # }
    /// ```
    #[track_caller]
    pub fn changed(&mut self) -> impl Future<Output = Result<(), RecvError>> {
        Changed {
            receiver: self,
            key: None,
            at: Location::caller(),
        }
    }

    /// Waits until the value fulfils the condition, and looks at it. The value that is there is
    /// tried first, seen or not. What was tried counts as seen.
    ///
    /// The condition is called while the value is borrowed: it must not send.
    ///
    /// # Errors
    ///
    /// If the last value does not fulfil it and all senders are gone.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: if it is dropped, the last value that was tried counts as seen, and did not
    /// fulfil the condition.
    ///
    /// ```
    /// # #[runtime::main] async fn main() {
    /// let (tx, mut rx) = runtime::sync::watch::channel(0);
    /// runtime::spawn(async move { (1..=5).for_each(|n| tx.send(n).unwrap()) });
    /// assert_eq!(*rx.wait_for(|&n| n > 3).await.unwrap(), 5);
    /// # }
    /// ```
    #[track_caller]
    pub fn wait_for<'a, F>(
        &'a mut self,
        f: F,
    ) -> impl Future<Output = Result<Ref<'a, T>, RecvError>> + use<'a, T, F>
    where
        F: FnMut(&T) -> bool,
    {
        WaitFor {
            receiver: Some(self),
            condition: f,
            tried: false,
            key: None,
            at: Location::caller(),
        }
    }

    /// Whether both watch the same value.
    pub fn same_channel(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.shared, &other.shared)
    }

    /// Whether there is anything to hear: a value that it has not seen, or the senders' end.
    /// The receiver sees the newest version. Returns the one that it saw last.
    fn see(&mut self) -> u64 {
        let version = self.shared.version();
        let before = self.seen;
        if before != version {
            self.seen = version;
            self.shared.endpoints.emit_received(|| 1);
        }
        before
    }

    fn has_unseen(&self) -> bool {
        self.seen != self.shared.version() || self.is_closed()
    }

    /// Waits until there is anything to hear. Look again when it is ready.
    fn poll_changed(
        &self,
        key: &mut Option<WaitKey>,
        cx: &Context<'_>,
        at: &'static Location<'static>,
    ) -> Poll<()> {
        let endpoints = &self.shared.endpoints;
        endpoints.poll_changed(key, cx, at, || self.has_unseen())
    }
}

impl<T> Clone for Receiver<T> {
    fn clone(&self) -> Receiver<T> {
        Receiver::new(Rc::clone(&self.shared), self.seen)
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        self.shared.endpoints.remove_receiver();
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver")
            .field("seen", &self.seen)
            .field("version", &self.shared.version())
            .finish_non_exhaustive()
    }
}

/// See [`Receiver::changed`].
struct Changed<'a, T> {
    receiver: &'a mut Receiver<T>,
    key: Option<WaitKey>,
    at: &'static Location<'static>,
}

impl<T> Future for Changed<'_, T> {
    type Output = Result<(), RecvError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let budget = ready!(coop::poll_proceed(cx));
        let receiver = &mut *this.receiver;
        if !receiver.has_unseen() {
            ready!(receiver.poll_changed(&mut this.key, cx, this.at));
        }
        budget.made_progress();
        receiver.shared.endpoints.leave_changed(&mut this.key);
        let seen = receiver.see();
        Poll::Ready((seen != receiver.seen).then_some(()).ok_or(RecvError(())))
    }
}

impl<T> Drop for Changed<'_, T> {
    fn drop(&mut self) {
        self.receiver.shared.endpoints.leave_changed(&mut self.key);
    }
}

/// See [`Receiver::wait_for`].
struct WaitFor<'a, T, F> {
    /// `None` once it has given its result.
    receiver: Option<&'a mut Receiver<T>>,
    condition: F,
    /// The value that was there from the beginning has been tried.
    tried: bool,
    key: Option<WaitKey>,
    at: &'static Location<'static>,
}

// The condition is called, never pinned.
impl<T, F> Unpin for WaitFor<'_, T, F> {}

impl<'a, T, F: FnMut(&T) -> bool> Future for WaitFor<'a, T, F> {
    type Output = Result<Ref<'a, T>, RecvError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let Some(receiver) = &mut this.receiver else {
            panic!("a wait_for was polled again after it gave its result");
        };
        let budget = ready!(coop::poll_proceed(cx));
        let (before, fits) = loop {
            let before = receiver.see();
            let fits = match this.tried && before == receiver.seen {
                true => false,
                false => (this.condition)(&receiver.shared.borrow(before)),
            };
            this.tried = true;
            if fits || receiver.is_closed() {
                break (before, fits);
            }
            ready!(receiver.poll_changed(&mut this.key, cx, this.at));
        };
        budget.made_progress();
        receiver.shared.endpoints.leave_changed(&mut this.key);
        let receiver = this.receiver.take().filter(|_| fits);
        let result = receiver.map(|receiver| receiver.shared.borrow(before));
        Poll::Ready(result.ok_or(RecvError(())))
    }
}

impl<T, F> Drop for WaitFor<'_, T, F> {
    fn drop(&mut self) {
        if let Some(receiver) = &self.receiver {
            receiver.shared.endpoints.leave_changed(&mut self.key);
        }
    }
}
