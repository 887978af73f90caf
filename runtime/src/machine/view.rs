//! The whole machine, as an observer sees it.
//!
//! Each part shows itself; here the parts are put side by side.

use std::collections::BTreeMap;
use std::task::Waker;
use std::time::Duration;

use crate::machine::turn::Machine;
use crate::trace::{Doing, InboxView, Present, Snapshot, TaskView, WaitView};

/// The state of the machine at this moment.
pub(crate) fn snapshot(machine: &Machine) -> Snapshot {
    let wheel = machine.driver.timers.view();
    let present = machine.trace.present();
    let clock = &machine.clock;
    let mut tasks = machine.executor.views(&present);
    if !machine.trace.is_on() {
        find_waits(machine, &mut tasks);
    }
    Snapshot {
        time: clock.since_start(clock.now()),
        paused: clock.is_paused(),
        doing: doing(machine, &present),
        queue: machine.executor.queued(),
        inbox: InboxView {
            messages: machine.inbox().len(),
        },
        budget: present.budget(),
        tasks,
        wheel,
        sources: machine.driver.reactor.views(),
    }
}

/// Without an observer it is not written down why the tasks wait. But a task that waits for a timer or
/// a source has left a waker there, and a waker tells whose it is.
fn find_waits(machine: &Machine, tasks: &mut BTreeMap<u64, TaskView>) {
    let by_header = machine.executor.by_header();
    let mut found = |on, waker: &Waker| {
        let task = by_header.get(&waker.data().addr());
        if let Some(view) = task.and_then(|task| tasks.get_mut(task)) {
            view.waits.push(WaitView { on, at: None });
        }
    };
    machine.driver.timers.waits(&mut found);
    machine.driver.reactor.waits(&mut found);
}

fn doing(machine: &Machine, present: &Present) -> Doing {
    match machine.executor.in_poll() {
        Some(task) => Doing::Polling {
            task,
            since: present
                .began()
                .map_or(Duration::ZERO, |began| machine.clock.since_start(began)),
            woken: machine.executor.queue().running().is_woken(),
        },
        None => machine.driver.parked().unwrap_or_default(),
    }
}
