//! A task on its way to the runtime's thread.
//!
//! Another thread hands in one of two things. A future that is `Send` travels as it is. A closure
//! that *makes* the future travels in its place where the future is not `Send` (it holds a timer,
//! a socket, an `Rc`): nothing of it exists before the closure has arrived.
//!
//! The closure is called in the first poll of its task, not when it arrives. So it runs where every
//! other line of a task runs: inside the runtime, under the task's number, and a panic in it is the
//! task's panic. A task that is aborted before its first poll never calls it.
//!
//! How it can go wrong: the runtime is gone, or goes while the parcel lies in the inbox. Then
//! the parcel is dropped, and the handle must hear of it. That is the promise of [`Spawned`]; a
//! parcel that is dropped becomes one first.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use crate::machine::task::{Header, Outcome, Parcel, Spawned, Task};

impl<F, O> Parcel for Spawned<F, O>
where
    F: Future + Send + 'static,
    O: Outcome<F::Output> + Send + 'static,
{
    fn unpack(self: Box<Self>, header: Arc<Header>) -> Task {
        let mut task = Box::into_pin(self);
        task.as_mut().set_header(header);
        task
    }
}

/// The closure that makes a future, and where the future's result goes.
pub(super) struct Closure<M, F, O>
where
    M: FnOnce() -> F,
    F: Future,
    O: Outcome<F::Output>,
{
    /// `None` once it has been unpacked.
    parts: Option<(M, O)>,
}

impl<M, F, O> Closure<M, F, O>
where
    M: FnOnce() -> F,
    F: Future,
    O: Outcome<F::Output>,
{
    pub(super) fn new(make: M, outcome: O) -> Self {
        let parts = Some((make, outcome));
        Closure { parts }
    }

    fn take(&mut self, header: Option<Arc<Header>>) -> Option<Spawned<Made<M, F>, O>> {
        let (make, outcome) = self.parts.take()?;
        Some(Spawned::new(Made::Not(Some(make)), outcome, header))
    }
}

impl<M, F, O> Parcel for Closure<M, F, O>
where
    M: FnOnce() -> F + Send + 'static,
    F: Future + 'static,
    O: Outcome<F::Output> + Send + 'static,
{
    fn unpack(mut self: Box<Self>, header: Arc<Header>) -> Task {
        match self.take(Some(header)) {
            Some(spawned) => Box::pin(spawned),
            None => unreachable!("a parcel is unpacked once"),
        }
    }
}

impl<M, F, O> Drop for Closure<M, F, O>
where
    M: FnOnce() -> F,
    F: Future,
    O: Outcome<F::Output>,
{
    /// It never arrives: what `Spawned` does when it is dropped is what has to be done.
    fn drop(&mut self) {
        drop(self.take(None));
    }
}

/// A future that its first poll makes.
enum Made<M, F> {
    /// `None` while the closure runs, and for ever if it panics.
    Not(Option<M>),
    /// In a box of its own: a large one is not moved again.
    Yes(Pin<Box<F>>),
}

/// Only the closure lies in it unpinned, and it is never pinned.
impl<M, F> Unpin for Made<M, F> {}

impl<M, F> Future for Made<M, F>
where
    M: FnOnce() -> F,
    F: Future,
{
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        if let Made::Not(make) = &mut *self {
            // A task that has panicked is not polled again.
            let Some(make) = make.take() else {
                return Poll::Pending;
            };
            *self = Made::Yes(Box::pin(make()));
        }
        match &mut *self {
            Made::Yes(future) => future.as_mut().poll(cx),
            Made::Not(_) => unreachable!("it has just been made"),
        }
    }
}
