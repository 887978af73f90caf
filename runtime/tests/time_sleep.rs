//! `sleep`: never early, at most a tick late, from zero to the end of time.

#[path = "support/machine.rs"]
mod machine;

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;

use machine::{Bell, panic_of, paused, poll_here, poll_with, run_paused as run};
use runtime::runtime::{Builder, Runtime};
use runtime::spawn;
use runtime::time::{Duration, Instant, advance, interval, sleep, sleep_until, timeout_at};
use runtime::trace::Event;

const MS: Duration = Duration::from_millis(1);
const NS: Duration = Duration::from_nanos(1);

/// A slot, a level, and one more or less of each: where a wheel of 64 slots a level can err.
fn boundaries() -> impl Iterator<Item = Duration> {
    let of_level = |level| {
        let slot = 1_u64 << (6 * level);
        [
            slot - 1,
            slot,
            slot + 1,
            63 * slot,
            64 * slot - 1,
            64 * slot + 1,
        ]
    };
    (0..6)
        .flat_map(of_level)
        .filter(|&ms| ms > 0)
        .map(Duration::from_millis)
}

#[test]
fn a_deadline_further_away_than_ticks_reach_is_met_all_the_same() {
    let secs = Duration::from_secs;
    let (near, far) = (secs(u64::MAX / 1000 + 1), secs(u64::MAX / 10));
    let runtime = paused();
    runtime.block_on(async {
        let start = Instant::now();
        let mut ends = runtime::task::JoinSet::new();
        for after in [far, near, far + secs(1), near + secs(1)] {
            ends.spawn(async move {
                sleep(after).await;
                assert_eq!(start.elapsed(), after);
                after
            });
        }
        // One is given up, and one is set to another time.
        assert!(poll_here(&mut sleep(near - secs(1))).await.is_pending());
        let mut moved = sleep(secs(5));
        assert!(poll_here(&mut moved).await.is_pending());
        Pin::new(&mut moved).reset(start + far + secs(9));
        for expected in [near, near + secs(1), far, far + secs(1)] {
            assert_eq!(ends.join_next().await.unwrap().unwrap(), expected);
        }
        moved.await;
        assert_eq!(start.elapsed(), far + secs(9));
        // The clock is past all ticks: what is set now comes in its time too.
        sleep(secs(1)).await;
        let late = timeout_at(start + far + secs(20), std::future::pending::<()>());
        assert!(late.await.is_err());
        assert_eq!(start.elapsed(), far + secs(20));
        let mut interval = interval(secs(7));
        interval.tick().await;
        interval.tick().await;
        assert_eq!(start.elapsed(), far + secs(27));
    });
}

#[test]
fn a_sleep_takes_exactly_its_time_at_every_boundary_of_the_wheel() {
    run(async {
        // Begun from the wheel's zero, and from times inside a slot of every level.
        for offset in [0, 1, 63, 4_000, 123_456_789] {
            advance(offset * MS).await;
            for duration in boundaries() {
                let start = Instant::now();
                sleep(duration).await;
                assert_eq!(start.elapsed(), duration);
            }
        }
    });
}

#[test]
fn a_nanosecond_before_its_deadline_no_sleep_has_ended() {
    run(async {
        for duration in boundaries() {
            let (bell, waker) = Bell::new();
            let mut nap = sleep(duration);
            assert!(poll_with(&waker, &mut nap).is_pending());
            advance(duration - NS).await;
            assert_eq!(bell.rung(), 0, "{duration:?}");
            assert!(!nap.is_elapsed() && poll_with(&waker, &mut nap).is_pending());
            advance(NS).await;
            assert_eq!(bell.rung(), 1, "{duration:?}");
            assert!(nap.is_elapsed() && poll_with(&waker, &mut nap).is_ready());
        }
    });
}

#[test]
fn a_deadline_inside_a_tick_ends_at_the_next_and_not_later() {
    run(async {
        for nanos in [1, 2, 500_000, 999_999, 1_000_001, 1_500_000, 64_000_001] {
            for part in [0, 1, 999_999] {
                advance(Duration::from_nanos(part)).await;
                let duration = Duration::from_nanos(nanos);
                let start = Instant::now();
                sleep(duration).await;
                assert!(start.elapsed() >= duration);
                assert!(start.elapsed() < duration + MS);
            }
        }
    });
}

#[test]
fn zero_ends_at_the_first_poll_and_never_enters_the_wheel() {
    let runtime = paused();
    runtime.block_on(async {
        let mut nap = sleep(Duration::ZERO);
        assert!(poll_here(&mut nap).await.is_ready());
        assert!(nap.is_elapsed());
    });
    let set = |event: &Event| matches!(event, Event::TimerSet { .. });
    assert_eq!(machine::count(&runtime.trace().take(), set), 0);
}

#[test]
fn zero_ends_at_the_first_poll_by_a_running_clock_too() {
    Runtime::new().unwrap().block_on(async {
        assert!(poll_here(&mut sleep(Duration::ZERO)).await.is_ready());
    });
}

#[test]
fn a_deadline_that_has_passed_ends_at_the_first_poll() {
    run(async {
        let start = Instant::now();
        advance(5 * MS).await;
        for deadline in [start, start + 4 * MS, start + 5 * MS] {
            assert!(poll_here(&mut sleep_until(deadline)).await.is_ready());
        }
        assert!(
            poll_here(&mut sleep_until(start + 5 * MS + NS))
                .await
                .is_pending()
        );
    });
}

#[test]
fn beyond_the_platforms_time_a_sleep_waits_for_thirty_years() {
    run(async {
        let start = Instant::now();
        let mut forever = sleep(Duration::MAX);
        let years = Duration::from_secs(30 * 365 * 24 * 3600);
        assert_eq!(forever.deadline(), start + years);
        assert!(poll_here(&mut forever).await.is_pending());
        advance(years - NS).await;
        assert!(!forever.is_elapsed());
        forever.await;
        assert_eq!(start.elapsed(), years);
    });
}

#[test]
fn deadlines_beyond_the_wheels_range_are_kept_and_end_in_order() {
    run(async {
        let start = Instant::now();
        let year = Duration::from_secs(365 * 24 * 3600);
        let log = Rc::new(RefCell::new(Vec::new()));
        let naps = [9, 2, 500, 3, 3, 1].map(|years| {
            let log = Rc::clone(&log);
            spawn(async move {
                sleep_until(start + years * year).await;
                log.borrow_mut().push((years, start.elapsed()));
            })
        });
        for nap in naps {
            nap.await.unwrap();
        }
        let exact = [1, 2, 3, 3, 9, 500].map(|years| (years, years * year));
        assert_eq!(*log.borrow(), exact);
    });
}

#[test]
fn the_farthest_moment_that_can_be_expressed_is_only_far_away() {
    run(async {
        let mut deadline = Instant::now();
        for bit in (0..64).rev() {
            let step = Duration::from_secs(1 << bit);
            deadline = deadline.checked_add(step).unwrap_or(deadline);
        }
        let mut nap = sleep_until(deadline);
        assert!(poll_here(&mut nap).await.is_pending());
        advance(Duration::from_secs(1000 * 365 * 24 * 3600)).await;
        assert!(poll_here(&mut nap).await.is_pending());
    });
}

#[test]
fn is_elapsed_follows_the_wheel_and_not_the_clock() {
    run(async {
        let mut nap = sleep(MS);
        advance(2 * MS).await;
        assert!(
            !nap.is_elapsed(),
            "it was not polled, so nothing watches its time"
        );
        assert!(poll_here(&mut nap).await.is_ready() && nap.is_elapsed());
        let again = Instant::now() + MS;
        Pin::new(&mut nap).reset(again);
        assert!(!nap.is_elapsed() && nap.deadline() == again);
        assert!(poll_here(&mut nap).await.is_pending() && !nap.is_elapsed());
        advance(MS).await;
        assert!(
            nap.is_elapsed(),
            "it has fired, although it was not polled yet"
        );
    });
}

#[test]
fn after_its_end_a_sleep_is_ready_again_and_again() {
    run(async {
        let mut nap = sleep(MS);
        Pin::new(&mut nap).await;
        for _ in 0..3 {
            assert!(poll_here(&mut nap).await.is_ready());
        }
    });
}

#[test]
fn every_sleep_spends_budget_so_that_a_loop_of_them_shares_the_thread() {
    run(async {
        let other = spawn(async { 7 });
        let mut rounds = 0;
        while !other.is_finished() {
            sleep(Duration::ZERO).await;
            rounds += 1;
            assert!(rounds < 1000, "the other task starves");
        }
    });
}

#[test]
fn without_a_runtime_or_without_timers_a_panic_says_what_to_do() {
    let text = panic_of(|| sleep(MS));
    assert!(text.contains("no runtime on this thread"), "{text}");
    let runtime = Builder::new_current_thread().enable_io().build().unwrap();
    let text = panic_of(|| runtime.block_on(async { sleep(MS).await }));
    assert!(text.contains("enable_time"), "{text}");
}
