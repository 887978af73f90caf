//! Memory: what the machine asks of the allocator, and that it asks for nothing else.
//!
//! A spawn needs two pieces, one for the future and one for the join state. Headers are used
//! again, and queues and slabs keep the memory that they need. So a program that has run for a
//! while, and does what it did before, allocates nothing but its futures. (What a burst took is
//! given back: `memory_bursts.rs`.)

#[path = "support/tasks.rs"]
mod tasks;

use std::cell::Cell;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;
use std::thread;

use allocation_counter::measure;
use runtime::runtime::{Runtime, Step};
use runtime::task::yield_now;
use runtime::time::{Duration, sleep};
use tasks::{Door, paused};

/// Steps until there is nothing to do, without keeping a list.
fn exhaust(runtime: &Runtime) {
    while !matches!(runtime.step(), Step::WouldPark { .. }) {}
}

/// How many pieces of memory `work` asks for when it is done for the third time.
fn allocations(mut work: impl FnMut()) -> u64 {
    work();
    work();
    measure(work).count_total
}

#[test]
fn a_spawn_allocates_the_future_and_the_join_state_and_nothing_more() {
    let runtime = paused();
    let count = allocations(|| {
        drop(runtime.spawn(async {}));
        exhaust(&runtime);
    });
    assert_eq!(count, 2);
}

#[test]
fn a_thousand_spawns_allocate_two_thousand_times() {
    let runtime = paused();
    let count = allocations(|| {
        for n in 0..1000 {
            drop(runtime.spawn(async move {
                if n % 2 == 0 {
                    yield_now().await;
                }
            }));
        }
        exhaust(&runtime);
    });
    assert_eq!(count, 2000);
}

/// A header that a waker still holds cannot be used again: a third piece.
#[test]
fn a_task_whose_waker_outlives_it_takes_its_header_along() {
    let runtime = paused();
    let kept = Rc::new(Cell::new(None));
    let count = allocations(|| {
        let kept = Rc::clone(&kept);
        drop(runtime.spawn(poll_fn(move |cx| {
            kept.set(Some(cx.waker().clone()));
            Poll::Ready(())
        })));
        exhaust(&runtime);
    });
    assert_eq!(count, 3);
}

#[test]
fn polls_and_wakes_allocate_nothing() {
    let runtime = paused();
    for _ in 0..100 {
        drop(runtime.spawn(async {
            loop {
                yield_now().await;
            }
        }));
    }
    let count = allocations(|| {
        for _ in 0..1000 {
            runtime.step();
        }
    });
    assert_eq!(count, 0);
}

#[test]
fn a_wake_that_goes_through_the_inbox_allocates_nothing() {
    let runtime = paused();
    let door = Door::default();
    drop(runtime.spawn(door.wait()));
    exhaust(&runtime);
    let count = allocations(|| {
        door.waker().wake();
        exhaust(&runtime);
    });
    assert_eq!(count, 0);
}

#[test]
fn a_wake_from_another_thread_allocates_nothing_there() {
    let runtime = paused();
    let door = Door::default();
    drop(runtime.spawn(door.wait()));
    exhaust(&runtime);
    let wake = || {
        let waker = door.waker();
        let count = thread::spawn(move || measure(move || waker.wake()).count_total);
        let count = count.join().unwrap();
        exhaust(&runtime);
        count
    };
    // The inbox has two lists, one at each end of the way, and both grow once.
    wake();
    wake();
    assert_eq!(wake(), 0);
}

#[test]
fn a_sleep_allocates_nothing_however_it_ends() {
    let runtime = paused();
    let count = allocations(|| {
        runtime.block_on(async {
            for n in 0..100 {
                let nap = sleep(Duration::from_millis(n));
                let gives_up = n % 2 == 0;
                let mut nap = std::pin::pin!(nap);
                poll_fn(|cx| match nap.as_mut().poll(cx) {
                    Poll::Pending if !gives_up => Poll::Pending,
                    _ => Poll::Ready(()),
                })
                .await;
            }
        });
    });
    assert_eq!(count, 0);
}

#[test]
fn a_future_sent_from_another_thread_allocates_itself_and_its_join_state() {
    let runtime = paused();
    let handle = runtime.handle().clone();
    let count = allocations(|| {
        drop(handle.spawn(async {}));
        exhaust(&runtime);
    });
    assert_eq!(count, 2);
}

#[test]
fn what_a_thousand_tasks_needed_serves_the_next_thousand() {
    let runtime = paused();
    let alive = || {
        let tasks: Vec<_> = (0..1000).map(|_| runtime.spawn(yield_now())).collect();
        exhaust(&runtime);
        drop(tasks);
    };
    alive();
    let held = measure(alive).bytes_current;
    assert_eq!(held, 0, "bytes kept that were not kept before");
}
