//! The timers of one runtime: the wheel, with a clock to drive it.
//!
//! The wheel counts ticks and knows no time. This is where a deadline becomes a tick, where
//! the loop asks when it must be back, and where what fires is woken: first everything is
//! collected, then the wheel is let go of, and only then is anybody woken, because a waker
//! is somebody else's code and may set the next timer.

use std::cell::{Cell, RefCell};
use std::panic::Location;
use std::rc::Rc;
use std::task::{Context, Waker};
use std::time::Instant;

use super::wheel::{TimerKey, Wheel};
use crate::clock::Clock;
use crate::foreign::for_each_quietly;
use crate::trace::{Cause, Event, Place, Recorder, emit};

/// See the file's heading.
pub(crate) struct Timers {
    wheel: RefCell<Wheel>,
    clock: Rc<Clock>,
    /// Who is to be woken; kept for its memory.
    fired: Cell<Vec<(TimerKey, Option<Waker>)>>,
    /// The runtime is gone: nothing will fire any more.
    closed: Cell<bool>,
    trace: Rc<Recorder>,
}

impl Timers {
    pub(crate) fn new(clock: Rc<Clock>, trace: Rc<Recorder>) -> Timers {
        Timers {
            wheel: RefCell::new(Wheel::new()),
            clock,
            fired: Cell::default(),
            closed: Cell::new(false),
            trace,
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.wheel.borrow().len() == 0
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
        self.clock.instant_of(tick?)
    }

    /// Fires what is due at the turn's time. Returns how many timers that were.
    pub(crate) fn fire(&self) -> usize {
        let mut fired = self.fired.take();
        let now = self.clock.tick_at(self.clock.turn());
        self.wheel.borrow_mut().expire(now, &mut fired);
        let count = fired.len();
        for_each_quietly(fired.drain(..), |(key, waker)| {
            emit!(self.trace, Event::TimerFired { timer: key.id() });
            self.trace.on_behalf_of(Cause::Timer(key.id()));
            if let Some(waker) = waker {
                waker.wake();
            }
        });
        self.trace.on_behalf_of(Cause::Owner);
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
        deadline: Instant,
        cx: &Context<'_>,
        at: &'static Location<'static>,
    ) -> TimerKey {
        self.assert_open();
        let tick = self.clock.tick_not_before(deadline);
        let waker = cx.waker().clone();
        let key = self.wheel.borrow_mut().insert(tick, waker);
        emit!(self.trace => self.report_set(key, tick, at));
        key
    }

    #[cold]
    #[inline(never)]
    fn report_set(&self, key: TimerKey, tick: u64, at: &'static Location<'static>) {
        let (timer, at) = (key.id(), Place::from(at));
        emit!(self.trace, Event::TimerSet { timer, tick, at });
    }

    /// Gives a timer another deadline; its waker stays.
    pub(crate) fn reset(&self, key: TimerKey, deadline: Instant) {
        if self.closed.get() {
            return;
        }
        let tick = self.clock.tick_not_before(deadline);
        self.wheel.borrow_mut().reset(key, tick);
        emit!(
            self.trace,
            Event::TimerReset {
                timer: key.id(),
                tick,
            }
        );
    }

    pub(crate) fn is_fired(&self, key: TimerKey) -> bool {
        self.wheel.borrow().is_fired(key)
    }

    /// Makes sure that the timer wakes the task of `cx`.
    ///
    /// # Panics
    ///
    /// As [`set`](Timers::set).
    #[track_caller]
    pub(crate) fn keep_waker(&self, key: TimerKey, cx: &Context<'_>) {
        self.assert_open();
        if !self.wheel.borrow().wakes(key, cx.waker()) {
            let waker = cx.waker().clone();
            let old = self.wheel.borrow_mut().set_waker(key, waker);
            drop(old);
        }
    }

    /// Takes a timer out of the wheel, whether or not its time had come.
    #[inline(always)]
    pub(crate) fn remove(&self, key: TimerKey) {
        let waker = self.wheel.borrow_mut().remove(key);
        // One that has fired has given its waker away.
        if waker.is_some() {
            emit!(self.trace => self.report_dropped(key));
        }
    }

    #[cold]
    #[inline(never)]
    fn report_dropped(&self, key: TimerKey) {
        emit!(self.trace, Event::TimerDropped { timer: key.id() });
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.clock
    }

    #[track_caller]
    fn assert_open(&self) {
        assert!(
            !self.closed.get(),
            "a timer was polled after its runtime had been shut down: it would never fire"
        );
    }

    /// Nothing will fire any more. A timer may have been carried into another runtime and be
    /// waited for there: whoever waits is woken, to be told so.
    pub(crate) fn shut_down(&self) {
        self.closed.set(true);
        let keys: Vec<_> = self.wheel.borrow().iter().map(|(key, ..)| key).collect();
        for key in keys {
            let waker = self.wheel.borrow_mut().remove(key);
            emit!(self.trace, Event::TimerDropped { timer: key.id() });
            for_each_quietly(waker, Waker::wake);
        }
    }
}
