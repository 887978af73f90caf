//! The ways to a permit: one or many, waiting or not, borrowed or owned.
//!
//! Eight methods, and they are all `Permits::acquire` or `Permits::try_take` with a number and a
//! kind of permit. All that wait are cancel safe: a wait that is dropped has taken nothing, and
//! has lost its place in the line.

use std::future::Future;
use std::panic::Location;
use std::sync::Arc;

use super::{AcquireError, OwnedSemaphorePermit, Semaphore, SemaphorePermit, TryAcquireError};

impl Semaphore {
    /// Takes a permit, as soon as there is one.
    ///
    /// # Errors
    ///
    /// If the semaphore is [closed](Semaphore::close), before or while this waits.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost but the place in the line.
    #[inline]
    #[track_caller]
    pub fn acquire(&self) -> impl Future<Output = Result<SemaphorePermit<'_>, AcquireError>> {
        self.acquire_many(1)
    }

    /// Takes `n` permits, as soon as there are so many. Those that come back meanwhile are kept
    /// for this, so that many small wishes do not starve a large one.
    ///
    /// # Errors
    ///
    /// If the semaphore is [closed](Semaphore::close), before or while this waits.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost but the place in the line. What was kept goes to the next.
    ///
    /// ```
    /// # #[runtime::main] async fn main() {
    /// let semaphore = runtime::sync::Semaphore::new(5);
    /// let permits = semaphore.acquire_many(3).await.unwrap();
    /// assert_eq!(permits.num_permits(), 3);
    /// # }
    /// ```
    #[inline]
    #[track_caller]
    pub fn acquire_many(
        &self,
        n: u32,
    ) -> impl Future<Output = Result<SemaphorePermit<'_>, AcquireError>> {
        let acquire = self.permits.acquire(n, Location::caller());
        acquire.then(move |result| result.map(|()| SemaphorePermit::new(self, n)))
    }

    /// Takes a permit if there is one now.
    ///
    /// # Errors
    ///
    /// [`TryAcquireError::Closed`] after [`close`](Semaphore::close),
    /// [`TryAcquireError::NoPermits`] when there is none, or other tasks wait for it.
    ///
    /// ```
    /// let semaphore = runtime::sync::Semaphore::new(1);
    /// let _permit = semaphore.try_acquire().unwrap();
    /// assert!(semaphore.try_acquire().is_err());
    /// ```
    #[inline]
    #[track_caller]
    pub fn try_acquire(&self) -> Result<SemaphorePermit<'_>, TryAcquireError> {
        self.try_acquire_many(1)
    }

    /// Takes `n` permits if there are so many now.
    ///
    /// # Errors
    ///
    /// [`TryAcquireError::Closed`] after [`close`](Semaphore::close),
    /// [`TryAcquireError::NoPermits`] when there are fewer, or other tasks wait for them.
    ///
    /// ```
    /// let semaphore = runtime::sync::Semaphore::new(3);
    /// assert_eq!(semaphore.try_acquire_many(3).unwrap().num_permits(), 3);
    /// assert!(semaphore.try_acquire_many(4).is_err());
    /// ```
    #[inline]
    #[track_caller]
    pub fn try_acquire_many(&self, n: u32) -> Result<SemaphorePermit<'_>, TryAcquireError> {
        self.permits.try_take_here(n)?;
        Ok(SemaphorePermit::new(self, n))
    }

    /// As [`acquire`](Semaphore::acquire), for a permit that is moved into a task.
    ///
    /// # Errors
    ///
    /// If the semaphore is [closed](Semaphore::close), before or while this waits.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost but the place in the line.
    ///
    /// ```
    /// # #[runtime::main] async fn main() {
    /// use runtime::sync::Semaphore;
    /// use std::sync::Arc;
    ///
    /// let semaphore = Arc::new(Semaphore::new(1));
    /// let permit = Arc::clone(&semaphore).acquire_owned().await.unwrap();
    /// let task = runtime::spawn(async move { drop(permit) });
    /// task.await.unwrap();
    /// assert_eq!(semaphore.available_permits(), 1);
    /// # }
    /// ```
    #[track_caller]
    pub fn acquire_owned(
        self: Arc<Self>,
    ) -> impl Future<Output = Result<OwnedSemaphorePermit, AcquireError>> {
        self.acquire_many_owned(1)
    }

    /// As [`acquire_many`](Semaphore::acquire_many), for permits that are moved into a task.
    ///
    /// # Errors
    ///
    /// If the semaphore is [closed](Semaphore::close), before or while this waits.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost but the place in the line. What was kept goes to the next.
    ///
    /// ```
    /// # #[runtime::main] async fn main() {
    /// use runtime::sync::Semaphore;
    /// use std::sync::Arc;
    ///
    /// let semaphore = Arc::new(Semaphore::new(5));
    /// let permits = semaphore.acquire_many_owned(3).await.unwrap();
    /// assert_eq!(permits.num_permits(), 3);
    /// # }
    /// ```
    #[track_caller]
    pub fn acquire_many_owned(
        self: Arc<Self>,
        n: u32,
    ) -> impl Future<Output = Result<OwnedSemaphorePermit, AcquireError>> {
        let at = Location::caller();
        async move {
            self.permits.acquire(n, at).await?;
            Ok(OwnedSemaphorePermit::new(self, n))
        }
    }

    /// As [`try_acquire`](Semaphore::try_acquire), for a permit that is moved into a task.
    ///
    /// # Errors
    ///
    /// As [`try_acquire`](Semaphore::try_acquire).
    ///
    /// ```
    /// use runtime::sync::Semaphore;
    /// use std::sync::Arc;
    ///
    /// let permit = Arc::new(Semaphore::new(1)).try_acquire_owned().unwrap();
    /// assert_eq!(permit.num_permits(), 1);
    /// ```
    #[track_caller]
    pub fn try_acquire_owned(self: Arc<Self>) -> Result<OwnedSemaphorePermit, TryAcquireError> {
        self.try_acquire_many_owned(1)
    }

    /// As [`try_acquire_many`](Semaphore::try_acquire_many), for permits that are moved into a
    /// task.
    ///
    /// # Errors
    ///
    /// As [`try_acquire_many`](Semaphore::try_acquire_many).
    ///
    /// ```
    /// use runtime::sync::Semaphore;
    /// use std::sync::Arc;
    ///
    /// let permits = Arc::new(Semaphore::new(3)).try_acquire_many_owned(2).unwrap();
    /// assert_eq!(permits.num_permits(), 2);
    /// ```
    #[track_caller]
    pub fn try_acquire_many_owned(
        self: Arc<Self>,
        n: u32,
    ) -> Result<OwnedSemaphorePermit, TryAcquireError> {
        self.permits.try_take_here(n)?;
        Ok(OwnedSemaphorePermit::new(self, n))
    }
}
