//! A value that many tasks may read at once, or one may write.
//!
//! Settings are read by every request and written once a day: a [`Mutex`](super::Mutex) would
//! make the readers wait for each other for nothing. A read-write lock lets all readers in
//! together, and a writer alone.
//!
//! It is a number of [permits](super::permits), as many as there may be readers (half a billion,
//! unless told otherwise), and a value. A reader takes one permit, a writer takes all. From that
//! follows who waits for whom, without another line of code: the line is first come, first
//! served, so **a writer that waits stops the readers that come after it**. Readers that keep
//! coming cannot shut it out for ever:
//!
//! ```text
//!   reading: R R R        the line: W R R
//!   reading:              writing: W         the line: R R     (the three have ended)
//!   reading: R R                             the line: empty   (the writer has ended)
//! ```
//!
//! As with the mutex, this is for locks that are held across an `.await`; where nothing is
//! awaited, a `RefCell` does.
//!
//! How it can go wrong: *a task that reads asks to read again.* If a writer came in between, the
//! second read waits behind the writer, the writer waits for the first read, and the first read
//! is the very task that waits. Hold one guard, and pass it on. The same goes for a reader that
//! asks to write.

mod guard;

use std::cell::RefCell;
use std::fmt;
use std::future::Future;
use std::panic::Location;

pub use guard::{RwLockReadGuard, RwLockWriteGuard};

use super::mutex::TryLockError;
use super::permits::Permits;
use crate::trace::Shared;

/// 536,870,911.
const MAX_READERS: u32 = u32::MAX >> 3;

/// A value behind a lock for many readers or one writer.
///
/// ```
/// # #[runtime::main] async fn main() {
/// use runtime::sync::RwLock;
///
/// let lock = RwLock::new(5);
/// {
///     let one = lock.read().await;
///     let two = lock.read().await;
///     assert_eq!(*one + *two, 10);
/// }
/// *lock.write().await += 1;
/// assert_eq!(*lock.read().await, 6);
/// # }
/// ```
pub struct RwLock<T: ?Sized> {
    /// How many permits there are in all, and a writer needs.
    readers: u32,
    permits: Permits,
    value: RefCell<T>,
}

impl<T> RwLock<T> {
    /// A lock that is free.
    pub const fn new(value: T) -> RwLock<T> {
        RwLock::with_max_readers(value, MAX_READERS)
    }

    /// As [`new`](RwLock::new), with at most `max_readers` at a time; the others wait.
    ///
    /// # Panics
    ///
    /// If `max_readers` is 0, for no task could ever read, or more than `u32::MAX >> 3`.
    ///
    /// ```
    /// let lock = runtime::sync::RwLock::with_max_readers(5, 1);
    /// let _one = lock.try_read().unwrap();
    /// assert!(lock.try_read().is_err());
    /// ```
    #[track_caller]
    pub const fn with_max_readers(value: T, max_readers: u32) -> RwLock<T> {
        assert!(
            max_readers > 0,
            "a RwLock may not be created with 0 readers"
        );
        assert!(
            max_readers <= MAX_READERS,
            "a RwLock may not be created with more than 536870911 readers"
        );
        RwLock {
            readers: max_readers,
            permits: Permits::new(max_readers as usize, Shared::RwLock),
            value: RefCell::new(value),
        }
    }

    /// As [`new`](RwLock::new), which is `const` here too. A lock belongs to a thread: it can
    /// stand in a `thread_local!`, not in a `static`.
    ///
    /// ```
    /// use runtime::sync::RwLock;
    ///
    /// thread_local!(static LIMIT: RwLock<u32> = const { RwLock::const_new(10) });
    /// LIMIT.with(|limit| assert_eq!(*limit.try_read().unwrap(), 10));
    /// ```
    pub const fn const_new(value: T) -> RwLock<T> {
        RwLock::new(value)
    }

    /// As [`with_max_readers`](RwLock::with_max_readers), which is `const` here too.
    ///
    /// # Panics
    ///
    /// If `max_readers` is 0, for no task could ever read, or more than `u32::MAX >> 3`.
    ///
    /// ```
    /// use runtime::sync::RwLock;
    ///
    /// thread_local!(static FEW: RwLock<u32> = const { RwLock::const_with_max_readers(1, 2) });
    /// assert!(FEW.with(|few| few.try_read().is_ok()));
    /// ```
    #[track_caller]
    pub const fn const_with_max_readers(value: T, max_readers: u32) -> RwLock<T> {
        RwLock::with_max_readers(value, max_readers)
    }

    /// Takes the lock apart.
    ///
    /// ```
    /// let lock = runtime::sync::RwLock::new(String::from("mine"));
    /// assert_eq!(lock.into_inner(), "mine");
    /// ```
    pub fn into_inner(self) -> T {
        self.value.into_inner()
    }
}

impl<T: ?Sized> RwLock<T> {
    /// Locks for reading, as soon as no task writes and no earlier writer waits.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost but the place in the line.
    #[inline]
    #[track_caller]
    pub fn read(&self) -> impl Future<Output = RwLockReadGuard<'_, T>> {
        let acquire = self.permits.acquire(1, Location::caller());
        // It cannot fail: the permits of a lock are never closed.
        acquire.then(|_| RwLockReadGuard::new(self))
    }

    /// Locks for reading, if no task writes or waits.
    ///
    /// # Errors
    ///
    /// If it would have to wait.
    ///
    /// ```
    /// let lock = runtime::sync::RwLock::new(1);
    /// let _reading = lock.try_read().unwrap();
    /// assert!(lock.try_read().is_ok() && lock.try_write().is_err());
    /// ```
    #[inline]
    #[track_caller]
    pub fn try_read(&self) -> Result<RwLockReadGuard<'_, T>, TryLockError> {
        self.permits
            .try_take_here(1)
            .map_err(|_| TryLockError(()))?;
        Ok(RwLockReadGuard::new(self))
    }

    /// Locks for writing, as soon as no other task reads or writes. Readers that come after this
    /// wait until it is done.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost but the place in the line. Readers who waited behind it are let in.
    #[inline]
    #[track_caller]
    pub fn write(&self) -> impl Future<Output = RwLockWriteGuard<'_, T>> {
        let acquire = self.permits.acquire(self.readers, Location::caller());
        acquire.then(|_| RwLockWriteGuard::new(self))
    }

    /// Locks for writing, if no task reads or writes.
    ///
    /// # Errors
    ///
    /// If it would have to wait.
    ///
    /// ```
    /// let lock = runtime::sync::RwLock::new(1);
    /// let _writing = lock.try_write().unwrap();
    /// assert!(lock.try_read().is_err() && lock.try_write().is_err());
    /// ```
    #[inline]
    #[track_caller]
    pub fn try_write(&self) -> Result<RwLockWriteGuard<'_, T>, TryLockError> {
        let taken = self.permits.try_take_here(self.readers);
        taken.map_err(|_| TryLockError(()))?;
        Ok(RwLockWriteGuard::new(self))
    }

    /// The value, without locking: `&mut` shows that no other task has the lock.
    ///
    /// ```
    /// let mut lock = runtime::sync::RwLock::new(1);
    /// *lock.get_mut() += 1;
    /// assert_eq!(lock.into_inner(), 2);
    /// ```
    pub fn get_mut(&mut self) -> &mut T {
        self.value.get_mut()
    }
}

impl<T> From<T> for RwLock<T> {
    fn from(value: T) -> RwLock<T> {
        RwLock::new(value)
    }
}

impl<T: Default> Default for RwLock<T> {
    fn default() -> RwLock<T> {
        RwLock::new(T::default())
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for RwLock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lock = f.debug_struct("RwLock");
        match self.try_read() {
            Ok(value) => lock.field("data", &&*value),
            Err(_) => lock.field("data", &format_args!("<locked>")),
        };
        lock.finish()
    }
}
