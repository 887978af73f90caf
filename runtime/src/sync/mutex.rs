//! A value that one task at a time may touch, also across an `.await`.
//!
//! On one thread, why lock at all? Because a task may stand still at any `.await`, and others run
//! meanwhile. Between reading a balance and writing it back there may be a query to a database,
//! and what another task wrote in that time would be overwritten. A `RefCell` cannot help: its
//! borrow, held across an `.await`, makes the next task panic instead of wait. Where nothing is
//! awaited while the value is held, a `RefCell` is all that is needed, and it is simpler.
//!
//! A mutex is one [permit](super::permits) and a value. [`Mutex::lock`] waits for the permit,
//! and the guard gives it back when it is dropped, also by a panic: there is no poisoning, the
//! value is as the panicking task left it. The lock is handed over first come, first served; a
//! task that unlocks and locks again at once goes to the end of the line.
//!
//! The guard that [`lock`](Mutex::lock) gives borrows the mutex, and the value stays where it is.
//! The one of [`lock_owned`](Mutex::lock_owned) can be moved into another task, and there a
//! borrow cannot follow without unsafe code. So that guard carries the value out of the mutex,
//! and its drop puts it back. No task can see the gap: to look, it needs the permit.
//!
//! How it can go wrong: *a task that holds the lock waits for a task that needs it.* Both may be
//! the same task: a second `lock` under a living guard never ends. A trace shows both, and the
//! line where each was made.

mod guard;

use std::cell::{RefCell, RefMut};
use std::error::Error;
use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::sync::Arc;

pub use guard::{MutexGuard, OwnedMutexGuard};

use super::permits::Permits;
use crate::base::stays::{STAYS, Stays};
use crate::trace::Shared;

/// A value behind a lock that tasks wait for.
///
/// `T` is `Sized`, where Tokio's need not be: see [`lock_owned`](Mutex::lock_owned).
///
/// ```
/// # #[runtime::main] async fn main() {
/// use runtime::sync::Mutex;
/// use runtime::task::yield_now;
/// use std::rc::Rc;
///
/// let balance = Rc::new(Mutex::new(0));
/// let mut tasks = Vec::new();
/// for _ in 0..10 {
///     let balance = Rc::clone(&balance);
///     tasks.push(runtime::spawn(async move {
///         let mut balance = balance.lock().await;
///         let read = *balance;
///         yield_now().await; // the others run, and wait for the lock
///         *balance = read + 1;
///     }));
/// }
/// for task in tasks {
///     task.await.unwrap();
/// }
/// assert_eq!(*balance.lock().await, 10);
/// # }
/// ```
pub struct Mutex<T> {
    /// One: the lock.
    permits: Permits,
    /// `None` while an [`OwnedMutexGuard`] has carried it out.
    value: RefCell<Option<T>>,
    _stays: Stays,
}

impl<T> Mutex<T> {
    /// A mutex that is not locked.
    pub const fn new(value: T) -> Mutex<T> {
        Mutex {
            permits: Permits::new(1, Shared::Mutex),
            value: RefCell::new(Some(value)),
            _stays: STAYS,
        }
    }

    /// As [`new`](Mutex::new), which is `const` here too. A mutex belongs to a thread: it can
    /// stand in a `thread_local!`, not in a `static`.
    ///
    /// ```
    /// use runtime::sync::Mutex;
    ///
    /// thread_local!(static TOTAL: Mutex<u32> = const { Mutex::const_new(0) });
    /// TOTAL.with(|total| *total.try_lock().unwrap() += 1);
    /// ```
    pub const fn const_new(value: T) -> Mutex<T> {
        Mutex::new(value)
    }

    /// Locks, as soon as no other task holds the lock.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost but the place in the line.
    #[inline]
    #[track_caller]
    pub fn lock(&self) -> impl Future<Output = MutexGuard<'_, T>> {
        let acquire = self.permits.acquire(1, Location::caller());
        // It cannot fail: the permits of a mutex are never closed.
        acquire.then(|_| self.guard())
    }

    /// Locks, if no other task holds the lock.
    ///
    /// # Errors
    ///
    /// If it is locked, or other tasks wait for it.
    ///
    /// ```
    /// let mutex = runtime::sync::Mutex::new(1);
    /// let _guard = mutex.try_lock().unwrap();
    /// assert!(mutex.try_lock().is_err());
    /// ```
    #[inline]
    #[track_caller]
    pub fn try_lock(&self) -> Result<MutexGuard<'_, T>, TryLockError> {
        self.take_lock()?;
        Ok(self.guard())
    }

    /// As [`lock`](Mutex::lock), with a guard that can be moved into a task.
    ///
    /// The guard carries the value out of the mutex and puts it back when it is dropped: a large
    /// value is better boxed. A guard that is leaked ([`std::mem::forget`]) keeps the value.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost but the place in the line.
    ///
    /// ```
    /// # #[runtime::main] async fn main() {
    /// use runtime::sync::Mutex;
    /// use std::sync::Arc;
    ///
    /// let mutex = Arc::new(Mutex::new(1));
    /// let mut guard = Arc::clone(&mutex).lock_owned().await;
    /// let task = runtime::spawn(async move { *guard += 1 });
    /// assert_eq!(*mutex.lock().await, 2); // waits for the task
    /// # }
    /// ```
    #[track_caller]
    pub fn lock_owned(self: Arc<Self>) -> impl Future<Output = OwnedMutexGuard<T>> {
        let at = Location::caller();
        async move {
            // It cannot fail: the permits of a mutex are never closed.
            drop(self.permits.acquire(1, at).await);
            OwnedMutexGuard::new(self)
        }
    }

    /// As [`try_lock`](Mutex::try_lock), with a guard that can be moved into a task.
    ///
    /// # Errors
    ///
    /// If it is locked, or other tasks wait for it.
    ///
    /// ```
    /// use runtime::sync::Mutex;
    /// use std::sync::Arc;
    ///
    /// let guard = Arc::new(Mutex::new(1)).try_lock_owned().unwrap();
    /// assert_eq!(*guard, 1);
    /// ```
    #[track_caller]
    pub fn try_lock_owned(self: Arc<Self>) -> Result<OwnedMutexGuard<T>, TryLockError> {
        self.take_lock()?;
        Ok(OwnedMutexGuard::new(self))
    }

    /// The value, without locking: `&mut` shows that no other task has the mutex.
    ///
    /// ```
    /// let mut mutex = runtime::sync::Mutex::new(1);
    /// *mutex.get_mut() += 1;
    /// assert_eq!(mutex.into_inner(), 2);
    /// ```
    pub fn get_mut(&mut self) -> &mut T {
        present(self.value.get_mut().as_mut())
    }

    /// Takes the mutex apart.
    ///
    /// ```
    /// let mutex = runtime::sync::Mutex::new(String::from("mine"));
    /// assert_eq!(mutex.into_inner(), "mine");
    /// ```
    pub fn into_inner(self) -> T {
        present(self.value.into_inner())
    }

    #[inline]
    #[track_caller]
    fn take_lock(&self) -> Result<(), TryLockError> {
        self.permits.try_take_here(1).map_err(|_| TryLockError(()))
    }

    /// For a task that has the permit.
    #[inline]
    fn guard(&self) -> MutexGuard<'_, T> {
        let value = RefMut::map(self.value.borrow_mut(), |value| present(value.as_mut()));
        MutexGuard::new(value, self)
    }
}

/// The value is in the mutex whenever a task may look: a guard that carries it out holds the
/// permit. It also holds a share of the mutex, so no other owner has the mutex for itself.
#[inline]
fn present<V>(value: Option<V>) -> V {
    match value {
        Some(value) => value,
        None => unreachable!("the value of a mutex is out only while its lock is held"),
    }
}

impl<T> From<T> for Mutex<T> {
    fn from(value: T) -> Mutex<T> {
        Mutex::new(value)
    }
}

impl<T: Default> Default for Mutex<T> {
    fn default() -> Mutex<T> {
        Mutex::new(T::default())
    }
}

impl<T: fmt::Debug> fmt::Debug for Mutex<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut mutex = f.debug_struct("Mutex");
        match self.try_lock() {
            Ok(value) => mutex.field("data", &&*value),
            Err(_) => mutex.field("data", &format_args!("<locked>")),
        };
        mutex.finish()
    }
}

/// Another task holds the lock, or waits for it.
///
/// ```
/// let mutex = runtime::sync::Mutex::new(1);
/// let _guard = mutex.try_lock().unwrap();
/// assert_eq!(mutex.try_lock().unwrap_err().to_string(), "operation would block");
/// ```
#[derive(Debug)]
pub struct TryLockError(pub(super) ());

impl fmt::Display for TryLockError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("operation would block")
    }
}

impl Error for TryLockError {}
