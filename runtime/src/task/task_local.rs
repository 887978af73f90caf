//! Values that belong to a task: `task_local!`.
//!
//! A thread-local is the wrong place for "the request that is being served": all tasks share the
//! thread, and the value would be that of the task that ran last. A task-local looks like a global,
//! but only one task sees it, or rather one *future*, [`scope`](LocalKey::scope), and all that it
//! polls.
//!
//! It is a thread-local all the same, whose value is there only while that future is being
//! polled. The scope keeps the value beside the future. A poll begins by exchanging what the
//! scope keeps for what is in the thread-local, and ends by exchanging them again:
//!
//! ```text
//!              kept by the scope     in the thread-local
//!   before           "A"                 (nothing)
//!   in the poll    (nothing)                "A"          ◄── with() sees this
//!   after            "A"                 (nothing)
//! ```
//!
//! Because it is an exchange, a scope inside another one hides the outer value and puts it
//! back, without a stack.
//!
//! The exchanges are in `scope.rs`. Here is what a program calls.
//!
//! How it can go wrong: a spawned task does not see the value. It is a task of its own; give
//! it a scope of its own.

mod scope;

use std::fmt;
use std::future::Future;

pub use scope::TaskLocalFuture;
use scope::{Scope, Slot};

/// Declares values that belong to a task, each a [`LocalKey`].
///
/// ```
/// # #[runtime::main] async fn main() {
/// runtime::task_local! {
///     /// Who sent the request.
///     pub static USER: String;
///     static ATTEMPT: u32;
/// }
///
/// async fn greet() -> String {
///     USER.with(|user| format!("Hello, {user}"))
/// }
///
/// let greeting = USER.scope("Ada".to_owned(), greet()).await;
/// assert_eq!(greeting, "Hello, Ada");
/// assert_eq!(ATTEMPT.sync_scope(2, || ATTEMPT.get()), 2);
/// # }
/// ```
#[macro_export]
macro_rules! task_local {
    ($($(#[$attribute:meta])* $visible:vis static $name:ident: $type:ty);* $(;)?) => {
        $(
            $(#[$attribute])*
            $visible static $name: $crate::task::LocalKey<$type> = {
                ::std::thread_local! {
                    static SLOT: ::std::cell::RefCell<::std::option::Option<$type>> = const {
                        ::std::cell::RefCell::new(::std::option::Option::None)
                    };
                }
                $crate::task::LocalKey::new(SLOT)
            };
        )*
    };
}

/// A value of its own for each task that sets one; declared by
/// [`task_local!`](crate::task_local).
///
/// ```
/// # #[runtime::main] async fn main() {
/// runtime::task_local! {
///     static NUMBER: u32;
/// }
///
/// let task = |n| runtime::spawn(NUMBER.scope(n, async { NUMBER.get() }));
/// let (one, two) = (task(1), task(2));
/// assert_eq!((one.await.unwrap(), two.await.unwrap()), (1, 2));
/// # }
/// ```
pub struct LocalKey<T: 'static> {
    /// What the scope that is being polled has put in. Borrowed by `with` while the user's
    /// closure looks at the value: the value is the user's, and so is the borrow.
    slot: Slot<T>,
}

impl<T: 'static> LocalKey<T> {
    #[doc(hidden)]
    pub const fn new(slot: Slot<T>) -> LocalKey<T> {
        LocalKey { slot }
    }

    /// Runs `future` with `value` as this key's value. The value is dropped with the future
    /// that is returned, after `future`.
    ///
    /// # Panics
    ///
    /// The future panics when it is polled inside of [`with`](LocalKey::with) of the same
    /// key, or again after it has returned its output.
    ///
    /// # Cancel safety
    ///
    /// As cancel safe as `future` is.
    ///
    /// ```
    /// # #[runtime::main] async fn main() {
    /// runtime::task_local! {
    ///     static DEPTH: u32;
    /// }
    ///
    /// DEPTH
    ///     .scope(1, async {
    ///         let inner = DEPTH.scope(2, async { DEPTH.get() });
    ///         assert_eq!(inner.await, 2);
    ///         assert_eq!(DEPTH.get(), 1);
    ///     })
    ///     .await;
    /// # }
    /// ```
    pub fn scope<F>(&'static self, value: T, future: F) -> TaskLocalFuture<T, F>
    where
        F: Future,
    {
        TaskLocalFuture::new(&self.slot, value, future)
    }

    /// Calls `work` with `value` as this key's value; `work` is not async.
    ///
    /// # Panics
    ///
    /// Inside of [`with`](LocalKey::with) of the same key.
    ///
    /// ```
    /// runtime::task_local! {
    ///     static NUMBER: u32;
    /// }
    ///
    /// assert_eq!(NUMBER.sync_scope(7, || NUMBER.get()), 7);
    /// ```
    #[track_caller]
    pub fn sync_scope<F, R>(&'static self, value: T, work: F) -> R
    where
        F: FnOnce() -> R,
    {
        let mut value = Some(value);
        let _scope = match Scope::enter(&self.slot, &mut value) {
            Ok(scope) => scope,
            Err(refused) => refused.panic(),
        };
        work()
    }

    /// Calls `look` with the value.
    ///
    /// # Panics
    ///
    /// If there is none: no scope of this key is being polled.
    ///
    /// ```
    /// runtime::task_local! {
    ///     static NAME: String;
    /// }
    ///
    /// let length = NAME.sync_scope("Ada".to_owned(), || NAME.with(String::len));
    /// assert_eq!(length, 3);
    /// ```
    #[track_caller]
    pub fn with<F, R>(&'static self, look: F) -> R
    where
        F: FnOnce(&T) -> R,
    {
        match self.try_with(look) {
            Ok(seen) => seen,
            Err(error) => panic!("{error}: call this inside of its `scope`"),
        }
    }

    /// Calls `look` with the value, if there is one.
    ///
    /// # Errors
    ///
    /// [`AccessError`] if no scope of this key is being polled.
    ///
    /// ```
    /// runtime::task_local! {
    ///     static NAME: String;
    /// }
    ///
    /// assert!(NAME.try_with(String::len).is_err());
    /// ```
    pub fn try_with<F, R>(&'static self, look: F) -> Result<R, AccessError>
    where
        F: FnOnce(&T) -> R,
    {
        let seen = self.slot.try_with(|slot| slot.borrow().as_ref().map(look));
        seen.ok().flatten().ok_or(AccessError { _private: () })
    }
}

impl<T: Clone + 'static> LocalKey<T> {
    /// A clone of the value.
    ///
    /// # Panics
    ///
    /// As [`with`](LocalKey::with).
    #[track_caller]
    pub fn get(&'static self) -> T {
        self.with(T::clone)
    }

    /// A clone of the value, if there is one.
    ///
    /// # Errors
    ///
    /// As [`try_with`](LocalKey::try_with).
    ///
    /// ```
    /// runtime::task_local! {
    ///     static NUMBER: u32;
    /// }
    ///
    /// assert!(NUMBER.try_get().is_err());
    /// ```
    pub fn try_get(&'static self) -> Result<T, AccessError> {
        self.try_with(T::clone)
    }
}

impl<T: 'static> fmt::Debug for LocalKey<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalKey").finish_non_exhaustive()
    }
}

/// A task-local was looked for outside of every scope of its key.
///
/// ```
/// runtime::task_local! {
///     static NUMBER: u32;
/// }
///
/// let error = NUMBER.try_get().unwrap_err();
/// assert_eq!(error.to_string(), "this task-local has no value here");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccessError {
    _private: (),
}

impl fmt::Display for AccessError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("this task-local has no value here")
    }
}

impl std::error::Error for AccessError {}
