//! What an observer asks of the machine: to stand still, and how it stands.
//!
//! A debugger on another thread holds the loop at the [`gate`]. A [`snapshot`] is the whole machine at
//! one moment: each part shows itself, and here the parts are put side by side. Why tasks wait and how
//! long their polls took, the machine does not know: what is observed completes the snapshot.

pub(crate) mod gate;
pub(crate) mod snapshot;

use std::collections::BTreeMap;
use std::task::Waker;
use std::time::{Duration, Instant};

use crate::machine::turn::Machine;
use crate::trace::{Event, Place, WaitView, emit};
use snapshot::{Doing, InboxView, Snapshot, TaskView};

impl Machine {
    /// A debugger on another thread holds this one here, between two steps.
    #[cold]
    pub(crate) fn stand_at_gate(&self) {
        let since = self.clock.now();
        let has_waited = self.gate.pass();
        emit!(has_waited, self.trace => self.report_held(since));
        emit!(self.trace => self.trace.observer().between_polls());
    }

    #[track_caller]
    fn report_held(&self, since: Instant) {
        let took = self.clock.now().saturating_duration_since(since);
        self.trace
            .record(Event::Held { took }, Place::above_caller());
    }

    /// The state of the machine at this moment.
    pub(crate) fn snapshot(&self) -> Snapshot {
        let mut tasks = self.executor.snapshot();
        self.find_waits(&mut tasks);
        let mut snapshot = Snapshot {
            time: self.clock.since_start(self.clock.now()),
            paused: self.clock.is_paused(),
            observed: false,
            doing: self.doing(),
            queue: self.executor.queued(),
            inbox: InboxView {
                messages: self.inbox().len(),
            },
            budget: 0,
            tasks,
            wheel: self.driver.timers.snapshot(),
            sources: self.driver.reactor.snapshot(),
            shared: BTreeMap::new(),
            stretches: BTreeMap::new(),
        };
        self.observed.complete(&mut snapshot);
        snapshot
    }

    /// The machine does not write down why its tasks wait. But a task that waits for a timer or
    /// a source has left a waker there, and a waker tells whose it is.
    fn find_waits(&self, tasks: &mut BTreeMap<u64, TaskView>) {
        let by_header = self.executor.by_header();
        let mut found = |on, waker: &Waker| {
            let task = by_header.get(&waker.data().addr());
            if let Some(view) = task.and_then(|task| tasks.get_mut(task)) {
                view.waits.push(WaitView { on, at: None });
            }
        };
        self.driver.timers.waits(&mut found);
        self.driver.reactor.waits(&mut found);
    }

    fn doing(&self) -> Doing {
        match self.executor.in_poll() {
            Some(task) => Doing::Polling {
                task,
                since: Duration::ZERO,
                woken: self.executor.queue().running().is_woken(),
            },
            None => self.driver.parked().unwrap_or_default(),
        }
    }
}
