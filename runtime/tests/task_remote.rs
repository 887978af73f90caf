//! Tasks spawned from other threads: a handle is all they need, and all they have.

#[path = "support/tasks.rs"]
mod tasks;

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::atomic::Ordering;
use std::sync::mpsc;
use std::task::{Context, Poll};
use std::thread::{self, ThreadId};

use runtime::runtime::{Handle, Runtime, Step};
use runtime::task::{RemoteJoinHandle, yield_now};
use runtime::time::{Duration, sleep};
use tasks::{
    Door, message_of_panic, on_drop, panic_quietly, paused, poll_once, run_dry, wait_by_two_wakers,
    waker_of,
};

#[test]
fn what_crosses_threads_may_and_says_so() {
    fn crosses<T: Send + Sync + Clone + 'static>() {}
    fn moves<T: Send + 'static>() {}
    crosses::<Handle>();
    moves::<RemoteJoinHandle<Cell<u8>>>();
}

#[test]
fn a_future_sent_from_a_thread_runs_on_the_runtime_s_thread() {
    let runtime = Runtime::new().unwrap();
    let handle = runtime.handle().clone();
    let task = thread::spawn(move || handle.spawn(async { thread::current().id() }));
    let ran_on: ThreadId = runtime.block_on(task.join().unwrap()).unwrap();
    assert_eq!(ran_on, thread::current().id());
}

/// A sent future must be `Send`, and so it cannot hold a timer or a `JoinHandle` while it
/// waits. What it spawns, once it is there, can.
#[test]
fn a_sent_task_is_in_the_runtime_and_may_spawn_there_what_is_not_send() {
    let runtime = paused();
    let door = Door::default();
    let opener = door.clone();
    let task = runtime.handle().spawn(async move {
        drop(runtime::spawn(async move {
            sleep(Duration::from_secs(3600)).await;
            opener.open();
        }));
    });
    runtime.block_on(async {
        task.await.unwrap();
        door.wait().await;
    });
}

#[test]
fn a_runtime_that_has_nothing_to_do_takes_what_threads_send() {
    let runtime = Runtime::new().unwrap();
    let door = Door::default();
    let threads: Vec<_> = (1..=4_usize)
        .map(|n| {
            let handle = runtime.handle().clone();
            thread::spawn(move || {
                let tasks = (0..100).map(|_| handle.spawn(async move { n }));
                let tasks: Vec<_> = tasks.collect();
                let values = tasks.into_iter().map(futures_lite::future::block_on);
                values.map(Result::unwrap).sum::<usize>()
            })
        })
        .collect();
    let opener = {
        let door = door.clone();
        thread::spawn(move || {
            let sums = threads.into_iter().map(|thread| thread.join().unwrap());
            let sum: usize = sums.sum();
            door.open();
            sum
        })
    };
    runtime.block_on(door.wait());
    assert_eq!(opener.join().unwrap(), 100 * (1 + 2 + 3 + 4));
}

#[test]
fn what_one_thread_sends_starts_in_the_order_of_sending() {
    let runtime = paused();
    let (tx, rx) = mpsc::channel();
    for n in 0..100 {
        let tx = tx.clone();
        drop(runtime.handle().spawn(async move { tx.send(n).unwrap() }));
    }
    run_dry(&runtime);
    assert!(rx.try_iter().eq(0..100));
}

#[test]
fn a_dropped_handle_detaches_the_sent_task() {
    let runtime = paused();
    let door = Door::default();
    drop(runtime.handle().spawn(door.wait()));
    run_dry(&runtime);
    assert_eq!(door.polls(), 1);
    door.open();
    run_dry(&runtime);
    assert_eq!(door.polls(), 2);
}

#[test]
fn the_value_of_a_detached_sent_task_is_dropped_on_the_runtime_s_thread() {
    let runtime = paused();
    let (tx, rx) = mpsc::channel();
    let value = on_drop(move || tx.send(thread::current().id()).unwrap());
    let handle = runtime.handle().clone();
    thread::spawn(move || drop(handle.spawn(async move { value })))
        .join()
        .unwrap();
    run_dry(&runtime);
    assert_eq!(rx.try_recv(), Ok(thread::current().id()));
}

#[test]
fn a_value_that_panics_when_nobody_takes_it_harms_nobody() {
    let runtime = paused();
    let bomb = || async { on_drop(|| panic_quietly("a value")) };
    drop(runtime.handle().spawn(bomb()));
    run_dry(&runtime);
    let finished = runtime.handle().spawn(bomb());
    run_dry(&runtime);
    drop(finished);
    assert_eq!(runtime.block_on(async { 1 }), 1);
}

#[test]
fn an_abort_before_the_task_has_arrived_is_not_forgotten() {
    let runtime = paused();
    let door = Door::default();
    let task = runtime.handle().spawn(door.wait());
    task.abort();
    assert!(!task.is_finished());
    run_dry(&runtime);
    assert_eq!(door.polls(), 0);
    assert!(runtime.block_on(task).unwrap_err().is_cancelled());
}

#[test]
fn an_abort_from_another_thread_ends_a_task_that_waits() {
    let runtime = Runtime::new().unwrap();
    let (tx, rx) = mpsc::channel();
    let task = runtime.handle().spawn(async move {
        let _held = on_drop(move || tx.send(thread::current().id()).unwrap());
        std::future::pending::<()>().await;
    });
    run_dry(&runtime);
    assert!(!task.is_finished());
    let done = Door::default();
    let opener = done.clone();
    let aborter = thread::spawn(move || {
        task.abort();
        task.abort();
        let error = futures_lite::future::block_on(task).unwrap_err();
        opener.open();
        error
    });
    runtime.block_on(done.wait());
    assert!(aborter.join().unwrap().is_cancelled());
    assert_eq!(rx.try_recv(), Ok(thread::current().id()));
}

#[test]
fn an_abort_after_the_end_changes_nothing() {
    let runtime = paused();
    let task = runtime.handle().spawn(async { 1 });
    run_dry(&runtime);
    task.abort();
    assert_eq!(run_dry(&runtime), []);
    assert_eq!(runtime.block_on(task).unwrap(), 1);
}

#[test]
fn a_sent_task_that_panics_harms_nobody_and_its_handle_hears() {
    let runtime = paused();
    let other = runtime.spawn(yield_now());
    let task = runtime.handle().spawn(async { panic_quietly("sent") });
    let error = runtime.block_on(task).unwrap_err();
    assert_eq!(*error.into_panic().downcast_ref::<&str>().unwrap(), "sent");
    runtime.block_on(other).unwrap();
}

#[test]
fn a_joiner_elsewhere_whose_waker_panics_harms_nobody() {
    let runtime = paused();
    let mut task = runtime.handle().spawn(async {});
    let bad = waker_of(|| panic_quietly("a waker"));
    let poll = Pin::new(&mut task).poll(&mut Context::from_waker(&bad));
    assert!(poll.is_pending());
    run_dry(&runtime);
    assert!(runtime.block_on(task).is_ok());
}

#[test]
fn a_result_is_awaited_on_an_executor_that_is_not_ours() {
    let runtime = Runtime::new().unwrap();
    let handle = runtime.handle().clone();
    let done = Door::default();
    let opener = done.clone();
    let elsewhere = thread::spawn(move || {
        let sum = futures_lite::future::block_on(async move {
            let (a, b) = (handle.spawn(async { 1 }), handle.spawn(async { 2 }));
            a.await.unwrap() + b.await.unwrap()
        });
        opener.open();
        sum
    });
    runtime.block_on(done.wait());
    assert_eq!(elsewhere.join().unwrap(), 3);
}

#[test]
fn a_result_is_awaited_in_a_runtime_of_another_thread() {
    let runtime = Runtime::new().unwrap();
    let handle = runtime.handle().clone();
    let done = Door::default();
    let opener = done.clone();
    let elsewhere = thread::spawn(move || {
        let value = Runtime::new().unwrap().block_on(handle.spawn(async { 5 }));
        opener.open();
        value.unwrap()
    });
    runtime.block_on(done.wait());
    assert_eq!(elsewhere.join().unwrap(), 5);
}

#[test]
fn only_the_last_waker_of_a_waiting_handle_is_called() {
    let runtime = paused();
    let door = Door::default();
    let mut task = runtime.handle().spawn(door.wait());
    let woken = wait_by_two_wakers(&mut task);
    door.open();
    run_dry(&runtime);
    assert_eq!(woken.map(|count| count.load(Ordering::Relaxed)), [0, 1]);
    assert!(matches!(poll_once(&mut task), Poll::Ready(Ok(()))));
    let message = message_of_panic(|| poll_once(&mut task));
    assert!(message.contains("polled again"), "{message}");
}

#[test]
fn a_future_sent_to_a_runtime_that_is_gone_is_dropped_and_reports_a_cancellation() {
    let runtime = paused();
    let handle = runtime.handle().clone();
    drop(runtime);
    let (tx, rx) = mpsc::channel();
    let held = on_drop(move || tx.send(()).unwrap());
    let task = handle.spawn(async move { drop(held) });
    assert_eq!(rx.try_recv(), Ok(()));
    assert!(task.is_finished() && task.id().is_none());
    task.abort();
    let error = futures_lite::future::block_on(task).unwrap_err();
    assert!(error.is_cancelled());
}

#[test]
fn a_future_that_has_not_arrived_when_the_runtime_goes_is_cancelled() {
    let runtime = paused();
    let (waits, waiting) = mpsc::channel();
    let task = runtime.handle().spawn(std::future::pending::<()>());
    let joiner = thread::spawn(move || {
        waits.send(()).unwrap();
        futures_lite::future::block_on(task).unwrap_err()
    });
    waiting.recv().unwrap();
    drop(runtime);
    assert!(joiner.join().unwrap().is_cancelled());
}

#[test]
fn a_sent_future_whose_drop_panics_does_so_in_its_result() {
    let runtime = paused();
    let handle = runtime.handle().clone();
    drop(runtime);
    let bomb = on_drop(|| panic_quietly("dropped"));
    let task = handle.spawn(async move { drop(bomb) });
    let error = futures_lite::future::block_on(task).unwrap_err();
    assert!(error.is_panic());
}

#[test]
fn a_number_is_known_once_the_task_was_polled_and_stays_known() {
    let runtime = paused();
    let task = runtime.handle().spawn(yield_now());
    assert_eq!(task.id(), None);
    assert_eq!(
        runtime.step(),
        Step::TookInbox {
            wakes: 0,
            spawns: 1,
            jobs: 0
        }
    );
    runtime.step();
    let id = task.id().unwrap();
    assert_eq!(id.as_u64(), 1);
    run_dry(&runtime);
    assert_eq!(task.id(), Some(id));
}

#[test]
fn a_thread_that_has_entered_a_handle_finds_it_and_can_only_send() {
    let runtime = paused();
    let handle = runtime.handle().clone();
    let (task, message) = thread::spawn(move || {
        assert!(Handle::try_current().is_err());
        let _guard = handle.enter();
        let task = Handle::current().spawn(async { 4 });
        let refused = message_of_panic(|| drop(runtime::spawn(async {})));
        (task, refused)
    })
    .join()
    .unwrap();
    assert!(message.contains("Handle::spawn"), "{message}");
    assert_eq!(runtime.block_on(task).unwrap(), 4);
}

#[test]
fn a_task_may_send_to_its_own_runtime() {
    let runtime = paused();
    let rounds = Rc::new(Cell::new(0));
    let value = runtime.block_on(async {
        let mut sum = 0;
        for n in 0..10 {
            sum += Handle::current().spawn(async move { n }).await.unwrap();
            rounds.set(rounds.get() + 1);
        }
        sum
    });
    assert_eq!((value, rounds.get()), (45, 10));
}

#[test]
fn finished_results_are_taken_within_the_budget() {
    let runtime = paused();
    let tasks: Vec<_> = (0..300).map(|_| runtime.handle().spawn(async {})).collect();
    run_dry(&runtime);
    let taker = runtime.spawn(async move {
        for task in tasks {
            task.await.unwrap();
        }
    });
    // 128 in each poll, as of every leaf operation.
    assert_eq!(run_dry(&runtime).len(), 3);
    assert!(taker.is_finished());
}

#[test]
fn a_panic_of_the_sender_s_thread_harms_no_task() {
    let runtime = paused();
    let handle = runtime.handle().clone();
    let sender = thread::spawn(move || {
        let task = handle.spawn(async { 9 });
        let caught = catch_unwind(AssertUnwindSafe(|| {
            let _task = &task;
            panic_quietly("the sender")
        }));
        assert!(caught.is_err());
        task
    });
    assert_eq!(runtime.block_on(sender.join().unwrap()).unwrap(), 9);
}
