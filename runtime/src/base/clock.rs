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

use super::moment::Moment;

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
    /// The same in nanoseconds since `base`: what deadlines are compared with.
    turn_nanos: Cell<u64>,
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
            turn_nanos: Cell::new(0),
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
        let since = now.saturating_duration_since(self.base);
        self.turn_nanos.set(nanos(since).unwrap_or(u64::MAX));
        self.second
            .set(u32::try_from(since.as_secs()).unwrap_or(u32::MAX));
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

    /// The tick of the turn's time.
    #[inline]
    pub(crate) fn turn_tick(&self) -> u64 {
        match self.turn_nanos.get() {
            u64::MAX => self.tick_at(self.turn()),
            nanos => nanos / NANOS_A_TICK,
        }
    }

    /// The last whole millisecond that has passed by `instant`.
    #[inline]
    pub(crate) fn tick_at(&self, instant: Instant) -> u64 {
        millis(instant.saturating_duration_since(self.base))
    }

    /// The same moment, as timers keep it.
    #[inline]
    pub(crate) fn moment(&self, instant: Instant) -> Moment {
        let since = instant.checked_duration_since(self.base);
        match since.and_then(nanos) {
            Some(nanos) => Moment::near(nanos),
            None => self.far_moment(instant),
        }
    }

    #[cold]
    fn far_moment(&self, instant: Instant) -> Moment {
        let whole = |duration: Duration| duration.as_nanos() as i128;
        let since = instant.checked_duration_since(self.base).map(whole);
        Moment::of(since.unwrap_or_else(|| -whole(self.base.duration_since(instant))))
    }

    /// The way back from [`moment`](Clock::moment).
    pub(crate) fn instant(&self, moment: Moment) -> Instant {
        let nanos = moment.all_nanos();
        let second = u128::from(NANOS_A_SECOND);
        let (whole, rest) = (nanos.unsigned_abs() / second, nanos.unsigned_abs() % second);
        let away = Duration::new(whole as u64, rest as u32);
        match nanos < 0 {
            true => self.base - away,
            false => self.base + away,
        }
    }

    /// The moment `duration` from now; `None` if it is beyond 584 years.
    #[inline]
    pub(crate) fn after(&self, duration: Duration) -> Option<Moment> {
        let now = nanos(self.now().saturating_duration_since(self.base))?;
        nanos(duration)?.checked_add(now).map(Moment::near)
    }

    /// Whether the moment has come by the turn's time.
    #[inline]
    pub(crate) fn is_past(&self, moment: Moment) -> bool {
        match moment.nanos() {
            Some(nanos) => nanos <= self.turn_nanos.get(),
            None => self.instant(moment) <= self.turn.get(),
        }
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

    /// A clock that runs shows a time that is later by this, from now on.
    #[cfg(feature = "sim")]
    pub(crate) fn jump_by(&self, by: Duration) {
        let then = self.now().checked_add(by);
        if let Some(from) = then {
            let since = Instant::now();
            self.course.set(Course::Resumed { from, since });
        }
    }

    /// Moves a paused clock to `then`, if that lies ahead.
    pub(crate) fn jump_to(&self, then: Instant) {
        self.advance(then.saturating_duration_since(self.now()));
    }
}

const NANOS_A_SECOND: u64 = 1_000_000_000;

/// A tick of the wheel is a millisecond.
pub(crate) const NANOS_A_TICK: u64 = 1_000_000;

/// All nanoseconds, if they are not more than 584 years.
#[inline]
fn nanos(duration: Duration) -> Option<u64> {
    let whole = duration.as_secs().checked_mul(NANOS_A_SECOND)?;
    whole.checked_add(u64::from(duration.subsec_nanos()))
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
    fn the_present_is_rounded_down() {
        let clock = Clock::new(true);
        let at = |nanos| clock.base + Duration::from_nanos(nanos);
        assert_eq!(clock.tick_at(at(1_999_999)), 1);
        assert_eq!(millis(Duration::MAX), u64::MAX);
    }

    #[test]
    fn a_moment_before_the_start_or_after_the_last_tick_is_kept_exactly() {
        let clock = Clock::new(true);
        let second = Duration::from_secs(1);
        let year = 31_557_600;
        let after = |years| clock.base + Duration::new(years * year, 7);
        for instant in [
            clock.base - second,
            clock.base + second,
            after(500),
            after(600),
            after(600_000_000),
        ] {
            let moment = clock.moment(instant);
            assert_eq!(clock.instant(moment), instant);
            assert_eq!(clock.is_past(moment), instant <= clock.base);
        }
        assert!(clock.after(Duration::from_secs(600 * year)).is_none());
        clock.jump_to(after(600));
        assert!(clock.is_past(clock.moment(after(600))) && clock.is_past(clock.moment(after(500))));
        let later = after(600) + Duration::from_nanos(1);
        assert!(!clock.is_past(clock.moment(later)));
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
