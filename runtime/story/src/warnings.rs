//! Sentences for warnings: a poll that is too long, timers that never fire, a task that none can wake.

use runtime::trace::{Event, Snapshot};

use crate::place;
use crate::words::{task, time, upper};

pub(crate) fn of_warnings(event: &Event, states: [&Snapshot; 2]) -> Option<String> {
    Some(match event {
        Event::Stranded { task: it } => format!(
            "{} is stranded: it waits, but no waker of it is left anywhere. Nothing can ever wake \
             it again.",
            upper(&task(*it, states))
        ),
        Event::LongPoll {
            task: it,
            took,
            cpu,
            ..
        } => format!(
            "A warning: {} has held the thread for {}. No other task could run meanwhile.{}",
            task(*it, states),
            time(*took),
            cpu.map_or(String::new(), computed)
        ),
        Event::TimersDropped { at, times } => format!(
            "A warning: {times} timers in a row, all made at {}, were dropped before they fired.",
            place::name(*at)
        ),
        Event::BudgetSpent { task: it } => format!(
            "{} could go on, but has spent its budget of 128 units. So it goes to the back of \
             the queue, and the others have a turn.",
            upper(&task(*it, states))
        ),
        _ => return None,
    })
}

/// What a long poll did, from the part of its time in which it computed: in percent.
fn computed(cpu: u8) -> String {
    let held_up = "it was held up: by a call that blocks, or because other threads had the cores";
    match cpu {
        90.. => " It computed.".to_owned(),
        50.. => format!(" It computed in {cpu} % of that time."),
        _ => format!(" It computed in {cpu} % of that time. In the rest {held_up}."),
    }
}
