//! The check of stage 4: a run queue, and `spawn`.

use super::work::Executor;
use lab::examiner::{Case, Check, expect};
use lab::probe::{Probe, log};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

const CIRCLE: &str = "`run` polls what is on the queue until it is empty. Perhaps your code puts a task on the queue \
                      that was not woken.";

pub const CHECK: Check = Check {
    title: "a run queue, and spawn",
    stops: "stop 4",
    cases: &[
        Case {
            name: "spawn runs nothing; run polls the task",
            run: spawn_runs_nothing,
            hangs: CIRCLE,
        },
        Case {
            name: "a task that waits is polled again when it is woken, and no other with it",
            run: only_the_woken_one,
            hangs: CIRCLE,
        },
        Case {
            name: "tasks that are ready take turns, in the order of their wakes",
            run: in_order,
            hangs: CIRCLE,
        },
        Case {
            name: "a task spawns another while it is polled",
            run: spawns_in_a_poll,
            hangs: CIRCLE,
        },
        Case {
            name: "a task that has ended is dropped, and its place is free",
            run: ended,
            hangs: CIRCLE,
        },
        Case {
            name: "a task that is spawned into a place that was free again",
            run: place_again,
            hangs: CIRCLE,
        },
        Case {
            name: "a future that spawns when it is dropped",
            run: spawns_in_a_drop,
            hangs: CIRCLE,
        },
    ],
};

fn spawn_runs_nothing() {
    let executor = Executor::default();
    let task = Probe::new("a task");
    executor.spawn(task.future());
    task.expect_polls(
        0,
        "`spawn` has polled the task. It only puts it on the queue: the task runs later, in `run`.",
    );
    executor.run();
    expect(
        task.polls() > 0,
        "A task that was just spawned is on no queue: `run` has not polled it. Its first poll needs a wake, too, and \
         `spawn` is the one that gives it.",
    );
    task.expect_polls(1, "It was never woken after its first poll.");
}

fn only_the_woken_one() {
    let executor = Executor::default();
    let (a, b) = (Probe::new("a"), Probe::new("b"));
    executor.spawn(a.future());
    executor.spawn(b.future());
    executor.run();
    expect(
        !a.is_dropped() && !b.is_dropped(),
        "A task said Pending, and its future was dropped. It must go back into its place: it is not at its end.",
    );
    b.wake();
    executor.run();
    a.expect_polls(
        1,
        "`b` was woken, and `a` was polled. A waker wakes its own task and no other.",
    );
    expect(
        b.polls() > 1,
        "Task `b` was woken and not polled again. The waker must put the key of its task on the queue, and the \
         future must lie in its place again.",
    );
    b.expect_polls(2, "It was woken once.");
}

fn in_order() {
    let executor = Executor::default();
    let order = log();
    for name in ["a", "b", "c"] {
        executor.spawn(Probe::logging(name, 2, &order).future());
    }
    executor.run();
    let order = order.borrow().join(" ");
    expect(
        order == "a b c a b c",
        &format!(
            "The tasks `a`, `b` and `c` were spawned in this order, and each wakes itself once. So the order of the \
             polls ought to be: a b c a b c. Yours is: {order}. The queue must give out first what came in first."
        ),
    );
}

fn spawns_in_a_poll() {
    let executor = Rc::new(Executor::default());
    let child = Probe::new("the child");
    let (within, future) = (executor.clone(), child.future());
    executor.spawn(async move { within.spawn(future) });
    executor.run();
    child.expect_polls(
        1,
        "A task was spawned while another was polled. It ought to have its turn in the same `run`.",
    );
}

fn ended() {
    let executor = Executor::default();
    let task = Probe::new("a task");
    executor.spawn(task.future());
    executor.run();
    task.finish();
    executor.run();
    expect(
        task.is_dropped(),
        "The task has said Ready, and its future still lives. What it holds must be free.",
    );
    expect(
        executor.tasks() == 0,
        "The task has said Ready, and its place in the slab is still taken. A runtime that has spawned a million \
         tasks would have a million places.",
    );
    task.wake();
    executor.run();
    task.expect_polls(
        2,
        "A waker was called when its task had ended: there was nothing to poll.",
    );
}

fn place_again() {
    let executor = Executor::default();
    let (first, second) = (Probe::new("the first"), Probe::new("the second"));
    executor.spawn(first.future());
    executor.spawn(second.future());
    executor.run();
    first.finish();
    executor.run();
    let third = Probe::new("the third");
    executor.spawn(third.future());
    executor.run();
    third.expect_polls(
        1,
        "Two tasks were spawned, the first has ended, and a third was spawned. It has the place of the first, and was \
         not polled. `insert` gives the key of the place: this one belongs on the queue.",
    );
}

/// Spawns a task when it is dropped.
struct Heir(Rc<Executor>, Option<lab::probe::Probed>);

impl Drop for Heir {
    fn drop(&mut self) {
        self.0.spawn(self.1.take().expect("it is dropped once"));
    }
}

/// Ready at once. What it holds is dropped with it, and not in its poll.
struct Ready(Heir);

impl Future for Ready {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        let _held = &self.0;
        Poll::Ready(())
    }
}

fn spawns_in_a_drop() {
    let executor = Rc::new(Executor::default());
    let child = Probe::new("the child");
    executor.spawn(Ready(Heir(executor.clone(), Some(child.future()))));
    executor.run();
    child.expect_polls(1, "It was spawned when the first was dropped.");
}
