//! The check of stage 5: each wake counts, and none counts twice.

use super::work::Executor;
use lab::account::note;
use lab::examiner::{Case, Check, expect};
use lab::probe::{Probe, log};
use std::rc::Rc;
use std::task::{Poll, Waker};

const CIRCLE: &str = "`run` polls what is on the queue until it is empty. Perhaps your code puts a task on the queue \
                      that was not woken.";

pub const CHECK: Check = Check {
    title: "each wake counts, and none counts twice",
    stops: "stops 4 and 5",
    cases: &[
        Case {
            name: "a task is polled, waits, is woken, and is polled again, time after time",
            run: time_after_time,
            hangs: CIRCLE,
        },
        Case {
            name: "a task that is woken while it is polled is polled once more",
            run: woken_in_its_poll,
            hangs: CIRCLE,
        },
        Case {
            name: "tasks that are ready take turns, and those that end are gone",
            run: take_turns,
            hangs: CIRCLE,
        },
        Case {
            name: "a task spawns another while it is polled",
            run: spawns_in_a_poll,
            hangs: CIRCLE,
        },
        Case {
            name: "a task that is woken three times is polled once",
            run: woken_thrice,
            hangs: CIRCLE,
        },
        Case {
            name: "a waker that outlives its task wakes no other",
            run: stale,
            hangs: CIRCLE,
        },
        Case {
            name: "a wake that was on its way when the task ended",
            run: stale_on_the_queue,
            hangs: CIRCLE,
        },
    ],
};

fn executor() -> Executor {
    Executor::with_bell(|| {})
}

fn time_after_time() {
    let executor = executor();
    let task = Probe::new("a task");
    executor.spawn(task.future());
    for polls in 1..4 {
        executor.run();
        expect(
            !task.is_dropped(),
            "A task said Pending, and its future was dropped. It must go back into its place: it is not at its end.",
        );
        expect(
            task.polls() > 0,
            "A task was spawned, and is on the queue, and `run` has not polled it. Your poll_task does not find it: \
             its place is there, with the generation of the header, and its future is in it.",
        );
        expect(
            task.polls() >= polls,
            "The task was woken, and was not polled again. The flag `queued` says that it is on the queue. A wake \
             that finds it down raises it, and puts the header on the queue. When the executor has taken the header \
             off the queue, the flag is not true any more: it must be taken down, or each later wake finds it up and \
             does nothing.",
        );
        task.expect_polls(polls, "It is polled once for each wake.");
        task.wake();
    }
}

fn take_turns() {
    let executor = executor();
    let order = log();
    for name in ["a", "b"] {
        executor.spawn(Probe::logging(name, 2, &order).future());
    }
    executor.run();
    let order = order.borrow().join(" ");
    expect(
        order == "a b a b",
        &format!("The order of the polls ought to be: a b a b. Yours is: {order}."),
    );
    expect(
        executor.tasks() == 0,
        "Both tasks have said Ready, and a place in the slab is still taken.",
    );
}

fn spawns_in_a_poll() {
    let executor = Rc::new(executor());
    let child = Probe::new("the child");
    let (within, future) = (executor.clone(), child.future());
    executor.spawn(async move { within.spawn(future) });
    executor.run();
    child.expect_polls(
        1,
        "It was spawned while another task was polled, and is on the queue.",
    );
}

fn woken_thrice() {
    let executor = executor();
    let task = Probe::new("a task");
    executor.spawn(task.future());
    executor.run();
    for _ in 0..3 {
        task.wake();
    }
    executor.run();
    task.expect_polls(
        2,
        "The task was woken three times before its turn, and each wake has put it on the queue. The first wake raises \
         the flag `queued`; one that finds it up has nothing to do.",
    );
}

fn woken_in_its_poll() {
    let executor = executor();
    let task = Probe::answering("a task", |poll, cx| {
        if poll == 1 {
            note("in its poll: the task finds nothing. Then its waker is called");
            cx.waker().wake_by_ref();
        }
        if poll < 2 {
            Poll::Pending
        } else {
            Poll::Ready(())
        }
    });
    executor.spawn(task.future());
    executor.run();
    expect(
        task.polls() == 2,
        "The task was woken while it was being polled, and your executor forgot the wake: it must be polled once \
         more. What it waits for may have come after it had looked. Take the flag `queued` down *before* the poll: \
         then a wake in the poll puts the task on the queue.",
    );
}

/// A task that has ended; its waker is still there.
fn ended(executor: &Executor) -> Waker {
    let old = Probe::new("the old task");
    executor.spawn(old.future());
    executor.run();
    let waker = old.waker();
    old.finish();
    executor.run();
    expect(
        old.is_dropped(),
        "A task has said Ready, and its future was not dropped.",
    );
    waker
}

const STALE: &str = "The waker of a task that had ended was called, and *another* task was polled: it has the place \
                     of the old one in the slab. A waker must wake its own task and no other. Compare the generation \
                     in the header with the one in the place.";

fn stale() {
    let executor = executor();
    let waker = ended(&executor);
    let new = Probe::new("the new task");
    executor.spawn(new.future());
    executor.run();
    note("check: the waker of the old task is called");
    waker.wake();
    executor.run();
    new.expect_polls(1, STALE);
}

fn stale_on_the_queue() {
    let executor = executor();
    let task = Probe::answering("a task that wakes itself and ends", |_, cx| {
        cx.waker().wake_by_ref();
        Poll::Ready(())
    });
    executor.spawn(task.future());
    executor.run();
    task.expect_polls(1, "It had ended when its turn came.");
    expect(
        executor.is_idle(),
        "`run` has returned, and there is something on the queue.",
    );
    let new = Probe::new("the new task");
    executor.spawn(new.future());
    executor.run();
    new.expect_polls(1, STALE);
}
