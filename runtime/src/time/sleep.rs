//! `sleep`: the future that waits in the wheel.
//!
//! Where does a sleeping task live? Where every task lies that waits (`run_queue.rs`); only its
//! *waker* lies in the wheel, in the slot of its deadline. When the wheel comes to that slot
//! the waker is called, the task goes on the run queue, and its next poll finds the timer
//! fired.
//!
//! A sleep does nothing until it is first polled. From then on it owns one entry of the
//! wheel, and gives it back when it is done or dropped, whichever comes first.
//!
//! How it can go wrong: a sleep is dropped (its `select!` was lost) and its entry stays in the
//! wheel. A program that makes a million timeouts and needs none would hold a million entries. So
//! the drop takes the entry out at once.

use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use super::Instant;
use crate::base::clock::Clock;
use crate::base::moment::Moment;
use crate::machine::context;
use crate::machine::coop;
use crate::machine::timers::Timers;
use crate::machine::timers::wheel::TimerKey;

/// Waits until `duration` has passed.
///
/// It never ends early. It ends within the millisecond after its time if the thread is free
/// then. Zero ends at once. A duration that the platform cannot add to the present waits for
/// thirty years.
///
/// # Cancel safety
///
/// Dropping it takes its timer out of the wheel, and nothing is lost. But a sleep that is made anew begins
/// anew: in a loop around [`select!`](crate::select), make it before the loop and pass `&mut sleep`.
///
/// # Panics
///
/// If there is no runtime on this thread, or it was built without
/// [`enable_time`](crate::runtime::Builder::enable_time).
///
/// ```
/// # #[runtime::main(start_paused = true)] async fn main() {
/// use runtime::time::{Duration, sleep};
///
/// sleep(Duration::from_millis(100)).await;
/// # }
/// ```
#[track_caller]
pub fn sleep(duration: Duration) -> Sleep {
    let mut sleep = Sleep::new(Location::caller(), |clock| {
        let deadline = clock.after(duration);
        deadline.unwrap_or_else(|| clock.moment(Instant::after(duration).into_std()))
    });
    if duration.is_zero() {
        sleep.state = State::Done;
    }
    sleep
}

/// Waits until `deadline`; ends at once if it has passed.
///
/// Cancel safety and panics are those of [`sleep`].
///
/// ```
/// # #[runtime::main(start_paused = true)] async fn main() {
/// use runtime::time::{Duration, Instant, sleep_until};
///
/// sleep_until(Instant::now() + Duration::from_millis(100)).await;
/// # }
/// ```
#[track_caller]
pub fn sleep_until(deadline: Instant) -> Sleep {
    Sleep::new(Location::caller(), |clock| {
        clock.moment(deadline.into_std())
    })
}

/// The future that [`sleep`] and [`sleep_until`] return.
///
/// Polled again after its end, it is ready again, until it is [reset](Sleep::reset).
///
/// Unlike Tokio's it need not be pinned to be polled (its entry in the wheel is found by
/// number, not by address); code that pins it works all the same.
#[must_use = "a future does nothing unless it is polled: await it"]
pub struct Sleep {
    /// By the clock of `timers`.
    deadline: Moment,
    state: State,
    timers: Rc<Timers>,
    /// The line that made it.
    at: &'static Location<'static>,
}

enum State {
    /// Not polled yet, or reset after its end.
    Idle,
    /// In the wheel.
    Waiting(TimerKey),
    Done,
}

impl Sleep {
    #[inline]
    #[track_caller]
    fn new(at: &'static Location<'static>, deadline: impl FnOnce(&Clock) -> Moment) -> Sleep {
        let timers = context::timers();
        Sleep {
            deadline: deadline(timers.clock()),
            state: State::Idle,
            timers,
            at,
        }
    }

    /// When it ends.
    pub fn deadline(&self) -> Instant {
        Instant::from_std(self.timers.clock().instant(self.deadline))
    }

    /// Whether its time has come, as far as it has been polled or the wheel has fired.
    pub fn is_elapsed(&self) -> bool {
        match self.state {
            State::Idle => false,
            State::Waiting(key) => self.timers.is_fired(key),
            State::Done => true,
        }
    }

    /// Sets another deadline, whether or not the old one has passed. The task that waits
    /// is woken at the new one; nothing is allocated, and the wheel does not move.
    ///
    /// ```
    /// # #[runtime::main(start_paused = true)] async fn main() {
    /// use runtime::time::{Duration, Instant, sleep};
    ///
    /// let start = Instant::now();
    /// let mut nap = std::pin::pin!(sleep(Duration::from_secs(60)));
    /// nap.as_mut().reset(start + Duration::from_secs(1));
    /// nap.await;
    /// assert_eq!(start.elapsed(), Duration::from_secs(1));
    /// # }
    /// ```
    pub fn reset(self: Pin<&mut Self>, deadline: Instant) {
        let this = self.get_mut();
        this.deadline = this.timers.clock().moment(deadline.into_std());
        match this.state {
            State::Idle => {}
            // A timer that has fired has no waker any more: it is set anew when polled.
            State::Waiting(key) if this.timers.is_fired(key) => this.leave(),
            State::Waiting(key) => this.timers.reset(key, this.deadline),
            State::Done => this.state = State::Idle,
        }
    }

    /// Gives the entry of the wheel back, if there is one.
    #[inline(always)]
    fn leave(&mut self) {
        if let State::Waiting(key) = self.state {
            self.timers.remove(key);
        }
        self.state = State::Idle;
    }

    /// Puts the timer into the wheel, unless its time has come already.
    fn set(&mut self, cx: &Context<'_>) -> Poll<()> {
        // The turn's time will do: if it says no, the wheel will say yes soon enough.
        if self.is_past() {
            self.state = State::Done;
            return Poll::Ready(());
        }
        let key = self.timers.set(self.deadline, cx, self.at);
        self.state = State::Waiting(key);
        Poll::Pending
    }

    /// Whether its time has come, though the wheel has not turned that far: it was reset to a
    /// moment that lies behind. (Its entry stays till then, to wake a task that does not poll.)
    fn is_past(&self) -> bool {
        self.timers.clock().is_past(self.deadline)
    }

    fn poll_timer(&mut self, cx: &Context<'_>) -> Poll<()> {
        match self.state {
            State::Idle => self.set(cx),
            State::Waiting(key) => {
                if !self.timers.is_fired(key) && !self.is_past() {
                    ready!(self.timers.keep_waker(key, cx, self.at));
                }
                self.timers.remove(key);
                self.state = State::Done;
                Poll::Ready(())
            }
            State::Done => Poll::Ready(()),
        }
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let budget = ready!(coop::poll_proceed(cx));
        ready!(self.get_mut().poll_timer(cx));
        budget.made_progress();
        Poll::Ready(())
    }
}

impl Drop for Sleep {
    #[inline(always)]
    fn drop(&mut self) {
        self.leave();
    }
}

impl fmt::Debug for Sleep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sleep")
            .field("deadline", &self.deadline())
            .field("is_elapsed", &self.is_elapsed())
            .finish()
    }
}

// Twelve bytes of deadline and twelve of state lie side by side: a boxed sleep takes 48 bytes of the
// allocator's.
const _: () = assert!(size_of::<Sleep>() == 40);
