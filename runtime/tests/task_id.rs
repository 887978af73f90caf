//! Who runs: `task::id` in a task, in its destructors, and outside.

#[path = "support/tasks.rs"]
mod tasks;

use std::cell::Cell;
use std::future::pending;
use std::rc::Rc;

use runtime::task::{Id, id, try_id, yield_now};
use tasks::{hold, message_of_panic, on_drop, paused, run_dry};

/// Notes who drops it.
fn witness() -> (Rc<Cell<Option<Id>>>, impl Sized) {
    let seen = Rc::new(Cell::new(None));
    let theirs = Rc::clone(&seen);
    (seen, on_drop(move || theirs.set(try_id())))
}

#[test]
fn a_task_knows_its_number_before_and_after_a_wait() {
    paused().block_on(async {
        let task = runtime::spawn(async {
            let before = id();
            yield_now().await;
            (before, id())
        });
        let number = task.id();
        assert_eq!(task.await.unwrap(), (number, number));
    });
}

#[test]
fn outside_of_a_task_there_is_none_and_block_on_is_outside() {
    assert_eq!(try_id(), None);
    let runtime = paused();
    runtime.block_on(async {
        assert_eq!(try_id(), None);
        runtime::spawn(async { id() }).await.unwrap();
        assert_eq!(try_id(), None);
    });
    let text = message_of_panic(|| runtime.block_on(async { id() }));
    assert!(text.contains("outside of a task"), "{text}");
    assert_eq!(try_id(), None);
}

#[test]
fn a_future_is_dropped_under_its_own_number() {
    paused().block_on(async {
        let (seen, witness) = witness();
        let task = runtime::spawn(async move { drop(witness) });
        let number = task.id();
        task.await.unwrap();
        assert_eq!(seen.get(), Some(number));
    });
    paused().block_on(async {
        let (seen, witness) = witness();
        let task = runtime::spawn(hold(witness));
        task.abort();
        let number = task.id();
        assert!(task.await.is_err());
        assert_eq!(seen.get(), Some(number));
    });
}

#[test]
fn a_future_that_a_shutdown_drops_is_dropped_under_its_own_number() {
    let runtime = paused();
    let (seen, witness) = witness();
    let task = runtime.spawn(hold(witness));
    drop(runtime.spawn(pending::<()>()));
    run_dry(&runtime);
    drop(runtime);
    assert_eq!(seen.get(), Some(task.id()));
}

#[test]
fn a_value_that_nobody_takes_is_dropped_under_the_number_of_its_task() {
    paused().block_on(async {
        // The handle goes first, or the task does.
        let (seen, value) = witness();
        let task = runtime::spawn(async { value });
        let number = task.id();
        drop(task);
        yield_now().await;
        assert_eq!(seen.get(), Some(number));

        let (seen, value) = witness();
        let task = runtime::spawn(async { value });
        let number = task.id();
        yield_now().await;
        let dropper = runtime::spawn(async move {
            drop(task);
            id()
        });
        let after = dropper.await.unwrap();
        assert_eq!(seen.get(), Some(number));
        assert_ne!(after, number, "the dropper is itself again");
    });
}

#[test]
fn each_of_two_runtimes_on_a_thread_has_its_own_answer() {
    let (outer, inner) = (paused(), Rc::new(paused()));
    outer.block_on(async {
        let theirs = Rc::clone(&inner);
        let task = runtime::spawn(async move {
            let mine = id();
            let task = theirs.spawn(async { id() });
            run_dry(&theirs);
            assert!(task.is_finished());
            assert_eq!(id(), mine);
        });
        task.await.unwrap();
    });
}

#[test]
fn a_job_knows_its_number_and_its_thread_forgets_it() {
    let mut builder = runtime::runtime::Builder::new_current_thread();
    let runtime = builder
        .enable_all()
        .max_blocking_threads(1)
        .build()
        .unwrap();
    runtime.block_on(async {
        for _ in 0..3 {
            let job = runtime::task::spawn_blocking(id);
            assert_eq!(job.id(), job.await.unwrap());
        }
        let elsewhere = std::thread::spawn(try_id).join().unwrap();
        assert_eq!(elsewhere, None);
    });
}
