//! What tasks share: locks, channels, signals between them.
//!
//! All tasks of a runtime live on one thread, so nothing here is atomic and nothing is locked:
//! plain cells, and one wait list that all of them use. What they have in
//! common is the wait: a task that cannot go on leaves its waker, first come first served, and
//! a wait that is dropped takes its waker with it. No permit, message or wake is lost by that.
//!
//! | to | use |
//! |---|---|
//! | have one task at a time at a value, across awaits | [`Mutex`] |
//! | have many read a value, or one write it | [`RwLock`] |
//! | let only so many do something at once | [`Semaphore`] |
//! | make a value once, when it is first needed | [`OnceCell`] |
//! | tell a task to look again | [`Notify`] |
//! | begin together | [`Barrier`] |
//! | ask many to stop | [`CancellationToken`] |
//! | hand messages to one receiver | [`mpsc`] |
//! | hand over one value, an answer | [`oneshot`] |
//! | tell all receivers everything | [`broadcast`] |
//! | tell all receivers the newest | [`watch`] |
//!
//! None of it is `Send`. What must cross threads goes through a
//! [`Handle`](crate::runtime::Handle), or a channel crate that knows no runtime: the example
//! `cross_threads` shows both.

mod barrier;
pub mod broadcast;
mod cancellation_token;
mod endpoints;
pub mod mpsc;
mod mutex;
mod notify;
mod once_cell;
pub mod oneshot;
mod permits;
mod rwlock;
mod semaphore;
mod wake_all;
pub mod watch;

pub use barrier::{Barrier, BarrierWaitResult};
pub use cancellation_token::{
    CancellationToken, DropGuard, DropGuardRef, WaitForCancellationFuture,
    WaitForCancellationFutureOwned,
};
pub use mutex::{Mutex, MutexGuard, OwnedMutexGuard, TryLockError};
pub use notify::Notify;
pub use once_cell::{OnceCell, SetError};
pub use rwlock::{RwLock, RwLockReadGuard, RwLockWriteGuard};
pub use semaphore::{
    AcquireError, OwnedSemaphorePermit, Semaphore, SemaphorePermit, TryAcquireError,
};

/// Futures that have a name, because they have methods.
pub mod futures {
    pub use super::notify::{Notified, OwnedNotified};
}
