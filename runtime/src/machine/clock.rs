//! The one source of time.
//!
//! Everything in the machine that wants to know what time it is asks here. That is what
//! makes time something a test can hold in its hand: a clock can be **paused**, and then
//! it stands still until a test advances it (or until the runtime, with nothing else to
//! do, jumps to the next deadline).
//!
//! Two readings exist. [`Clock::now`] asks the operating system (about 16 ns) and is what
//! `sleep(1 s)` counts from. [`Clock::turn`] is the reading that the loop took when it
//! last looked at the driver; firing timers and stamping events use it, so that one turn
//! costs one reading however many timers are due.
//!
//! Why does `sleep` not use the cheap reading? A task that computes for half a second and
//! then sleeps for a tenth would count its tenth from half a second ago, and wake before
//! it fell asleep. A timer must never fire early.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

thread_local! {
    /// The clock of the runtime that this thread is in.
    static CURRENT: RefCell<Option<Rc<Clock>>> = const { RefCell::new(None) };
}

/// One runtime's view of time.
pub(crate) struct Clock {
    /// When the runtime was built: tick 0 of its wheel, time 0 of its events.
    base: Instant,
    course: Cell<Course>,
    /// The reading that the loop took last.
    turn: Cell<Instant>,
    /// The same in whole seconds since `base`: for what wants to know only about when.
    second: Cell<u32>,
}

/// How the clock relates to the system's.
#[derive(Clone, Copy)]
enum Course {
    /// It is the system's.
    System,
    /// It is paused and stands here.
    Paused(Instant),
    /// It was paused and stood at `from`; the system's clock showed `since` when it was let
    /// run again. It goes on from where it stood: a clock that was advanced by an hour and
    /// then took the system's time would go *back* an hour, and every timer set after that
    /// would wait for the hour in which the wheel already is.
    Resumed { from: Instant, since: Instant },
}

impl Clock {
    pub(crate) fn new(paused: bool) -> Clock {
        let base = Instant::now();
        let course = match paused {
            true => Course::Paused(base),
            false => Course::System,
        };
        Clock {
            base,
            course: Cell::new(course),
            turn: Cell::new(base),
            second: Cell::new(0),
        }
    }

    /// What time it is.
    #[inline]
    pub(crate) fn now(&self) -> Instant {
        match self.course.get() {
            Course::System => Instant::now(),
            Course::Paused(now) => now,
            Course::Resumed { from, since } => from + since.elapsed(),
        }
    }

    /// What time it was when the loop last looked.
    #[inline]
    pub(crate) fn turn(&self) -> Instant {
        self.turn.get()
    }

    /// The second of the turn, counted from the moment the clock was made.
    #[inline]
    pub(crate) fn second(&self) -> u32 {
        self.second.get()
    }

    /// Looks at the time once, for this turn of the loop.
    pub(crate) fn start_turn(&self) -> Instant {
        let now = self.now();
        self.turn.set(now);
        let second = now.saturating_duration_since(self.base).as_secs();
        self.second.set(u32::try_from(second).unwrap_or(u32::MAX));
        now
    }

    /// Time since the runtime was built, at the last look.
    pub(crate) fn elapsed(&self) -> Duration {
        self.turn.get().saturating_duration_since(self.base)
    }

    /// Time from when the runtime was built to `instant`.
    pub(crate) fn since_start(&self, instant: Instant) -> Duration {
        instant.saturating_duration_since(self.base)
    }

    /// The last whole millisecond that has passed by `instant`.
    #[inline]
    pub(crate) fn tick_at(&self, instant: Instant) -> u64 {
        millis(instant.saturating_duration_since(self.base))
    }

    /// The first whole millisecond that is not before `instant`: where a deadline goes,
    /// so that a timer may be late by less than a tick but is never early.
    #[inline]
    pub(crate) fn tick_not_before(&self, instant: Instant) -> u64 {
        let since = instant.saturating_duration_since(self.base);
        let part = u64::from(since.subsec_nanos() % 1_000_000 != 0);
        millis(since).saturating_add(part)
    }

    /// The moment at which a tick begins; `None` past the end of the platform's time.
    pub(crate) fn instant_of(&self, tick: u64) -> Option<Instant> {
        self.base.checked_add(Duration::from_millis(tick))
    }

    pub(crate) fn is_paused(&self) -> bool {
        matches!(self.course.get(), Course::Paused(_))
    }

    /// Stops the clock where it is. Returns whether it was running.
    pub(crate) fn pause(&self) -> bool {
        let was_running = !self.is_paused();
        if was_running {
            self.course.set(Course::Paused(self.now()));
            self.start_turn();
        }
        was_running
    }

    /// Lets a paused clock run on, from where it stands. Returns whether it was paused.
    pub(crate) fn resume(&self) -> bool {
        let Course::Paused(from) = self.course.get() else {
            return false;
        };
        let since = Instant::now();
        self.course.set(Course::Resumed { from, since });
        true
    }

    /// Moves a paused clock forwards. Returns false, and does nothing, if it runs, or if
    /// the new moment would lie past the end of the platform's time.
    pub(crate) fn advance(&self, by: Duration) -> bool {
        let Course::Paused(now) = self.course.get() else {
            return false;
        };
        let then = now.checked_add(by);
        if let Some(then) = then {
            self.course.set(Course::Paused(then));
            self.start_turn();
        }
        then.is_some()
    }

    /// Moves a paused clock to `then`, if that lies ahead.
    pub(crate) fn jump_to(&self, then: Instant) {
        self.advance(then.saturating_duration_since(self.now()));
    }
}

/// Whole milliseconds. A `Duration` holds up to 2^64 seconds, so the product saturates.
#[inline]
fn millis(duration: Duration) -> u64 {
    let whole = duration.as_secs().saturating_mul(1000);
    whole.saturating_add(u64::from(duration.subsec_millis()))
}

/// Makes `clock` this thread's clock; returns the previous one. On a thread that has lost its
/// thread-locals there is neither.
pub(crate) fn swap(clock: Option<Rc<Clock>>) -> Option<Rc<Clock>> {
    let swapped = CURRENT.try_with(|current| current.replace(clock));
    swapped.ok().flatten()
}

/// The time by the clock of the runtime that this thread is in, or by the system's.
pub(crate) fn now() -> Instant {
    let by_clock = CURRENT.try_with(|current| current.borrow().as_ref().map(|clock| clock.now()));
    by_clock.ok().flatten().unwrap_or_else(Instant::now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_is_rounded_up_and_the_present_down() {
        let clock = Clock::new(true);
        let at = |nanos| clock.base + Duration::from_nanos(nanos);
        assert_eq!(clock.tick_not_before(at(0)), 0);
        assert_eq!(clock.tick_not_before(at(1)), 1);
        assert_eq!(clock.tick_not_before(at(1_000_000)), 1);
        assert_eq!(clock.tick_not_before(at(1_000_001)), 2);
        assert_eq!(clock.tick_at(at(1_999_999)), 1);
        assert_eq!(millis(Duration::MAX), u64::MAX);
    }

    #[test]
    fn a_paused_clock_moves_only_when_told() {
        let clock = Clock::new(true);
        let start = clock.now();
        assert_eq!(clock.now(), start);
        assert!(clock.advance(Duration::from_millis(5)));
        assert_eq!(clock.now() - start, Duration::from_millis(5));
        assert!(clock.resume() && !clock.resume());
        assert!(!clock.advance(Duration::from_millis(5)));
    }

    #[test]
    fn a_resumed_clock_goes_on_from_where_it_stood() {
        let clock = Clock::new(true);
        let hour = Duration::from_secs(3600);
        clock.advance(hour);
        assert!(clock.resume());
        let resumed = clock.now();
        assert!(resumed >= clock.base + hour);
        assert!(clock.pause());
        assert!(clock.now() >= resumed);
    }
}
