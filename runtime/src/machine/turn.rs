//! The loop.
//!
//! A machine is an executor, which polls tasks, and a driver, which knows when the next one will
//! be ready. Neither knows the other. This file alternates them, one **step** at a time. The four
//! transitions, in the order in which a round makes them:
//!
//! 1. **Take the inbox**: what other threads left there goes on the run queue.
//! 2. **Poll** tasks from the run queue, the one that has waited longest first, until none is
//!    ready. A round polls at most `event_interval` of them, and fewer if they take long
//!    (`turn/round.rs`).
//! 3. **Turn** the reactor: ask it, without waiting, what became ready. The loop skips this when
//!    no task is left to be polled: parking asks the same question, and waits for the answer.
//! 4. **Fire** the timers whose time has come, and begin again.
//!
//! ```text
//!            ┌──────────────────────────────────────────────────────────┐
//!            ▼                                                          │
//!     1 take_inbox ──► 2 poll_one, again and again ──► 3 turn ──► 4 fire┘
//!                          │ no task is ready                      ▲
//!                          ▼                                       │
//!                        rest ──► WouldPark ──► park ──────────────┘
//! ```
//!
//! When no task is ready and the inbox is empty, the thread may **park**. (`Runtime::step` asks the reactor, fires timers
//! and looks at the inbox first; `block_on` leaves that to the park.) `Runtime::step` makes exactly
//! one of these transitions and never blocks; `Runtime::park` blocks and does nothing else;
//! `Runtime::block_on` is a loop of the two ([`Machine::drive`]). There is no second loop, so a
//! program that is stepped does what it does otherwise. `drive` itself only polls, until the next reading of
//! the clock is due. While the loop is watched, `drive` polls nothing itself. Each step then goes through `next_step`,
//! past the gate, and is reported ([`Machine::watch`]).
//!
//! Why no task and no socket starves: a task that yields for ever is polled 61 times at most, and
//! fewer times once a round has lasted half a millisecond; then sockets and timers have their turn.
//! A thread that sends wakes without end fills the inbox, which is taken once a round, and a task
//! is in the run queue once however often it is woken. A thousand sockets or timers that come at
//! once go to the end of the run queue; the next look comes no later for that.
//!
//! Memory that a burst took is given back before the thread parks, when `block_on` returns, and
//! after 1,024 rounds without either. At these moments the loop polls no task.

mod round;

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;

use crate::base::clock::Clock;
use crate::base::instant::Instant;
use crate::base::pool::Pool;
use crate::machine::coop;
use crate::machine::driver::Driver;
use crate::machine::executor::{Executor, Root};
use crate::machine::inbox::Inbox;
use crate::machine::inspect::gate::Gate;
use crate::machine::inspect::snapshot::Complete;
use crate::machine::task::Message;
use crate::trace::{Switch, emit};
use round::{LONG, Round};

/// A machine that never rests gives memory back after so many rounds.
const MANY_ROUNDS: u32 = 1024;

/// All parts of one runtime, as its own thread sees them.
pub(crate) struct Machine {
    pub(crate) executor: Executor,
    pub(crate) driver: Driver,
    pub(crate) position: Position,
    /// Where a debugger on another thread can hold the loop.
    pub(crate) gate: Gate,
    /// What other threads may know of it.
    pub(crate) remote: RemoteHandle,
    pub(crate) clock: Rc<Clock>,
    pub(crate) trace: Rc<Switch>,
    /// What is observed completes a snapshot.
    pub(crate) observed: Rc<dyn Complete>,
    /// The random generator's state while the thread is in another runtime.
    pub(crate) rng: Cell<u64>,
    pub(crate) io_enabled: bool,
    pub(crate) time_enabled: bool,
}

/// A runtime as other threads reach it: what a handle holds.
#[derive(Clone)]
pub(crate) struct RemoteHandle {
    /// Brings wakes, futures and ends of jobs to the runtime's own thread.
    pub(crate) inbox: Arc<Inbox<Message>>,
    /// Its threads for work that blocks.
    pub(crate) pool: Pool,
}

/// Where the loop stands between two steps.
pub(crate) struct Position {
    phase: Cell<Phase>,
    /// The polls that may still be made before the loop looks at the driver.
    round: Round,
    /// How many polls a round has at most.
    event_interval: u32,
    /// Rounds since memory was given back.
    rounds: Cell<u32>,
}

/// Which transition [`Runtime::step`](crate::runtime::Runtime::step) made.
///
/// ```
/// use runtime::runtime::{Runtime, Step};
///
/// let runtime = Runtime::new()?;
/// assert_eq!(runtime.step(), Step::WouldPark { until: None });
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Step {
    /// The inbox was emptied on to the run queue.
    TookInbox {
        /// How many wakes lay in it.
        wakes: usize,
        /// How many futures to be spawned lay in it.
        spawns: usize,
        /// How many results of jobs on the blocking pool were announced in it.
        jobs: usize,
    },
    /// A task was polled.
    Polled {
        /// Its number.
        task: u64,
        /// Whether it has ended.
        ready: bool,
    },
    /// The reactor was asked, and had something to tell.
    Turned {
        /// How many events.
        events: usize,
    },
    /// Timers fired.
    Fired {
        /// How many.
        timers: usize,
    },
    /// There is nothing to do.
    WouldPark {
        /// When there will be at the latest: the loop wants to look at its timers then.
        /// With a paused clock, the next deadline.
        until: Option<Instant>,
    },
}

/// Which transition comes when the round has no polls left. (There is no phase for polling: the
/// loop is in it for as long as polls are left.)
#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Inbox,
    Turn,
    Fire,
    /// No task was ready: is there anything else?
    Rest,
}

impl Position {
    /// At the beginning of a round of at most `event_interval` polls.
    pub(crate) fn new(event_interval: u32) -> Position {
        Position {
            phase: Cell::new(Phase::Inbox),
            round: Round::default(),
            event_interval,
            rounds: Cell::new(0),
        }
    }
}

impl Machine {
    /// The loop: step, and park when there is nothing to step, until the task of this number has ended. (The
    /// *root* is the future that `block_on` was given.)
    pub(crate) fn drive(&self, root: &mut Option<Root<'_>>, task: u64) {
        loop {
            while self.position.round.take_poll() {
                match self.executor.poll_next::<false>(root) {
                    Some((polled, true)) if polled == task => return,
                    Some(_) => {}
                    None => self.rest_next(),
                }
            }
            match self.next_step(root) {
                Step::Polled {
                    task: polled,
                    ready: true,
                } if polled == task => return,
                Step::WouldPark { until } => self.park_until(until, root),
                _ => {}
            }
        }
    }

    /// The next step, where to poll is not all there is to do: the round has no polls left without a look at
    /// the clock, no task is ready, or the loop is watched (observed, or it may be held at the gate).
    #[inline(never)]
    fn next_step(&self, root: &mut Option<Root<'_>>) -> Step {
        if self.trace.is_watched() {
            self.executor.report_unreported_end();
            if self.gate.is_held() {
                self.stand_at_gate();
                self.ignore_time();
                // Time has passed while it was held. What has come meanwhile is heard before timers fire.
                if !self.gate.is_held() && self.position.phase.get() == Phase::Fire {
                    self.position.phase.set(Phase::Turn);
                }
            }
        }
        self.transition(root, false)
    }

    /// The next transition that changes anything. `thorough`: before it says that there is nothing to do,
    /// it asks the reactor; without, parking asks.
    pub(crate) fn transition(&self, root: &mut Option<Root<'_>>, thorough: bool) -> Step {
        let mut asked = !thorough;
        loop {
            if let Some(step) = self.poll_one(root) {
                return step;
            }
            let step = match self.position.phase.get() {
                Phase::Inbox => self.take_inbox(),
                Phase::Turn => self.turn(&mut asked),
                Phase::Fire => self.fire(),
                Phase::Rest => self.rest(asked),
            };
            if let Some(step) = step {
                return step;
            }
        }
    }

    fn take_inbox(&self) -> Option<Step> {
        self.position.round.begin(self.position.event_interval);
        self.count_round();
        emit!(self.trace => self.trace.observer().between_polls());
        self.position.phase.set(Phase::Turn);
        if !self.inbox().may_have_messages() {
            return None;
        }
        let (wakes, spawns, jobs) = coop::unconstrained(|| self.executor.take_inbox());
        Some(Step::TookInbox {
            wakes,
            spawns,
            jobs,
        })
    }

    /// Polls a task, if this round may poll one more and one is ready.
    fn poll_one(&self, root: &mut Option<Root<'_>>) -> Option<Step> {
        let clock = &self.clock;
        let is_long = || clock.now().saturating_duration_since(clock.turn()) >= LONG;
        if !self.position.round.ask_for_poll(is_long) {
            return None;
        }
        let polled = self.executor.poll_next::<true>(root);
        if polled.is_none() {
            self.rest_next();
        }
        polled.map(|(task, ready)| Step::Polled { task, ready })
    }

    /// No task is ready.
    fn rest_next(&self) {
        self.position.round.end();
        self.position.phase.set(Phase::Rest);
    }

    fn turn(&self, asked: &mut bool) -> Option<Step> {
        *asked = true;
        self.position.phase.set(Phase::Fire);
        if self.driver.reactor.is_empty() {
            return None;
        }
        let events = coop::unconstrained(|| self.driver.turn());
        (events > 0).then_some(Step::Turned { events })
    }

    fn fire(&self) -> Option<Step> {
        self.position.phase.set(Phase::Inbox);
        let timers = coop::unconstrained(|| self.driver.fire());
        (timers > 0).then_some(Step::Fired { timers })
    }

    /// No task is ready. If there is nothing else either, the thread may park.
    fn rest(&self, asked: bool) -> Option<Step> {
        if !asked {
            self.position.phase.set(Phase::Turn);
            return None;
        }
        self.position.phase.set(Phase::Inbox);
        if !self.executor.queue().is_empty() || self.inbox().may_have_messages() {
            return None;
        }
        self.give_back();
        let until = self.driver.timers.next().map(Instant::from_std);
        Some(Step::WouldPark { until })
    }

    pub(crate) fn park_until(&self, until: Option<Instant>, root: &Option<Root<'_>>) {
        let in_flight = !self.executor.jobs().is_empty() || self.remote.pool.has_remote();
        let until = until.map(Instant::into_std);
        emit!(self.trace => self.executor.report_all_stranded(root.as_ref().map(|root| root.header)));
        coop::unconstrained(|| self.driver.park(until, in_flight));
        self.position.phase.set(Phase::Fire);
    }

    /// A round of the loop begins.
    #[inline]
    fn count_round(&self) {
        let rounds = self.position.rounds.get() + 1;
        self.position.rounds.set(rounds);
        if rounds == MANY_ROUNDS {
            self.give_back();
        }
    }

    /// Gives back what a burst took: see `base/room.rs`.
    #[inline(never)]
    pub(crate) fn give_back(&self) {
        self.position.rounds.set(0);
        self.executor.give_back();
        self.driver.give_back();
        emit!(self.trace => self.trace.observer().give_back());
    }

    /// The loop goes step by step from now on, or need not any more.
    pub(crate) fn watch(&self, watched: bool) {
        self.position.round.watch(watched);
        self.executor.watch(watched);
        self.driver.timers.watch(watched);
    }

    /// A person steps the loop, or holds it: how long this round lasts does not matter.
    pub(crate) fn ignore_time(&self) {
        self.position.round.ignore_time();
    }

    /// Has the loop look at the driver before it polls another task.
    pub(crate) fn look_at_driver_soon(&self) {
        self.position.round.end();
    }

    pub(crate) fn inbox(&self) -> &Arc<Inbox<Message>> {
        &self.remote.inbox
    }
}
