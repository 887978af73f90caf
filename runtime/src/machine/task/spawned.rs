//! What the executor polls: the user's future, and the promise that its end is delivered.
//!
//! Four things can happen to a task. It returns a value; it panics; it is aborted; or
//! it is simply dropped, because its runtime is shut down. In each case the one who awaits
//! it must hear exactly one result, and must hear it *after* the future is gone, so that
//! whatever the future held (a lock, a file, a socket) is free by then.
//!
//! All four ways end in [`Spawned::finish`], which drops the future, then delivers. A
//! panic is caught at this border, in the poll as in the drop: it harms neither the thread
//! nor any other task.

use std::future::Future;
use std::panic::{AssertUnwindSafe, Location, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use futures_task::waker_ref;
use pin_project_lite::pin_project;

use super::error::{Failure, Payload};
use super::header::{Header, Polled, Runnable, Running};
use crate::base::foreign::drop_quietly;
use crate::machine::coop;
use crate::machine::run_queue;
use crate::trace::{self, End, Event, Place};

/// The side of a join cell that the task sees.
pub(crate) trait Outcome<T> {
    /// A poll begins; `waker` gets the task polled again.
    fn started(&self, waker: &Waker);
    /// Whether the task is to end now.
    fn abort_requested(&self) -> bool;
    /// Takes the task's one result, and wakes who waits for it. Must not panic.
    fn deliver(&self, result: Result<T, Failure>);
}

/// The outcome of a task without a handle: its result goes nowhere, and it cannot be aborted.
pub(crate) struct Detached;

impl<T> Outcome<T> for Detached {
    #[inline]
    fn started(&self, _: &Waker) {}

    #[inline]
    fn abort_requested(&self) -> bool {
        false
    }

    fn deliver(&self, result: Result<T, Failure>) {
        drop_quietly(result);
    }
}

pin_project! {
    /// See the file's heading.
    pub(crate) struct Spawned<F, O>
    where
        F: Future,
        O: Outcome<F::Output>,
    {
        // `None` once the result has been delivered.
        #[pin]
        future: Option<F>,
        outcome: O,
        // `None` while it travels in from another thread, and when the task has ended.
        header: Option<Arc<Header>>,
        polls: u32,
    }

    impl<F, O> PinnedDrop for Spawned<F, O>
    where
        F: Future,
        O: Outcome<F::Output>,
    {
        fn drop(this: Pin<&mut Self>) {
            if this.future.is_some() {
                this.finish(Err(Failure::Cancelled));
            }
        }
    }
}

impl<F, O> Spawned<F, O>
where
    F: Future,
    O: Outcome<F::Output>,
{
    pub(crate) fn new(future: F, outcome: O, header: Option<Arc<Header>>) -> Spawned<F, O> {
        Spawned {
            future: Some(future),
            outcome,
            header,
            polls: 0,
        }
    }

    /// It has arrived on the runtime's thread.
    pub(crate) fn set_header(self: Pin<&mut Self>, header: Arc<Header>) {
        *self.project().header = Some(header);
    }

    /// Drops the future, then delivers. If the drop panics, that is the result, unless the
    /// poll had panicked before: the first panic is the cause.
    fn finish(self: Pin<&mut Self>, result: Result<F::Output, Failure>) -> End {
        let mut this = self.project();
        let dropped = catch_unwind(AssertUnwindSafe(|| this.future.set(None)));
        let result = match dropped {
            Ok(()) => result,
            // The slot is empty all the same: a drop that unwinds has happened.
            Err(payload) => panicked_in_drop(result, payload),
        };
        let end = match &result {
            Ok(_) => End::Finished,
            Err(Failure::Cancelled) => End::Cancelled,
            Err(Failure::Panicked(_)) => End::Panicked,
        };
        this.outcome.deliver(result);
        end
    }
}

/// The abort that was asked for happens now, at the line that calls.
#[cold]
#[track_caller]
fn aborted<T>() -> Result<T, Failure> {
    let place = Place::from(Location::caller());
    trace::emit_of_polled(place, || Event::Aborted {
        task: run_queue::polling().unwrap_or(0),
    });
    Err(Failure::Cancelled)
}

impl<F, O> Runnable for Spawned<F, O>
where
    F: Future,
    O: Outcome<F::Output>,
{
    #[inline]
    fn run(mut self: Pin<&mut Self>, running: &Running) -> Polled {
        let this = self.as_mut().project();
        let header = known(this.header);
        *this.polls = this.polls.wrapping_add(1);
        running.begin(header, *this.polls);
        coop::refill();
        let waker = waker_ref(header);
        let mut cx = Context::from_waker(&waker);
        this.outcome.started(cx.waker());
        let result = match this.outcome.abort_requested() {
            true => aborted(),
            false => match poll_future(this.future, &mut cx) {
                Poll::Ready(result) => result,
                Poll::Pending if this.outcome.abort_requested() => aborted(),
                Poll::Pending => return header.poll_ends(running),
            },
        };
        Polled::Ended(self.finish(result))
    }

    fn polls(&self) -> u32 {
        self.polls
    }

    fn header(&self) -> &Arc<Header> {
        known(&self.header)
    }

    fn retire(mut self: Pin<Box<Self>>) -> Option<Arc<Header>> {
        self.as_mut().project().header.take()
    }
}

#[inline(always)]
fn known(header: &Option<Arc<Header>>) -> &Arc<Header> {
    match header {
        Some(header) => header,
        None => unreachable!("a task has a header from its arrival to its end"),
    }
}

#[inline(always)]
fn poll_future<F: Future>(
    future: Pin<&mut Option<F>>,
    cx: &mut Context<'_>,
) -> Poll<Result<F::Output, Failure>> {
    // The executor does not poll what has ended.
    let Some(future) = future.as_pin_mut() else {
        return Poll::Pending;
    };
    match catch_unwind(AssertUnwindSafe(|| future.poll(cx))) {
        Ok(polled) => polled.map(Ok),
        Err(payload) => Poll::Ready(Err(Failure::panicked(payload))),
    }
}

/// The result of a task whose future panicked when it was dropped, with `result` in hand.
fn panicked_in_drop<T>(result: Result<T, Failure>, second: Payload) -> Result<T, Failure> {
    match result {
        Err(Failure::Panicked(first)) => {
            drop_quietly(second);
            Err(Failure::Panicked(first))
        }
        other => {
            drop_quietly(other);
            Err(Failure::panicked(second))
        }
    }
}
