//! The gate that all connections of a server pass: it counts them, and sends them home.
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
//! How it can go wrong: a waker may do anything when it is called, even drop a connection,
//! which wants to leave its seat while the seats are being walked through. So a change of
//! state takes all wakers out at once, leaves the list empty, and calls them afterwards. A
//! seat remembers in which state it was taken; a seat of an earlier state is void, and a
//! connection that holds one sits down anew when it is polled next.

use std::cell::{Cell, RefCell};
use std::task::{Context, Poll, Waker};

use slab::Slab;

/// How far the server is with stopping.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum State {
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
pub(crate) struct Seat {
    key: u32,
    taken_in: State,
}

#[derive(Default)]
pub(crate) struct Gate {
    state: Cell<State>,
    open: Cell<usize>,
    seats: RefCell<Slab<Waker>>,
    watcher: Cell<Option<Watcher>>,
}

/// Who waits for connections to end.
struct Watcher {
    /// Until fewer than so many are open.
    below: usize,
    waker: Waker,
}

impl Gate {
    #[inline]
    pub(crate) fn state(&self) -> State {
        self.state.get()
    }

    /// Open connections.
    pub(crate) fn open(&self) -> usize {
        self.open.get()
    }

    /// Goes on to `state`, never back, and wakes everybody.
    pub(crate) fn advance(&self, state: State) {
        if state <= self.state.get() {
            return;
        }
        self.state.set(state);
        let wakers = self.seats.take();
        for (_, waker) in wakers {
            waker.wake();
        }
    }

    /// A connection begins.
    pub(crate) fn enter(&self) {
        self.open.set(self.open.get() + 1);
    }

    /// A connection ends.
    pub(crate) fn leave(&self, seat: Option<Seat>) {
        let waker = seat.and_then(|seat| self.vacate(&seat));
        drop(waker);
        self.open.set(self.open.get() - 1);
        match self.watcher.take() {
            Some(watcher) if self.open.get() < watcher.below => watcher.waker.wake(),
            watcher => self.watcher.set(watcher),
        }
    }

    /// Sees to it that the current task is woken when the state changes.
    #[inline]
    pub(crate) fn sit(&self, seat: &mut Option<Seat>, cx: &Context<'_>) {
        if !seat.as_ref().is_some_and(|seat| self.is_good(seat, cx)) {
            self.sit_anew(seat, cx);
        }
    }

    /// Ready when fewer than `below` connections are open. One waiter at a time.
    pub(crate) fn poll_below(&self, below: usize, cx: &Context<'_>) -> Poll<()> {
        if self.open.get() < below {
            return Poll::Ready(());
        }
        let waker = cx.waker().clone();
        self.watcher.set(Some(Watcher { below, waker }));
        Poll::Pending
    }

    #[inline]
    fn is_good(&self, seat: &Seat, cx: &Context<'_>) -> bool {
        seat.taken_in == self.state.get()
            && self
                .seats
                .borrow()
                .get(seat.key as usize)
                .is_some_and(|waker| waker.will_wake(cx.waker()))
    }

    #[cold]
    fn sit_anew(&self, seat: &mut Option<Seat>, cx: &Context<'_>) {
        let waker = cx.waker().clone();
        let old = seat.take().and_then(|seat| self.vacate(&seat));
        let key = self.seats.borrow_mut().insert(waker);
        // More connections than u32 counts would need more descriptors than there are.
        let key = u32::try_from(key).unwrap_or(u32::MAX);
        *seat = Some(Seat {
            key,
            taken_in: self.state.get(),
        });
        drop(old);
    }

    /// Takes the waker out of a seat, if the seat is not void.
    fn vacate(&self, seat: &Seat) -> Option<Waker> {
        if seat.taken_in != self.state.get() {
            return None;
        }
        self.seats.borrow_mut().try_remove(seat.key as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::rc::Rc;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::Wake;

    #[derive(Default)]
    struct Count(AtomicUsize);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn woken(count: &Count) -> usize {
        count.0.load(Ordering::Relaxed)
    }

    #[test]
    fn each_change_of_state_wakes_everybody_once() {
        let gate = Rc::new(Gate::default());
        let count = Arc::new(Count::default());
        let waker = Waker::from(count.clone());
        let cx = Context::from_waker(&waker);
        let mut seats: Vec<Option<Seat>> = (0..3).map(|_| None).collect();
        for seat in &mut seats {
            gate.enter();
            gate.sit(seat, &cx);
            gate.sit(seat, &cx);
        }
        gate.advance(State::Draining);
        gate.advance(State::Draining);
        assert_eq!(woken(&count), 3);
        gate.leave(seats.pop().unwrap());
        for seat in &mut seats {
            gate.sit(seat, &cx);
        }
        gate.advance(State::Cut);
        gate.advance(State::Draining);
        assert_eq!((woken(&count), gate.state()), (5, State::Cut));
    }

    #[test]
    fn a_void_seat_does_not_take_a_later_guest_with_it() {
        let gate = Gate::default();
        let cx = Context::from_waker(Waker::noop());
        let (mut early, mut late) = (None, None);
        gate.enter();
        gate.sit(&mut early, &cx);
        gate.advance(State::Draining);
        gate.enter();
        gate.sit(&mut late, &cx);
        gate.leave(early);
        assert_eq!(gate.seats.borrow().len(), 1);
        gate.leave(late);
        assert_eq!((gate.seats.borrow().len(), gate.open()), (0, 0));
    }

    #[test]
    fn the_last_to_leave_wakes_the_watcher() {
        let gate = Gate::default();
        let count = Arc::new(Count::default());
        let waker = Waker::from(count.clone());
        let cx = Context::from_waker(&waker);
        gate.enter();
        gate.enter();
        assert!(gate.poll_below(1, &cx).is_pending());
        gate.leave(None);
        assert_eq!(woken(&count), 0);
        gate.leave(None);
        assert_eq!(woken(&count), 1);
        assert!(gate.poll_below(1, &cx).is_ready());
    }

    #[test]
    fn who_waits_for_room_is_woken_by_the_first_to_leave() {
        let gate = Gate::default();
        let count = Arc::new(Count::default());
        let waker = Waker::from(count.clone());
        let cx = Context::from_waker(&waker);
        for _ in 0..3 {
            gate.enter();
        }
        assert!(gate.poll_below(4, &cx).is_ready());
        assert!(gate.poll_below(3, &cx).is_pending());
        gate.leave(None);
        assert_eq!(woken(&count), 1);
        gate.leave(None);
        assert_eq!(woken(&count), 1, "nobody waits any more");
    }
}
