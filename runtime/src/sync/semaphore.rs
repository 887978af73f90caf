//! A number of permits, of which each lets one task do something.
//!
//! Ten connections to a database, a hundred requests at a time, one writer: whatever may not be
//! done by too many at once is counted by a semaphore. A task [acquires](Semaphore::acquire) a
//! permit before it begins and drops it when it is done; while there is none, it waits. The name
//! is that of the railway signal, and Dijkstra's ("Cooperating sequential processes", 1965).
//!
//! A permit here is a value with a drop: it comes back when its holder returns, fails, panics or
//! is aborted, and cannot be given back twice. Permits can also be made
//! ([`add_permits`](Semaphore::add_permits)) and destroyed ([`SemaphorePermit::forget`]), which
//! is how a semaphore counts things that come and go: messages in a queue, tokens in a bucket.
//!
//! The counting and the waiting are those of `permits`, the file below this one, where it is told
//! how a permit goes from task to task and how it could get lost. The waiters are served first
//! come, first served, also when the first one needs many permits and those behind it few.
//!
//! How it can go wrong: *a task that holds a permit waits for another one.* If all do that, all
//! wait for ever. Ask for both at once ([`Semaphore::acquire_many`]).

mod acquire;
pub(crate) mod error;
mod permit;

use std::fmt;

pub use error::{AcquireError, TryAcquireError};
pub use permit::{OwnedSemaphorePermit, SemaphorePermit};

use super::permits::Permits;
use crate::trace::Shared;

/// A number of permits, taken and given back.
///
/// ```
/// # #[runtime::main] async fn main() {
/// use runtime::sync::Semaphore;
///
/// let semaphore = Semaphore::new(2);
/// let one = semaphore.acquire().await.unwrap();
/// let _two = semaphore.acquire().await.unwrap();
/// assert!(semaphore.try_acquire().is_err());
/// drop(one);
/// assert_eq!(semaphore.available_permits(), 1);
/// # }
/// ```
///
/// To limit what runs at once, give each task a permit of its own that it holds to its end:
///
/// ```
/// # #[runtime::main] async fn main() {
/// use runtime::sync::Semaphore;
/// use std::sync::Arc;
///
/// let semaphore = Arc::new(Semaphore::new(3));
/// let mut tasks = Vec::new();
/// for n in 0..10 {
///     let permit = Arc::clone(&semaphore).acquire_owned().await.unwrap();
///     tasks.push(runtime::spawn(async move {
///         let result = n * n; // at most three are here at a time
///         drop(permit);
///         result
///     }));
/// }
/// for (n, task) in tasks.into_iter().enumerate() {
///     assert_eq!(task.await.unwrap(), n * n);
/// }
/// # }
/// ```
pub struct Semaphore {
    permits: Permits,
}

impl Semaphore {
    /// The most permits that a semaphore can have.
    pub const MAX_PERMITS: usize = usize::MAX >> 3;

    /// A semaphore with so many permits.
    ///
    /// # Panics
    ///
    /// If they are more than [`MAX_PERMITS`](Semaphore::MAX_PERMITS).
    #[track_caller]
    pub const fn new(permits: usize) -> Semaphore {
        assert!(
            permits <= Semaphore::MAX_PERMITS,
            "a semaphore may not have more than Semaphore::MAX_PERMITS permits"
        );
        Semaphore {
            permits: Permits::new(permits, Shared::Semaphore),
        }
    }

    /// As [`new`](Semaphore::new), which is `const` here too. A semaphore belongs to a thread:
    /// it can stand in a `thread_local!`, not in a `static`.
    ///
    /// ```
    /// use runtime::sync::Semaphore;
    ///
    /// thread_local!(static LIMIT: Semaphore = const { Semaphore::const_new(3) });
    /// assert_eq!(LIMIT.with(|limit| limit.available_permits()), 3);
    /// ```
    #[track_caller]
    pub const fn const_new(permits: usize) -> Semaphore {
        Semaphore::new(permits)
    }

    /// How many permits could be acquired at once. While a task waits there are none: what comes
    /// back is kept for it.
    pub fn available_permits(&self) -> usize {
        self.permits.free()
    }

    /// Makes `n` new permits.
    ///
    /// # Panics
    ///
    /// If there would be more than [`MAX_PERMITS`](Semaphore::MAX_PERMITS) that are not held.
    ///
    /// ```
    /// let semaphore = runtime::sync::Semaphore::new(0);
    /// semaphore.add_permits(2);
    /// assert_eq!(semaphore.available_permits(), 2);
    /// ```
    #[track_caller]
    pub fn add_permits(&self, n: usize) {
        assert!(
            n <= Semaphore::MAX_PERMITS - self.permits.unheld(),
            "adding {n} permits: a semaphore may not have more than {} permits",
            Semaphore::MAX_PERMITS
        );
        self.permits.add(n);
    }

    /// Destroys `n` permits that are not held, or as many as there are; returns how many.
    ///
    /// ```
    /// let semaphore = runtime::sync::Semaphore::new(3);
    /// assert_eq!(semaphore.forget_permits(2), 2);
    /// assert_eq!(semaphore.forget_permits(2), 1);
    /// assert_eq!(semaphore.available_permits(), 0);
    /// ```
    pub fn forget_permits(&self, n: usize) -> usize {
        self.permits.forget(n)
    }

    /// From now on no task gets a permit, and every task that waits for one gets an error.
    ///
    /// Permits that are held stay what they are.
    ///
    /// ```
    /// # #[runtime::main] async fn main() {
    /// use runtime::sync::Semaphore;
    /// use std::rc::Rc;
    ///
    /// let semaphore = Rc::new(Semaphore::new(0));
    /// let theirs = Rc::clone(&semaphore);
    /// let waiter = runtime::spawn(async move { theirs.acquire().await.is_err() });
    /// runtime::task::yield_now().await;
    /// semaphore.close();
    /// assert!(waiter.await.unwrap());
    /// # }
    /// ```
    pub fn close(&self) {
        self.permits.close();
    }

    /// Whether the semaphore was [closed](Semaphore::close).
    pub fn is_closed(&self) -> bool {
        self.permits.is_closed()
    }
}

impl fmt::Debug for Semaphore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Semaphore")
            .field("available_permits", &self.available_permits())
            .field("is_closed", &self.is_closed())
            .finish()
    }
}
