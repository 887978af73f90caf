//! A task without a handle lives like any other, and costs less.
#![forbid(unsafe_code)]

#[path = "support/tasks.rs"]
mod tasks;

use allocation_counter::measure;
use runtime::runtime::Runtime;
use runtime::task::{spawn_detached, yield_now};
use std::cell::Cell;
use std::future::pending;
use std::rc::Rc;
use tasks::{paused, run_dry};

/// Counts its drops.
struct Dropped(Rc<Cell<u32>>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.set(self.0.get() + 1);
    }
}

/// A counter, and what counts its drop in it.
fn counted() -> (Rc<Cell<u32>>, Dropped) {
    let drops = Rc::default();
    (Rc::clone(&drops), Dropped(drops))
}

#[test]
fn it_runs_to_its_end_and_its_result_is_dropped() {
    let runtime = paused();
    let (drops, result) = counted();
    runtime.block_on(async {
        spawn_detached(async move {
            yield_now().await;
            result
        });
        assert_eq!(drops.get(), 0, "it has not begun");
        yield_now().await;
        yield_now().await;
        assert_eq!(drops.get(), 1);
    });
}

#[test]
fn its_panic_is_its_own_end_only() {
    let runtime = paused();
    let (drops, held) = counted();
    runtime.block_on(async {
        spawn_detached(async move {
            let _held = held;
            panic!("expected by the test");
        });
        yield_now().await;
        assert_eq!(drops.get(), 1);
    });
    assert!(runtime.snapshot().tasks.is_empty());
}

#[test]
fn it_is_dropped_with_its_runtime() {
    let runtime = paused();
    let (drops, held) = counted();
    runtime.block_on(async {
        spawn_detached(async move {
            let _held = held;
            pending::<()>().await;
        });
        yield_now().await;
    });
    assert_eq!((runtime.snapshot().tasks.len(), drops.get()), (1, 0));
    drop(runtime);
    assert_eq!(drops.get(), 1);
}

#[test]
fn one_that_is_spawned_while_the_runtime_is_dropped_is_dropped_at_once() {
    struct Last(Rc<Cell<u32>>);
    impl Drop for Last {
        fn drop(&mut self) {
            let held = Dropped(Rc::clone(&self.0));
            spawn_detached(async move {
                let _held = held;
                pending::<()>().await;
            });
        }
    }
    let runtime = paused();
    let drops = Rc::new(Cell::new(0));
    let last = Last(Rc::clone(&drops));
    drop(runtime.spawn(async move {
        let _last = last;
        pending::<()>().await;
    }));
    run_dry(&runtime);
    drop(runtime);
    assert_eq!(drops.get(), 1);
}

/// What an observer sees of a task, apart from the lines of the program.
fn events(runtime: &Runtime, spawn: impl FnOnce()) -> Vec<String> {
    runtime.trace().start(100);
    runtime.block_on(async {
        spawn();
        yield_now().await;
        yield_now().await;
    });
    let recording = runtime.trace().take();
    let words = recording.iter().map(|record| format!("{:?}", record.event));
    words
        .map(|event| match event.split_once(", at: ") {
            Some((event, _)) => event.to_owned(),
            None => event,
        })
        .collect()
}

#[test]
fn an_observer_sees_what_it_sees_of_any_task() {
    let one = events(&paused(), || spawn_detached(yield_now()));
    let other = events(&paused(), || drop(runtime::spawn(yield_now())));
    assert!(one.iter().any(|event| event.starts_with("Ended")));
    assert_eq!(one, other);
}

#[test]
fn it_allocates_once_less_than_one_with_a_handle() {
    let runtime = paused();
    let spawn = |spawn: fn()| {
        runtime.block_on(async {
            spawn(); // what it leaves is used again: a header, a slot
            yield_now().await;
            let asked = measure(spawn).count_total;
            yield_now().await;
            asked
        })
    };
    let with = spawn(|| drop(runtime::spawn(async {})));
    let without = spawn(|| spawn_detached(async {}));
    assert_eq!(without + 1, with);
}
