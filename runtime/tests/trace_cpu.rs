//! A long poll that computes, and one that a call has blocked.

#![cfg(all(feature = "trace", unix))]

use std::thread;
use std::time::Duration;

use runtime::runtime::Builder;
use runtime::trace::Event;
use rustix::time::{ClockId, clock_gettime};

/// So long a poll is in a test: much longer than what the count may be wrong by.
const LONG: Duration = Duration::from_millis(40);

/// In what part of the poll in which `work` ran, in percent, the thread computed; and how long it took.
fn long_poll(work: impl FnOnce() + 'static) -> (Option<u8>, Duration) {
    let mut builder = Builder::new_current_thread();
    let runtime = builder.warn_long_poll(LONG / 2).build().unwrap();
    runtime.trace().start(1000);
    let task = runtime.spawn(async { work() });
    runtime.block_on(task).unwrap();
    let told = runtime.trace().take().into_iter();
    let mut told = told.filter_map(|record| match record.event {
        Event::LongPoll {
            task: 1, took, cpu, ..
        } => Some((cpu, took)),
        _ => None,
    });
    told.next().unwrap()
}

fn thread_time() -> Duration {
    clock_gettime(ClockId::ThreadCPUTime).try_into().unwrap()
}

#[test]
fn a_poll_that_sleeps_in_a_system_call_has_not_computed() {
    let (cpu, _) = long_poll(|| thread::sleep(LONG));
    assert!(cpu.unwrap() < 50, "{cpu:?}");
}

#[test]
fn a_poll_that_computes_has_computed_however_busy_the_machine_is() {
    let (cpu, took) = long_poll(|| {
        let end = thread_time() + LONG;
        while thread_time() < end {
            std::hint::spin_loop();
        }
    });
    // Other threads may have had the core in between: then it took longer.
    let computed = took * cpu.unwrap().into() / 100;
    assert!(computed >= LONG * 9 / 10, "{cpu:?} of {took:?}");
}

#[test]
fn nothing_is_said_of_a_poll_that_only_a_paused_clock_makes_long() {
    let mut builder = Builder::new_current_thread();
    builder.enable_all().start_paused(true);
    let runtime = builder.build().unwrap();
    runtime.trace().start(1000);
    runtime.block_on(runtime::time::advance(Duration::from_secs(1)));
    let records = runtime.trace().take();
    let unknown = |event: &Event| matches!(event, Event::LongPoll { cpu: None, .. });
    assert!(records.iter().any(|record| unknown(&record.event)));
}
