//! The budget as programs see it: spending, asking, going without, sharing what is foreign.

#[path = "support/tasks.rs"]
mod tasks;

use std::cell::Cell;
use std::future::{Future, poll_fn, ready};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use runtime::net::UnixStream;
use runtime::runtime::{Builder, Step};
use runtime::sync::Semaphore;
use runtime::task::coop::{
    RestoreOnPending, consume_budget, cooperative, has_budget_remaining, poll_proceed,
    unconstrained,
};
use runtime::time::{Duration, sleep};
use tasks::{Door, paused, poll_once, waker_of};

/// How many times `step` was called before another task had its turn.
async fn steps_before_another(mut step: impl AsyncFnMut()) -> usize {
    let other = runtime::spawn(async {});
    let mut steps = 0;
    while !other.is_finished() {
        assert!(steps < 10_000, "the other task starves");
        step().await;
        steps += 1;
    }
    steps
}

#[test]
fn a_loop_that_spends_gives_the_thread_back_after_128_rounds() {
    paused().block_on(async {
        assert_eq!(
            steps_before_another(async || consume_budget().await).await,
            129
        );
    });
}

#[test]
fn a_foreign_future_shares_when_it_is_wrapped() {
    paused().block_on(async {
        assert_eq!(
            steps_before_another(async || cooperative(ready(())).await).await,
            129
        );
    });
}

#[test]
fn what_is_pending_spends_nothing() {
    paused().block_on(async {
        let door = Door::default();
        let mut waits = Box::pin(cooperative(door.wait()));
        poll_fn(|cx| {
            for _ in 0..1000 {
                assert!(waits.as_mut().poll(cx).is_pending());
            }
            assert_eq!(door.polls(), 1000);
            assert!(has_budget_remaining());
            Poll::Ready(())
        })
        .await;
    });
}

#[test]
fn a_wrapped_future_is_not_polled_when_nothing_is_left() {
    paused().block_on(async {
        let door = Door::default();
        poll_fn(|cx| {
            let mut spent = false;
            while let Poll::Ready(unit) = poll_proceed(cx) {
                unit.made_progress();
                spent = true;
            }
            assert!(spent && !has_budget_remaining());
            assert!(
                Box::pin(cooperative(door.wait()))
                    .as_mut()
                    .poll(cx)
                    .is_pending()
            );
            assert_eq!(door.polls(), 0);
            Poll::Ready(())
        })
        .await;
    });
}

#[test]
fn a_unit_that_made_no_progress_comes_back() {
    paused().block_on(poll_fn(|cx| {
        for _ in 0..1000 {
            assert!(poll_proceed(cx).is_ready());
        }
        Poll::Ready(())
    }));
}

#[test]
fn without_a_budget_nobody_else_has_a_turn() {
    paused().block_on(async {
        let other = runtime::spawn(async {});
        unconstrained(async {
            for _ in 0..10_000 {
                assert!(has_budget_remaining());
                consume_budget().await;
            }
        })
        .await;
        assert!(!other.is_finished());
        // What follows is counted again.
        assert!(steps_before_another(async || consume_budget().await).await <= 129);
    });
}

#[test]
fn outside_of_a_task_nothing_is_counted() {
    for _ in 0..1000 {
        assert!(has_budget_remaining());
        assert!(poll_once(&mut Box::pin(consume_budget())).is_ready());
    }
}

#[test]
fn the_loop_itself_has_a_budget_whatever_was_spent_outside() {
    let runtime = paused();
    let nap = {
        let _inside = runtime.enter();
        sleep(Duration::from_millis(1))
    };
    let seen = Arc::new(AtomicUsize::new(0));
    let sight = Arc::clone(&seen);
    // It is called by the loop, which is in no poll.
    let waker = waker_of(move || {
        let free = has_budget_remaining() && poll_once(&mut Box::pin(consume_budget())).is_ready();
        sight.fetch_add(usize::from(free), Ordering::Relaxed);
    });
    let mut nap = Box::pin(nap);
    assert!(
        nap.as_mut()
            .poll(&mut Context::from_waker(&waker))
            .is_pending()
    );
    for _ in 0..128 {
        assert!(poll_once(&mut Box::pin(consume_budget())).is_ready());
    }
    while let Step::WouldPark { until: Some(until) } = runtime.step() {
        runtime.park(Some(until));
    }
    assert_eq!(seen.load(Ordering::Relaxed), 1);
}

#[test]
fn what_the_loop_calls_while_it_parks_is_on_no_tasks_account() {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let (told, tells) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(None)));
    let (seen, root) = (Arc::clone(&told), Arc::clone(&tells));
    let foreign = waker_of(move || {
        let free = (0..200).filter(|_| poll_once(&mut Box::pin(consume_budget())).is_ready());
        seen.store(free.count(), Ordering::Relaxed);
        let root: Option<Waker> = root.lock().unwrap().take();
        root.unwrap().wake();
    });
    runtime.block_on(async {
        let (near, far) = UnixStream::pair().unwrap();
        let mut readable = Box::pin(near.readable());
        let mut spends = true;
        poll_fn(|cx| {
            if !std::mem::take(&mut spends) {
                return Poll::Ready(());
            }
            *tells.lock().unwrap() = Some(cx.waker().clone());
            let mut foreign = Context::from_waker(&foreign);
            assert!(readable.as_mut().poll(&mut foreign).is_pending());
            far.try_write(b"!").unwrap();
            // All that there is, and the loop has nothing to do but to park.
            while has_budget_remaining() {
                assert!(poll_proceed(cx).map(|unit| unit.made_progress()).is_ready());
            }
            Poll::Pending
        })
        .await;
    });
    assert_eq!(told.load(Ordering::Relaxed), 200);
}

#[test]
fn a_unit_that_did_not_count_is_not_given_back_where_it_would() {
    paused().block_on(async {
        let free = poll_fn(unconstrained_unit).await;
        let mut polls = 0;
        let spent = poll_fn(|cx| {
            polls += 1;
            let mut spent = 0;
            while let Poll::Ready(unit) = poll_proceed(cx) {
                unit.made_progress();
                spent += 1;
                if spent == 100 && polls == 1 {
                    free.take();
                }
            }
            Poll::Ready(spent)
        });
        assert_eq!(spent.await, 128);
    });
}

/// A unit that was taken where nothing counts.
fn unconstrained_unit(cx: &mut Context<'_>) -> Poll<Cell<Option<RestoreOnPending>>> {
    let mut asks = unconstrained(poll_fn(|cx| {
        poll_proceed(cx).map(|unit| Cell::new(Some(unit)))
    }));
    Pin::new(&mut asks).poll(cx)
}

/// Units of earlier polls, given back in one, are no budget for it.
#[test]
fn units_that_come_back_late_make_no_poll_longer() {
    paused().block_on(async {
        let mut kept = Vec::new();
        for _ in 0..5 {
            for _ in 0..100 {
                kept.push(poll_fn(poll_proceed).await);
            }
            runtime::task::yield_now().await;
        }
        drop(kept);
        assert!(steps_before_another(async || consume_budget().await).await <= 129);
    });
}

/// The semaphore has no permit, and the wait for one is wrapped: the last unit of the budget is given back, whole.
#[test]
fn the_last_unit_comes_back_from_a_wait_that_is_wrapped() {
    paused().block_on(async {
        let semaphore = Semaphore::new(0);
        let mut waits = Box::pin(cooperative(semaphore.acquire()));
        poll_fn(|cx| {
            let mut spent = 0;
            while spent < 127 {
                let Poll::Ready(unit) = poll_proceed(cx) else {
                    panic!("{spent} of 128 are spent");
                };
                unit.made_progress();
                spent += 1;
            }
            assert!(waits.as_mut().poll(cx).is_pending());
            assert!(has_budget_remaining(), "the wait has spent nothing");
            assert!(poll_proceed(cx).map(|unit| unit.made_progress()).is_ready());
            assert!(!has_budget_remaining());
            Poll::Ready(())
        })
        .await;
    });
}
