//! The two guards of a read-write lock.
//!
//! At the end of either the borrow of the value ends first, and then the permits go back: that
//! wakes the next, who may look at the value before the wake returns. So the fields of a guard
//! stand in this order, which is the order in which they are dropped.

use std::cell::{Ref, RefMut};
use std::fmt;
use std::ops::{Deref, DerefMut};

use super::RwLock;

/// The lock of a [`RwLock`] for reading. Dropped, it unlocks.
#[must_use = "dropping the guard unlocks"]
pub struct RwLockReadGuard<'a, T: ?Sized> {
    value: Ref<'a, T>,
    _held: Held<'a, T>,
}

/// The lock of a [`RwLock`] for writing. Dropped, it unlocks.
#[must_use = "dropping the guard unlocks"]
pub struct RwLockWriteGuard<'a, T: ?Sized> {
    value: RefMut<'a, T>,
    held: Held<'a, T>,
}

/// Permits that go back.
struct Held<'a, T: ?Sized> {
    lock: &'a RwLock<T>,
    permits: u32,
}

impl<T: ?Sized> Drop for Held<'_, T> {
    #[inline]
    fn drop(&mut self) {
        self.lock.permits.give(self.permits as usize);
    }
}

impl<'a, T: ?Sized> RwLockReadGuard<'a, T> {
    /// For a task that has a permit.
    #[inline]
    pub(super) fn new(lock: &'a RwLock<T>) -> RwLockReadGuard<'a, T> {
        RwLockReadGuard {
            value: lock.value.borrow(),
            _held: Held { lock, permits: 1 },
        }
    }
}

impl<'a, T: ?Sized> RwLockWriteGuard<'a, T> {
    /// For a task that has all permits.
    #[inline]
    pub(super) fn new(lock: &'a RwLock<T>) -> RwLockWriteGuard<'a, T> {
        let permits = lock.readers;
        RwLockWriteGuard {
            value: lock.value.borrow_mut(),
            held: Held { lock, permits },
        }
    }

    /// Goes on reading without letting another writer in between.
    ///
    /// ```
    /// let lock = runtime::sync::RwLock::new(1);
    /// let mut writing = lock.try_write().unwrap();
    /// *writing += 1;
    /// let _reading = writing.downgrade();
    /// assert_eq!(*lock.try_read().unwrap(), 2); // other tasks may read as well
    /// ```
    pub fn downgrade(self) -> RwLockReadGuard<'a, T> {
        let RwLockWriteGuard { value, mut held } = self;
        drop(value);
        let value = held.lock.value.borrow();
        let surplus = std::mem::replace(&mut held.permits, 1) - 1;
        held.lock.permits.give(surplus as usize);
        RwLockReadGuard { value, _held: held }
    }
}

impl<T: ?Sized> Deref for RwLockReadGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: ?Sized> Deref for RwLockWriteGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: ?Sized> DerefMut for RwLockWriteGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        &mut self.value
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for RwLockReadGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl<T: ?Sized + fmt::Display> fmt::Display for RwLockReadGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&**self, f)
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for RwLockWriteGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl<T: ?Sized + fmt::Display> fmt::Display for RwLockWriteGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&**self, f)
    }
}
