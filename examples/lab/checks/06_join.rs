//! The check of stage 6: join handles.

use super::work::{Executor, JoinHandle, spawn};
use lab::account::note;
use lab::examiner::{Case, Check, expect};
use lab::probe::Probe;
use std::cell::{Cell, RefCell};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll, Wake, Waker};

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

/// Counts its calls.
#[derive(Default)]
struct Calls(AtomicU32);

impl Wake for Calls {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

fn newest_waker() {
    let executor = Executor::with_bell(|| {});
    let (task, mut handle) = answer(&executor);
    let (first, second) = (Arc::new(Calls::default()), Arc::new(Calls::default()));
    note("check: the first task polls the handle, and gives it to the second, which polls it, too");
    let _ = poll(&mut handle, &Waker::from(first));
    let _ = poll(&mut handle, &Waker::from(second.clone()));
    task.finish();
    executor.run();
    expect(
        second.0.load(Ordering::Relaxed) == 1,
        "The handle was polled by one task and then by another, and the second was not woken. Each poll must leave \
         its own waker, in place of the older one: the task that polled last is the one that waits.",
    );
}

/// A waker that polls the handle as soon as it is called, as a very eager executor would. (A waker may hold only
/// what may be sent to another thread. So it holds a number, and the handle lies in a thread-local.)
struct Eager;

thread_local!(static HANDLE: RefCell<Option<JoinHandle<u32>>> = const { RefCell::new(None) });

impl Wake for Eager {
    fn wake(self: Arc<Self>) {
        let mut handle = HANDLE.take().expect("it is there");
        let said = poll(&mut handle, Waker::noop());
        expect(
            said.is_ready(),
            "The joiner was woken before the value was in the cell. First the value, then the wake.",
        );
    }
}

fn no_borrow() {
    let executor = Executor::with_bell(|| {});
    let (task, mut handle) = answer(&executor);
    let _ = poll(&mut handle, &Waker::from(Arc::new(Eager)));
    HANDLE.set(Some(handle));
    task.finish();
    executor.run();
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
    let joiner = Arc::new(Calls::default());
    let _ = poll(&mut handle, &Waker::from(joiner.clone()));
    note("check: drops the handle");
    drop(handle);
    expect(
        Arc::strong_count(&joiner) == 1,
        "The handle was dropped, and its waker is still in the cell. It keeps the joiner's header alive until the \
         task ends, and then wakes a task that waits for something else by now. A future that is dropped leaves \
         nothing behind.",
    );
}
