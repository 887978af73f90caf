//! The check of stage 3: `block_on`.

use super::work::block_on;
use lab::account::note;
use lab::examiner::{Case, Check, expect};
use lab::probe::{Probe, times};
use lab::thread::{self, Step};

const LOST: &str = "The future's waker was called, and your block_on did not poll it again. The waker that the poll \
                    is given must be made of the very Signal that `wait` waits for.";

pub const CHECK: Check = Check {
    title: "block_on, for one future",
    stops: "stop 2",
    cases: &[
        Case {
            name: "a future that is ready at once",
            run: at_once,
            hangs: "The future is ready at once, and your thread parks. Poll first: only if the future is pending \
                    there is something to wait for.",
        },
        Case {
            name: "a future that is woken while the thread is parked",
            run: while_parked,
            hangs: LOST,
        },
        Case {
            name: "a future that is woken in its own poll",
            run: in_its_poll,
            hangs: "The future called its waker in its own poll, before your thread parked. That wake was lost.",
        },
        Case {
            name: "the thread sleeps while the future waits, and does not poll in vain",
            run: sleeps,
            hangs: LOST,
        },
    ],
};

/// Another thread calls the waker of this future, so that it is ready then or not.
fn wakes(probe: &Probe, is_ready: bool) -> Step {
    let probe = probe.clone();
    Step::run(move || match is_ready {
        true => probe.finish(),
        false => probe.wake(),
    })
}

fn at_once() {
    thread::play([]);
    let text = "woven".to_owned();
    // It borrows from its caller: block_on takes any future, as the future does not outlive the call.
    let output = block_on(async { text.as_str() });
    expect(
        output == "woven",
        "block_on gave something else than the future's output.",
    );
    expect(
        thread::parks() == 0,
        "The future was ready in its first poll, and the thread has parked all the same.",
    );
}

fn while_parked() {
    let probe = Probe::new("a future");
    thread::play([wakes(&probe, true)]);
    block_on(probe.future());
    probe.expect_polls(
        2,
        "One poll finds that it has to wait, and one comes after the wake.",
    );
}

fn in_its_poll() {
    thread::play([]);
    let probe = Probe::ready_in("a future", 3);
    block_on(probe.future());
    probe.expect_polls(3, "It wakes itself twice, and is ready in its third poll.");
}

fn sleeps() {
    let probe = Probe::new("a future");
    let steps = [
        wakes(&probe, false),
        Step::Spurious,
        wakes(&probe, false),
        wakes(&probe, true),
    ];
    thread::play(steps);
    block_on(probe.future());
    expect(
        probe.is_ready(),
        "block_on has returned before the future was ready.",
    );
    let (polls, parks) = (probe.polls(), thread::parks());
    note(format!(
        "check: it was polled {}, and the thread was parked {}",
        times(polls),
        times(parks)
    ));
    expect(
        polls == 4,
        "The future was polled more often than its waker was called. Your thread does not sleep in between, or it \
         takes the end of a park for a wake: `park` may return without a reason. `signal.wait()` does not.",
    );
}
