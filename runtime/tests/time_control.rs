//! A hand on the clock: pausing, resuming and advancing it, the jump to the next deadline,
//! and the order in which timers fire.

#[path = "support/machine.rs"]
mod machine;

use std::cell::RefCell;
use std::rc::Rc;

use machine::{Ledger, panic_of, paused};
use runtime::runtime::{Builder, Runtime, Step};
use runtime::spawn;
use runtime::task::yield_now;
use runtime::time::{Duration, Instant, advance, pause, resume, sleep, sleep_until};
use runtime::trace::{Event, Record};

const MS: Duration = Duration::from_millis(1);

/// To which times a paused clock was moved.
fn jumps(records: &[Record]) -> Vec<Duration> {
    let jump = |record: &Record| match record.event {
        Event::ClockAdvanced { to } => Some(to),
        _ => None,
    };
    records.iter().filter_map(jump).collect()
}

#[test]
fn the_clock_stands_still_while_anything_is_ready() {
    paused().block_on(async {
        let start = Instant::now();
        let nap = spawn(sleep(MS));
        for _ in 0..1000 {
            yield_now().await;
            std::thread::yield_now();
        }
        assert_eq!(start.elapsed(), Duration::ZERO);
        assert!(!nap.is_finished());
    });
}

#[test]
fn the_jump_goes_to_the_next_deadline_and_never_to_a_time_between() {
    let runtime = paused();
    // Deadlines so far apart that the wheel must sort them on the way, on every level.
    let deadlines = [
        1,
        63,
        64,
        65,
        4095,
        4097,
        300_000,
        20_000_000,
        2_000_000_000,
    ];
    runtime.block_on(async {
        let start = Instant::now();
        let naps = deadlines.map(|ms| spawn(sleep_until(start + ms * MS)));
        for nap in naps {
            nap.await.unwrap();
        }
    });
    let records = runtime.trace().take();
    assert_eq!(jumps(&records), deadlines.map(|ms| ms * MS));
}

#[test]
fn a_far_deadline_is_reached_in_one_jump() {
    let runtime = paused();
    let far = Duration::from_secs(10 * 365 * 24 * 3600);
    runtime.block_on(async { sleep(far).await });
    assert_eq!(jumps(&runtime.trace().take()), [far]);
}

#[test]
fn a_deadline_between_two_ticks_is_reached_at_the_second() {
    let runtime = paused();
    runtime.block_on(async { sleep(Duration::from_micros(1500)).await });
    assert_eq!(jumps(&runtime.trace().take()), [2 * MS]);
}

#[test]
fn the_clock_may_be_advanced_to_between_two_ticks() {
    paused().block_on(async {
        let start = Instant::now();
        let nap = spawn(sleep(MS));
        advance(Duration::from_nanos(999_999)).await;
        assert!(!nap.is_finished());
        advance(Duration::from_nanos(1)).await;
        assert!(nap.is_finished());
        assert_eq!(start.elapsed(), MS);
    });
}

#[test]
fn who_was_due_has_run_when_advance_returns() {
    paused().block_on(async {
        let naps: Vec<_> = (1..=1000).map(|ms| spawn(sleep(ms * MS))).collect();
        yield_now().await;
        advance(500 * MS).await;
        let done = naps.iter().filter(|nap| nap.is_finished()).count();
        assert_eq!(done, 500);
    });
}

#[test]
fn timers_fire_by_deadline_and_then_in_the_order_in_which_they_were_set() {
    let runtime = paused();
    let log = Rc::new(RefCell::new(Vec::new()));
    runtime.block_on(async {
        let start = Instant::now();
        // Twice the same deadlines: near, far, and in an order of their own.
        for round in 0..2 {
            for ms in [5000, 64, 1, 4096, 65, 63, 4095, 300_000, 64] {
                let log = Rc::clone(&log);
                drop(spawn(async move {
                    sleep_until(start + ms * MS).await;
                    log.borrow_mut().push((ms, round));
                }));
            }
        }
        yield_now().await;
        advance(Duration::from_secs(1000)).await;
    });
    let in_order = [
        (1, 0),
        (1, 1),
        (63, 0),
        (63, 1),
        (64, 0),
        (64, 0),
        (64, 1),
        (64, 1),
        (65, 0),
        (65, 1),
        (4095, 0),
        (4095, 1),
        (4096, 0),
        (4096, 1),
        (5000, 0),
        (5000, 1),
        (300_000, 0),
        (300_000, 1),
    ];
    assert_eq!(*log.borrow(), in_order);
    assert_eq!(jumps(&runtime.trace().take()), [Duration::from_secs(1000)]);
}

#[test]
fn a_clock_that_jumps_over_a_hundred_thousand_deadlines_fires_each_once() {
    let runtime = paused();
    let most = 100_000;
    runtime.block_on(async {
        // Every deadline from 1 ms to 100 s, far from sorted: 7 generates them all.
        let naps = (0..most).map(|n| spawn(sleep((n * 7_001 % most + 1) * MS)));
        let naps: Vec<_> = naps.collect();
        yield_now().await;
        advance(most * MS).await;
        assert!(naps.iter().all(runtime::task::JoinHandle::is_finished));
    });
    let records = runtime.trace().take();
    let fired = machine::count(&records, |event| matches!(event, Event::TimerFired { .. }));
    assert_eq!(fired, most as usize);
    let mut ledger = Ledger::default();
    ledger.read(&records);
    ledger.assert_empty();
}

#[test]
fn a_paused_clock_with_nothing_to_jump_to_waits_for_a_wake_from_outside() {
    let runtime = paused();
    let (sender, receiver) = std::sync::mpsc::channel();
    let other = std::thread::spawn(move || {
        let waker: std::task::Waker = receiver.recv().unwrap();
        waker.wake();
    });
    let mut polls = 0;
    runtime.block_on(std::future::poll_fn(|cx| {
        polls += 1;
        if polls == 1 {
            sender.send(cx.waker().clone()).unwrap();
            return std::task::Poll::Pending;
        }
        std::task::Poll::Ready(())
    }));
    other.join().unwrap();
    assert_eq!(jumps(&runtime.trace().take()), []);
}

#[test]
fn pausing_in_the_middle_holds_the_clock_where_it_is() {
    Runtime::new().unwrap().block_on(async {
        let before = Instant::now();
        pause();
        let held = Instant::now();
        assert!(held >= before);
        std::thread::sleep(2 * MS);
        assert_eq!(Instant::now(), held);
        sleep(Duration::from_secs(3600)).await;
        assert_eq!(held.elapsed().as_secs(), 3600);
    });
}

#[test]
fn a_resumed_clock_goes_on_from_where_it_stood() {
    // It used to fall back to the system's time: an hour back after an advance of an hour,
    // and the wheel, which was an hour ahead, would not fire for that long.
    let runtime = paused();
    runtime.block_on(async {
        let start = Instant::now();
        let hour = Duration::from_secs(3600);
        let nap = spawn(sleep(hour));
        yield_now().await;
        advance(hour).await;
        assert!(nap.is_finished());
        resume();
        assert!(Instant::now() >= start + hour);
    });
    let minute = Duration::from_secs(60);
    let deadline = {
        let _entered = runtime.enter();
        let deadline = Instant::now() + minute;
        drop(runtime.spawn(sleep_until(deadline)));
        deadline
    };
    let until = loop {
        if let Step::WouldPark { until } = runtime.step() {
            break until.expect("a timer is set");
        }
    };
    assert!(until <= deadline + MS, "the thread would park for too long");
}

#[test]
fn the_clock_never_goes_back() {
    Runtime::new().unwrap().block_on(async {
        let mut last = Instant::now();
        let mut look = || {
            let now = Instant::now();
            assert!(now >= last);
            last = now;
        };
        for round in 0..3 {
            pause();
            look();
            advance(round * Duration::from_secs(60)).await;
            look();
            sleep(MS).await;
            look();
            resume();
            look();
            sleep(MS).await;
            look();
        }
    });
}

#[test]
fn each_runtime_has_its_own_clock() {
    let (still, other) = (paused(), paused());
    let before = still.block_on(async { Instant::now() });
    other.block_on(async { sleep(Duration::from_secs(60)).await });
    assert_eq!(still.block_on(async { Instant::now() }), before);
    {
        let _entered = still.enter();
        assert_eq!(Instant::now(), before);
    }
    // Outside of both it is the system's.
    assert!(Instant::now().into_std() <= std::time::Instant::now());
}

#[test]
fn two_runs_give_the_same_events() {
    let run = || {
        let mut builder = Builder::new_current_thread();
        let runtime = builder
            .enable_all()
            .start_paused(true)
            .rng_seed(7)
            .build()
            .unwrap();
        runtime.trace().start(10_000);
        runtime.block_on(async {
            let naps: Vec<_> = (0..20).map(|n| spawn(sleep(n % 7 * MS))).collect();
            advance(3 * MS).await;
            for nap in naps {
                nap.await.unwrap();
            }
        });
        runtime.trace().take()
    };
    assert_eq!(run(), run());
}

#[test]
fn the_wrong_state_of_the_clock_is_a_panic_that_says_so() {
    let runtime = paused();
    let text = panic_of(|| runtime.block_on(async { pause() }));
    assert!(text.contains("paused already"), "{text}");
    let runtime = Runtime::new().unwrap();
    let text = panic_of(|| runtime.block_on(async { resume() }));
    assert!(text.contains("not paused"), "{text}");
    let text = panic_of(|| runtime.block_on(advance(MS)));
    assert!(text.contains("not paused"), "{text}");
    for lost in [pause as fn(), resume] {
        let text = panic_of(lost);
        assert!(text.contains("no runtime on this thread"), "{text}");
    }
}

#[test]
fn an_advance_beyond_all_time_panics_and_leaves_the_clock_alone() {
    let runtime = paused();
    let before = runtime.block_on(async { Instant::now() });
    let text = panic_of(|| runtime.block_on(advance(Duration::MAX)));
    assert!(text.contains("cannot go that far"), "{text}");
    assert_eq!(runtime.block_on(async { Instant::now() }), before);
}
