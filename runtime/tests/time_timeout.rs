//! `timeout`: who wins at the last moment, what zero means, and that neither the future nor
//! the timer survives the answer.

#[path = "support/machine.rs"]
mod machine;

use std::cell::Cell;
use std::future::{pending, poll_fn, ready};
use std::rc::Rc;
use std::task::Poll;

use machine::{Ledger, panic_of, paused, poll_here, run_paused as run};
use runtime::runtime::Runtime;
use runtime::spawn;
use runtime::task::yield_now;
use runtime::time::{Duration, Instant, advance, sleep, timeout, timeout_at};

const MS: Duration = Duration::from_millis(1);

#[test]
fn a_future_that_ends_in_time_gives_its_value_and_takes_its_own_time() {
    run(async {
        let start = Instant::now();
        let slow = async {
            sleep(9 * MS).await;
            7
        };
        assert_eq!(timeout(10 * MS, slow).await, Ok(7));
        assert_eq!(start.elapsed(), 9 * MS);
    });
}

#[test]
fn a_future_that_does_not_end_is_given_up_exactly_at_the_deadline() {
    run(async {
        for after in [1, 63, 64, 65, 4096, 262_144] {
            let start = Instant::now();
            assert!(timeout(after * MS, pending::<()>()).await.is_err());
            assert_eq!(start.elapsed(), after * MS);
            let deadline = Instant::now() + after * MS;
            assert!(timeout_at(deadline, pending::<()>()).await.is_err());
            assert_eq!(Instant::now(), deadline);
        }
    });
}

#[test]
fn a_future_that_is_ready_at_the_last_moment_wins() {
    run(async {
        assert_eq!(timeout(10 * MS, sleep(10 * MS)).await, Ok(()));
        // Even if the clock jumps far over both.
        let both = spawn(timeout(10 * MS, sleep(10 * MS)));
        yield_now().await;
        advance(1000 * MS).await;
        assert_eq!(both.await.unwrap(), Ok(()));
    });
}

#[test]
fn zero_is_one_look_at_the_future() {
    run(async {
        let start = Instant::now();
        assert_eq!(timeout(Duration::ZERO, ready(7)).await, Ok(7));
        let polls = Cell::new(0);
        let busy = poll_fn(|cx| {
            polls.set(polls.get() + 1);
            cx.waker().wake_by_ref();
            Poll::<()>::Pending
        });
        let mut guarded = timeout(Duration::ZERO, busy);
        assert!(matches!(poll_here(&mut guarded).await, Poll::Ready(Err(_))));
        assert_eq!((polls.get(), start.elapsed()), (1, Duration::ZERO));
    });
}

#[test]
fn zero_is_one_look_by_a_running_clock_too() {
    Runtime::new().unwrap().block_on(async {
        for _ in 0..100 {
            let mut guarded = timeout(Duration::ZERO, pending::<()>());
            assert!(matches!(poll_here(&mut guarded).await, Poll::Ready(Err(_))));
        }
    });
}

#[test]
fn a_deadline_that_has_passed_is_one_look_at_the_future() {
    run(async {
        let start = Instant::now();
        advance(5 * MS).await;
        assert_eq!(timeout_at(start, ready(7)).await, Ok(7));
        let mut late = timeout_at(start, pending::<()>());
        assert!(matches!(poll_here(&mut late).await, Poll::Ready(Err(_))));
    });
}

#[test]
fn a_limit_that_never_comes_is_no_limit() {
    run(async {
        assert_eq!(timeout(Duration::MAX, ready(7)).await, Ok(7));
        let day = Duration::from_secs(24 * 3600);
        assert_eq!(timeout(Duration::MAX, sleep(day)).await, Ok(()));
    });
}

/// Tells whether it has been dropped.
struct Dropped(Rc<Cell<bool>>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.set(true);
    }
}

#[test]
fn the_future_is_gone_when_the_time_is_up() {
    run(async {
        let dropped = Rc::new(Cell::new(false));
        let token = Dropped(Rc::clone(&dropped));
        let stuck = async move {
            pending::<()>().await;
            drop(token);
        };
        assert!(timeout(MS, stuck).await.is_err());
        assert!(dropped.get());
    });
}

#[test]
fn of_two_limits_the_nearer_counts() {
    run(async {
        let start = Instant::now();
        let inner = timeout(20 * MS, timeout(10 * MS, pending::<()>()));
        assert!(inner.await.unwrap().is_err());
        assert_eq!(start.elapsed(), 10 * MS);
        let outer = timeout(5 * MS, timeout(10 * MS, pending::<()>()));
        assert!(outer.await.is_err());
        assert_eq!(start.elapsed(), 15 * MS);
    });
}

#[test]
fn a_future_that_spends_all_its_budget_is_given_up_in_time_all_the_same() {
    run(async {
        let hog = spawn(timeout(10 * MS, async {
            loop {
                sleep(Duration::ZERO).await;
            }
        }));
        // The hog is always ready, so the clock does not move by itself.
        for _ in 0..9 {
            advance(MS).await;
            assert!(!hog.is_finished());
        }
        advance(MS).await;
        assert!(hog.is_finished());
        assert!(hog.await.unwrap().is_err());
    });
}

#[test]
fn a_timeout_that_is_dropped_or_taken_apart_leaves_no_timer() {
    let runtime = paused();
    let mut ledger = Ledger::default();
    runtime.block_on(async {
        let mut guarded = timeout(10 * MS, pending::<()>());
        assert!(poll_here(&mut guarded).await.is_pending());
        ledger.add(&runtime);
        assert_eq!(ledger.timers.len(), 1);
        drop(guarded);
        let mut guarded = timeout(10 * MS, pending::<()>());
        assert!(poll_here(&mut guarded).await.is_pending());
        let mut bare = guarded.into_inner();
        ledger.add(&runtime);
        ledger.assert_empty();
        advance(20 * MS).await;
        assert!(poll_here(&mut bare).await.is_pending());
    });
}

#[test]
fn a_future_that_has_ended_leaves_no_timer() {
    let runtime = paused();
    runtime.block_on(async {
        for _ in 0..1000 {
            timeout(10 * MS, yield_now()).await.unwrap();
        }
        let mut ledger = Ledger::default();
        ledger.add(&runtime);
        ledger.assert_empty();
    });
}

#[test]
fn the_error_says_what_happened_and_turns_into_an_io_error() {
    run(async {
        let elapsed = timeout(MS, pending::<()>()).await.unwrap_err();
        assert_eq!(elapsed.to_string(), "deadline has elapsed");
        let error = std::io::Error::from(elapsed);
        assert_eq!(error.kind(), std::io::ErrorKind::TimedOut);
    });
}

#[test]
fn outside_of_a_runtime_a_panic_says_what_to_do() {
    let text = panic_of(|| timeout(MS, pending::<()>()));
    assert!(text.contains("no runtime on this thread"), "{text}");
}
