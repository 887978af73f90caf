//! The whole machine, as an observer sees it.
//!
//! Each part shows itself; here the parts are put side by side.

use crate::context::Machine;
use crate::trace::{Doing, InboxView, Present, Snapshot};

/// The state of the machine at this moment.
pub(super) fn snapshot(machine: &Machine) -> Snapshot {
    let wheel = machine.driver.timers.view();
    let present = machine.trace.present();
    let clock = &machine.clock;
    Snapshot {
        time: clock.since_start(clock.now()),
        paused: clock.is_paused(),
        doing: doing(machine, &present),
        queue: machine.executor.queued(),
        inbox: InboxView {
            messages: machine.inbox().len(),
        },
        budget: present.budget(),
        tasks: machine.executor.views(&present),
        wheel,
        sources: machine.driver.reactor.views(),
    }
}

fn doing(machine: &Machine, present: &Present) -> Doing {
    match machine.executor.queue().polling() {
        Some(task) => Doing::Polling {
            task,
            since: present.began(),
            woken: machine.executor.queued().contains(&task),
        },
        None => Doing::Bookkeeping,
    }
}
