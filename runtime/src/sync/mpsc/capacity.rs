//! The capacity of a bounded channel: how many messages may be on their way.
//!
//! The capacity is a number of places. A sender takes a place before it sends, and the receiver
//! gives it back when it takes the message out. A **permit** is a place that was taken for a
//! message still to come.
//!
//! A sender that finds no free place waits in line. A place that is given back is handed to the
//! first sender in the line; it does not become free. Otherwise a sender that asks just then would
//! take it, again and again, before one that has long been waiting. So while there is a line, no
//! place counts as free.
//!
//! A semaphore's permits (`sync/permits.rs`) are much the same, and these are not built on them. A
//! sender needs one place, never several: nothing is saved for a large need at the front, and the line
//! knows no needs. What is given back may be many places at once (`recv_many`), and they are handed out
//! in one look at the line. And whether there is a line need not be noted: it can be there only while no
//! place is free. So a place is one cell where a permit is three, on the way of every message.
//!
//! How it can go wrong: a place is handed to a waiter, and the waiter is dropped before it has
//! looked. Its place would be lost, and in the end the channel would be full for ever. But the
//! answer is still in the list: the drop of the wait finds it there and
//! [gives the place back](Capacity::leave).

use std::cell::{Cell, RefCell};
use std::panic::Location;
use std::task::{Context, Poll, Waker};

use crate::base::foreign::{for_each_quietly, wake_quietly};
use crate::machine::wait_list::{WaitKey, WaitList};
use crate::machine::waker_cell::register;
use crate::trace::{Number, Place};

/// The answer to a waiter: the place is yours.
const GRANTED: u32 = 1;
/// The answer to a waiter: there will be no more places.
const REFUSED: u32 = 0;

/// What limits a channel. Of an unbounded one nothing does: see [`Endless`].
///
/// Public as a parameter of the receiver; no other crate can name it, and so it is sealed.
pub trait Bound {
    /// So many messages were taken out, or permits not used.
    fn give_back(&self, count: usize);
    /// Whether no message is on its way: neither in the channel nor to come by a permit.
    fn is_idle(&self) -> bool;
    /// There will be no more places. Returns the wakers of the senders that wait.
    fn close(&self) -> Vec<Waker>;
    /// How many messages may be on their way; `None`: as many as there are.
    fn all(&self) -> Option<usize>;
    /// What a trace calls the channel.
    fn number(&self) -> &Number;
}

/// No bound at all.
#[allow(
    missing_debug_implementations,
    reason = "other crates cannot name it, and never hold one"
)]
#[derive(Default)]
pub struct Endless(Number);

impl Bound for Endless {
    #[inline]
    fn give_back(&self, _: usize) {}

    #[inline]
    fn is_idle(&self) -> bool {
        true
    }

    fn close(&self) -> Vec<Waker> {
        Vec::new()
    }

    fn all(&self) -> Option<usize> {
        None
    }

    #[inline(always)]
    fn number(&self) -> &Number {
        &self.0
    }
}

/// See the file's heading.
#[allow(
    missing_debug_implementations,
    reason = "other crates cannot name it, and never hold one"
)]
pub struct Capacity {
    /// The places that any sender may take: none while there is a line, none of a closed channel.
    free: Cell<usize>,
    all: usize,
    closed: Cell<bool>,
    /// The places of a closed channel that are not in use.
    unused: Cell<usize>,
    line: RefCell<WaitList>,
    pub(super) number: Number,
}

/// What became of asking for a place.
pub(super) enum Asked {
    Granted,
    Refused,
    /// Not yet.
    InLine,
}

impl Capacity {
    pub(super) fn new(all: usize) -> Capacity {
        Capacity {
            free: Cell::new(all),
            all,
            closed: Cell::new(false),
            unused: Cell::new(0),
            line: RefCell::new(WaitList::new()),
            number: Number::new(),
        }
    }

    /// How many places are free; of a closed channel, how many are not in use.
    pub(super) fn free(&self) -> usize {
        self.free.get() + self.unused.get()
    }

    pub(super) fn places(&self) -> usize {
        self.all
    }

    /// Takes a place if one is free.
    #[inline(always)]
    pub(super) fn try_take(&self) -> Asked {
        match self.free.get() {
            0 => self.take_none(),
            free => {
                self.free.set(free - 1);
                Asked::Granted
            }
        }
    }

    #[cold]
    fn take_none(&self) -> Asked {
        match self.closed.get() {
            true => Asked::Refused,
            false => Asked::InLine,
        }
    }

    /// As [`try_take`](Capacity::try_take), for a message still to come.
    pub(super) fn try_reserve(&self, at: &'static Location<'static>) -> Asked {
        let asked = self.try_take();
        self.emit_taken(matches!(asked, Asked::Granted), at);
        asked
    }

    /// Asks once more for the sender that waits under `key`, or puts it into the line. It is
    /// called when no place is free, or the channel is closed.
    pub(super) fn register_sender(&self, key: &mut Option<WaitKey>, cx: &Context<'_>) -> Asked {
        let waiting = *key;
        let asked = match self.ask(waiting) {
            Some(asked) => Poll::Ready(asked),
            None => register(
                cx.waker(),
                || self.ask(waiting),
                |waker| self.line.borrow_mut().wait(key, waker),
            ),
        };
        match asked {
            Poll::Ready(asked) => self.step_out(key, asked),
            Poll::Pending => Asked::InLine,
        }
    }

    /// The answer, if there is one. No sender may get into line while a place is free.
    fn ask(&self, key: Option<WaitKey>) -> Option<Asked> {
        let answer = match key {
            Some(_) if self.closed.get() => Asked::Refused,
            Some(key) => match self.line.borrow().answer(key)? {
                GRANTED => Asked::Granted,
                _ => Asked::Refused,
            },
            None => self.try_take(),
        };
        (!matches!(answer, Asked::InLine)).then_some(answer)
    }

    /// Has heard the answer. A place that was granted before the channel closed goes back.
    fn step_out(&self, key: &mut Option<WaitKey>, answer: Asked) -> Asked {
        match answer {
            Asked::Granted => drop(key.take().map(|key| self.line.borrow_mut().remove(key))),
            _ if self.leave(key) => self.give_back(1),
            _ => {}
        }
        answer
    }

    /// Leaves the line, before or after an answer. True: a place had been granted, and the caller
    /// gives it back.
    fn leave(&self, key: &mut Option<WaitKey>) -> bool {
        let Some(key) = key.take() else { return false };
        let (answer, waker) = self.line.borrow_mut().leave(key);
        drop(waker);
        answer == Some(GRANTED)
    }

    /// Gives up the wait. A place that was granted goes on to the next. Says whether there was one.
    pub(super) fn give_up(&self, key: &mut Option<WaitKey>) -> bool {
        let granted = self.leave(key);
        self.emit_left(granted);
        if granted {
            self.give_back(1);
        }
        granted
    }

    /// Hands places to the senders in line, and keeps the rest as free.
    #[inline]
    fn pass_on(&self, count: usize) {
        let no_line = self.line.borrow().is_empty();
        match no_line {
            true if self.closed.get() => self.unused.set(self.unused.get() + count),
            true => self.free.set(count),
            false => self.call(count),
        }
    }

    #[inline(never)]
    fn call(&self, count: usize) {
        if count == 1 {
            let first = self.line.borrow_mut().call(GRANTED);
            self.emit_handed_over(Place::above_caller());
            return first.into_iter().for_each(wake_quietly);
        }
        let mut line = self.line.borrow_mut();
        let called = std::iter::from_fn(|| line.call(GRANTED)).take(count);
        let called: Vec<Waker> = called.collect();
        drop(line);
        self.free.set(count - called.len());
        for_each_quietly(called, |waker| {
            self.emit_handed_over(Place::below_caller());
            waker.wake();
        });
    }
}

impl Bound for Capacity {
    #[inline(always)]
    fn give_back(&self, count: usize) {
        match self.free.get() {
            0 => self.pass_on(count),
            // While a place is free, no sender waits.
            free => self.free.set(free + count),
        }
    }

    #[inline]
    fn is_idle(&self) -> bool {
        self.free() == self.all
    }

    fn close(&self) -> Vec<Waker> {
        self.closed.set(true);
        self.unused.set(self.free.take());
        self.line.borrow_mut().call_all(REFUSED)
    }

    fn all(&self) -> Option<usize> {
        Some(self.all)
    }

    #[inline(always)]
    fn number(&self) -> &Number {
        &self.number
    }
}
