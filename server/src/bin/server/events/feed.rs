//! The ticks: the last few of them. Nothing is queued for a subscriber: all of them read from this history.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use runtime::sync::watch;

/// How many ticks are kept: those of the last five minutes.
pub(super) const HISTORY: usize = 300;

/// A tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tick {
    pub(super) number: u64,
    /// Milliseconds since 1970.
    pub(super) at: u64,
}

/// All ticks of this run of the program.
pub(super) struct Feed {
    /// Tells this run from others: a client may come back after a restart, when the numbers begin anew.
    run: u64,
    history: RefCell<VecDeque<Tick>>,
    pub(super) newest: watch::Sender<u64>,
    pub(super) subscribers: Cell<usize>,
    /// A task adds ticks.
    pub(super) is_ticking: Cell<bool>,
    pub(super) sent: Cell<u64>,
    pub(super) gaps: Cell<u64>,
}

impl Feed {
    pub(super) fn new(run: u64) -> Rc<Self> {
        Rc::new(Feed {
            run,
            history: RefCell::default(),
            newest: watch::channel(0).0,
            subscribers: Cell::new(0),
            is_ticking: Cell::new(false),
            sent: Cell::new(0),
            gaps: Cell::new(0),
        })
    }

    /// The next tick has come, at this time.
    pub(super) fn tick(&self, at: u64) {
        let number = *self.newest.borrow() + 1;
        {
            let mut history = self.history.borrow_mut();
            history.push_back(Tick { number, at });
            if history.len() > HISTORY {
                history.pop_front();
            }
        }
        self.newest.send_replace(number);
    }

    /// The id of a tick, from which a client can go on.
    pub(super) fn id(&self, number: u64) -> String {
        format!("{}-{number}", self.run)
    }

    /// The number in an id of this run.
    pub(super) fn number(&self, id: &str) -> Option<u64> {
        let (run, number) = id.split_once('-')?;
        let is_ours = run.parse() == Ok(self.run);
        number.parse().ok().filter(|_| is_ours)
    }

    /// The tick of this number; the oldest one, if that has been forgotten. `None`: it is yet to come.
    pub(super) fn at_or_behind(&self, number: u64) -> Option<Tick> {
        let history = self.history.borrow();
        let oldest = history.front()?.number;
        let at = number.saturating_sub(oldest);
        history.get(usize::try_from(at).ok()?).copied()
    }
}
