//! The recording: its stamps, its bound, and that it can be relied on to the last byte.

#![cfg(feature = "trace")]

#[path = "support/events.rs"]
mod events;
#[path = "support/tasks.rs"]
mod tasks;

use std::cell::Cell;
use std::rc::Rc;
use std::thread;

use events::{ended, events, traced, woken};
use runtime::io::{AsyncReadExt, AsyncWriteExt, duplex};
use runtime::runtime::{Builder, Runtime, Step};
use runtime::task::yield_now;
use runtime::time::{Duration, sleep};
use runtime::trace::{Cause, End, Event, Record};
use tasks::{Door, panic_quietly, paused, run_dry};

#[test]
fn a_budget_spent_before_the_recording_began_is_not_told_later() {
    let runtime = paused();
    let tasks: Vec<_> = (0..129).map(|_| runtime.spawn(async {})).collect();
    run_dry(&runtime);
    let trace = runtime.trace();
    runtime.block_on(async move {
        let taker = runtime::spawn(async move {
            for task in tasks {
                task.await.unwrap();
            }
        });
        yield_now().await;
        assert!(!taker.is_finished());
        trace.start(100);
        taker.await.unwrap();
    });
    let told = events(&runtime);
    let spent = |event: &Event| matches!(event, Event::BudgetSpent { .. });
    assert!(!told.iter().any(spent), "{told:?}");
}

#[test]
fn every_record_is_stamped_with_the_task_that_ran_and_the_time() {
    let runtime = traced();
    runtime.block_on(async {
        let nap = runtime::spawn(async { sleep(Duration::from_secs(2)).await });
        nap.await.unwrap();
    });
    let mut polling = None;
    let mut time = Duration::ZERO;
    for record in runtime.trace().take() {
        if let Event::PollStart { task } = record.event {
            polling = Some(task);
        }
        assert_eq!(record.task, polling, "{record:?}");
        if let Event::PollEnd { .. } = record.event {
            polling = None;
        }
        if let Event::ClockAdvanced { to } = record.event {
            time = to;
        }
        assert_eq!(record.time, time, "{record:?}");
    }
    assert_eq!(time, Duration::from_secs(2));
}

/// No task waits for a time here, so nothing but the recording wants to know what time it is.
#[test]
fn records_have_the_time_of_a_running_clock_also_without_timers() {
    let runtime = Runtime::new().unwrap();
    runtime.trace().start(10_000);
    let work = Duration::from_millis(2);
    runtime.block_on(async {
        thread::sleep(work);
        // The clock is looked at once a round.
        for _ in 0..100 {
            yield_now().await;
        }
    });
    let records = runtime.trace().take();
    assert!(records.is_sorted_by_key(|record| record.time));
    let last = records.last().unwrap().time;
    assert!(last >= work, "{last:?}");
}

#[test]
fn numbers_go_up_by_one_whoever_takes_them() {
    let runtime = traced();
    let mut records = Vec::new();
    for _ in 0..3 {
        runtime.block_on(yield_now());
        records.extend(runtime.trace().take());
    }
    let numbers = records.iter().map(|record| record.seq);
    assert!(numbers.eq(0..records.len() as u64));
}

#[test]
fn a_full_ring_keeps_the_last_events_and_counts_the_lost() {
    let runtime = paused();
    let trace = runtime.trace();
    trace.start(4);
    for _ in 0..10 {
        runtime.block_on(async {});
    }
    let records = trace.take();
    let numbers: Vec<_> = records.iter().map(|record| record.seq).collect();
    assert_eq!(numbers, [46, 47, 48, 49]);
    assert_eq!(trace.lost(), 46);
    // Taken is not lost, and makes room.
    runtime.block_on(async {});
    assert_eq!((trace.take().len(), trace.lost()), (4, 47));
}

#[test]
fn a_ring_made_smaller_loses_the_oldest() {
    let runtime = traced();
    runtime.block_on(async {});
    let trace = runtime.trace();
    trace.start(2);
    assert_eq!(trace.lost(), 3);
    let records = trace.take();
    assert_eq!(records.len(), 2);
    assert_eq!(records[1].event, ended(1, End::Finished));
    trace.start(0);
    runtime.block_on(async {});
    assert_eq!(trace.take().len(), 1, "the smallest ring holds one");
}

#[test]
fn nothing_is_recorded_unless_asked_for() {
    let runtime = paused();
    let trace = runtime.trace();
    runtime.block_on(yield_now());
    assert!(!trace.is_recording());
    trace.start(1000);
    assert!(trace.is_recording());
    runtime.block_on(async { trace.stop() });
    runtime.block_on(yield_now());
    assert!(!trace.is_recording());
    let records = trace.take();
    assert_eq!(records.len(), 3, "{records:?}");
    assert_eq!(trace.lost(), 0);
}

#[test]
fn two_runtimes_on_one_thread_tell_their_own_stories() {
    let (first, second) = (traced(), traced());
    let door = Door::default();
    drop(first.spawn(door.wait()));
    run_dry(&first);
    drop(events(&first));
    second.block_on(async { door.open() });
    assert_eq!(events(&first), []);
    assert_eq!(events(&second).len(), 5);
    run_dry(&first);
    assert_eq!(events(&first)[1], woken(1, Cause::Outside));
}

#[test]
fn records_may_be_sent_to_another_thread() {
    let runtime = traced();
    runtime.block_on(async {});
    let records = runtime.trace().take();
    let count = thread::spawn(move || records.len());
    assert_eq!(count.join().unwrap(), 5);
}

/// Tasks, timers, streams, aborts and panics, in an order that depends on chance alone.
fn a_bit_of_everything(seed: u64) -> Vec<Record> {
    let mut builder = Builder::new_current_thread();
    builder.enable_all().start_paused(true).rng_seed(seed);
    let runtime = builder.build().unwrap();
    runtime.trace().start(1_000_000);
    runtime.block_on(async {
        let (here, mut there) = duplex(3);
        let writer = runtime::spawn(write_slowly(here));
        let racers: Vec<_> = (0..10).map(|n| runtime::spawn(race(n, n % 5))).collect();
        let mut text = String::new();
        there.read_to_string(&mut text).await.unwrap();
        assert_eq!(text.len(), 40);
        writer.await.unwrap();
        for (n, racer) in racers.into_iter().enumerate() {
            if n % 4 == 0 {
                racer.abort();
            }
            drop(racer.await);
        }
    });
    let trace = runtime.trace();
    drop(runtime);
    assert_eq!(trace.lost(), 0);
    trace.take()
}

async fn write_slowly(mut stream: runtime::io::DuplexStream) {
    for _ in 0..10 {
        stream.write_all(b"text").await.unwrap();
        sleep(Duration::from_millis(1)).await;
    }
}

async fn race(n: u64, naps: u64) {
    for _ in 0..=naps {
        let nap = runtime::select! {
            () = yield_now() => 0,
            () = yield_now() => 1,
            () = yield_now() => 2,
        };
        sleep(Duration::from_millis(nap)).await;
    }
    if n == 7 {
        panic_quietly("an unlucky number");
    }
}

#[test]
fn two_runs_with_one_seed_are_equal_to_the_last_byte() {
    let text = |seed| format!("{:?}", a_bit_of_everything(seed));
    assert_eq!(a_bit_of_everything(3), a_bit_of_everything(3));
    assert_eq!(text(3), text(3));
    assert_ne!(text(3), text(4));
}

/// From the events alone one can rebuild the run queue, and so foretell who is polled next.
#[test]
fn the_events_alone_tell_who_is_polled_next() {
    for seed in 0..20 {
        let mut queue = std::collections::VecDeque::new();
        let mut alive = std::collections::BTreeSet::new();
        let mut polling = None;
        for record in a_bit_of_everything(seed) {
            match record.event {
                Event::Spawned { task, .. } => assert!(alive.insert(task)),
                Event::Woken { task, .. } => {
                    assert!(alive.contains(&task), "{record:?}");
                    queue.push_back(task);
                }
                Event::PollStart { task } => {
                    queue.retain(|task| alive.contains(task));
                    assert_eq!(queue.pop_front(), Some(task), "seed {seed}: {record:?}");
                    assert_eq!(polling.replace(task), None);
                }
                Event::PollEnd { task, .. } => assert_eq!(polling.take(), Some(task)),
                Event::Ended { task, .. } => assert!(alive.remove(&task)),
                _ => {}
            }
        }
        assert!(alive.is_empty(), "seed {seed}: {alive:?} never ended");
    }
}

#[test]
fn observing_changes_nothing() {
    fn steps(observed: bool) -> Vec<Step> {
        let runtime = paused();
        if observed {
            runtime.trace().start(10);
        }
        let order = Rc::new(Cell::new(0));
        for n in 0..5 {
            let order = Rc::clone(&order);
            drop(runtime.spawn(async move {
                race(n, n).await;
                order.set(order.get() * 10 + n);
            }));
        }
        let mut steps = Vec::new();
        let start = {
            let _guard = runtime.enter();
            runtime::time::Instant::now()
        };
        loop {
            let step = runtime.step();
            let Step::WouldPark { until } = step else {
                steps.push(step);
                continue;
            };
            let Some(until) = until else {
                assert_eq!(order.get().to_string().len(), 4, "01234 in some order");
                return steps;
            };
            assert!(until >= start);
            runtime.park(Some(until));
        }
    }
    assert_eq!(steps(true), steps(false));
}

#[test]
fn a_recording_begins_after_a_feed_and_beside_none() {
    let runtime = paused();
    let feed = runtime.trace().feed(1000);
    drop(feed);
    runtime.block_on(yield_now());
    assert!(!runtime.trace().is_recording(), "the other end is gone");
    runtime.trace().start(100);
    runtime.block_on(yield_now());
    assert!(runtime.trace().take().len() > 4);
    // The last one that was begun has the events.
    let feed = runtime.trace().feed(1000);
    runtime.block_on(yield_now());
    assert!(runtime.trace().take().is_empty());
    assert!(feed.take().blocks[0].records.len() > 4);
    runtime.trace().start(100);
    runtime.block_on(yield_now());
    let recording = runtime.trace().recording();
    assert_eq!(
        recording.state_at(recording.records().len()),
        runtime.snapshot()
    );
    assert!(feed.take().blocks.is_empty());
}
