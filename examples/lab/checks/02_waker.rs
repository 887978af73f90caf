//! The check of stage 2: a waker.

use super::work::Signal;
use lab::account::note;
use lab::examiner::{Case, Check, expect, fail, if_it_turns};
use lab::thread::{self, Step};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::Waker;

const NO_END: &str = "Perhaps your `wait` never finds the note: it must look before it parks, and again after it, \
                      and your waker must leave it.";

pub const CHECK: Check = Check {
    title: "a waker",
    stops: "stop 2",
    cases: &[
        Case {
            name: "a wake while the thread is parked ends the wait",
            run: while_parked,
            hangs: "The waker was called while the thread was parked. It must leave the note *and* unpark the thread. \
                    Without the note, the thread parks again; without the unpark, the thread does not look at the \
                    note.",
        },
        Case {
            name: "a wake that comes before the wait is not lost",
            run: before_the_wait,
            hangs: "The waker was called *before* the wait, and the wake was forgotten. (Other code had taken the \
                    token of that unpark.) The waker must leave a note, and `wait` must look for it before it \
                    parks.",
        },
        Case {
            name: "a park that returns without a reason does not end the wait",
            run: spurious,
            hangs: NO_END,
        },
        Case {
            name: "the wait takes the note away",
            run: takes_the_note,
            hangs: NO_END,
        },
        Case {
            name: "the note is left before the thread is unparked",
            run: note_first,
            hangs: NO_END,
        },
        Case {
            name: "a real thread wakes this one",
            run: real_thread,
            hangs: "Another thread has called the waker, and this one was not unparked. The waker unparks the thread \
                    that is in the Signal, and not the one that calls.",
        },
    ],
};

fn calls(waker: &Waker) -> Step {
    let waker = waker.clone();
    Step::run(move || {
        note("check: another thread calls the waker");
        waker.wake();
    })
}

fn while_parked() {
    if_it_turns(
        "`wait` does not park: it looks at the note again and again, and burns the processor. (Or it sleeps in another \
         way: with `std::thread::park`, or for a time. The lab sees `lab::thread::park` only.) The lab has not yet come \
         to call the waker. As long as there is no note, `wait` parks, and looks again after that.",
    );
    let signal = Signal::for_this_thread();
    thread::play([calls(&Waker::from(signal.clone()))]);
    signal.wait();
    expect(
        thread::parks() > 0,
        "`wait` returned although the waker was not called. It ought to park until then.",
    );
}

fn before_the_wait() {
    let signal = Signal::for_this_thread();
    Waker::from(signal.clone()).wake();
    note("check: other code parks, and takes the token");
    thread::play([Step::Spurious]);
    thread::park();
    thread::play([]);
    note("check: now `wait` is called");
    signal.wait();
}

fn spurious() {
    let signal = Signal::for_this_thread();
    let waker = Waker::from(signal.clone());
    thread::play([Step::Spurious, Step::Spurious, calls(&waker)]);
    signal.wait();
    expect(
        thread::parks() == 3,
        "`park` has returned without a reason, and `wait` has returned, too. It must look at the note after each \
         park, and park again if it is not there: a loop.",
    );
}

fn takes_the_note() {
    let signal = Signal::for_this_thread();
    let waker = Waker::from(signal.clone());
    thread::play([calls(&waker), calls(&waker)]);
    signal.wait();
    let is_there = signal.woken.load(Ordering::Acquire);
    expect(
        !is_there,
        "After `wait` the note is still there. The next `wait` would return although nothing has called the waker \
         since: the thread that polls would never sleep again.",
    );
    signal.wait();
}

fn note_first() {
    let signal = Signal::for_this_thread();
    let seen = signal.clone();
    thread::at_unpark(move || {
        if !seen.woken.load(Ordering::Acquire) {
            fail(
                "Your waker unparks the thread first, and leaves the note afterwards. In between the thread may \
                 run, find no note and park again. Then the note comes, and no unpark comes with it: the thread \
                 sleeps for ever. First the note, then the unpark.",
            );
        }
    });
    Waker::from(signal).wake();
}

fn real_thread() {
    let signal = Signal::for_this_thread();
    let waker = Waker::from(Arc::clone(&signal));
    let other = std::thread::spawn(move || waker.wake());
    signal.wait();
    other.join().expect("a wake does not panic");
}
