//! Events: what happens in the machine is told, in order, with its cause and its place.

#![cfg(feature = "trace")]

#[path = "support/tasks.rs"]
mod tasks;

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::io::Write;
use std::net::TcpStream as StdStream;
use std::panic::{AssertUnwindSafe, Location, catch_unwind};
use std::path::Path;
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;
use std::thread;

use runtime::io::{AsyncReadExt, AsyncWriteExt, duplex};
use runtime::net::TcpListener;
use runtime::runtime::{Builder, Runtime, Step};
use runtime::task::{JoinHandle, yield_now};
use runtime::time::{Duration, sleep};
use runtime::trace::{Cause, Direction, End, Event, Place, Record};
use tasks::{Door, on_drop, panic_quietly, paused, run_dry};

/// A runtime with a paused clock and a seed, that records.
fn traced() -> Runtime {
    let runtime = paused();
    runtime.trace().start(1_000_000);
    runtime
}

fn events(runtime: &Runtime) -> Vec<Event> {
    let records = runtime.trace().take().into_iter();
    records.map(|record| record.event).collect()
}

/// The place of the line that calls this.
#[track_caller]
fn here() -> Place {
    Location::caller().into()
}

fn spawned(task: u64, at: Place) -> Event {
    let name = None;
    Event::Spawned { task, name, at }
}

fn woken(task: u64, by: Cause) -> Event {
    Event::Woken { task, by }
}

fn start(task: u64) -> Event {
    Event::PollStart { task }
}

fn end(task: u64, ready: bool) -> Event {
    Event::PollEnd { task, ready }
}

fn ended(task: u64, how: End) -> Event {
    Event::Ended { task, how }
}

/// Drops the events of a task's spawning, up to its first poll.
fn after_first_poll(events: Vec<Event>, task: u64) -> Vec<Event> {
    let poll = end(task, false);
    let mut rest = events.into_iter().skip_while(|event| *event != poll);
    rest.next();
    rest.collect()
}

#[test]
fn a_block_on_is_a_task_with_a_beginning_and_an_end() {
    let runtime = traced();
    let (at, ()) = (here(), runtime.block_on(async {}));
    let expected = [
        spawned(1, at),
        woken(1, Cause::Owner),
        start(1),
        end(1, true),
        ended(1, End::Finished),
    ];
    assert_eq!(events(&runtime), expected);
}

#[test]
fn a_task_is_woken_by_its_spawn_and_wakes_its_joiner() {
    let runtime = traced();
    let mut at = None;
    runtime.block_on(async {
        let (line, task) = (here(), runtime::spawn(async {}));
        at = Some(line);
        task.await.unwrap();
    });
    let expected = [
        spawned(2, at.unwrap()),
        woken(2, Cause::Task(1)),
        end(1, false),
        start(2),
        woken(1, Cause::Task(2)),
        end(2, true),
        ended(2, End::Finished),
        start(1),
        end(1, true),
        ended(1, End::Finished),
    ];
    assert_eq!(events(&runtime)[3..], expected);
}

#[test]
fn every_way_to_spawn_knows_the_line_of_its_caller() {
    let runtime = traced();
    let mut lines = Vec::new();
    lines.push((here(), drop(runtime.spawn(async {}))).0);
    lines.push((here(), drop(runtime.handle().spawn(async {}))).0);
    run_dry(&runtime);
    let _guard = runtime.enter();
    lines.push((here(), drop(runtime::spawn(async {}))).0);
    lines.push((here(), drop(runtime::task::spawn(async {}))).0);
    lines.push((here(), drop(runtime::task::spawn_local(async {}))).0);
    let named = || runtime::task::Builder::new().name("worker");
    lines.push((here(), drop(named().spawn(async {}))).0);
    let events = events(&runtime);
    let spawns = events.iter().filter_map(|event| match event {
        Event::Spawned { at, name, .. } => Some((*at, name.as_deref())),
        _ => None,
    });
    let (places, names): (Vec<_>, Vec<_>) = spawns.unzip();
    assert_eq!(places, lines);
    assert_eq!(names, [None, None, None, None, None, Some("worker")]);
}

#[test]
fn a_yield_is_a_wake_by_the_task_itself() {
    let runtime = traced();
    drop(runtime.spawn(yield_now()));
    run_dry(&runtime);
    let expected = [
        start(1),
        woken(1, Cause::Task(1)),
        end(1, false),
        start(1),
        end(1, true),
        ended(1, End::Finished),
    ];
    assert_eq!(events(&runtime)[2..], expected);
}

#[test]
fn a_sleep_is_set_waited_for_fired_and_told_as_the_cause_of_the_wake() {
    let runtime = traced();
    let mut line = None;
    runtime.block_on(async {
        let (at, nap) = (here(), sleep(Duration::from_millis(5)));
        line = Some(at);
        nap.await;
    });
    let all = events(&runtime);
    let Event::TimerSet { timer, .. } = all[3] else {
        panic!("{all:?}");
    };
    let at = line.unwrap();
    let moment = Duration::from_millis(5);
    let until = Some(moment);
    let expected = [
        Event::TimerSet { timer, tick: 5, at },
        end(1, false),
        Event::Parked { until },
        Event::Turned { events: 0 },
        Event::ClockAdvanced { to: moment },
        Event::Unparked,
        Event::TimerFired { timer },
        woken(1, Cause::Timer(timer)),
        start(1),
        end(1, true),
        ended(1, End::Finished),
    ];
    assert_eq!(all[3..], expected);
}

#[test]
fn a_timer_that_is_moved_or_given_up_is_told_too() {
    let runtime = traced();
    drop(runtime.spawn(async {
        let mut nap = pin!(sleep(Duration::from_secs(1)));
        poll_fn(|cx| Poll::Ready(nap.as_mut().poll(cx)))
            .await
            .is_pending();
        let later = nap.deadline() + Duration::from_secs(1);
        nap.as_mut().reset(later);
    }));
    run_dry(&runtime);
    let all = events(&runtime);
    let Event::TimerSet { timer, tick, .. } = all[3] else {
        panic!("{all:?}");
    };
    assert_eq!(tick, 1000);
    let tick = 2000;
    assert_eq!(all[4], Event::TimerReset { timer, tick });
    assert_eq!(all[5], Event::TimerDropped { timer });
}

#[test]
fn wakes_and_tasks_from_other_threads_are_told_when_the_inbox_is_taken() {
    let runtime = traced();
    let door = Door::default();
    drop(runtime.spawn(door.wait()));
    run_dry(&runtime);
    drop(events(&runtime));
    let (handle, opener) = (runtime.handle().clone(), door.clone());
    let at = thread::spawn(move || {
        opener.open();
        (here(), drop(handle.spawn(async {}))).0
    });
    let at = at.join().unwrap();
    assert_eq!(events(&runtime), [], "nothing has happened here yet");
    run_dry(&runtime);
    let expected = [
        Event::InboxTaken {
            wakes: 1,
            spawns: 1,
        },
        woken(1, Cause::Outside),
        spawned(2, at),
        woken(2, Cause::Outside),
        start(1),
        end(1, true),
        ended(1, End::Finished),
        start(2),
        end(2, true),
        ended(2, End::Finished),
    ];
    assert_eq!(events(&runtime), expected);
}

/// A thread that is awake need not be got out of the operating system. If it were, the reactor
/// would hear of it.
#[test]
fn a_wake_for_a_runtime_that_is_awake_again_does_not_unpark_it() {
    let runtime = traced();
    let door = Door::default();
    let waits = runtime.spawn(door.wait());
    runtime.block_on(async { sleep(Duration::from_secs(1)).await });
    thread::spawn(move || door.open()).join().unwrap();
    runtime.block_on(async {
        waits.await.unwrap();
        sleep(Duration::from_secs(1)).await;
    });
    let turns = events(&runtime)
        .into_iter()
        .filter_map(|event| match event {
            Event::Turned { events } => Some(events),
            _ => None,
        });
    assert_eq!(turns.collect::<Vec<_>>(), [0, 0]);
}

#[test]
fn a_wake_between_two_steps_is_the_owner_s() {
    let runtime = traced();
    let door = Door::default();
    drop(runtime.spawn(door.wait()));
    run_dry(&runtime);
    drop(events(&runtime));
    let guard = runtime.enter();
    door.open();
    drop(guard);
    assert_eq!(events(&runtime), [woken(1, Cause::Owner)]);
}

#[test]
fn what_happens_after_the_inbox_was_taken_is_not_laid_to_the_other_threads() {
    let runtime = traced();
    let door = Door::default();
    drop(runtime.spawn(door.wait()));
    run_dry(&runtime);
    drop(runtime.handle().spawn(async {}));
    assert!(matches!(runtime.step(), Step::TookInbox { .. }));
    drop(events(&runtime));
    let _guard = runtime.enter();
    door.open();
    assert_eq!(events(&runtime), [woken(1, Cause::Owner)]);
}

#[test]
fn what_happens_after_a_timer_fired_is_not_laid_to_the_timer() {
    let runtime = traced();
    let door = Door::default();
    drop(runtime.spawn(door.wait()));
    runtime.block_on(async { sleep(Duration::from_millis(1)).await });
    drop(events(&runtime));
    let _guard = runtime.enter();
    door.open();
    assert_eq!(events(&runtime), [woken(1, Cause::Owner)]);
}

#[test]
fn a_second_wake_before_the_poll_is_none() {
    let runtime = traced();
    let door = Door::default();
    drop(runtime.spawn(door.wait()));
    run_dry(&runtime);
    drop(events(&runtime));
    let _guard = runtime.enter();
    (0..3).for_each(|_| door.waker().wake());
    assert_eq!(events(&runtime), [woken(1, Cause::Owner)]);
}

#[test]
fn a_wake_after_the_end_is_none() {
    let runtime = traced();
    let door = Door::default();
    drop(runtime.spawn(door.wait()));
    run_dry(&runtime);
    let late = door.waker();
    door.open();
    run_dry(&runtime);
    drop(events(&runtime));
    {
        let _guard = runtime.enter();
        late.wake_by_ref();
        run_dry(&runtime);
        assert_eq!(events(&runtime), []);
    }
    // From outside, the inbox is taken; that is all.
    late.wake();
    run_dry(&runtime);
    let (wakes, spawns) = (1, 0);
    assert_eq!(events(&runtime), [Event::InboxTaken { wakes, spawns }]);
}

#[test]
fn a_socket_that_is_ready_is_told_as_the_cause_of_the_wake() {
    let runtime = Runtime::new().unwrap();
    runtime.trace().start(1000);
    let bound = runtime.block_on(async { TcpListener::bind("127.0.0.1:0").await });
    let listener = bound.unwrap();
    let address = listener.local_addr().unwrap();
    let all = events(&runtime);
    let registered = all.iter().find_map(|event| match event {
        Event::SourceRegistered { source, .. } => Some(*source),
        _ => None,
    });
    let source = registered.expect("the listener is registered");
    let task = runtime.spawn(async move {
        listener.accept().await.unwrap();
    });
    run_dry(&runtime);
    let mut client = StdStream::connect(address).unwrap();
    client.write_all(b"!").unwrap();
    runtime.block_on(task).unwrap();
    let direction = Direction::Read;
    let mut all = events(&runtime).into_iter();
    let mut find = |event| assert!(all.any(|e| e == event), "no {event:?}, or out of order");
    find(Event::WaiterAdded { source, direction });
    find(Event::Ready { source, direction });
    find(woken(2, Cause::Source(source, direction)));
    find(start(2));
    find(Event::SourceDropped { source });
    find(end(2, true));
}

#[test]
fn an_abort_is_asked_for_wakes_the_task_and_ends_it() {
    let runtime = traced();
    let task = runtime.spawn(std::future::pending::<()>());
    run_dry(&runtime);
    task.abort();
    run_dry(&runtime);
    let expected = [
        Event::AbortRequested { task: 1 },
        woken(1, Cause::Owner),
        start(1),
        end(1, true),
        ended(1, End::Cancelled),
    ];
    assert_eq!(after_first_poll(events(&runtime), 1), expected);
}

#[test]
fn a_panic_is_an_end_like_another() {
    let runtime = traced();
    drop::<JoinHandle<()>>(runtime.spawn(async { panic_quietly("told") }));
    run_dry(&runtime);
    let expected = [start(1), end(1, true), ended(1, End::Panicked)];
    assert_eq!(events(&runtime)[2..], expected);
}

#[test]
fn a_block_on_that_panics_has_an_end_and_what_follows_is_not_laid_to_its_door() {
    let runtime = traced();
    let caught = catch_unwind(AssertUnwindSafe(|| {
        runtime.block_on(async { panic_quietly("the root") })
    }));
    assert!(caught.is_err());
    drop(runtime.spawn(async {}));
    let records = runtime.trace().take();
    let tasks: Vec<_> = records.iter().map(|record| record.task).collect();
    assert_eq!(tasks, [None, None, Some(1), Some(1), None, None, None]);
    let events: Vec<_> = records.into_iter().map(|record| record.event).collect();
    let expected = [start(1), end(1, true), ended(1, End::Panicked)];
    assert_eq!(events[2..5], expected);
    assert_eq!(events[6], woken(2, Cause::Owner));
}

#[test]
fn a_block_on_that_ends_well_while_its_thread_unwinds_ends_well() {
    let runtime = traced();
    let caught = catch_unwind(AssertUnwindSafe(|| {
        let _cleanup = on_drop(|| runtime.block_on(async {}));
        panic_quietly("unwinding")
    }));
    assert!(caught.is_err());
    assert_eq!(events(&runtime).last(), Some(&ended(1, End::Finished)));
}

#[test]
fn a_shutdown_cancels_every_task() {
    let runtime = traced();
    let trace = runtime.trace();
    let joined = runtime.spawn(std::future::pending::<()>());
    drop(runtime.spawn(joined));
    run_dry(&runtime);
    drop(trace.take());
    drop(runtime);
    let events: Vec<_> = trace.take().into_iter().map(|r| r.event).collect();
    let expected = [
        woken(2, Cause::Owner),
        ended(1, End::Cancelled),
        ended(2, End::Cancelled),
    ];
    assert_eq!(events, expected);
}

#[test]
fn a_task_dropped_by_a_shutdown_is_not_woken_any_more() {
    let runtime = traced();
    let trace = runtime.trace();
    let (first, second) = (Door::default(), Door::default());
    drop(runtime.spawn(first.wait()));
    let waits = second.wait();
    drop(runtime.spawn(async move {
        let _held = on_drop(move || first.open());
        waits.await;
    }));
    run_dry(&runtime);
    drop(trace.take());
    drop(runtime);
    let events: Vec<_> = trace.take().into_iter().map(|r| r.event).collect();
    let expected = [ended(1, End::Cancelled), ended(2, End::Cancelled)];
    assert_eq!(events, expected);
}

#[test]
fn a_spent_budget_is_told_once_in_its_poll() {
    let runtime = traced();
    let tasks: Vec<_> = (0..129).map(|_| runtime.spawn(async {})).collect();
    run_dry(&runtime);
    drop(events(&runtime));
    drop(runtime.spawn(async move {
        for task in tasks {
            task.await.unwrap();
        }
    }));
    run_dry(&runtime);
    let expected = [
        start(130),
        woken(130, Cause::Task(130)),
        Event::BudgetSpent { task: 130 },
        end(130, false),
        start(130),
        end(130, true),
        ended(130, End::Finished),
    ];
    assert_eq!(events(&runtime)[2..], expected);
}

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

/// Nobody waits for a time here, so nothing but the recording wants to know what time it is.
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

/// What a record says of its place can be looked up: that file, that line, an `emit!`.
#[test]
fn every_record_names_the_line_of_the_runtime_that_emitted_it() {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    for record in a_bit_of_everything(7) {
        let Place { file, line } = record.place;
        let source = workspace.join(file);
        assert!(
            source.starts_with(workspace.join("runtime/src")),
            "{record:?}"
        );
        let text = std::fs::read_to_string(&source).unwrap();
        let line = text.lines().nth(line as usize - 1).unwrap();
        assert!(line.contains("emit!"), "{record:?} points at {line:?}");
    }
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

/// Whoever has the events can rebuild the run queue, and so foretell who is polled next.
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
