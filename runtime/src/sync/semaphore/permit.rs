//! A permit that a task holds: it goes back when it is dropped.
//!
//! There are two kinds, with the same methods. A [`SemaphorePermit`] borrows its semaphore, and
//! so stays in the scope of it; an [`OwnedSemaphorePermit`] holds a share of it, and can be moved
//! into a task. Either may stand for several permits at once; it can be split and merged, because
//! what counts is only the number.

use std::fmt;
use std::mem;
use std::sync::Arc;

use super::Semaphore;

/// One permit, or several, of a [`Semaphore`]. Dropped, it goes back.
#[must_use = "dropping a permit gives it back"]
pub struct SemaphorePermit<'a> {
    semaphore: &'a Semaphore,
    permits: usize,
}

/// As a [`SemaphorePermit`], with a share of the semaphore instead of a borrow.
#[must_use = "dropping a permit gives it back"]
pub struct OwnedSemaphorePermit {
    semaphore: Arc<Semaphore>,
    permits: usize,
}

impl<'a> SemaphorePermit<'a> {
    #[inline]
    pub(super) fn new(semaphore: &'a Semaphore, permits: u32) -> SemaphorePermit<'a> {
        SemaphorePermit {
            semaphore,
            permits: permits as usize,
        }
    }

    /// Takes `n` permits out into one of their own. `None`: this has fewer.
    ///
    /// ```
    /// let semaphore = runtime::sync::Semaphore::new(3);
    /// let mut three = semaphore.try_acquire_many(3).unwrap();
    /// let one = three.split(1).unwrap();
    /// assert_eq!((one.num_permits(), three.num_permits()), (1, 2));
    /// assert!(three.split(3).is_none());
    /// ```
    pub fn split(&mut self, n: usize) -> Option<SemaphorePermit<'a>> {
        let permits = split(&mut self.permits, n)?;
        let semaphore = self.semaphore;
        Some(SemaphorePermit { semaphore, permits })
    }

    /// The semaphore that this belongs to.
    pub fn semaphore(&self) -> &Semaphore {
        self.semaphore
    }
}

impl OwnedSemaphorePermit {
    pub(super) fn new(semaphore: Arc<Semaphore>, permits: u32) -> OwnedSemaphorePermit {
        OwnedSemaphorePermit {
            semaphore,
            permits: permits as usize,
        }
    }

    /// As [`SemaphorePermit::split`].
    ///
    /// ```
    /// use runtime::sync::Semaphore;
    /// use std::sync::Arc;
    ///
    /// let mut three = Arc::new(Semaphore::new(3)).try_acquire_many_owned(3).unwrap();
    /// assert_eq!(three.split(2).unwrap().num_permits(), 2);
    /// assert_eq!(three.num_permits(), 1);
    /// ```
    pub fn split(&mut self, n: usize) -> Option<OwnedSemaphorePermit> {
        let permits = split(&mut self.permits, n)?;
        let semaphore = Arc::clone(&self.semaphore);
        Some(OwnedSemaphorePermit { semaphore, permits })
    }

    /// The semaphore that this belongs to.
    pub fn semaphore(&self) -> &Arc<Semaphore> {
        &self.semaphore
    }
}

/// What both kinds do in the same way.
macro_rules! permit {
    ($permit:ty, $name:literal) => {
        impl $permit {
            /// Destroys the permits: they do not go back.
            ///
            /// ```
            /// use runtime::sync::Semaphore;
            /// use std::sync::Arc;
            ///
            /// let semaphore = Arc::new(Semaphore::new(2));
            /// semaphore.try_acquire().unwrap().forget();
            /// Arc::clone(&semaphore).try_acquire_owned().unwrap().forget();
            /// assert_eq!(semaphore.available_permits(), 0);
            /// ```
            pub fn forget(mut self) {
                self.semaphore.permits.forget_held(&mut self.permits);
            }

            /// Makes this and `other` one.
            ///
            /// # Panics
            ///
            /// If they belong to different semaphores.
            ///
            /// ```
            /// let semaphore = runtime::sync::Semaphore::new(3);
            /// let mut permit = semaphore.try_acquire().unwrap();
            /// permit.merge(semaphore.try_acquire_many(2).unwrap());
            /// assert_eq!(permit.num_permits(), 3);
            /// ```
            #[track_caller]
            pub fn merge(&mut self, mut other: Self) {
                assert!(
                    std::ptr::eq(&*self.semaphore, &*other.semaphore),
                    "merging permits of different semaphores"
                );
                self.permits += mem::take(&mut other.permits);
            }

            /// How many permits this stands for.
            pub fn num_permits(&self) -> usize {
                self.permits
            }
        }

        impl Drop for $permit {
            #[inline]
            fn drop(&mut self) {
                self.semaphore.permits.give(self.permits);
            }
        }

        impl fmt::Debug for $permit {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct($name)
                    .field("num_permits", &self.permits)
                    .finish_non_exhaustive()
            }
        }
    };
}

permit!(SemaphorePermit<'_>, "SemaphorePermit");
permit!(OwnedSemaphorePermit, "OwnedSemaphorePermit");

fn split(permits: &mut usize, n: usize) -> Option<usize> {
    *permits = permits.checked_sub(n)?;
    Some(n)
}
