//! Leaving a waker: the one contract, and the cell for one waker.
//!
//! A future that must wait leaves its waker with the thing that it waits for. The waker has to be
//! cloned for that, and **to clone a waker is foreign code**. The clone may do anything, and so it
//! may make the awaited thing happen:
//!
//! ```text
//!     the future                        the clone of the waker
//!
//!     looks: no message is there
//!     clones the waker ───────────────► sends a message; no waker is left yet, nothing is woken
//!     stores the waker
//!     answers Pending                   ... and waits for ever
//! ```
//!
//! Therefore a waker is left in three steps, and [`register`] is the one place that takes them:
//!
//! 1. **Clone** the waker. Foreign code runs.
//! 2. **Look again**. If the thing has happened, the clone is dropped, and nothing is stored.
//! 3. **Store** the waker. No foreign code has run since the look.
//!
//! The second look cannot be forgotten: what stores wakers ([`WakerCell`], the wait list) takes
//! only a [`Rechecked`] one, and only [`register`] makes it. The waker that lay there before is
//! dropped last. That is foreign code too, but whatever it brings about calls the new waker.
//!
//! A single waker is kept in a [`WakerCell`]. It is kept bare in four places, each of which says why:
//! in an entry of the wheel, in a node of the wait list, and in the two join cells.
//!
//! How it can go wrong: *the look runs foreign code itself*, or the store happens elsewhere and
//! later. So both are closures without foreign code, and are called one after the other.

use std::cell::Cell;
use std::fmt;
use std::task::{Context, Poll, Waker};

use crate::base::foreign::drop_quietly;

/// A waker that was cloned before the last look at what is waited for.
pub(crate) struct Rechecked(Waker);

impl Rechecked {
    #[inline]
    pub(crate) fn into_waker(self) -> Waker {
        self.0
    }

    #[cfg(test)]
    pub(crate) fn noop() -> Rechecked {
        Rechecked(Waker::noop().clone())
    }
}

/// Leaves a clone of `waker`, unless `look` finds that there is nothing to wait for any more.
///
/// `store` puts the clone where it will be called, and returns a waker that is not needed any
/// more. Neither closure may run foreign code while there is something to wait for.
#[inline]
pub(crate) fn register<R>(
    waker: &Waker,
    look: impl FnOnce() -> Option<R>,
    store: impl FnOnce(Rechecked) -> Option<Waker>,
) -> Poll<R> {
    register_locked(waker, || look().ok_or(()), |(), waker| store(waker))
}

/// As [`register`], where other threads run beside: what `look` has locked stays locked until
/// `store` has stored.
#[inline]
pub(crate) fn register_locked<R, L>(
    waker: &Waker,
    look: impl FnOnce() -> Result<R, L>,
    store: impl FnOnce(L, Rechecked) -> Option<Waker>,
) -> Poll<R> {
    let clone = waker.clone();
    match look() {
        Ok(found) => {
            // What was found is the caller's: a panic in this drop must not take it away.
            drop_quietly(clone);
            Poll::Ready(found)
        }
        Err(lock) => {
            drop(store(lock, Rechecked(clone)));
            Poll::Pending
        }
    }
}

/// Room for one waker: of the task that waits for something on this thread.
///
/// It is what a future written by hand needs, on a runtime of one thread, to be woken by another
/// task. The last task that registered is the one that is woken.
///
/// It is the `AtomicWaker` of the crate `futures` without the atomics, and with one more promise:
/// to register asks for the condition again after the waker was cloned. So no wake is lost if the
/// clone itself fulfils the condition.
///
/// ```
/// # #[runtime::main] async fn main() {
/// use runtime::task::WakerCell;
/// use std::cell::Cell;
/// use std::future::poll_fn;
/// use std::rc::Rc;
/// use std::task::{Poll, ready};
///
/// let (open, waiter) = (Rc::new(Cell::new(false)), Rc::new(WakerCell::new()));
/// let (their_open, theirs) = (Rc::clone(&open), Rc::clone(&waiter));
/// let task = runtime::spawn(poll_fn(move |cx| {
///     if !their_open.get() {
///         ready!(theirs.register(cx, || their_open.get()));
///     }
///     Poll::Ready("it is open")
/// }));
/// runtime::task::yield_now().await;
/// open.set(true);
/// waiter.wake();
/// assert_eq!(task.await.unwrap(), "it is open");
/// # }
/// ```
// A plain cell, not a borrow: cloning, calling and dropping a waker may come back to it.
#[derive(Default)]
pub struct WakerCell(Cell<Option<Waker>>);

impl WakerCell {
    /// A cell in which no task waits.
    ///
    /// ```
    /// use runtime::task::WakerCell;
    ///
    /// thread_local!(static WAITER: WakerCell = const { WakerCell::new() });
    /// WAITER.with(WakerCell::wake); // no task waits: nothing happens
    /// ```
    pub const fn new() -> WakerCell {
        WakerCell(Cell::new(None))
    }

    /// Leaves the waker of `cx`. Call it after `is_ready` was found to be false.
    ///
    /// `Pending`: the waker is in the cell. `Ready`: `is_ready` was true at the second look, and
    /// nothing was left. (If the cell holds the same waker already, none is cloned, and there is
    /// no second look: no code of others has run.)
    ///
    /// `is_ready` must not run foreign code; if it does, a wake can be lost.
    ///
    /// # Panics
    ///
    /// If the clone of the waker panics. The cell then keeps the waker that it had.
    ///
    /// # Cancel safety
    ///
    /// A future that is dropped leaves its waker here: call [`clear`](WakerCell::clear) in its
    /// `Drop`.
    ///
    /// ```
    /// use runtime::task::WakerCell;
    /// use std::task::{Context, Waker};
    ///
    /// let (cell, cx) = (WakerCell::new(), Context::from_waker(Waker::noop()));
    /// assert!(cell.register(&cx, || true).is_ready());
    /// assert!(cell.register(&cx, || false).is_pending());
    /// ```
    #[inline]
    pub fn register(&self, cx: &Context<'_>, is_ready: impl FnOnce() -> bool) -> Poll<()> {
        if self.holds(cx.waker()) {
            return Poll::Pending;
        }
        let look = || is_ready().then_some(());
        register(cx.waker(), look, |waker| self.put(waker))
    }

    /// Wakes the task that waits, once.
    ///
    /// # Panics
    ///
    /// If the waker panics: call it last.
    ///
    /// ```
    /// runtime::task::WakerCell::new().wake();
    /// ```
    #[inline]
    pub fn wake(&self) {
        if let Some(waker) = self.take() {
            waker.wake();
        }
    }

    /// The task waits no more: its waker is dropped. If that drop panics, the panic ends here.
    ///
    /// ```
    /// runtime::task::WakerCell::new().clear();
    /// ```
    #[inline]
    pub fn clear(&self) {
        if let Some(waker) = self.take() {
            drop_quietly(waker);
        }
    }

    /// Whether this very waker is here.
    #[inline]
    pub(crate) fn holds(&self, waker: &Waker) -> bool {
        self.show(|held| held.is_some_and(|held| held.will_wake(waker)))
    }

    /// Shows what is here to `look`, which runs no code of others.
    #[inline]
    pub(crate) fn show<R>(&self, look: impl FnOnce(Option<&Waker>) -> R) -> R {
        let held = self.0.take();
        let seen = look(held.as_ref());
        // The cell is empty: there is nothing to drop, and nothing to ask whether there is.
        std::mem::forget(self.0.replace(held));
        seen
    }

    /// Puts a waker here; returns the one that was here.
    #[inline]
    pub(crate) fn put(&self, waker: Rechecked) -> Option<Waker> {
        self.0.replace(Some(waker.into_waker()))
    }

    /// Puts a waker back that was taken out, unless another has come meanwhile.
    #[inline]
    pub(crate) fn put_back(&self, waker: Waker) {
        let newer = self.0.take();
        self.0.set(newer.or(Some(waker)));
    }

    /// Takes the waker out.
    #[inline]
    pub(crate) fn take(&self) -> Option<Waker> {
        self.0.take()
    }
}

impl fmt::Debug for WakerCell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let waits = self.show(|held| held.is_some());
        f.debug_struct("WakerCell").field("waits", &waits).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_task::ArcWake;
    use std::sync::Arc;

    struct Quiet;

    impl ArcWake for Quiet {
        fn wake_by_ref(_: &Arc<Quiet>) {}
    }

    #[test]
    fn what_is_found_at_the_second_look_is_returned_and_nothing_is_stored() {
        let waker = futures_task::waker(Arc::new(Quiet));
        let found = register(&waker, || Some(7), |_| panic!("it was found"));
        assert_eq!(found, Poll::Ready(7));
        let (cell, cx) = (WakerCell::new(), Context::from_waker(&waker));
        assert!(cell.register(&cx, || true).is_ready() && !cell.holds(&waker));
        assert!(cell.register(&cx, || false).is_pending() && cell.holds(&waker));
        assert!(
            cell.register(&cx, || panic!("nothing was cloned"))
                .is_pending()
        );
        cell.clear();
        assert!(cell.take().is_none());
    }
}
