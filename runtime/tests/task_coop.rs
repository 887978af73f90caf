//! The budget as programs see it: spending, asking, going without, sharing what is foreign.

#[path = "support/tasks.rs"]
mod tasks;

use std::future::{poll_fn, ready};
use std::task::Poll;

use runtime::task::coop::{
    consume_budget, cooperative, has_budget_remaining, poll_proceed, unconstrained,
};
use tasks::{Door, paused, poll_once};

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
