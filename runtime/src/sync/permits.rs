//! Permits: a number of permits, and a line of waiters who need more than there are.
//!
//! Half of the room stands on this. A [`Semaphore`](super::Semaphore) is permits with a door; a
//! [`Mutex`](super::Mutex) is one permit and a value; an [`RwLock`](super::RwLock) is very many
//! permits and a value: a reader takes one of them, a writer all. A
//! [`OnceCell`](super::OnceCell) gives its one permit to the task that fills it.
//!
//! A task that finds enough permits takes them, and that is three cells: no line, no waker, no
//! allocation. A task that does not joins the end of the line, and from then on **all permits
//! that come in are kept for the waiter at the front**:
//!
//! ```text
//!   free: 3 ── acquire 2 ──► free: 1 ── acquire 4 ──► free: 0, saved: 1, line: [4]
//!                                                          │ give back 2
//!                 granted: 4, saved: 0 ◄── give back 1 ── saved: 3, line: [4]
//! ```
//!
//! So a large need is not starved by many small ones, and no waiter overtakes another: it is
//! first come, first served. A permit is *handed over*: when the need of the front is met, the
//! permits are the waiter's at once, before its task has been polled, and no other task can take
//! them in between. The wait itself, from its first poll to its end, is in `acquire`.
//!
//! While the runtime is observed, it is told what is taken, handed over and given back
//! ([`Event::Taken`](crate::trace::Event::Taken) and the like). The numbers change in the same way.
//!
//! How it can go wrong:
//!
//! - *A wait is dropped after it was granted, and before it heard so.* The permits would be lost
//!   for ever. The list keeps the answer in the waiter's place ([`WaitList::call`]); the drop
//!   finds it and gives the permits to the next.
//! - *The front of the line leaves.* What was saved for its large need may be enough for the
//!   small one behind it. That waiter is woken now, or never.
//! - *A waker comes back.* Waking is foreign code. It may take and give permits here, so
//!   nothing is borrowed while it runs, and the numbers are right before it begins.

mod acquire;
mod emits;

use std::cell::{Cell, RefCell};
use std::mem;
use std::panic::Location;
use std::task::Waker;

use super::semaphore::error::TryAcquireError;
use crate::base::foreign::{for_each_quietly, wake_quietly};
use crate::machine::wait_list::{WaitKey, WaitList};
use crate::machine::waker_cell::Rechecked;
use crate::trace::{Shared, is_observed};

/// The answer: what you waited for is yours.
const GRANTED: u32 = 0;
/// The answer: there will be nothing.
const CLOSED: u32 = 1;

/// See the file's heading.
pub(crate) struct Permits {
    /// What any task may take. Zero while there is a line, and when no permit is given any more.
    free: Cell<usize>,
    closed: Cell<bool>,
    /// Whether [`give`](Permits::give) takes the slow path: tasks wait in line, an observer has seen a
    /// permit taken, or no permit is given any more.
    slow_path: Cell<bool>,
    /// What a trace calls a wait for these.
    kind: Shared,
    line: RefCell<Line>,
}

struct Line {
    list: WaitList,
    /// What has come in for the one at the front, and is not enough yet; or what no task can take any more.
    saved: usize,
}

impl Permits {
    pub(crate) const fn new(permits: usize, kind: Shared) -> Permits {
        Permits {
            free: Cell::new(permits),
            closed: Cell::new(false),
            slow_path: Cell::new(false),
            kind,
            line: RefCell::new(Line {
                list: WaitList::new(),
                saved: 0,
            }),
        }
    }

    /// How many are free; of closed ones, how many would be.
    pub(crate) fn free(&self) -> usize {
        match self.closed.get() {
            true => self.line.borrow().saved,
            false => self.free.get(),
        }
    }

    /// How many are not held: what is free, and what is saved for the front of the line.
    pub(crate) fn unheld(&self) -> usize {
        self.free.get() + self.line.borrow().saved
    }

    #[inline]
    pub(crate) fn is_closed(&self) -> bool {
        self.closed.get()
    }

    /// Takes `n` if so many are free; `n` is not 0. None is free while there is a line, nor after the close: so
    /// what is nearly always done asks for one thing only.
    #[inline]
    pub(crate) fn try_take(&self, n: u32) -> Result<(), TryAcquireError> {
        match self.free.get().checked_sub(n as usize) {
            Some(left) => {
                self.free.set(left);
                Ok(())
            }
            None => Err(self.why_none()),
        }
    }

    #[cold]
    fn why_none(&self) -> TryAcquireError {
        match self.closed.get() {
            true => TryAcquireError::Closed,
            false => TryAcquireError::NoPermits,
        }
    }

    /// Takes `n` away for good, or as many as are free; returns how many.
    pub(crate) fn forget(&self, n: usize) -> usize {
        let taken = self.free().min(n);
        match self.closed.get() {
            true => self.line.borrow_mut().saved -= taken,
            false => self.free.set(self.free.get() - taken),
        }
        taken
    }

    /// As [`try_take`](Permits::try_take), for the line of the program that called.
    #[inline]
    #[track_caller]
    pub(crate) fn try_take_here(&self, n: u32) -> Result<(), TryAcquireError> {
        self.try_take_at(n, Location::caller())
    }

    #[inline]
    fn try_take_at(&self, n: u32, at: &'static Location<'static>) -> Result<(), TryAcquireError> {
        match n {
            0 if self.is_closed() => return Err(TryAcquireError::Closed),
            0 => return Ok(()),
            _ => {}
        }
        self.try_take(n)?;
        self.emit_taken(n, at);
        Ok(())
    }

    /// Gives `n` back: to the waiters, or else to the next task that asks.
    #[inline]
    pub(crate) fn give(&self, n: usize) {
        if self.slow_path.get() {
            return self.give_slowly(n);
        }
        self.free.set(self.free.get() + n);
    }

    #[cold]
    fn give_slowly(&self, n: usize) {
        self.emit_given_back(n);
        self.add(n);
    }

    /// Brings in `n` that no task has held.
    pub(crate) fn add(&self, n: usize) {
        let mut line = self.line.borrow_mut();
        line.saved += n;
        self.settle(&mut line);
        drop(line);
        self.serve();
    }

    /// A holder destroys what it holds.
    pub(crate) fn forget_held(&self, held: &mut usize) {
        let count = mem::take(held);
        self.emit_forgotten(count);
    }

    /// From now on no permit is given, and every waiter is told so.
    pub(crate) fn close(&self) {
        self.closed.set(true);
        let mut line = self.line.borrow_mut();
        line.saved += self.free.take();
        self.slow_path.set(true);
        let wakers = line.list.call_all(CLOSED);
        drop(line);
        for_each_quietly(wakers, Waker::wake);
    }

    /// Hands over to those at the front of the line, as far as what is saved reaches.
    fn serve(&self) {
        while let Some((need, waker)) = self.grant() {
            self.emit_handed_over(need);
            waker.into_iter().for_each(wake_quietly);
        }
    }

    /// Hands over to the one at the front, if its need is met: how many permits that are, and whom to wake.
    fn grant(&self) -> Option<(usize, Option<Waker>)> {
        let mut line = self.line.borrow_mut();
        let need = line.list.first_need()? as usize;
        line.saved = line.saved.checked_sub(need)?;
        let waker = line.list.call(GRANTED);
        self.settle(&mut line);
        Some((need, waker))
    }

    /// A waiter has left the line. If it was the last, what is saved becomes free.
    fn settle(&self, line: &mut Line) {
        if line.list.is_empty() && !self.closed.get() {
            self.slow_path.set(is_observed());
            self.free.set(self.free.get() + line.saved);
            line.saved = 0;
        }
    }

    /// Joins the end of the line, and keeps what is free for the front of it.
    fn join(&self, need: u32, waker: Rechecked) -> WaitKey {
        let mut line = self.line.borrow_mut();
        line.saved += self.free.take();
        self.slow_path.set(true);
        line.list.push_for(waker, need)
    }

    /// A wait is dropped: nothing that it was given, or kept from others, is lost.
    fn leave(&self, key: WaitKey, need: u32) {
        let (answer, _waker) = self.leave_line(key);
        self.emit_left(answer == Some(GRANTED));
        match answer {
            Some(GRANTED) => self.add(need as usize),
            Some(_) => {}
            None => self.serve(),
        }
    }

    fn leave_line(&self, key: WaitKey) -> (Option<u32>, Option<Waker>) {
        let mut line = self.line.borrow_mut();
        let left = line.list.leave(key);
        self.settle(&mut line);
        left
    }
}
