//! The check of stage 6: join handles.

use super::work::{Executor, JoinHandle, spawn};
use lab::account::note;
use lab::examiner::{Case, Check, expect, fail};
use lab::probe::Probe;
use lab::wakers::{Counted, when_called, when_dropped};
use std::cell::{Cell, RefCell};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

const NO_END: &str =
    "Perhaps the handle's poll calls its own waker: then it is polled again and again.";

pub const CHECK: Check = Check {
    title: "join handles",
    stops: "stop 5",
    cases: &[
        Case {
            name: "a handle that is awaited after the task has ended",
            run: awaited_later,
            hangs: NO_END,
        },
        Case {
            name: "a handle that is awaited before the task ends",
            run: awaited_before,
            hangs: NO_END,
        },
        Case {
            name: "a handle that is moved to another task wakes that one",
            run: newest_waker,
            hangs: NO_END,
        },
        Case {
            name: "a waker that polls the handle at once",
            run: no_borrow,
            hangs: NO_END,
        },
        Case {
            name: "a task whose handle is dropped runs on, and its value is dropped at its end",
            run: dropped_handle,
            hangs: NO_END,
        },
        Case {
            name: "a handle that is dropped takes its waker along",
            run: leaves_nothing,
            hangs: NO_END,
        },
        Case {
            name: "a waker that runs the task as soon as it is dropped",
            run: no_borrow_in_a_drop,
            hangs: NO_END,
        },
    ],
};

/// A task that gives 42 when the probe is finished.
fn answer(executor: &Executor) -> (Probe, JoinHandle<u32>) {
    let probe = Probe::new("the task");
    let future = probe.future();
    let handle = spawn(executor, async move {
        future.await;
        42
    });
    executor.run();
    (probe, handle)
}

fn poll(handle: &mut JoinHandle<u32>, waker: &Waker) -> Poll<u32> {
    let said = Pin::new(handle).poll(&mut Context::from_waker(waker));
    note(format!("check: polls the handle, which says {said:?}"));
    said
}

fn awaited_later() {
    let executor = Executor::with_bell(|| {});
    let (task, mut handle) = answer(&executor);
    let before = poll(&mut handle, Waker::noop());
    expect(
        before.is_pending(),
        "The task has not ended, and its handle says Ready.",
    );
    task.finish();
    executor.run();
    let after = poll(&mut handle, Waker::noop());
    expect(
        after.is_ready(),
        "The task has ended, and its handle is still pending. `finish` must put the value into the cell, and the \
         handle's poll takes it out.",
    );
    expect(
        after == Poll::Ready(42),
        "The handle gives another value than its task.",
    );
}

fn awaited_before() {
    let executor = Executor::with_bell(|| {});
    let (task, handle) = answer(&executor);
    let got = Rc::new(Cell::new(None));
    let result = got.clone();
    executor.spawn(async move { result.set(Some(handle.await)) });
    executor.run();
    task.finish();
    executor.run();
    expect(
        got.get().is_some(),
        "A task awaits the handle of another. That other one has ended, and the first was not woken: it sleeps for \
         ever. A poll that says Pending leaves its waker in the cell, and `finish` calls it.",
    );
    expect(
        got.get() == Some(42),
        "The handle gives another value than its task.",
    );
}

fn newest_waker() {
    let executor = Executor::with_bell(|| {});
    let (task, mut handle) = answer(&executor);
    let (first, second) = (Counted::default(), Counted::default());
    note("check: the first task polls the handle, and gives it to the second, which polls it, too");
    let _ = poll(&mut handle, &first.waker());
    let _ = poll(&mut handle, &second.waker());
    task.finish();
    executor.run();
    expect(
        second.calls() == 1,
        "The handle was polled by one task and then by another, and the second was not woken. Each poll must leave \
         its own waker, in place of the older one: the task that polled last is the one that waits.",
    );
}

thread_local! {
    static HANDLE: RefCell<Option<JoinHandle<u32>>> = const { RefCell::new(None) };
    static EXECUTOR: Executor = Executor::with_bell(|| {});
}

fn no_borrow() {
    let executor = Executor::with_bell(|| {});
    let (task, mut handle) = answer(&executor);
    // As a very eager executor would.
    let polls_the_handle = when_called(|| {
        let Some(mut handle) = HANDLE.take() else {
            fail("The handle's waker was called, and its task has not ended, or was called twice.")
        };
        let said = poll(&mut handle, Waker::noop());
        expect(
            said.is_ready(),
            "The joiner was woken before the value was in the cell. First the value, then the wake.",
        );
    });
    let _ = poll(&mut handle, &polls_the_handle);
    HANDLE.set(Some(handle));
    task.finish();
    executor.run();
}

fn runs_the_task() -> Waker {
    when_dropped(|| {
        note("the waker is dropped, and runs the task to its end");
        // At the end of the case it is gone, perhaps.
        let _ = EXECUTOR.try_with(Executor::run);
    })
}

fn no_borrow_in_a_drop() {
    let (task, mut handle) = EXECUTOR.with(answer);
    let _ = poll(&mut handle, &runs_the_task());
    task.finish();
    note("check: polls the handle with another waker. The older one is dropped");
    let now = poll(&mut handle, Waker::noop());
    expect(
        now == Poll::Ready(42) || poll(&mut handle, Waker::noop()) == Poll::Ready(42),
        "The waker of an older poll was dropped, and the task ended within that drop. The handle is still pending.",
    );

    let (task, mut handle) = EXECUTOR.with(answer);
    let _ = poll(&mut handle, &runs_the_task());
    task.finish();
    note("check: drops the handle, and its waker with it");
    drop(handle);
}

/// Says when it is dropped.
struct Value(Rc<Cell<bool>>);

impl Drop for Value {
    fn drop(&mut self) {
        self.0.set(true);
    }
}

fn dropped_handle() {
    let executor = Executor::with_bell(|| {});
    let task = Probe::new("the task");
    let is_dropped = Rc::new(Cell::new(false));
    let (future, value) = (task.future(), Value(is_dropped.clone()));
    let handle = spawn(&executor, async move {
        future.await;
        value
    });
    executor.run();
    note("check: drops the handle");
    drop(handle);
    task.finish();
    executor.run();
    task.expect_polls(2, "Its handle was dropped. The task runs on all the same.");
    expect(
        is_dropped.get(),
        "The task has ended and its handle is gone. Its value can reach nothing any more, and is not dropped.",
    );
}

fn leaves_nothing() {
    let executor = Executor::with_bell(|| {});
    let (_task, mut handle) = answer(&executor);
    let joiner = Counted::default();
    let _ = poll(&mut handle, &joiner.waker());
    note("check: drops the handle");
    drop(handle);
    expect(
        joiner.calls() == 0,
        "The handle was dropped, and its drop has called the waker. The task has not ended: there is nothing for which \
         the joiner ought to be polled.",
    );
    expect(
        joiner.kept() == 0,
        "The handle was dropped, and its waker is still in the cell. It keeps the joiner's header alive until the \
         task ends, and then wakes a task that waits for something else by now. A future that is dropped leaves \
         nothing behind.",
    );
}
