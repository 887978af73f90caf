//! The timers as an observer sees them: what is told of them, and the wheel as it is now.
//!
//! The methods that report are cold. The place of each event is the line beside its caller's: the one that
//! puts the timer into the wheel, or takes it out.

use std::panic::Location;
use std::task::Waker;

use super::Timers;
use crate::machine::inspect::snapshot::{TimerView, WheelView};
use crate::machine::timers::wheel::Place as Slot;
use crate::machine::timers::wheel::{Fired, TimerKey};
use crate::trace::{self, Cause, Event, Place, Wait};

impl Timers {
    #[cold]
    #[inline(never)]
    #[track_caller]
    pub(super) fn report_set(&self, key: TimerKey, tick: u64, made_at: &'static Location<'static>) {
        let (timer, at) = (self.number(key), Place::from(made_at));
        let set = Event::TimerSet { timer, tick, at };
        self.trace.record(set, Place::above_caller());
        self.report_waiting(key, made_at);
    }

    /// The task that is being polled waits for this timer.
    #[cold]
    #[track_caller]
    pub(super) fn report_waiting(&self, key: TimerKey, at: &'static Location<'static>) {
        let on = Wait::Timer(self.number(key));
        let at = Some(Place::from(trace::line().unwrap_or(at)));
        self.trace
            .record(Event::Waiting { on, at }, Place::above_caller());
    }

    /// The wheel is about to be moved on.
    #[cold]
    #[inline(never)]
    #[track_caller]
    pub(super) fn report_advance(&self, to: u64) {
        if to > self.wheel.borrow().elapsed() {
            self.trace
                .record(Event::WheelAdvanced { to }, Place::below_caller());
        }
    }

    #[cold]
    #[track_caller]
    pub(super) fn report_reset(&self, key: TimerKey, tick: u64) {
        let timer = self.number(key);
        self.trace
            .record(Event::TimerReset { timer, tick }, Place::above_caller());
    }

    #[cold]
    #[track_caller]
    pub(super) fn report_expired(&self, cascades: &[(Slot, usize)], fired: &Fired) {
        let place = Place::above_caller();
        for &(Slot { level, slot }, timers) in cascades {
            let cascaded = Event::Cascaded {
                level,
                slot,
                timers,
            };
            self.trace.record(cascaded, place);
        }
        for (key, _) in fired {
            let timer = self.number(*key);
            self.trace.record(Event::TimerFired { timer }, place);
        }
    }

    /// What happens next is the doing of a timer that has fired.
    #[cold]
    pub(super) fn blame(&self, key: TimerKey) {
        self.trace.on_behalf_of(Cause::Timer(self.number(key)));
        self.trace.observer().forget_timer(key.id());
    }

    /// A timer is about to be removed. One that has fired has given its waker away: its end is an event
    /// already.
    #[cold]
    #[inline(never)]
    #[track_caller]
    pub(super) fn report_removal(&self, key: TimerKey) {
        let waits = self.wheel.borrow().waker(key).is_some();
        if waits {
            self.report_dropped(key);
        }
    }

    #[cold]
    #[track_caller]
    pub(super) fn report_dropped(&self, key: TimerKey) {
        let timer = self.number(key);
        self.trace
            .record(Event::TimerDropped { timer }, Place::below_caller());
        self.trace.observer().forget_timer(key.id());
    }

    /// What events call the timer.
    fn number(&self, key: TimerKey) -> u64 {
        self.trace.observer().timer_number(key.id())
    }
}

impl Timers {
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
}
