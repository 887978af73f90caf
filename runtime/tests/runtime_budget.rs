//! The budget: a task that always has something to do gives way after 128 operations.

#[path = "support/tasks.rs"]
mod tasks;

use std::cell::Cell;
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;

use futures_io::{AsyncRead, AsyncWrite};
use runtime::io::{AsyncReadExt, AsyncWriteExt, duplex};
use runtime::runtime::{Handle, Step};
use tasks::{paused, polled, run_dry, spin};

#[test]
fn a_hundred_and_twenty_eight_results_are_taken_in_one_poll_and_not_one_more() {
    let runtime = paused();
    for (results, polls) in [(127, 1), (128, 1), (129, 2), (256, 2), (257, 3)] {
        let tasks: Vec<_> = (0..results).map(|_| runtime.spawn(async {})).collect();
        run_dry(&runtime);
        let taker = runtime.spawn(async move {
            for task in tasks {
                task.await.unwrap();
            }
        });
        assert_eq!(run_dry(&runtime).len(), polls, "{results} results");
        assert!(taker.is_finished());
    }
}

/// A task that writes to itself: everything it awaits is ready, always.
async fn talk_to_itself<F: FnMut()>(mut after_each_operation: F) {
    let (mut here, mut there) = duplex(1);
    loop {
        here.write_all(b"x").await.unwrap();
        after_each_operation();
        there.read_exact(&mut [0]).await.unwrap();
        after_each_operation();
    }
}

#[test]
fn a_stream_that_is_always_ready_gives_way_after_its_budget() {
    let runtime = paused();
    let operations = Rc::new(Cell::new(0));
    let theirs = Rc::clone(&operations);
    drop(runtime.spawn(talk_to_itself(move || theirs.set(theirs.get() + 1))));
    drop(runtime.spawn(spin()));
    let steps: Vec<_> = (0..6).map(|_| runtime.step()).collect();
    assert_eq!(polled(&steps), [1, 2, 1, 2, 1, 2]);
    assert_eq!(operations.get(), 3 * 128);
}

#[test]
fn an_operation_that_has_to_wait_spends_nothing() {
    let runtime = paused();
    let (mut here, mut there) = duplex(1024);
    drop(runtime.spawn(async move {
        let mut buf = [0; 1];
        let mut waiting = poll_fn(|cx| {
            // Asks far more often than the budget is large; there is nothing to be had.
            for _ in 0..1000 {
                assert!(Pin::new(&mut there).poll_read(cx, &mut buf).is_pending());
            }
            Pin::new(&mut here).poll_write(cx, b"y")
        });
        assert_eq!((&mut waiting).await.unwrap(), 1);
    }));
    assert_eq!(
        runtime.step(),
        Step::Polled {
            task: 1,
            ready: true
        }
    );
}

#[test]
fn entering_and_leaving_a_runtime_gives_no_budget_back() {
    let runtime = paused();
    let other = paused();
    let foreign = other.handle().clone();
    let operations = Rc::new(Cell::new(0));
    let theirs = Rc::clone(&operations);
    drop(runtime.spawn(talk_to_itself(move || {
        theirs.set(theirs.get() + 1);
        assert!(theirs.get() <= 1000, "it never gives way");
        drop(Handle::current().enter());
        drop(foreign.enter());
    })));
    runtime.step();
    assert_eq!(operations.get(), 128);
}

#[test]
fn stepping_another_runtime_inside_a_task_leaves_the_task_its_own_budget() {
    let runtime = paused();
    let other = paused();
    drop(other.spawn(spin()));
    let operations = Rc::new(Cell::new(0));
    let theirs = Rc::clone(&operations);
    drop(runtime.spawn(talk_to_itself(move || {
        theirs.set(theirs.get() + 1);
        assert!(theirs.get() <= 1000, "it never gives way");
        assert_eq!(polled(&[other.step()]), [1]);
    })));
    runtime.step();
    assert_eq!(operations.get(), 128);
}
