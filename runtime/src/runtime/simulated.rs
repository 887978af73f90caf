//! What a simulation asks of the runtime of a host.

use std::future::Future;
use std::panic::Location;
use std::rc::Rc;
use std::time::Duration;

use super::Runtime;
use crate::base::clock::Clock;
use crate::machine::reactor::News;
use crate::machine::task::JoinHandle;
use crate::time::Instant;

impl Runtime {
    /// Spawns the program of a host, which is of the line `at`.
    pub(crate) fn spawn_at<F>(
        &self,
        program: F,
        at: &'static Location<'static>,
    ) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        self.machine.executor.spawn(program, at)
    }

    /// The network has this to tell; the next turn of the reactor notes it.
    pub(crate) fn tell(&self, news: Vec<News>) {
        self.machine.driver.reactor.tell(news);
    }

    /// The time from the runtime's beginning to `until`, by its paused clock.
    pub(crate) fn since_start(&self, until: Instant) -> Duration {
        self.machine.clock.since_start(until.into_std())
    }

    /// Its clock.
    pub(crate) fn clock(&self) -> Rc<Clock> {
        Rc::clone(&self.machine.clock)
    }

    /// The time since the runtime's beginning, by its paused clock.
    pub(crate) fn elapsed(&self) -> Duration {
        self.machine.clock.since_start(self.machine.clock.now())
    }

    /// Moves the paused clock to this time after the runtime's beginning, if that lies ahead.
    pub(crate) fn move_clock(&self, to: Duration) {
        let clock = &self.machine.clock;
        clock.start_turn();
        if let Some(ahead) = to
            .checked_sub(clock.elapsed())
            .filter(|ahead| !ahead.is_zero())
        {
            self.machine.driver.move_clock(clock.turn() + ahead);
        }
    }

    /// How many jobs will report: those of other threads, and those of a simulated disk.
    pub(crate) fn jobs(&self) -> usize {
        self.machine.executor.jobs().len()
    }
}
