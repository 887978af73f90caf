//! The wait for permits, from its first poll to its end.
//!
//! Nearly always the permits are there, and the wait is over in its first poll. That path is
//! inlined into the program that awaits; everything else is a call, and marked as cold. A lock
//! that is free is locked and unlocked in some fifty instructions.
//!
//! ```text
//!             ┌────────────────── enough, and budget ──────────────────┐
//!             │                                                        ▼
//!   Apart ────┼── enough, no budget ──► Held ── budget ──► Apart, the permits are the caller's
//!             │                          ▲
//!             └── too few ──► Line ──────┘ called out of the line
//! ```
//!
//! The wait takes the permits first, and asks for budget then. In the other order, a task that has
//! used up its budget would lose its turn to one that has some left.
//!
//! How it can go wrong: *the wait is dropped between two of these.* In `Line` it leaves the line.
//! Permits that it was granted meanwhile, or has in `Held`, go back.

use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use super::{GRANTED, Permits};
use crate::machine::coop;
use crate::machine::wait_list::WaitKey;
use crate::machine::waker_cell::register;
use crate::sync::semaphore::error::{AcquireError, TryAcquireError};
use crate::trace::waiting;

impl Permits {
    /// Waits for `n`. `at` is the line of the program that asks. What needs none has what it needs.
    #[inline]
    pub(crate) fn acquire(&self, n: u32, at: &'static Location<'static>) -> Acquire<'_> {
        let stage = match n {
            0 => Stage::Held,
            _ => Stage::Apart,
        };
        Acquire {
            permits: self,
            need: n,
            stage,
            at,
        }
    }
}

/// Waits for permits. Dropped before its end, it has taken none.
#[must_use = "futures do nothing unless polled"]
pub(crate) struct Acquire<'a> {
    permits: &'a Permits,
    need: u32,
    stage: Stage,
    at: &'static Location<'static>,
}

#[derive(Clone, Copy)]
enum Stage {
    /// Not polled yet, or done: what was taken is the caller's.
    Apart,
    /// In the line, or called out of it.
    Line(WaitKey),
    /// It has the permits, and waits for budget to go on with them.
    Held,
}

impl<'a> Acquire<'a> {
    /// The same wait, with what `make` makes of its result.
    #[inline]
    pub(crate) fn then<R, F>(self, make: F) -> Then<'a, F>
    where
        F: FnMut(Result<(), AcquireError>) -> R,
    {
        let acquire = self;
        Then { acquire, make }
    }

    /// The whole of a poll: comes to hold the permits, then asks for budget.
    #[cold]
    #[inline(never)]
    fn poll_to_hold(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), AcquireError>> {
        ready!(self.take(cx))?;
        ready!(coop::poll_proceed(cx)).made_progress();
        self.stage = Stage::Apart;
        Poll::Ready(Ok(()))
    }

    fn take(&mut self, cx: &Context<'_>) -> Poll<Result<(), AcquireError>> {
        match self.stage {
            Stage::Apart => match self.permits.try_take(self.need) {
                Ok(()) => Poll::Ready(self.hold()),
                Err(_) => self.wait(cx),
            },
            Stage::Line(key) => self.look(key, cx),
            Stage::Held => Poll::Ready(self.unless_closed()),
        }
    }

    fn hold(&mut self) -> Result<(), AcquireError> {
        self.stage = Stage::Held;
        self.permits.emit_taken(self.need, self.at);
        Ok(())
    }

    fn wait(&mut self, cx: &Context<'_>) -> Poll<Result<(), AcquireError>> {
        let polled = self.join_line(cx);
        self.emit_waiting(polled.is_pending());
        Poll::Ready(match ready!(polled) {
            Ok(()) => self.hold(),
            Err(_) => Err(AcquireError::closed()),
        })
    }

    fn join_line(&mut self, cx: &Context<'_>) -> Poll<Result<(), TryAcquireError>> {
        let (permits, need) = (self.permits, self.need);
        let look = || match permits.try_take(need) {
            Err(TryAcquireError::NoPermits) => None,
            taken_or_closed => Some(taken_or_closed),
        };
        register(cx.waker(), look, |waker| {
            self.stage = Stage::Line(permits.join(need, waker));
            None
        })
    }

    /// Looks whether it has been called out of the line.
    fn look(&mut self, key: WaitKey, cx: &Context<'_>) -> Poll<Result<(), AcquireError>> {
        let polled = self.answer(key, cx);
        self.emit_waiting(polled.is_pending());
        let answer = ready!(polled);
        self.permits.line.borrow_mut().list.remove(key);
        match answer {
            GRANTED => self.hold()?,
            _ => self.stage = Stage::Apart,
        }
        Poll::Ready(self.unless_closed())
    }

    fn answer(&self, key: WaitKey, cx: &Context<'_>) -> Poll<u32> {
        let line = &self.permits.line;
        let answer = || line.borrow().list.answer(key);
        match answer() {
            Some(answer) => Poll::Ready(answer),
            // It may be another task that polls now: the last one is woken.
            None => register(cx.waker(), answer, |waker| {
                Some(line.borrow_mut().list.replace(key, waker))
            }),
        }
    }

    /// What was held when it closed goes back with the drop.
    fn unless_closed(&self) -> Result<(), AcquireError> {
        match self.permits.is_closed() {
            true => Err(AcquireError::closed()),
            false => Ok(()),
        }
    }

    /// Dropped before its end.
    #[cold]
    fn give_up(&self) {
        match self.stage {
            Stage::Apart => {}
            Stage::Line(key) => self.permits.leave(key, self.need),
            Stage::Held => self.permits.give(self.need as usize),
        }
    }

    /// Emits for what the task waits, if it does.
    #[track_caller]
    fn emit_waiting(&self, waits: bool) {
        let number = || self.permits.line.borrow().list.number().tell();
        waiting(waits, self.permits.kind, number, self.at);
    }
}

impl Future for Acquire<'_> {
    type Output = Result<(), AcquireError>;

    /// Most often there is budget, and there are permits: that is all that is to be done in line.
    #[inline(always)]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let take = || self.permits.try_take(self.need).is_ok();
        if matches!(self.stage, Stage::Apart) && coop::try_at_once(take) {
            self.permits.emit_taken(self.need, self.at);
            return Poll::Ready(Ok(()));
        }
        self.poll_to_hold(cx)
    }
}

impl Drop for Acquire<'_> {
    #[inline]
    fn drop(&mut self) {
        if !matches!(self.stage, Stage::Apart) {
            self.give_up();
        }
    }
}

/// See [`Acquire::then`].
#[must_use = "futures do nothing unless polled"]
pub(crate) struct Then<'a, F> {
    acquire: Acquire<'a>,
    make: F,
}

impl<R, F: FnMut(Result<(), AcquireError>) -> R + Unpin> Future for Then<'_, F> {
    type Output = R;

    #[inline(always)]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<R> {
        let this = &mut *self;
        let result = ready!(Pin::new(&mut this.acquire).poll(cx));
        Poll::Ready((this.make)(result))
    }
}
