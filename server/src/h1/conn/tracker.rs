//! The connections of a server: counting them, and ending them.
//!
//! To stop a server without breaking off anybody in the middle of a sentence, one must be
//! able to do three things: know how many connections are open, tell those that wait for a
//! request that there will be none, and, when patience ends, tell all of them to go.
//!
//! ```text
//!   Open ── drain() ──▶ Draining ── cut() ──▶ Cut
//!            idle connections close;         everybody leaves
//!            busy ones answer, with          at once
//!            Connection: close, and close
//! ```
//!
//! A connection looks at the state whenever it is polled. One that waits is not polled, so
//! it leaves its waker here, in its *seat*, and a change of the state wakes them all.
//!
//! A full server that has a newcomer asks a single connection to leave: the one that has
//! been [idle](super::idle) longest. To that connection it is as if the server were
//! draining: it closes if no request has come, and else answers that one first. One that
//! lingers after its last answer ends at once. When there was a request to answer, and when all
//! were busy and one becomes idle, the task that waits for room is woken and asks again. It asks
//! only while too few connections are leaving.
//!
//! How it can go wrong: a waker may do anything when it is called, even drop a connection,
//! which wants to leave its seat while the seats are being walked through. So a change of
//! state takes all wakers out at once, leaves the list empty, and calls them afterwards. A
//! seat remembers in which state it was taken; a seat of an earlier state is void, and a
//! connection that holds one sits down anew when it is polled next.

use std::cell::{Cell, RefCell};
use std::task::{Context, Poll, Waker};

use slab::Slab;

use super::idle::{Idle, Queue};

/// So many seats are always kept.
const KEPT: usize = 1024;

/// How far the server is with stopping.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum State {
    /// Requests are served.
    #[default]
    Open,
    /// Requests under way are finished.
    Draining,
    /// Everything ends now.
    Cut,
}

/// A connection's place in the list of those to wake.
#[derive(Debug)]
pub(super) struct Seat {
    key: u32,
    taken_in: State,
}

#[derive(Default)]
pub(super) struct Tracker {
    state: Cell<State>,
    open: Cell<usize>,
    /// Those among the open that have left HTTP.
    guests: Cell<usize>,
    seats: RefCell<Seats>,
    watcher: Cell<Option<Watcher>>,
}

/// All connections that have been polled, and which of them are idle.
#[derive(Default)]
struct Seats {
    sitters: Slab<Sitter>,
    idle: Idle,
    /// Those that have been [asked](Asked::Now) to leave and have not left yet.
    leaving: usize,
}

/// A connection in its seat.
struct Sitter {
    waker: Waker,
    asked: Asked,
}

/// Whether a connection has been asked to leave, so that a newcomer has room.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    No,
    /// It was idle when it was asked: it is about to leave.
    Now,
    /// A request had come meanwhile: it leaves after the answer.
    AfterRequest,
}

/// Who waits for connections to end.
struct Watcher {
    /// Until fewer than so many are open.
    below: usize,
    /// It has a newcomer: idle connections are asked to leave.
    makes_room: bool,
    waker: Waker,
}

impl Tracker {
    #[inline]
    pub(super) fn state(&self) -> State {
        self.state.get()
    }

    /// Open connections.
    pub(super) fn open(&self) -> usize {
        self.open.get()
    }

    /// Goes on to `state`, never back, and wakes everybody.
    pub(super) fn advance(&self, state: State) {
        if state <= self.state.get() {
            return;
        }
        self.state.set(state);
        let seats = self.seats.take();
        for (_, sitter) in seats.sitters {
            sitter.waker.wake();
        }
        if state == State::Cut {
            self.forget_guests();
        }
    }

    /// A connection has left HTTP: it counts as open until its owner drops it, or everything is
    /// cut.
    pub(super) fn enter_guest(&self) {
        if self.state.get() < State::Cut {
            self.guests.set(self.guests.get() + 1);
            self.enter();
        }
    }

    /// A connection that has left HTTP ends. The seats are all that it has taken.
    pub(super) fn leave_guest(&self, seats: [Option<Seat>; 3]) {
        let wakers = seats.map(|seat| seat.and_then(|seat| self.vacate(&seat)));
        drop(wakers);
        if self.state.get() < State::Cut {
            self.guests.set(self.guests.get() - 1);
            self.leave(None);
        }
    }

    /// Nobody waits any longer for what may do what it likes.
    fn forget_guests(&self) {
        self.open.set(self.open.get() - self.guests.take());
        self.wake_watcher_if(|watcher| self.open.get() < watcher.below);
    }

    /// A connection begins.
    pub(super) fn enter(&self) {
        self.open.set(self.open.get() + 1);
    }

    /// A connection ends.
    pub(super) fn leave(&self, seat: Option<Seat>) {
        let waker = seat.and_then(|seat| self.vacate(&seat));
        drop(waker);
        self.open.set(self.open.get() - 1);
        self.wake_watcher_if(|watcher| self.open.get() < watcher.below);
    }

    /// Sees to it that the current task is woken when the state changes. Says whether this
    /// connection has been asked to leave.
    #[inline]
    pub(super) fn sit(&self, seat: &mut Option<Seat>, cx: &Context<'_>) -> bool {
        let asked = seat.as_ref().and_then(|seat| self.sits_well(seat, cx));
        asked.unwrap_or_else(|| self.sit_anew(seat, cx)) != Asked::No
    }

    /// A connection has been polled, and it waits: for a request, in the queue that is
    /// given, or for something else.
    #[inline]
    pub(super) fn settle(&self, seat: Option<&Seat>, idle: Option<Queue>) {
        let Some(seat) = seat.filter(|seat| seat.taken_in == self.state.get()) else {
            return;
        };
        if self.seats.borrow_mut().settle(seat.key, idle) {
            self.wake_watcher_if(|watcher| watcher.makes_room);
        }
    }

    /// Ready when fewer than `below` connections are open. One waiter at a time.
    pub(super) fn poll_below(&self, below: usize, cx: &Context<'_>) -> Poll<()> {
        self.poll_watch(below, false, cx)
    }

    /// As [`poll_below`](Self::poll_below), and asks idle connections to leave until enough
    /// of them do.
    pub(super) fn poll_room(&self, below: usize, cx: &Context<'_>) -> Poll<()> {
        let poll = self.poll_watch(below, true, cx);
        if poll.is_pending() && self.open.get() - self.seats.borrow().leaving >= below {
            self.ask_longest();
        }
        poll
    }

    /// Asks the connection that has been idle longest to leave, if there is an idle one.
    pub(super) fn ask_longest(&self) -> bool {
        let waker = self.seats.borrow_mut().ask_longest();
        let found = waker.is_some();
        if let Some(waker) = waker {
            waker.wake();
        }
        found
    }

    fn poll_watch(&self, below: usize, makes_room: bool, cx: &Context<'_>) -> Poll<()> {
        if self.open.get() < below {
            return Poll::Ready(());
        }
        let watcher = Watcher {
            below,
            makes_room,
            waker: cx.waker().clone(),
        };
        self.watcher.set(Some(watcher));
        // To clone a waker is foreign code, which may have ended a connection.
        match self.open.get() < below {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    }

    fn wake_watcher_if(&self, concerns: impl FnOnce(&Watcher) -> bool) {
        match self.watcher.take() {
            Some(watcher) if concerns(&watcher) => watcher.waker.wake(),
            watcher => self.watcher.set(watcher),
        }
    }

    /// Whether the connection has been asked to leave; `None` if it must sit down anew.
    #[inline]
    fn sits_well(&self, seat: &Seat, cx: &Context<'_>) -> Option<Asked> {
        let seats = self.seats.borrow();
        let sitter = seats.sitters.get(seat.key as usize)?;
        let well = seat.taken_in == self.state.get() && sitter.waker.will_wake(cx.waker());
        well.then_some(sitter.asked)
    }

    #[cold]
    fn sit_anew(&self, seat: &mut Option<Seat>, cx: &Context<'_>) -> Asked {
        let waker = cx.waker().clone();
        let state = self.state.get();
        let valid = seat.as_ref().filter(|seat| seat.taken_in == state);
        let (key, asked, old) = self.seats.borrow_mut().place(valid, waker);
        *seat = Some(Seat {
            key,
            taken_in: state,
        });
        drop(old);
        asked
    }

    /// Takes the waker out of a seat, if the seat is not void.
    fn vacate(&self, seat: &Seat) -> Option<Waker> {
        if seat.taken_in != self.state.get() {
            return None;
        }
        self.seats.borrow_mut().vacate(seat.key)
    }
}

impl Seats {
    /// Puts a waker into a seat, or into a new one: its key, whether it has been asked to
    /// leave, and the waker that was there before.
    fn place(&mut self, seat: Option<&Seat>, waker: Waker) -> (u32, Asked, Option<Waker>) {
        let held = seat.and_then(|seat| Some((seat.key, self.sitters.get_mut(seat.key as usize)?)));
        if let Some((key, sitter)) = held {
            let old = std::mem::replace(&mut sitter.waker, waker);
            return (key, sitter.asked, Some(old));
        }
        let asked = Asked::No;
        let key = self.sitters.insert(Sitter { waker, asked });
        // More connections than u32 counts would need more descriptors than there are.
        (u32::try_from(key).unwrap_or(u32::MAX), asked, None)
    }

    fn vacate(&mut self, key: u32) -> Option<Waker> {
        self.idle.leave(key);
        let sitter = self.sitters.try_remove(key as usize)?;
        self.leaving -= usize::from(sitter.asked == Asked::Now);
        self.give_back();
        Some(sitter.waker)
    }

    /// Gives back the seats that a crowd has left: all behind the last that is taken, if less than
    /// a quarter are. It is tried each time that their number has halved.
    fn give_back(&mut self) {
        let (taken, room) = (self.sitters.len(), self.sitters.capacity());
        let has_halved = taken == 0 || taken.is_power_of_two();
        if room > KEPT && taken < room / 4 && has_halved {
            self.sitters.shrink_to_fit();
            self.idle.cut(self.sitters.capacity());
        }
    }

    /// Notes what a connection waits for; says whether that is news to a task that waits
    /// for room.
    #[inline]
    fn settle(&mut self, key: u32, idle: Option<Queue>) -> bool {
        let Some(sitter) = self.sitters.get_mut(key as usize) else {
            return false;
        };
        let stays = sitter.asked == Asked::Now;
        self.leaving -= usize::from(stays);
        if sitter.asked != Asked::No {
            // It stays: there was a request to answer, and another connection must leave. If
            // all that is left is to linger, it can be asked once more.
            sitter.asked = match idle {
                None => Asked::AfterRequest,
                Some(_) => Asked::No,
            };
        }
        match idle {
            None => self.idle.leave(key),
            // It was polled for nothing, and keeps its place.
            Some(Queue::New) if self.idle.contains(key) => return stays,
            Some(Queue::Parting) if self.idle.stands_in(key, Queue::Parting) => return stays,
            Some(queue) => self.idle.join(key, queue),
        }
        stays || idle.is_some()
    }

    /// Takes out the waker of the connection that is asked to leave. It sits down anew when
    /// it is polled, and learns then what it has been asked.
    fn ask_longest(&mut self) -> Option<Waker> {
        let key = self.idle.longest()?;
        self.idle.leave(key);
        let sitter = self.sitters.get_mut(key as usize)?;
        sitter.asked = Asked::Now;
        self.leaving += 1;
        Some(std::mem::replace(&mut sitter.waker, Waker::noop().clone()))
    }
}

#[cfg(test)]
mod tests;
