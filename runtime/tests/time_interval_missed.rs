//! What becomes of ticks that no task took in time, and every way to move the next one.

#[path = "support/machine.rs"]
mod machine;

use std::task::Poll;

use machine::{Ledger, panic_of, paused, poll_here, run_paused as run};
use proptest::prelude::*;
use runtime::time::MissedTickBehavior::{Burst, Delay, Skip};
use runtime::time::{
    Duration, Instant, Interval, MissedTickBehavior, advance, interval, interval_at,
};

const MS: Duration = Duration::from_millis(1);

/// The next tick if it is due, without waiting.
async fn now(interval: &mut Interval) -> Option<Instant> {
    match poll_here(&mut Box::pin(interval.tick())).await {
        Poll::Ready(due) => Some(due),
        Poll::Pending => None,
    }
}

/// The ticks that come, each as (when it was due, when it came), in milliseconds: the first
/// at once; then the user is busy until `busy`; then all until `end`.
async fn ticks(behavior: MissedTickBehavior, busy: u32, end: u32) -> Vec<(u128, u128)> {
    let start = Instant::now();
    let mut ticker = interval(10 * MS);
    ticker.set_missed_tick_behavior(behavior);
    let mut seen = Vec::new();
    ticker.tick().await;
    advance(busy * MS).await;
    loop {
        let due = ticker.tick().await;
        let came = start.elapsed().as_millis();
        if came > u128::from(end) {
            return seen;
        }
        seen.push(((due - start).as_millis(), came));
    }
}

#[test]
fn a_burst_brings_all_that_were_missed_and_then_the_old_rhythm() {
    run(async {
        let seen = ticks(Burst, 35, 60).await;
        assert_eq!(
            seen,
            [(10, 35), (20, 35), (30, 35), (40, 40), (50, 50), (60, 60)]
        );
    });
}

#[test]
fn a_delay_starts_a_new_rhythm_from_the_late_tick() {
    run(async {
        let seen = ticks(Delay, 35, 60).await;
        assert_eq!(seen, [(10, 35), (45, 45), (55, 55)]);
    });
}

#[test]
fn a_skip_drops_what_was_missed_and_keeps_the_rhythm() {
    run(async {
        let seen = ticks(Skip, 35, 60).await;
        assert_eq!(seen, [(10, 35), (40, 40), (50, 50), (60, 60)]);
        // Late by a whole number of periods: the next is a whole one away.
        let seen = ticks(Skip, 30, 60).await;
        assert_eq!(seen, [(10, 30), (40, 40), (50, 50), (60, 60)]);
    });
}

#[test]
fn five_milliseconds_are_not_late_and_six_are() {
    run(async {
        for behavior in [Delay, Skip] {
            assert_eq!(ticks(behavior, 15, 20).await, [(10, 15), (20, 20)]);
        }
        assert_eq!(ticks(Delay, 16, 30).await, [(10, 16), (26, 26)]);
        assert_eq!(ticks(Skip, 16, 30).await, [(10, 16), (20, 20), (30, 30)]);
    });
}

#[test]
fn it_can_be_asked_and_changed_in_between() {
    run(async {
        let start = Instant::now();
        let mut ticker = interval(10 * MS);
        assert_eq!(ticker.missed_tick_behavior(), MissedTickBehavior::default());
        ticker.tick().await;
        advance(45 * MS).await;
        ticker.tick().await;
        ticker.tick().await;
        ticker.set_missed_tick_behavior(Skip);
        assert_eq!(ticker.missed_tick_behavior(), Skip);
        assert_eq!(ticker.tick().await, start + 30 * MS);
        assert_eq!(ticker.tick().await, start + 50 * MS);
    });
}

#[test]
fn the_first_tick_may_be_later_or_long_past() {
    run(async {
        let start = Instant::now();
        let mut ticker = interval_at(start + 7 * MS, 10 * MS);
        assert_eq!(now(&mut ticker).await, None);
        assert_eq!(ticker.tick().await, start + 7 * MS);
        assert_eq!(ticker.tick().await, start + 17 * MS);

        advance(20 * MS).await;
        let mut ticker = interval_at(start, 10 * MS);
        assert_eq!(now(&mut ticker).await, Some(start));
        assert_eq!(now(&mut ticker).await, Some(start + 10 * MS));
    });
}

#[test]
fn the_next_tick_can_be_moved_and_the_others_follow_it() {
    run(async {
        let start = Instant::now();
        let mut ticker = interval(10 * MS);
        ticker.tick().await;
        advance(3 * MS).await;
        ticker.reset_immediately();
        assert_eq!(now(&mut ticker).await, Some(start + 3 * MS));
        assert_eq!(ticker.tick().await, start + 13 * MS);
        ticker.reset_after(MS);
        assert_eq!(ticker.tick().await, start + 14 * MS);
        ticker.reset_at(start + 50 * MS);
        assert_eq!(ticker.tick().await, start + 50 * MS);
        ticker.reset_at(start);
        assert_eq!(now(&mut ticker).await, Some(start));
        ticker.reset_after(Duration::MAX);
        advance(1_000_000 * MS).await;
        assert_eq!(now(&mut ticker).await, None);
    });
}

#[test]
fn a_waiting_tick_is_moved_in_both_directions() {
    run(async {
        let start = Instant::now();
        for (to, came) in [(5, 5), (40, 40)] {
            let mut ticker = interval_at(Instant::now() + 10 * MS, 10 * MS);
            assert_eq!(now(&mut ticker).await, None);
            ticker.reset_at(start + to * MS);
            ticker.tick().await;
            assert_eq!(start.elapsed(), came * MS);
        }
    });
}

#[test]
fn a_period_of_zero_is_refused_with_a_start_too_and_leaves_no_timer() {
    let runtime = paused();
    let text =
        panic_of(|| runtime.block_on(async { interval_at(Instant::now() + MS, Duration::ZERO) }));
    assert!(text.contains("must not be zero"), "{text}");
    Ledger::of(&runtime).assert_empty();
}

#[test]
fn a_period_that_fits_no_clock_skips_and_delays_without_a_panic() {
    run(async {
        for behavior in [Burst, Delay, Skip] {
            let mut ticker = interval(Duration::MAX);
            ticker.set_missed_tick_behavior(behavior);
            advance(1000 * MS).await;
            ticker.tick().await;
            assert_eq!(now(&mut ticker).await, None);
        }
    });
}

proptest! {
    /// Between two looks at the clock any time may pass.
    #[test]
    fn skipped_ticks_are_multiples_and_delayed_ones_a_period_apart(
        period in 1..50_u32,
        busy in proptest::collection::vec(0..200_u32, 1..40),
    ) {
        run(async move {
            let start = Instant::now();
            let (mut skip, mut delay) = (interval(period * MS), interval(period * MS));
            skip.set_missed_tick_behavior(Skip);
            delay.set_missed_tick_behavior(Delay);
            let mut last = None;
            for busy in busy {
                advance(busy * MS).await;
                while let Some(due) = now(&mut skip).await {
                    let since = (due - start).as_nanos();
                    assert_eq!(since % (period * MS).as_nanos(), 0);
                    // In time by the grace, or the only one.
                    let late = Instant::now() - due;
                    assert!(late <= 5 * MS || skip_is_ahead(&mut skip).await);
                }
                if let Some(due) = now(&mut delay).await {
                    assert!(last.is_none_or(|last| due - last >= period * MS));
                    last = Some(due);
                }
            }
        });
    }
}

/// After a late tick the next is in the future.
async fn skip_is_ahead(ticker: &mut Interval) -> bool {
    now(ticker).await.is_none()
}
