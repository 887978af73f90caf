//! Keeping a value beside a future, and having it in a thread-local while the future runs.
//!
//! How it can go wrong:
//!
//! - *A panic leaves the value to the next task.* The second exchange is made by a guard's
//!   drop, however the poll ends.
//! - *The future is dropped, and its destructors look for the value.* The future is dropped
//!   inside one more exchange; the value is dropped after it.
//! - *The value is being looked at when a scope is entered.* To exchange it would pull it
//!   away from under that look, so it panics. Only the drop of a future goes on without.

use std::cell::RefCell;
use std::fmt;
use std::future::Future;
use std::marker::PhantomPinned;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::thread;

use pin_project_lite::pin_project;

/// The thread-local behind a key. It holds a value while a scope of that key is polled.
pub(super) type Slot<T> = thread::LocalKey<RefCell<Option<T>>>;

pin_project! {
    /// The future that [`LocalKey::scope`](super::LocalKey::scope) returns.
    #[must_use = "a future does nothing unless it is polled: await it"]
    pub struct TaskLocalFuture<T, F>
    where
        T: 'static,
    {
        slot: &'static Slot<T>,
        // In the thread-local while the future is polled.
        value: Option<T>,
        // `None` once it has returned its output.
        #[pin]
        future: Option<F>,
        #[pin]
        _pinned: PhantomPinned,
    }

    impl<T: 'static, F> PinnedDrop for TaskLocalFuture<T, F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            // Without the value, if it cannot be had; the future is dropped all the same.
            let _scope = Scope::enter(*this.slot, this.value).ok();
            this.future.set(None);
        }
    }
}

impl<T: 'static, F> TaskLocalFuture<T, F> {
    pub(super) fn new(slot: &'static Slot<T>, value: T, future: F) -> TaskLocalFuture<T, F> {
        TaskLocalFuture {
            slot,
            value: Some(value),
            future: Some(future),
            _pinned: PhantomPinned,
        }
    }

    /// Takes the value out. If the future has not returned its output yet, it finds none
    /// from now on.
    ///
    /// ```
    /// # #[runtime::main] async fn main() {
    /// runtime::task_local! {
    ///     static NUMBER: u32;
    /// }
    ///
    /// let mut scope = Box::pin(NUMBER.scope(7, async {}));
    /// scope.as_mut().await;
    /// assert_eq!(scope.as_mut().take_value(), Some(7));
    /// # }
    /// ```
    pub fn take_value(self: Pin<&mut Self>) -> Option<T> {
        self.project().value.take()
    }
}

impl<T: 'static, F: Future> Future for TaskLocalFuture<T, F> {
    type Output = F::Output;

    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let mut this = self.project();
        let Some(future) = this.future.as_mut().as_pin_mut() else {
            panic!("the future of a `scope` was polled again after it returned its output");
        };
        let scope = Scope::enter(*this.slot, this.value);
        let _scope = scope.unwrap_or_else(|refused| refused.panic());
        let polled = future.poll(cx);
        if polled.is_ready() {
            this.future.set(None);
        }
        polled
    }
}

impl<T: fmt::Debug + 'static, F> fmt::Debug for TaskLocalFuture<T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskLocalFuture")
            .field("value", &self.value)
            .finish_non_exhaustive()
    }
}

/// While it lives, `value` is in the thread-local, and what was there is in `value`.
pub(super) struct Scope<'a, T: 'static> {
    slot: &'static Slot<T>,
    value: &'a mut Option<T>,
}

impl<'a, T: 'static> Scope<'a, T> {
    pub(super) fn enter(slot: &'static Slot<T>, value: &'a mut Option<T>) -> Result<Self, Refused> {
        exchange(slot, value)?;
        Ok(Scope { slot, value })
    }
}

impl<T: 'static> Drop for Scope<'_, T> {
    fn drop(&mut self) {
        // It went in, so it comes out: no borrow outlives the closure of `with`, and a
        // thread-local that was there a moment ago is there now.
        let _exchanged = exchange(self.slot, self.value);
    }
}

/// Exchanges what is in the thread-local for `value`.
fn exchange<T>(slot: &'static Slot<T>, value: &mut Option<T>) -> Result<(), Refused> {
    let exchanged = slot.try_with(|slot| {
        let mut slot = slot.try_borrow_mut().map_err(|_| Refused::Borrowed)?;
        mem::swap(&mut *slot, value);
        Ok(())
    });
    exchanged.unwrap_or(Err(Refused::Gone))
}

/// Why the value could not be put into the thread-local.
pub(super) enum Refused {
    Borrowed,
    Gone,
}

impl Refused {
    #[track_caller]
    pub(super) fn panic(self) -> ! {
        match self {
            Refused::Borrowed => panic!(
                "a scope of a task-local was entered inside of `with` of the same key: \
                 end the look at the outer value first"
            ),
            Refused::Gone => panic!(
                "a scope of a task-local was entered while the thread ends: \
                 its storage is gone"
            ),
        }
    }
}
