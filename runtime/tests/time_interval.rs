//! `interval`: ticks counted from the beginning, bursts after a delay, and nothing lost by a
//! tick that is given up.

#[path = "support/machine.rs"]
mod machine;

use std::task::Poll;

use machine::{Bell, Ledger, drop_after, panic_of, paused, poll_here, run_paused as run};
use runtime::runtime::Runtime;
use runtime::time::{Duration, Instant, Interval, advance, interval, sleep};

const MS: Duration = Duration::from_millis(1);

/// The next tick if it is due, without waiting.
async fn now(interval: &mut Interval) -> Option<Instant> {
    match poll_here(&mut Box::pin(interval.tick())).await {
        Poll::Ready(due) => Some(due),
        Poll::Pending => None,
    }
}

#[test]
fn it_ticks_at_once_and_then_every_period_exactly() {
    run(async {
        for period in [1, 63, 64, 65, 4095, 4096, 300_000] {
            let start = Instant::now();
            let mut ticker = interval(period * MS);
            for tick in 0..5 {
                assert_eq!(ticker.tick().await, start + tick * period * MS);
                assert_eq!(start.elapsed(), tick * period * MS);
            }
        }
    });
}

#[test]
fn the_first_tick_comes_at_the_first_poll_by_a_running_clock_too() {
    Runtime::new().unwrap().block_on(async {
        for _ in 0..100 {
            let start = Instant::now();
            let mut ticker = interval(MS);
            assert!(now(&mut ticker).await.expect("a tick") >= start);
        }
    });
}

#[test]
fn the_time_its_user_takes_does_not_shift_the_ticks() {
    run(async {
        let start = Instant::now();
        let mut ticker = interval(10 * MS);
        for tick in 0..20 {
            ticker.tick().await;
            assert_eq!(start.elapsed(), tick * 10 * MS);
            sleep(7 * MS).await;
        }
    });
}

#[test]
fn ticks_that_were_missed_come_in_a_burst_each_with_its_own_time() {
    run(async {
        let start = Instant::now();
        let mut ticker = interval(10 * MS);
        ticker.tick().await;
        advance(35 * MS).await;
        for tick in [1, 2, 3] {
            assert_eq!(now(&mut ticker).await, Some(start + tick * 10 * MS));
        }
        assert_eq!(now(&mut ticker).await, None);
        ticker.tick().await;
        assert_eq!(start.elapsed(), 40 * MS);
    });
}

#[test]
fn a_tick_that_is_given_up_is_not_lost() {
    run(async {
        let start = Instant::now();
        let mut ticker = interval(10 * MS);
        ticker.tick().await;
        for _ in 0..9 {
            assert_eq!(drop_after(1, ticker.tick()).await, None);
            advance(MS).await;
        }
        // It fires while no task waits for it.
        advance(MS).await;
        assert_eq!(now(&mut ticker).await, Some(start + 10 * MS));
        ticker.tick().await;
        assert_eq!(start.elapsed(), 20 * MS);
    });
}

#[test]
fn a_reset_lets_the_next_tick_come_one_period_from_now() {
    run(async {
        let start = Instant::now();
        let mut ticker = interval(10 * MS);
        // Before the first tick, between two, and when one is overdue.
        ticker.reset();
        assert_eq!(ticker.tick().await, start + 10 * MS);
        advance(4 * MS).await;
        ticker.reset();
        assert_eq!(ticker.tick().await, start + 24 * MS);
        advance(50 * MS).await;
        ticker.reset();
        assert_eq!(ticker.tick().await, start + 84 * MS);
        assert_eq!(start.elapsed(), 84 * MS);
    });
}

#[test]
fn the_second_tick_of_an_endless_period_is_only_far_away() {
    run(async {
        let mut ticker = interval(Duration::MAX);
        ticker.tick().await;
        advance(Duration::from_secs(29 * 365 * 24 * 3600)).await;
        assert_eq!(now(&mut ticker).await, None);
        assert_eq!(ticker.period(), Duration::MAX);
    });
}

#[test]
fn poll_tick_wakes_the_last_who_asked() {
    run(async {
        let ((first, first_waker), (second, second_waker)) = (Bell::new(), Bell::new());
        let mut ticker = interval(10 * MS);
        ticker.tick().await;
        for waker in [&first_waker, &second_waker] {
            let mut cx = std::task::Context::from_waker(waker);
            assert!(ticker.poll_tick(&mut cx).is_pending());
        }
        advance(10 * MS).await;
        assert_eq!((first.rung(), second.rung()), (0, 1));
    });
}

#[test]
fn a_burst_without_end_shares_the_thread() {
    run(async {
        let mut ticker = interval(MS);
        advance(1_000_000 * MS).await;
        let other = runtime::spawn(async {});
        let mut ticks = 0;
        while !other.is_finished() {
            ticker.tick().await;
            ticks += 1;
            assert!(ticks < 1000, "the other task starves");
        }
    });
}

#[test]
fn a_dropped_interval_leaves_no_timer() {
    let runtime = paused();
    runtime.block_on(async {
        let mut ticker = interval(10 * MS);
        ticker.tick().await;
        assert!(now(&mut ticker).await.is_none());
        let mut ledger = Ledger::default();
        ledger.add(&runtime);
        assert_eq!(ledger.timers.len(), 1);
        drop(ticker);
        ledger.add(&runtime);
        ledger.assert_empty();
    });
}

#[test]
fn a_period_of_zero_is_refused() {
    let text = panic_of(|| paused().block_on(async { interval(Duration::ZERO) }));
    assert!(text.contains("must not be zero"), "{text}");
}

#[test]
fn many_intervals_keep_their_own_time() {
    run(async {
        let start = Instant::now();
        let tickers = (1..50).map(|period| {
            runtime::spawn(async move {
                let mut ticker = interval(period * MS);
                for tick in 0..20 {
                    let due = ticker.tick().await;
                    assert_eq!(due - start, tick * period * MS);
                    assert_eq!(Instant::now(), due);
                }
            })
        });
        let tickers: Vec<_> = tickers.collect();
        for ticker in tickers {
            ticker.await.unwrap();
        }
    });
}
