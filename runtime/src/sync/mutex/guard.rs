//! The two guards of a mutex: one borrows, one carries the value.
//!
//! In both, the order of things at the end matters. First the value is back where it belongs
//! (the borrow has ended, or what was carried out is put in again), and only then the permit is
//! given back. Giving it back wakes the next, and the next may be polled before that wake
//! returns: it must find the value there and not borrowed.

use std::cell::RefMut;
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use super::{Mutex, present};

/// The lock of a [`Mutex`], and the way to its value. Dropped, it unlocks.
#[must_use = "dropping the guard unlocks"]
pub struct MutexGuard<'a, T> {
    // Dropped first.
    value: RefMut<'a, T>,
    lock: Unlock<'a, T>,
}

/// Gives the permit back.
struct Unlock<'a, T>(&'a Mutex<T>);

impl<T> Drop for Unlock<'_, T> {
    #[inline]
    fn drop(&mut self) {
        self.0.permits.give(1);
    }
}

impl<'a, T> MutexGuard<'a, T> {
    #[inline]
    pub(super) fn new(value: RefMut<'a, T>, mutex: &'a Mutex<T>) -> MutexGuard<'a, T> {
        MutexGuard {
            value,
            lock: Unlock(mutex),
        }
    }

    /// The mutex that this is the lock of.
    #[inline]
    pub fn mutex(this: &Self) -> &'a Mutex<T> {
        this.lock.0
    }
}

impl<T> Deref for MutexGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> DerefMut for MutexGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        &mut self.value
    }
}

/// As a [`MutexGuard`], with a share of the mutex instead of a borrow; it carries the value.
#[must_use = "dropping the guard unlocks"]
pub struct OwnedMutexGuard<T> {
    /// `None` only in the middle of the drop.
    value: Option<T>,
    mutex: Arc<Mutex<T>>,
}

impl<T> OwnedMutexGuard<T> {
    /// For a task that has the permit.
    pub(super) fn new(mutex: Arc<Mutex<T>>) -> OwnedMutexGuard<T> {
        let value = mutex.value.take();
        OwnedMutexGuard { value, mutex }
    }

    /// The mutex that this is the lock of.
    #[inline]
    pub fn mutex(this: &Self) -> &Arc<Mutex<T>> {
        &this.mutex
    }
}

impl<T> Drop for OwnedMutexGuard<T> {
    fn drop(&mut self) {
        self.mutex.value.replace(self.value.take());
        self.mutex.permits.give(1);
    }
}

impl<T> Deref for OwnedMutexGuard<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        present(self.value.as_ref())
    }
}

impl<T> DerefMut for OwnedMutexGuard<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        present(self.value.as_mut())
    }
}

impl<T: fmt::Debug> fmt::Debug for MutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl<T: fmt::Display> fmt::Display for MutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&**self, f)
    }
}

impl<T: fmt::Debug> fmt::Debug for OwnedMutexGuard<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl<T: fmt::Display> fmt::Display for OwnedMutexGuard<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&**self, f)
    }
}
