//! Panics: one in a task's code is the task's result, and harms no other task.

#[path = "support/tasks.rs"]
mod tasks;

use std::cell::Cell;
use std::future::poll_fn;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};
use std::pin::Pin;
use std::rc::Rc;
use std::task::Context;

use runtime::runtime::Runtime;
use runtime::task::{JoinError, JoinHandle, yield_now};
use tasks::{Door, Log, hold, message_of_panic, on_drop, panic_quietly, paused, run_dry, waker_of};

/// Runs `check`, and then a task that was there before, to see that it is unharmed.
fn with_a_witness(check: impl FnOnce(&Runtime)) {
    let runtime = paused();
    let door = Door::default();
    let witness = runtime.spawn(door.wait());
    run_dry(&runtime);
    check(&runtime);
    door.open();
    runtime.block_on(witness).unwrap();
    let after = runtime.spawn(async { 1 });
    assert_eq!(runtime.block_on(after).unwrap(), 1);
}

fn error_of<T>(runtime: &Runtime, task: JoinHandle<T>) -> JoinError {
    match runtime.block_on(task) {
        Ok(_) => panic!("the task has a value"),
        Err(error) => error,
    }
}

fn text_of(error: JoinError) -> &'static str {
    error.into_panic().downcast_ref::<&str>().unwrap()
}

#[test]
fn a_panic_in_a_poll_is_the_task_s_result_and_harms_nobody_else() {
    with_a_witness(|runtime| {
        let task = runtime.spawn(async { panic_quietly("in a poll") });
        let error = error_of(runtime, task);
        assert!(error.is_panic() && !error.is_cancelled());
        assert_eq!(text_of(error), "in a poll");
    });
}

#[test]
fn a_panic_in_a_later_poll_is_no_different() {
    with_a_witness(|runtime| {
        let task = runtime.spawn(async {
            yield_now().await;
            panic_quietly("later")
        });
        assert_eq!(text_of(error_of::<()>(runtime, task)), "later");
    });
}

#[test]
fn whatever_a_panic_carries_comes_out_again() {
    #[derive(Debug, PartialEq)]
    struct Own(u32);
    let runtime = paused();
    let of = |task| error_of::<()>(&runtime, task);

    let error = of(runtime.spawn(async { panic!("a literal") }));
    assert_eq!(
        error.to_string(),
        "task 1 panicked with message \"a literal\""
    );
    assert_eq!(text_of(error), "a literal");

    let parts = std::hint::black_box(2);
    let error = of(runtime.spawn(async move { panic!("made of {parts}") }));
    assert!(error.to_string().ends_with("\"made of 2\""));
    assert_eq!(
        error.into_panic().downcast_ref::<String>().unwrap(),
        "made of 2"
    );

    let error = of(runtime.spawn(async { panic_any(Own(3)) }));
    assert!(error.to_string().ends_with(" panicked"), "{error}");
    assert_eq!(*error.into_panic().downcast::<Own>().unwrap(), Own(3));
}

#[test]
fn a_payload_may_be_thrown_again_by_the_one_who_awaited_it() {
    let runtime = paused();
    let again = message_of_panic(|| {
        runtime.block_on(async {
            let error = runtime::spawn(async { panic_quietly("passed on") }).await;
            std::panic::resume_unwind(error.unwrap_err().into_panic());
        });
    });
    assert_eq!(again, "passed on");
}

#[test]
fn a_cancellation_has_no_payload_and_says_so() {
    let runtime = paused();
    let task = runtime.spawn(std::future::pending::<()>());
    task.abort();
    let error = error_of(&runtime, task).try_into_panic().unwrap_err();
    assert_eq!(error.to_string(), "task 1 was cancelled");
    let message = message_of_panic(|| error.into_panic());
    assert!(message.contains("task 1 was cancelled"), "{message}");
}

#[test]
fn the_error_goes_through_a_question_mark_to_another_thread() {
    fn boxed(runtime: &Runtime) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        runtime.block_on(runtime.spawn(async { panic_quietly("away") }))?;
        Ok(())
    }
    fn as_io(runtime: &Runtime) -> io::Result<()> {
        Ok(runtime.block_on(runtime.spawn(async { panic_quietly("away") }))?)
    }
    let runtime = paused();
    let error = boxed(&runtime).unwrap_err();
    let text = std::thread::spawn(move || error.to_string());
    assert!(text.join().unwrap().contains("away"));
    assert_eq!(as_io(&runtime).unwrap_err().kind(), io::ErrorKind::Other);
}

#[test]
fn what_a_panicking_task_held_is_dropped_before_anybody_hears_of_it() {
    let log = Log::default();
    paused().block_on(async {
        let held = log.on_drop("dropped");
        let task = runtime::spawn(async move {
            let _held = held;
            yield_now().await;
            panic_quietly("with something in hand")
        });
        assert!(task.await.unwrap_err().is_panic());
        log.add("heard");
    });
    assert_eq!(log.take(), ["dropped", "heard"]);
}

/// A future that has returned its value and whose own drop then panics: as in Tokio, the
/// panic is the result, and the value is lost.
#[test]
fn a_panic_in_the_drop_of_a_finished_future_is_its_result() {
    with_a_witness(|runtime| {
        let log = Log::default();
        let held = on_drop(|| panic_quietly("in a drop"));
        let mut value = Some(log.on_drop("the value"));
        let task = runtime.spawn(poll_fn(move |_| {
            let _held = &held;
            std::task::Poll::Ready(value.take())
        }));
        assert_eq!(text_of(error_of(runtime, task)), "in a drop");
        assert_eq!(log.take(), ["the value"]);
    });
}

#[test]
fn a_panic_in_the_drop_of_an_aborted_future_is_its_result() {
    with_a_witness(|runtime| {
        let never_polled = runtime.spawn(hold(on_drop(|| panic_quietly("early"))));
        let waiting = runtime.spawn(hold(on_drop(|| panic_quietly("late"))));
        never_polled.abort();
        assert_eq!(text_of(error_of(runtime, never_polled)), "early");
        run_dry(runtime);
        waiting.abort();
        assert_eq!(text_of(error_of(runtime, waiting)), "late");
    });
}

/// One panic on top of another would end the process, were both not caught apart.
#[test]
fn of_a_panic_in_the_poll_and_one_in_the_drop_the_first_is_the_result() {
    with_a_witness(|runtime| {
        let held = on_drop(|| panic_quietly("the consequence"));
        let task = runtime.spawn(poll_fn(move |_| -> std::task::Poll<()> {
            let _held = &held;
            panic_quietly("the cause")
        }));
        assert_eq!(text_of(error_of(runtime, task)), "the cause");
    });
}

#[test]
fn a_value_whose_drop_panics_harms_nobody_when_it_is_dropped_unheard() {
    with_a_witness(|runtime| {
        let value = || async { on_drop(|| panic_quietly("a value")) };
        drop(runtime.spawn(value()));
        run_dry(runtime);
        let finished = runtime.spawn(value());
        run_dry(runtime);
        drop(finished);
    });
}

#[test]
fn a_payload_whose_drop_panics_harms_nobody_when_it_is_dropped_unheard() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic_quietly("a payload");
        }
    }
    with_a_witness(|runtime| {
        let bomb = || async { std::panic::resume_unwind(Box::new(Bomb)) };
        drop::<JoinHandle<()>>(runtime.spawn(bomb()));
        run_dry(runtime);
        let ended: JoinHandle<()> = runtime.spawn(bomb());
        run_dry(runtime);
        drop(ended);
    });
}

#[test]
fn a_detached_task_panics_in_silence() {
    with_a_witness(|runtime| {
        drop::<JoinHandle<()>>(runtime.spawn(async { panic_quietly("unheard") }));
        run_dry(runtime);
    });
}

/// The joiner's waker need not be a task's: it may be any code, and it may panic. The
/// task that has just ended is not to blame, and the loop goes on.
#[test]
fn a_joiner_whose_waker_panics_harms_nobody() {
    with_a_witness(|runtime| {
        let door = Door::default();
        let mut task = runtime.spawn(door.wait());
        run_dry(runtime);
        let bad = waker_of(|| panic_quietly("a waker"));
        let poll = Pin::new(&mut task).poll(&mut Context::from_waker(&bad));
        assert!(poll.is_pending());
        door.open();
        run_dry(runtime);
        assert!(task.is_finished());
        runtime.block_on(task).unwrap();
    });
}

#[test]
fn a_task_that_panics_while_another_awaits_it_wakes_that_one() {
    paused().block_on(async {
        let inner = runtime::spawn(async {
            yield_now().await;
            panic_quietly("inner")
        });
        let outer = runtime::spawn(async move { inner.await.unwrap_err() });
        assert_eq!(text_of(outer.await.unwrap()), "inner");
    });
}

#[test]
fn a_hundred_tasks_panic_and_a_hundred_do_not() {
    paused().block_on(async {
        let done = Rc::new(Cell::new(0));
        let tasks = (0..200).map(|n| {
            let done = Rc::clone(&done);
            runtime::spawn(async move {
                yield_now().await;
                match n % 2 {
                    0 => panic_quietly("even"),
                    _ => done.set(done.get() + 1),
                }
            })
        });
        let mut panics = 0;
        for task in tasks.collect::<Vec<_>>() {
            panics += u32::from(task.await.is_err_and(|error| error.is_panic()));
        }
        assert_eq!((panics, done.get()), (100, 100));
    });
}

#[test]
fn a_panic_in_the_future_of_block_on_is_the_caller_s_and_the_runtime_runs_on() {
    with_a_witness(|runtime| {
        let log = Log::default();
        let held = log.on_drop("dropped");
        let waits = runtime.spawn(async {
            yield_now().await;
            2
        });
        let caught = catch_unwind(AssertUnwindSafe(|| {
            runtime.block_on(async move {
                let _held = held;
                yield_now().await;
                panic_quietly("the root")
            })
        }));
        let payload = caught.unwrap_err();
        assert_eq!(*payload.downcast_ref::<&str>().unwrap(), "the root");
        assert_eq!(log.take(), ["dropped"]);
        assert_eq!(runtime.block_on(waits).unwrap(), 2);
    });
}
