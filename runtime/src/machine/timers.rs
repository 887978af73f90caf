//! The timers of one runtime: the wheel, with a clock to drive it.
//!
//! The wheel counts ticks and knows no time. This is where a deadline becomes a tick, where
//! the loop asks when it must be back, and where what fires is woken: first everything is
//! collected, then the wheel is let go of, and only then are tasks woken, because a waker
//! is foreign code and may set the next timer.

use std::cell::{Cell, RefCell};
use std::panic::Location;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use super::beyond::{BEYOND, Beyond, LAST};
use super::wheel::{TimerKey, Wheel};
use crate::machine::clock::Clock;
use crate::machine::foreign::for_each_quietly;
use crate::machine::moment::Moment;
use crate::machine::room::{KEPT, Roomy};
use crate::machine::snapshot::{TimerView, WheelView};
use crate::machine::waker_cell::register;
use crate::trace::{self, Cause, Event, Place, Switch, Wait, emit};

/// Timers that have fired, and who is to be woken.
type Fired = Vec<(TimerKey, Option<Waker>)>;

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
        self.wheel.borrow_mut().expire(now, &mut fired);
        let count = fired.len();
        // All are told of before the first is woken: a waker that looks at the machine finds the
        // wheel without any of them.
        emit!(self.trace => self.report_fired(&fired));
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
        let tick = Clock::tick_not_before(deadline);
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
        let tick = Clock::tick_not_before(deadline);
        let key = self.wheel.borrow_mut().insert(tick, waker);
        if tick == BEYOND {
            self.note_beyond(deadline, key);
        }
        emit!(self.trace => self.report_set(key, tick, at));
        key
    }

    /// From now on an observer hears of each timer that is set, or does not any more.
    pub(crate) fn watch(&self, watched: bool) {
        let none = watched || self.is_closed();
        self.usual.set(if none { 0 } else { BEYOND });
    }

    #[cold]
    #[inline(never)]
    fn report_set(&self, key: TimerKey, tick: u64, made_at: &'static Location<'static>) {
        let (timer, at) = (self.number(key), Place::from(made_at));
        emit!(self.trace, Event::TimerSet { timer, tick, at });
        self.report_waiting(key, made_at);
    }

    /// The task that is being polled waits for this timer.
    #[cold]
    fn report_waiting(&self, key: TimerKey, at: &'static Location<'static>) {
        let on = Wait::Timer(self.number(key));
        let at = Some(Place::from(trace::line().unwrap_or(at)));
        emit!(self.trace, Event::Waiting { on, at });
    }

    #[cold]
    #[inline(never)]
    fn report_advance(&self, to: u64) {
        if to > self.wheel.borrow().elapsed() {
            emit!(self.trace, Event::WheelAdvanced { to });
        }
    }

    /// Gives a timer another deadline; its waker stays.
    pub(crate) fn reset(&self, key: TimerKey, deadline: Moment) {
        if self.is_closed() {
            return;
        }
        let tick = Clock::tick_not_before(deadline);
        self.wheel.borrow_mut().reset(key, tick);
        if tick == BEYOND {
            self.note_beyond(deadline, key);
        }
        emit!(self.trace => self.report_reset(key, tick));
    }

    #[cold]
    fn report_reset(&self, key: TimerKey, tick: u64) {
        let timer = self.number(key);
        emit!(self.trace, Event::TimerReset { timer, tick });
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
        if !self.wheel.borrow().wakes(key, cx.waker()) {
            let is_over = || (self.is_closed() || self.is_fired(key)).then_some(());
            let replaced = register(cx.waker(), is_over, |waker| {
                let mut wheel = self.wheel.borrow_mut();
                wheel.set_waker(key, waker.into_waker())
            });
            if replaced.is_ready() {
                self.assert_open();
                return Poll::Ready(());
            }
        }
        emit!(self.trace => self.report_waiting(key, at));
        Poll::Pending
    }

    /// Takes a timer out of the wheel, whether or not its time had come.
    #[inline(always)]
    pub(crate) fn remove(&self, key: TimerKey) {
        emit!(self.trace => self.report_removal(key));
        let waker = self.wheel.borrow_mut().remove(key);
        drop(waker);
    }

    /// A timer that has fired has given its waker away: its end is an event already.
    #[cold]
    #[inline(never)]
    fn report_removal(&self, key: TimerKey) {
        let waits = self.wheel.borrow().waker(key).is_some();
        if waits {
            self.report_dropped(key);
        }
    }

    #[cold]
    fn report_fired(&self, fired: &[(TimerKey, Option<Waker>)]) {
        for (key, _) in fired {
            let timer = self.number(*key);
            emit!(self.trace, Event::TimerFired { timer });
        }
    }

    /// What happens next is the doing of a timer that has fired.
    #[cold]
    fn blame(&self, key: TimerKey) {
        self.trace.on_behalf_of(Cause::Timer(self.number(key)));
        self.trace.observer().forget_timer(key.id());
    }

    #[cold]
    fn report_dropped(&self, key: TimerKey) {
        let timer = self.number(key);
        emit!(self.trace, Event::TimerDropped { timer });
        self.trace.observer().forget_timer(key.id());
    }

    /// What events call the timer.
    fn number(&self, key: TimerKey) -> u64 {
        self.trace.observer().timer_number(key.id())
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The wheel as a snapshot shows it.
    pub(crate) fn snapshot(&self) -> WheelView {
        let wheel = self.wheel.borrow();
        let mut view = WheelView {
            elapsed: wheel.elapsed(),
            ..WheelView::default()
        };
        for (nth, (key, _, tick)) in (1..).zip(wheel.iter()) {
            let shown = TimerView { tick, at: None };
            view.timers.insert(self.number_or(key, nth), shown);
        }
        view
    }

    /// Shows each timer that waits, with the waker that it will call.
    pub(crate) fn waits(&self, mut show: impl FnMut(Wait, &Waker)) {
        let wheel = self.wheel.borrow();
        for (nth, (key, ..)) in (1..).zip(wheel.iter()) {
            if let Some(waker) = wheel.waker(key) {
                show(Wait::Timer(self.number_or(key, nth)), waker);
            }
        }
    }

    /// The timer's number. They are kept only while the runtime is observed; otherwise it is that of
    /// its turn.
    fn number_or(&self, key: TimerKey, nth: u64) -> u64 {
        match self.trace.is_on() {
            true => self.number(key),
            false => nth,
        }
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
            let waker = self.wheel.borrow_mut().remove(key);
            emit!(self.trace => self.report_dropped(key));
            for_each_quietly(waker, Waker::wake);
        }
    }
}
