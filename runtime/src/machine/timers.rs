//! The timers of one runtime: the wheel, with a clock to drive it.
//!
//! The wheel counts ticks and knows no time. This is where a deadline becomes a tick, where
//! the loop asks when it must be back, and where what fires is woken: first everything is
//! collected, then the wheel is let go of, and only then are tasks woken, because a waker
//! is foreign code and may set the next timer.

mod beyond;
mod report;
pub(crate) mod wheel;

use std::cell::{Cell, RefCell};
use std::panic::Location;
use std::rc::Rc;
use std::task::{Context, Poll, Waker, ready};
use std::time::Instant;

use crate::base::clock::{Clock, NANOS_A_TICK};
use crate::base::foreign::for_each_quietly;
use crate::base::moment::Moment;
use crate::base::room::{KEPT, Roomy};
use crate::machine::waker_cell::register;
use crate::trace::{Cause, Switch, emit};
use beyond::{BEYOND, Beyond, LAST};
use wheel::{Fired, TimerKey, Wheel};

/// See the file's heading.
pub(crate) struct Timers {
    wheel: RefCell<Wheel>,
    beyond: RefCell<Beyond>,
    clock: Rc<Clock>,
    /// Who is to be woken; kept for its memory.
    fired: Cell<Roomy<Fired>>,
    /// A timer of a tick below this one is set without a second look: it is [`BEYOND`]; but 0 while the
    /// machine is watched, and when nothing will fire any more. So one comparison finds whatever is not usual.
    usual: Cell<u64>,
    /// Nothing will fire any more.
    closed: Cell<bool>,
    trace: Rc<Switch>,
}

impl Timers {
    pub(crate) fn new(clock: Rc<Clock>, trace: Rc<Switch>) -> Timers {
        Timers {
            wheel: RefCell::new(Wheel::new()),
            beyond: RefCell::default(),
            clock,
            fired: Cell::default(),
            usual: Cell::new(BEYOND),
            closed: Cell::new(false),
            trace,
        }
    }

    /// Gives back what a burst took.
    pub(crate) fn give_back(&self) {
        self.wheel.borrow_mut().give_back();
        self.beyond.borrow_mut().give_back(&self.wheel.borrow());
    }

    /// When the thread must be back at the latest. With a running clock this may be early:
    /// the wheel wants to be looked after at times when nothing fires. A paused clock is
    /// moved by it, so there it is the earliest deadline, exactly.
    pub(crate) fn next(&self) -> Option<Instant> {
        let wheel = self.wheel.borrow();
        let tick = match self.clock.is_paused() {
            true => wheel.earliest(),
            false => wheel.next_work(),
        };
        match tick? {
            BEYOND => self.beyond.borrow().first(&wheel),
            tick => self.clock.instant_of(tick),
        }
    }

    /// A timer was set to a deadline that no tick can express.
    #[cold]
    fn note_beyond(&self, deadline: Moment, key: TimerKey) {
        let deadline = self.clock.instant(deadline);
        let wheel = self.wheel.borrow();
        self.beyond.borrow_mut().note(deadline, key, &wheel);
    }

    /// Fires what is due at the turn's time. Returns how many timers that were.
    pub(crate) fn fire(&self) -> usize {
        let mut now = self.clock.turn_tick();
        if now == BEYOND {
            now = LAST;
            let (mut beyond, mut wheel) = (self.beyond.borrow_mut(), self.wheel.borrow_mut());
            beyond.release(self.clock.turn(), &mut wheel);
        }
        emit!(self.trace => self.report_advance(now));
        if self.wheel.borrow_mut().pass(now) {
            return 0;
        }
        let mut fired = self.fired.take();
        let mut cascades = Vec::new();
        let tell = |place, timers| emit!(self.trace => cascades.push((place, timers)));
        // All are told of before the first is woken: a waker that looks at the machine finds the
        // wheel without any of them.
        self.wheel.borrow_mut().expire(now, &mut fired, tell);
        emit!(self.trace => self.report_expired(&cascades, &fired));
        let count = fired.len();
        for_each_quietly(fired.drain(..), |(key, waker)| {
            emit!(self.trace => self.blame(key));
            if let Some(waker) = waker {
                waker.wake();
            }
        });
        self.trace.on_behalf_of(Cause::Owner);
        fired.give_back(KEPT);
        self.fired.set(fired);
        count
    }

    /// Puts a timer into the wheel.
    ///
    /// # Panics
    ///
    /// When the runtime has been shut down: the timer would never fire.
    #[track_caller]
    #[inline]
    pub(crate) fn set(
        &self,
        deadline: Moment,
        cx: &Context<'_>,
        at: &'static Location<'static>,
    ) -> TimerKey {
        // The clone may do anything, and needs no second look: if it moves the clock past the
        // deadline, the next turn of the wheel fires what is set too late. If it shuts the runtime
        // down, what follows says so.
        let waker = cx.waker().clone();
        let tick = tick_not_before(deadline);
        match tick < self.usual.get() {
            true => self.wheel.borrow_mut().insert(tick, waker),
            false => self.set_unusual(deadline, waker, at),
        }
    }

    /// Sets a timer, unless nothing will fire any more: the deadline may be one that no tick can express, and
    /// an observer hears of it.
    #[cold]
    #[inline(never)]
    #[track_caller]
    fn set_unusual(
        &self,
        deadline: Moment,
        waker: Waker,
        at: &'static Location<'static>,
    ) -> TimerKey {
        self.assert_open();
        self.insert(deadline, waker, at)
    }

    fn insert(&self, deadline: Moment, waker: Waker, at: &'static Location<'static>) -> TimerKey {
        let tick = tick_not_before(deadline);
        let key = self.wheel.borrow_mut().insert(tick, waker);
        emit!(self.trace => self.report_set(key, tick, at));
        if tick == BEYOND {
            self.note_beyond(deadline, key);
        }
        key
    }

    /// From now on an observer hears of each timer that is set, or does not any more.
    pub(crate) fn watch(&self, watched: bool) {
        let none = watched || self.is_closed();
        self.usual.set(if none { 0 } else { BEYOND });
    }

    /// Gives a timer another deadline; its waker stays.
    pub(crate) fn reset(&self, key: TimerKey, deadline: Moment) {
        if self.is_closed() {
            return;
        }
        let tick = tick_not_before(deadline);
        self.wheel.borrow_mut().reset(key, tick);
        emit!(self.trace => self.report_reset(key, tick));
        if tick == BEYOND {
            self.note_beyond(deadline, key);
        }
    }

    pub(crate) fn is_fired(&self, key: TimerKey) -> bool {
        self.wheel.borrow().is_fired(key)
    }

    /// Makes sure that the timer wakes the task of `cx`. Ready: it has fired meanwhile.
    ///
    /// # Panics
    ///
    /// As [`set`](Timers::set).
    #[track_caller]
    pub(crate) fn keep_waker(
        &self,
        key: TimerKey,
        cx: &Context<'_>,
        at: &'static Location<'static>,
    ) -> Poll<()> {
        ready!(self.poll_fired(key, cx, at));
        self.assert_open();
        Poll::Ready(())
    }

    fn poll_fired(
        &self,
        key: TimerKey,
        cx: &Context<'_>,
        at: &'static Location<'static>,
    ) -> Poll<()> {
        let waits = self.wheel.borrow().wakes(key, cx.waker());
        let waits = waits || self.replace_waker(key, cx).is_pending();
        emit!(waits, self.trace => self.report_waiting(key, at));
        match waits {
            true => Poll::Pending,
            false => Poll::Ready(()),
        }
    }

    fn replace_waker(&self, key: TimerKey, cx: &Context<'_>) -> Poll<()> {
        let is_over = || (self.is_closed() || self.is_fired(key)).then_some(());
        register(cx.waker(), is_over, |waker| {
            let mut wheel = self.wheel.borrow_mut();
            wheel.set_waker(key, waker.into_waker())
        })
    }

    /// Takes a timer out of the wheel, whether or not its time had come.
    #[inline(always)]
    pub(crate) fn remove(&self, key: TimerKey) {
        emit!(self.trace => self.report_removal(key));
        let waker = self.wheel.borrow_mut().remove(key);
        drop(waker);
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Nothing will fire any more.
    fn is_closed(&self) -> bool {
        self.closed.get()
    }

    #[track_caller]
    fn assert_open(&self) {
        assert!(
            !self.is_closed(),
            "a timer was polled after its runtime had been shut down: it would never fire"
        );
    }

    /// Nothing will fire any more. A timer may have been carried into another runtime and be
    /// waited for there: the task that waits is woken, to be told so.
    pub(crate) fn shut_down(&self) {
        self.closed.set(true);
        self.usual.set(0);
        let keys: Vec<_> = self.wheel.borrow().iter().map(|(key, ..)| key).collect();
        for key in keys {
            emit!(self.trace => self.report_dropped(key));
            let waker = self.wheel.borrow_mut().remove(key);
            for_each_quietly(waker, Waker::wake);
        }
    }
}

/// The first whole millisecond that is not before `moment`: where a deadline goes,
/// so that a timer may be late by less than a tick but is never early.
#[inline]
fn tick_not_before(moment: Moment) -> u64 {
    match moment.nanos() {
        Some(nanos) => nanos.div_ceil(NANOS_A_TICK),
        None => far_tick(moment),
    }
}

/// The tick of a moment that is before the start (the first one) or beyond 584 years. If there is
/// none, it is the last one.
#[cold]
fn far_tick(moment: Moment) -> u64 {
    let nanos = u128::try_from(moment.all_nanos()).unwrap_or(0);
    u64::try_from(nanos.div_ceil(u128::from(NANOS_A_TICK))).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_deadline_is_rounded_up_wherever_it_lies() {
        let clock = Clock::new(true);
        let start = clock.now();
        let tick = |instant| tick_not_before(clock.moment(instant));
        let near = |nanos| tick(start + Duration::from_nanos(nanos));
        assert_eq!([0, 1, 1_000_000, 1_000_001].map(near), [0, 1, 1, 2]);
        assert_eq!(tick(start - Duration::from_secs(1)), 0);
        let year = 31_557_600;
        let after = |years| tick(start + Duration::new(years * year, 7));
        assert_eq!(
            [500, 600].map(after),
            [500, 600].map(|years| years * year * 1000 + 1)
        );
        assert_eq!(after(600_000_000), u64::MAX);
    }
}
