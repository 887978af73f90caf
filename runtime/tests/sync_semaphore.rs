//! Semaphores: who is served when, and that no permit is ever lost.

#[path = "support/events.rs"]
mod events;
#[path = "support/tasks.rs"]
mod tasks;
#[path = "support/waits.rs"]
mod waits;

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Waker};

use events::{events, here, traced, woken};
use runtime::sync::{Semaphore, TryAcquireError};
use runtime::task::yield_now;
use runtime::trace::{Cause, Shared};
use tasks::{message_of_panic, panic_quietly, paused, waker_of};
use waits::{Wait, told, waker_that};

#[test]
fn who_waits_is_served_in_the_order_of_coming() {
    let semaphore = Semaphore::new(0);
    let mut waits: Vec<_> = (0..3).map(|_| Wait::begun(semaphore.acquire())).collect();
    for n in 0..3 {
        semaphore.add_permits(1);
        let woken: Vec<bool> = waits.iter().map(Wait::is_woken).collect();
        assert_eq!(woken, [true, n >= 1, n >= 2]);
        waits[n].ready().unwrap().forget();
    }
}

#[test]
fn many_small_wishes_do_not_starve_a_large_one() {
    let semaphore = Semaphore::new(2);
    let mut large = Wait::begun(semaphore.acquire_many(3));
    assert_eq!(semaphore.available_permits(), 0, "the two are kept");
    assert_eq!(
        semaphore.try_acquire().unwrap_err(),
        TryAcquireError::NoPermits
    );
    let mut small = Wait::begun(semaphore.acquire());
    semaphore.add_permits(1);
    assert!(large.is_woken() && !small.is_woken());
    drop(large.ready().unwrap());
    assert!(small.ready().is_ok());
}

#[test]
fn a_wait_that_is_dropped_in_the_line_gives_up_its_place_and_what_was_kept_for_it() {
    let semaphore = Semaphore::new(2);
    let large = Wait::begun(semaphore.acquire_many(3));
    let mut small = Wait::begun(semaphore.acquire());
    drop(large);
    assert!(small.is_woken(), "what was kept for the front is enough");
    drop(small.ready());
    assert_eq!(semaphore.available_permits(), 2);
}

#[test]
fn a_wait_that_is_dropped_in_the_middle_of_the_line_is_passed_over() {
    let semaphore = Semaphore::new(0);
    let mut first = Wait::begun(semaphore.acquire());
    let middle = Wait::begun(semaphore.acquire());
    let mut last = Wait::begun(semaphore.acquire());
    drop(middle);
    semaphore.add_permits(2);
    first.ready().unwrap().forget();
    last.ready().unwrap().forget();
    assert_eq!(semaphore.available_permits(), 0);
}

#[test]
fn a_permit_that_was_granted_and_not_heard_of_goes_to_the_next() {
    let semaphore = Semaphore::new(0);
    let first = Wait::begun(semaphore.acquire());
    let mut next = Wait::begun(semaphore.acquire());
    semaphore.add_permits(1);
    assert!(first.is_woken() && !next.is_woken());
    drop(first);
    assert!(next.is_woken());
    drop(next.ready());
    let last = Wait::new(semaphore.acquire());
    drop(last); // it had not even begun
    assert_eq!(semaphore.available_permits(), 1);
}

#[test]
fn a_task_without_budget_keeps_its_permit_until_it_has_some_or_is_dropped() {
    paused().block_on(async {
        let (semaphore, other) = (Semaphore::new(1), Semaphore::new(1));
        let mut wait = Wait::new(semaphore.acquire());
        while Wait::new(other.acquire()).poll().is_ready() {}
        assert!(wait.is_pending() && wait.is_woken());
        assert_eq!(semaphore.available_permits(), 0, "it has its permit");
        drop(wait);
        assert_eq!(semaphore.available_permits(), 1);
        let mut wait = Wait::new(semaphore.acquire());
        assert!(wait.is_pending());
        yield_now().await;
        assert!(wait.ready().is_ok());
    });
}

#[test]
fn a_task_that_always_finds_a_permit_lets_others_run() {
    paused().block_on(async {
        let others_turn = Rc::new(Cell::new(false));
        let theirs = Rc::clone(&others_turn);
        let other = runtime::spawn(async move { theirs.set(true) });
        let semaphore = Semaphore::new(1);
        while !others_turn.get() {
            drop(semaphore.acquire().await);
        }
        other.await.unwrap();
    });
}

#[test]
fn closing_wakes_all_who_wait_and_refuses_all_who_come() {
    let semaphore = Semaphore::new(2);
    let held = semaphore.try_acquire().unwrap();
    let mut large = Wait::begun(semaphore.acquire_many(5));
    let mut small = Wait::begun(semaphore.acquire());
    semaphore.close();
    assert!(large.is_woken() && small.is_woken() && semaphore.is_closed());
    assert!(large.ready().is_err() && small.ready().is_err());
    assert!(Wait::new(semaphore.acquire_many(0)).ready().is_err());
    let refused = semaphore.try_acquire().unwrap_err();
    assert_eq!(refused, TryAcquireError::Closed);
    drop(held);
    assert_eq!(semaphore.available_permits(), 2);
}

#[test]
fn a_permit_granted_before_the_close_and_not_heard_of_is_not_lost() {
    for polled in [true, false] {
        let semaphore = Semaphore::new(0);
        let mut wait = Wait::begun(semaphore.acquire());
        semaphore.add_permits(1);
        semaphore.close();
        if polled {
            assert!(wait.ready().is_err());
        }
        drop(wait);
        assert_eq!(semaphore.available_permits(), 1);
    }
}

#[test]
fn the_last_waker_is_the_one_that_is_woken() {
    let semaphore = Semaphore::new(0);
    let mut acquire = std::pin::pin!(semaphore.acquire());
    let rung = Arc::new(std::sync::Mutex::new(Vec::new()));
    for n in 0..2 {
        let rung = Arc::clone(&rung);
        let waker = waker_of(move || rung.lock().unwrap().push(n));
        let mut cx = Context::from_waker(&waker);
        assert!(acquire.as_mut().poll(&mut cx).is_pending());
    }
    semaphore.add_permits(1);
    assert_eq!(*rung.lock().unwrap(), [1]);
}

#[test]
fn a_waker_may_come_back_to_the_semaphore() {
    let semaphore = Arc::new(Semaphore::new(0));
    let theirs = Arc::clone(&semaphore);
    let waker = waker_that(move || {
        theirs.add_permits(1);
        theirs.try_acquire().unwrap().forget();
        theirs.close();
    });
    let mut wait = Box::pin(semaphore.acquire());
    let mut cx = Context::from_waker(&waker);
    assert!(wait.as_mut().poll(&mut cx).is_pending());
    semaphore.add_permits(1);
    assert!(semaphore.is_closed());
    drop(wait);
    assert_eq!(semaphore.available_permits(), 1);
}

#[test]
fn a_waker_that_panics_keeps_no_other_from_its_permit() {
    let semaphore = Semaphore::new(0);
    let waker = waker_of(|| panic_quietly("a bad waker"));
    let mut bad = Box::pin(semaphore.acquire());
    let mut cx = Context::from_waker(&waker);
    assert!(bad.as_mut().poll(&mut cx).is_pending());
    let mut good = Wait::begun(semaphore.acquire());
    semaphore.add_permits(2);
    assert!(good.ready().is_ok());
}

#[test]
fn a_panic_gives_the_permit_back() {
    let semaphore = Semaphore::new(1);
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        let _permit = semaphore.try_acquire().unwrap();
        panic_quietly("with a permit in hand");
    }));
    assert!(panicked.is_err());
    assert_eq!(semaphore.available_permits(), 1);
}

#[test]
fn permits_of_different_semaphores_do_not_merge_and_neither_is_lost() {
    let (one, two) = (Semaphore::new(1), Semaphore::new(1));
    let message = message_of_panic(|| {
        let mut permit = one.try_acquire().unwrap();
        permit.merge(two.try_acquire().unwrap());
    });
    assert_eq!(message, "merging permits of different semaphores");
    assert_eq!((one.available_permits(), two.available_permits()), (1, 1));
}

#[test]
fn there_are_never_more_than_the_most_permits() {
    let semaphore = Semaphore::new(Semaphore::MAX_PERMITS);
    assert!(message_of_panic(|| semaphore.add_permits(1)).contains("may not have more than"));
    let message = message_of_panic(|| Semaphore::new(Semaphore::MAX_PERMITS + 1));
    assert!(message.contains("may not have more than"));
    assert_eq!(semaphore.available_permits(), Semaphore::MAX_PERMITS);
}

#[test]
fn a_free_permit_is_taken_and_given_back_without_memory() {
    let semaphore = Semaphore::new(1);
    let mut cx = Context::from_waker(Waker::noop());
    let count = allocation_counter::measure(|| {
        for _ in 0..10 {
            let acquire = std::pin::pin!(semaphore.acquire());
            assert!(acquire.poll(&mut cx).is_ready());
        }
    });
    assert_eq!(count.count_total, 0);
}

#[test]
fn the_wake_of_a_waiter_names_who_gave_the_permit() {
    let runtime = traced();
    let semaphore = Arc::new(Semaphore::new(0));
    let theirs = Arc::clone(&semaphore);
    runtime.block_on(async move {
        let waiter = runtime::spawn(async move { theirs.acquire().await.unwrap().forget() });
        yield_now().await;
        semaphore.add_permits(1);
        waiter.await.unwrap();
    });
    let mut events = events(&runtime).into_iter();
    assert!(events.any(|event| event == woken(2, Cause::Task(1))));
}

#[test]
fn a_trace_tells_which_semaphore_a_task_waits_for_and_where() {
    let runtime = traced();
    let (one, two) = (Semaphore::new(0), Semaphore::new(0));
    let line = runtime.block_on(async {
        let mut wait = Wait::begun(one.acquire());
        assert!(Wait::new(two.acquire()).is_pending());
        assert!(wait.is_pending());
        here().line - 3
    });
    let told = told(&runtime);
    let numbers: Vec<u64> = told.iter().map(|told| told.1).collect();
    assert_eq!(numbers, [1, 2, 1]);
    assert!(told.iter().all(|told| told.0 == Shared::Semaphore));
    let places = told.iter().map(|told| told.2.expect("a place"));
    assert!(places.clone().all(|at| at.file == file!()));
    let lines: Vec<u32> = places.map(|at| at.line).collect();
    assert_eq!(lines, [line, line + 1, line]);
}

#[test]
fn a_closed_semaphore_still_counts_its_permits_and_gives_none() {
    let semaphore = Semaphore::new(3);
    let held = semaphore.try_acquire_many(2).unwrap();
    semaphore.close();
    assert_eq!(semaphore.available_permits(), 1);
    drop(held);
    semaphore.add_permits(2);
    assert_eq!(semaphore.available_permits(), 5);
    assert_eq!(semaphore.forget_permits(2), 2);
    semaphore.close();
    assert_eq!(semaphore.available_permits(), 3);
    for n in [0, 1] {
        let refused = semaphore.try_acquire_many(n).unwrap_err();
        assert_eq!(refused, TryAcquireError::Closed);
    }
}

#[test]
fn what_needs_no_permit_waits_for_none() {
    let semaphore = Semaphore::new(0);
    assert!(semaphore.try_acquire_many(0).is_ok());
    assert!(Wait::new(semaphore.acquire_many(0)).ready().is_ok());
    assert_eq!(semaphore.available_permits(), 0);
}
