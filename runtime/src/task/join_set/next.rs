//! Taking the results out of a set.
//!
//! Every method here asks one question: which task ended first? If none has ended, the method
//! leaves a waker in the completion queue. A task is taken out of the set in the same poll that
//! returns its result, so a wait that is dropped has taken nothing.
//!
//! How it can go wrong: a set whose tasks end faster than they are joined would never give
//! the thread back. So each result that is waited for spends a unit of the task's budget.

use std::future::{Future, poll_fn};
use std::panic::{Location, resume_unwind};
use std::task::{Context, Poll, ready};

use super::JoinSet;
use crate::base::room::kept;
use crate::machine::coop;
use crate::task::{Id, JoinError, JoinHandle};
use crate::trace::{Shared, waiting};

impl<T: 'static> JoinSet<T> {
    /// Waits for the next task that ends, and returns its result; `None` if the set is
    /// empty. Results come in the order in which the tasks ended.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: no task is taken out of the set before the future is ready.
    ///
    /// ```
    /// # #[runtime::main] async fn main() {
    /// let mut set = runtime::task::JoinSet::new();
    /// set.spawn(async { 7 });
    /// assert_eq!(set.join_next().await.unwrap().unwrap(), 7);
    /// assert!(set.join_next().await.is_none());
    /// # }
    /// ```
    #[track_caller]
    pub fn join_next(&mut self) -> impl Future<Output = Option<Result<T, JoinError>>> {
        let at = Location::caller();
        let next = Next { set: self };
        poll_fn(move |cx| next.set.poll_next(cx, at).map(without_id))
    }

    /// As [`join_next`](JoinSet::join_next), with the task's number beside its value. An
    /// error [knows it](JoinError::id) anyway.
    ///
    /// # Cancel safety
    ///
    /// As [`join_next`](JoinSet::join_next).
    ///
    /// ```
    /// # #[runtime::main] async fn main() {
    /// let mut set = runtime::task::JoinSet::new();
    /// let id = set.spawn(async { 7 }).id();
    /// assert_eq!(set.join_next_with_id().await.unwrap().unwrap(), (id, 7));
    /// # }
    /// ```
    #[track_caller]
    pub fn join_next_with_id(
        &mut self,
    ) -> impl Future<Output = Option<Result<(Id, T), JoinError>>> {
        let at = Location::caller();
        let next = Next { set: self };
        poll_fn(move |cx| next.set.poll_next(cx, at))
    }

    /// The result of the next task that has ended, if one has; never waits.
    ///
    /// ```
    /// # #[runtime::main] async fn main() {
    /// let mut set = runtime::task::JoinSet::new();
    /// set.spawn(async { 7 });
    /// assert!(set.try_join_next().is_none()); // it has not had its turn
    /// runtime::task::yield_now().await;
    /// assert_eq!(set.try_join_next().unwrap().unwrap(), 7);
    /// # }
    /// ```
    pub fn try_join_next(&mut self) -> Option<Result<T, JoinError>> {
        without_id(self.try_join_next_with_id())
    }

    /// As [`try_join_next`](JoinSet::try_join_next), with the task's number.
    ///
    /// ```
    /// # #[runtime::main] async fn main() {
    /// let mut set = runtime::task::JoinSet::new();
    /// let id = set.spawn(async { 7 }).id();
    /// runtime::task::yield_now().await;
    /// assert_eq!(set.try_join_next_with_id().unwrap().unwrap(), (id, 7));
    /// # }
    /// ```
    pub fn try_join_next_with_id(&mut self) -> Option<Result<(Id, T), JoinError>> {
        self.take_ended().and_then(|handle| result_of(&handle))
    }

    /// Takes the task that ended first out of the set.
    fn take_ended(&mut self) -> Option<JoinHandle<T>> {
        let slot = self.completions.pop()?;
        let ended = self.handles.try_remove(slot);
        self.handles.give_back_one(kept::<JoinHandle<T>>());
        ended
    }

    /// As [`join_next`](JoinSet::join_next), for a future written by hand.
    ///
    /// Only the last task that asked is woken.
    ///
    /// ```
    /// # #[runtime::main] async fn main() {
    /// let mut set = runtime::task::JoinSet::new();
    /// set.spawn(async { 7 });
    /// let result = std::future::poll_fn(|cx| set.poll_join_next(cx)).await;
    /// assert_eq!(result.unwrap().unwrap(), 7);
    /// # }
    /// ```
    #[track_caller]
    pub fn poll_join_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<T, JoinError>>> {
        self.poll_next(cx, Location::caller()).map(without_id)
    }

    /// As [`poll_join_next`](JoinSet::poll_join_next), with the task's number.
    ///
    /// ```
    /// # #[runtime::main] async fn main() {
    /// let mut set = runtime::task::JoinSet::new();
    /// let id = set.spawn(async { 7 }).id();
    /// let result = std::future::poll_fn(|cx| set.poll_join_next_with_id(cx)).await;
    /// assert_eq!(result.unwrap().unwrap(), (id, 7));
    /// # }
    /// ```
    #[track_caller]
    pub fn poll_join_next_with_id(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<(Id, T), JoinError>>> {
        self.poll_next(cx, Location::caller())
    }

    fn poll_next(
        &mut self,
        cx: &mut Context<'_>,
        at: &'static Location<'static>,
    ) -> Poll<Option<Result<(Id, T), JoinError>>> {
        let ended = ready!(self.poll_ended(cx, at));
        Poll::Ready(ended.and_then(|handle| result_of(&handle)))
    }

    /// Waits for the next task that ends, and takes it out of the set.
    fn poll_ended(
        &mut self,
        cx: &mut Context<'_>,
        at: &'static Location<'static>,
    ) -> Poll<Option<JoinHandle<T>>> {
        if self.is_empty() {
            return Poll::Ready(None);
        }
        let budget = ready!(coop::poll_proceed(cx));
        loop {
            let ended = self.take_ended();
            if ended.is_some() {
                budget.made_progress();
                return Poll::Ready(ended);
            }
            let has_ended = || self.completions.has_ended();
            // The drop of an older waker is foreign code too.
            let left = self.completions.waiter.register(cx, has_ended);
            let waits = left.is_pending() && !has_ended();
            waiting(
                waits,
                Shared::JoinSet,
                || self.completions.number.tell(),
                at,
            );
            if waits {
                return Poll::Pending;
            }
        }
    }

    /// Waits for all tasks, and returns their values in the order in which the tasks ended.
    ///
    /// # Panics
    ///
    /// If a task failed: with its own panic, or with the error's text if it was aborted. The
    /// other tasks are aborted then.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: the future owns the set, so dropping it aborts the tasks, and the
    /// values that were there are gone.
    ///
    /// ```
    /// # #[runtime::main] async fn main() {
    /// use runtime::task::JoinSet;
    ///
    /// let set: JoinSet<u32> = (1..=3).map(|n| async move { n * n }).collect();
    /// assert_eq!(set.join_all().await.iter().sum::<u32>(), 14);
    /// # }
    /// ```
    #[track_caller]
    pub fn join_all(mut self) -> impl Future<Output = Vec<T>> {
        let at = Location::caller();
        async move {
            let mut values = Vec::with_capacity(self.len());
            while let Some(result) = poll_fn(|cx| self.poll_next(cx, at)).await {
                match result {
                    Ok((_, value)) => values.push(value),
                    Err(error) => panic_with(error),
                }
            }
            values
        }
    }

    /// Aborts all tasks and waits until they are gone.
    ///
    /// # Cancel safety
    ///
    /// Dropping it before its end leaves the rest of the tasks in the set, asked to end; call
    /// it again to wait for them.
    ///
    /// ```
    /// # #[runtime::main] async fn main() {
    /// let mut set = runtime::task::JoinSet::new();
    /// set.spawn(std::future::pending::<()>());
    /// set.shutdown().await;
    /// assert!(set.is_empty());
    /// # }
    /// ```
    #[track_caller]
    pub fn shutdown(&mut self) -> impl Future<Output = ()> {
        let at = Location::caller();
        async move {
            self.abort_all();
            // What a job returned stays with it: the pool drops what is not wanted.
            let next = Next { set: self };
            while poll_fn(|cx| next.set.poll_ended(cx, at)).await.is_some() {}
        }
    }
}

fn result_of<T>(handle: &JoinHandle<T>) -> Option<Result<(Id, T), JoinError>> {
    let result = handle.take()?;
    Some(result.map(|value| (handle.id(), value)))
}

/// The wait for the next task that ends. Dropped, it leaves no waker behind.
struct Next<'a, T: 'static> {
    set: &'a mut JoinSet<T>,
}

impl<T: 'static> Drop for Next<'_, T> {
    fn drop(&mut self) {
        self.set.completions.waiter.clear();
    }
}

fn without_id<T>(result: Option<Result<(Id, T), JoinError>>) -> Option<Result<T, JoinError>> {
    result.map(|result| result.map(|(_, value)| value))
}

fn panic_with(error: JoinError) -> ! {
    match error.try_into_panic() {
        Ok(payload) => resume_unwind(payload),
        Err(error) => panic!("join_all of a set with a task that has no value: {error}"),
    }
}
