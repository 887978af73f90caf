//! A host's clock on the wall: the time of day as the host believes it to be.
//!
//! Programs measure how long something takes by `Instant`, and tell each other when something was by the time of day. The first
//! never goes back. The second is set, by a person or by a protocol, and is wrong now and then, by little or by much: a lease that
//! another machine has written down ends too early or too late.
//!
//! It is the time at which the program was started, and what has passed since by the clock of its runtime, less what the clock
//! [is behind](crate::sim::Trouble::Behind).

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use super::clock::Clock;
use super::present::{self, During};

/// The simulation begins on 1 January 2026: in seconds since 1970.
pub(crate) const BEGINNING: Duration = Duration::from_secs(1_767_225_600);

thread_local! {
    /// The clock of the host that this thread runs at present.
    static CURRENT: RefCell<Option<Wall>> = const { RefCell::new(None) };
}

/// See the file's heading. Clones are one clock.
#[derive(Clone, Default)]
pub(crate) struct Wall(Rc<Shared>);

#[derive(Default)]
struct Shared {
    started: RefCell<Option<Started>>,
    behind: Cell<Duration>,
}

/// When the program was started, by the time of the simulation, and the clock of its runtime.
struct Started {
    at: Duration,
    clock: Rc<Clock>,
}

impl Wall {
    /// The clock that programs on this thread read from now on.
    pub(crate) fn run(&self) -> During<Wall> {
        present::set(&CURRENT, self.clone())
    }

    /// The program is started at this time of the simulation.
    pub(crate) fn start(&self, at: Duration, clock: Rc<Clock>) {
        self.0.started.replace(Some(Started { at, clock }));
    }

    /// It goes back, or is put right again: `change` says how far it is behind now.
    pub(crate) fn set_behind(&self, change: impl FnOnce(Duration) -> Duration) {
        self.0.behind.set(change(self.0.behind.get()));
    }

    /// The time since 1970, if the program was ever started.
    fn read(&self) -> Option<Duration> {
        let started = self.0.started.borrow();
        let Started { at, clock } = started.as_ref()?;
        let passed = clock.since_start(clock.now());
        Some((BEGINNING + *at + passed).saturating_sub(self.0.behind.get()))
    }
}

/// Whether this thread runs a host of a simulation at present.
pub(crate) fn is_simulated() -> bool {
    present::get(&CURRENT).is_some()
}

/// What the clock of the host says that this thread runs at present, if it runs one.
pub(crate) fn read() -> Option<Duration> {
    present::get(&CURRENT)?.read()
}
