//! A clock that a test controls: pause it, move it, let it go on.
//!
//! With a paused clock a test of an hour's timeout takes no time at all and gives the same
//! answer each time it is run. The clock stands still while any task is ready to run; when
//! none is, the runtime moves it to the next deadline by itself. So `sleep(1 h)` under a
//! paused clock returns at once, and the clock shows an hour later.
//!
//! How it can go wrong: a test waits for something that has no deadline here, a socket for
//! instance. The clock jumps meanwhile, and a timeout around the wait runs out at once.

use std::time::Duration;

use crate::base::simulated::is_simulated;
use crate::machine::context;
use crate::task::yield_now;
use crate::trace::{Event, emit};

const NO_ADVANCE: &str = "advance: the clock is not paused, or cannot go that far";

const HOSTS_CLOCK: &str = "resume: the clock of a simulated host is the simulation's, and stays paused; \
                           time::advance moves it";

/// Stops the clock of this runtime.
///
/// # Panics
///
/// If the clock is paused already, or there is no runtime on this thread.
///
/// ```
/// # #[runtime::main] async fn main() {
/// use runtime::time::{Duration, Instant, pause, sleep};
///
/// pause();
/// let start = Instant::now();
/// sleep(Duration::from_secs(3600)).await; // takes no time
/// assert_eq!(start.elapsed().as_secs(), 3600);
/// # }
/// ```
#[track_caller]
pub fn pause() {
    let machine = context::machine();
    assert!(machine.clock.pause(), "pause: the clock is paused already");
    emit!(machine.trace, Event::ClockPaused);
}

/// Lets the clock run again, from where it stands.
///
/// It never goes back: after an [`advance`] it stays ahead of the system's clock, and so do
/// the moments that [`Instant::into_std`](super::Instant::into_std) gives.
///
/// # Panics
///
/// If the clock is not paused, or there is no runtime on this thread; in a host of a [simulation](crate::sim), whose
/// clock is the simulation's.
#[track_caller]
pub fn resume() {
    let machine = context::machine();
    assert!(!is_simulated(), "{HOSTS_CLOCK}");
    assert!(machine.clock.resume(), "resume: the clock is not paused");
    emit!(machine.trace, Event::ClockResumed);
}

/// Moves a paused clock, and lets the tasks run whose timers are due then.
///
/// All that become due fire together; to see them one by one, advance in smaller steps.
///
/// # Panics
///
/// If the clock is not paused, if there is no runtime on this thread, or if the new time
/// would lie past what the platform can express.
///
/// ```
/// # #[runtime::main(start_paused = true)] async fn main() {
/// use runtime::time::{Duration, Instant, advance};
///
/// let start = Instant::now();
/// advance(Duration::from_millis(1)).await;
/// assert_eq!(start.elapsed(), Duration::from_millis(1));
/// # }
/// ```
pub async fn advance(duration: Duration) {
    {
        let machine = context::machine();
        assert!(machine.clock.advance(duration), "{NO_ADVANCE}");
        emit!(
            machine.trace,
            Event::ClockAdvanced {
                to: machine.clock.elapsed()
            }
        );
        machine.look_at_driver_soon();
    }
    // Once for the timers to fire, once more for those whom they woke.
    yield_now().await;
    yield_now().await;
}
