//! The check of stage 9: a wake from another thread.

use super::work::{Doorbell, Reactor};
use lab::account::note;
use lab::clock;
use lab::examiner::{Case, Check, expect, fail};
use lab::kernel;
use lab::probe::Probe;
use lab::solutions::s05::Executor;
use std::sync::Arc;
use std::time::Duration;

const LOST: &str = "Another thread has rung the bell, and the sleep does not end. While the thread sleeps, the flag \
                    `parked` is up, and a ring that finds it up makes the system call.";

pub const CHECK: Check = Check {
    title: "a wake from another thread",
    stops: "stops 7 and 8",
    cases: &[
        Case {
            name: "while tasks are ready, the thread does not sleep",
            run: does_not_sleep,
            hangs: "`is_idle` has said that there is a task on the queue, and your thread sleeps. The task waits for \
                    an event that has nothing to do with it. The reactor may look what has changed, but without \
                    waiting.",
        },
        Case {
            name: "while no task is ready, the thread sleeps, at most for the timeout",
            run: sleeps,
            hangs: "`is_idle` has said that the queue is empty, and `turn` was given a timeout of 100 ms. Your thread \
                    sleeps without one: the reactor gets the timeout as it is.",
        },
        Case {
            name: "a thread that is awake is rung without a system call",
            run: awake,
            hangs: LOST,
        },
        Case {
            name: "a wake from another thread ends the sleep",
            run: while_asleep,
            hangs: LOST,
        },
        Case {
            name: "a wake between the look at the queue and the sleep",
            run: between,
            hangs: "Your thread has looked at the queue, and it was empty. *Then* another thread has put a task on \
                    it and rung the bell, and found the flag down: it believed the owner awake. *Then* your thread \
                    went to sleep. The wake is lost. Raise the flag first, and look after that: then the ring finds \
                    it up.",
        },
        Case {
            name: "of a thousand wakes at once, one makes a system call",
            run: a_thousand,
            hangs: LOST,
        },
    ],
};

fn pieces() -> (Executor, std::rc::Rc<Reactor>, Arc<Doorbell>) {
    let reactor = Reactor::here();
    let doorbell = Doorbell::of(&reactor).expect("the kernel has an eventfd for us");
    let bell = doorbell.clone();
    (Executor::with_bell(move || bell.ring()), reactor, doorbell)
}

fn on_another_thread(deed: impl FnOnce() + Send + 'static) {
    std::thread::spawn(deed)
        .join()
        .expect("a wake does not panic");
}

fn does_not_sleep() {
    let (_, reactor, doorbell) = pieces();
    note("check: there is a task on the queue, and the thread takes a turn");
    doorbell
        .turn(&reactor, || false, None)
        .expect("the kernel tells of events");
}

fn sleeps() {
    clock::pause();
    let (_, reactor, doorbell) = pieces();
    note("check: the queue is empty, and the thread takes a turn, with a timeout of 100 ms");
    doorbell
        .turn(&reactor, || true, Some(Duration::from_millis(100)))
        .expect("the kernel tells of events");
    let now = clock::now().as_millis();
    expect(
        now == 100,
        &format!(
            "`is_idle` has said that the queue is empty, and `turn` was given a timeout of 100 ms. So the thread ought \
             to sleep until the clock shows 100 ms, as no event comes. It shows {now} ms. A thread that does not sleep \
             burns the processor."
        ),
    );
}

fn while_asleep() {
    let (executor, reactor, doorbell) = pieces();
    let task = Probe::new("a task");
    executor.spawn(task.future());
    executor.run();
    let waker = task.waker();
    let other = std::thread::spawn(move || {
        while !kernel::is_asleep() {
            std::thread::yield_now();
        }
        note("another thread calls the waker");
        waker.wake();
    });
    doorbell
        .turn(&reactor, || executor.is_idle(), None)
        .expect("the kernel tells of events");
    other.join().expect("a wake does not panic");
    executor.run();
    task.expect_polls(2, "Another thread has woken it.");
}

fn between() {
    let (executor, reactor, doorbell) = pieces();
    let task = Probe::new("a task");
    executor.spawn(task.future());
    executor.run();
    let waker = task.waker();
    let is_idle = || {
        let is_idle = executor.is_idle();
        note("the thread has looked at the queue: it is empty");
        note("another thread calls the waker");
        on_another_thread(move || waker.wake());
        note("the thread goes on: it wants to sleep");
        is_idle
    };
    doorbell
        .turn(&reactor, is_idle, None)
        .expect("the kernel tells of events");
    executor.run();
    task.expect_polls(2, "Another thread has woken it.");
}

fn a_thousand() {
    let (_, reactor, doorbell) = pieces();
    let bell = doorbell.clone();
    let is_idle = || {
        on_another_thread(move || (0..1000).for_each(|_| bell.ring()));
        true
    };
    doorbell
        .turn(&reactor, is_idle, None)
        .expect("the kernel tells of events");
    match doorbell.waker.calls() {
        1 => {}
        calls => fail(&format!(
            "The owner was about to sleep, another thread rang a thousand times, and made {calls} system calls. The \
             first ring takes the flag down and makes the call; the others find it down, and have nothing to do."
        )),
    }
}

fn awake() {
    let (_, reactor, doorbell) = pieces();
    doorbell.ring();
    expect(
        doorbell.waker.calls() == 0,
        "The owner has not slept at all, and a ring has made a system call. The flag `parked` is down: a ring has \
         nothing to do. The owner looks at the queue by itself.",
    );
    doorbell
        .turn(&reactor, || true, Some(Duration::ZERO))
        .expect("the kernel tells of events");
    doorbell.ring();
    expect(
        doorbell.waker.calls() == 0,
        "The owner has slept and is awake again, and a ring has made a system call. After the turn the flag must be \
         down: the owner takes it down itself if no ring did.",
    );
}
