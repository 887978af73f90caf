//! Joining: who awaits a task hears its one result, whenever it asks.

#[path = "support/tasks.rs"]
mod tasks;

use std::cell::Cell;
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};

use runtime::runtime::Step;
use runtime::task::{JoinHandle, spawn_local, yield_now};
use tasks::{
    Door, Log, hold, message_of_panic, paused, poll_once, polled, run_dry, wait_by_two_wakers,
    waker_of,
};

#[test]
fn the_value_comes_to_the_one_who_awaits_it() {
    let value = paused().block_on(async { runtime::spawn(async { Rc::new(42) }).await });
    assert_eq!(*value.unwrap(), 42);
}

#[test]
fn all_three_names_spawn_a_future_that_need_not_be_send() {
    paused().block_on(async {
        let shared = Rc::new(Cell::new(0));
        let add = |n: u32| {
            let shared = Rc::clone(&shared);
            async move { shared.set(shared.get() + n) }
        };
        runtime::spawn(add(1)).await.unwrap();
        runtime::task::spawn(add(10)).await.unwrap();
        spawn_local(add(100)).await.unwrap();
        assert_eq!(shared.get(), 111);
    });
}

#[test]
fn a_task_begins_at_its_turn_and_not_in_spawn() {
    let log = Log::default();
    paused().block_on(async {
        let theirs = log.clone();
        let task = runtime::spawn(async move { theirs.add("task") });
        log.add("after spawn");
        task.await.unwrap();
    });
    assert_eq!(log.take(), ["after spawn", "task"]);
}

#[test]
fn the_result_waits_for_as_long_as_nobody_asks() {
    paused().block_on(async {
        let task = runtime::spawn(async { "early" });
        for _ in 0..1000 {
            yield_now().await;
        }
        assert!(task.is_finished());
        assert_eq!(task.await.unwrap(), "early");
    });
}

#[test]
fn a_task_ends_once_its_future_is_dropped_and_only_then_is_heard_of() {
    let log = Log::default();
    paused().block_on(async {
        let (held, theirs) = (log.on_drop("dropped"), log.clone());
        let task = runtime::spawn(async move {
            let _held = held;
            theirs.add("returned");
        });
        task.await.unwrap();
        log.add("heard");
    });
    assert_eq!(log.take(), ["returned", "dropped", "heard"]);
}

#[test]
fn what_the_task_held_is_dropped_before_a_joiner_hears_of_its_abort() {
    let log = Log::default();
    paused().block_on(async {
        let task = runtime::spawn(hold(log.on_drop("dropped")));
        yield_now().await;
        task.abort();
        log.add("asked for");
        assert!(task.await.unwrap_err().is_cancelled());
        log.add("heard");
    });
    assert_eq!(log.take(), ["asked for", "dropped", "heard"]);
}

#[test]
fn a_task_whose_handle_is_dropped_runs_on() {
    let runtime = paused();
    let door = Door::default();
    drop(runtime.spawn(door.wait()));
    run_dry(&runtime);
    assert_eq!(door.polls(), 1);
    door.open();
    let steps = run_dry(&runtime);
    assert!(steps.contains(&Step::Polled {
        task: 1,
        ready: true
    }));
}

#[test]
fn the_value_of_a_detached_task_is_dropped_at_its_end() {
    let runtime = paused();
    let (log, door) = (Log::default(), Door::default());
    let (value, waits) = (log.on_drop("value"), door.wait());
    drop(runtime.spawn(async move {
        waits.await;
        value
    }));
    run_dry(&runtime);
    assert!(log.take().is_empty());
    door.open();
    run_dry(&runtime);
    assert_eq!(log.take(), ["value"]);
}

#[test]
fn a_value_that_nobody_took_is_dropped_with_its_handle() {
    let runtime = paused();
    let log = Log::default();
    let value = log.on_drop("value");
    let task = runtime.spawn(async move { value });
    run_dry(&runtime);
    assert!(log.take().is_empty());
    drop(task);
    assert_eq!(log.take(), ["value"]);
}

#[test]
fn a_result_is_taken_once_and_a_second_poll_says_so() {
    let runtime = paused();
    let mut task = runtime.spawn(async { 1 });
    run_dry(&runtime);
    assert!(matches!(poll_once(&mut task), Poll::Ready(Ok(1))));
    let message = message_of_panic(|| poll_once(&mut task));
    assert!(message.contains("polled again"), "{message}");
    assert!(task.is_finished());
}

#[test]
fn a_handle_whose_wait_was_given_up_still_has_the_result() {
    paused().block_on(async {
        let mut task = runtime::spawn(async {
            yield_now().await;
            7
        });
        // As a `select!` that another branch wins: polled, then let go of.
        let first = poll_fn(|cx| Poll::Ready(Pin::new(&mut task).poll(cx))).await;
        assert!(first.is_pending());
        assert_eq!(task.await.unwrap(), 7);
    });
}

#[test]
fn a_handle_that_moves_to_another_task_wakes_that_one_and_not_the_first() {
    let runtime = paused();
    let door = Door::default();
    let mut task = runtime.spawn(door.wait());
    run_dry(&runtime);
    let woken = wait_by_two_wakers(&mut task);
    door.open();
    run_dry(&runtime);
    assert_eq!(woken.map(|count| count.load(Ordering::Relaxed)), [0, 1]);
    assert!(poll_once(&mut task).is_ready());
}

#[test]
fn a_joiner_is_polled_once_for_the_end_of_its_task() {
    let runtime = paused();
    let door = Door::default();
    let inner = runtime.spawn(door.wait());
    let outer = runtime.spawn(inner);
    run_dry(&runtime);
    door.open();
    assert_eq!(polled(&run_dry(&runtime)), [1, 2]);
    assert!(outer.is_finished());
}

#[test]
fn is_finished_turns_true_at_the_end_and_not_before() {
    let runtime = paused();
    let door = Door::default();
    let task = runtime.spawn(door.wait());
    let abort = task.abort_handle();
    assert!(!task.is_finished());
    run_dry(&runtime);
    assert!(!task.is_finished() && !abort.is_finished());
    door.open();
    assert!(!task.is_finished());
    run_dry(&runtime);
    assert!(task.is_finished() && abort.is_finished());
}

#[test]
fn tasks_are_numbered_in_the_order_of_their_spawning_and_no_number_comes_again() {
    let runtime = paused();
    let ids = |n: usize| -> Vec<u64> {
        let tasks: Vec<_> = (0..n).map(|_| runtime.spawn(async {})).collect();
        run_dry(&runtime);
        tasks.iter().map(|task| task.id().as_u64()).collect()
    };
    assert_eq!(ids(3), [1, 2, 3]);
    assert_eq!(ids(2), [4, 5]);
    let task = runtime.spawn(async { panic!("number six") });
    let (id, of_abort) = (task.id(), task.abort_handle().id());
    let of_error = runtime.block_on(task).unwrap_err().id();
    assert_eq!((id, id), (of_abort, of_error));
    assert_eq!(id.to_string(), "6");
}

#[test]
fn a_task_may_await_a_task_that_awaits_a_task() {
    async fn nest(depth: u32) -> u32 {
        match depth {
            0 => 0,
            _ => 1 + nested(depth - 1).await.unwrap(),
        }
    }
    fn nested(depth: u32) -> JoinHandle<u32> {
        runtime::spawn(nest(depth))
    }
    assert_eq!(paused().block_on(nested_in_root()), 100);
    async fn nested_in_root() -> u32 {
        nested(100).await.unwrap()
    }
}

#[test]
fn a_thousand_tasks_may_be_joined_in_any_order() {
    paused().block_on(async {
        let mut tasks: Vec<_> = (0..1000)
            .map(|n| {
                runtime::spawn(async move {
                    for _ in 0..n % 7 {
                        yield_now().await;
                    }
                    n
                })
            })
            .collect();
        tasks.reverse();
        for (task, n) in tasks.into_iter().zip((0..1000).rev()) {
            assert_eq!(task.await.unwrap(), n);
        }
    });
}

#[test]
fn a_handle_may_be_awaited_in_another_runtime_of_the_thread() {
    let (ours, theirs) = (paused(), paused());
    let door = Door::default();
    let waits = door.wait();
    let task = theirs.spawn(async move {
        waits.await;
        5
    });
    let joiner = ours.spawn(task);
    run_dry(&theirs);
    run_dry(&ours);
    door.open();
    run_dry(&theirs);
    run_dry(&ours);
    assert_eq!(ours.block_on(joiner).unwrap().unwrap(), 5);
}

#[test]
fn a_handle_outlives_its_runtime() {
    let runtime = paused();
    let door = Door::default();
    let finished = runtime.spawn(async { 3 });
    let mut waits = runtime.spawn(door.wait());
    run_dry(&runtime);
    drop(runtime);
    assert!(finished.is_finished() && waits.is_finished());
    assert_eq!(paused().block_on(finished).unwrap(), 3);
    match poll_once(&mut waits) {
        Poll::Ready(Err(error)) => assert!(error.is_cancelled()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_waker_that_drives_the_runtime_when_dropped_hides_no_end() {
    thread_local! {
        static DRIVEN: Cell<Option<Rc<runtime::runtime::Runtime>>> = const { Cell::new(None) };
    }
    let runtime = Rc::new(paused());
    let mut task = runtime.spawn(async { 42 });
    DRIVEN.set(Some(Rc::clone(&runtime)));
    let drives = tasks::on_drop(|| drop(DRIVEN.take().map(|runtime| run_dry(&runtime))));
    let waker = waker_of(move || {
        let _ = &drives;
    });
    let mut cx = Context::from_waker(&waker);
    assert!(Pin::new(&mut task).poll(&mut cx).is_pending());
    drop(waker);
    match poll_once(&mut task) {
        Poll::Ready(Ok(42)) => {}
        other => panic!("it looked before the old waker was dropped: {other:?}"),
    }
}
