//! Wakes as events: each is told once, with the one who caused it.

#![cfg(feature = "trace")]

#[path = "support/events.rs"]
mod events;
#[path = "support/tasks.rs"]
mod tasks;

use std::collections::BTreeSet;
use std::io::Write;
use std::net::TcpStream as StdStream;
use std::thread;

use events::{end, ended, events, here, spawned, start, story, traced, woken};
use runtime::net::TcpListener;
use runtime::runtime::{Runtime, Step};
use runtime::sync::mpsc;
use runtime::task::{spawn_blocking, yield_now};
use runtime::time::{Duration, sleep, timeout};
use runtime::trace::{Cause, Direction, End, Event};
use tasks::{Door, run_dry};

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
    assert_eq!(story(&runtime)[2..], expected);
}

#[test]
fn wakes_and_tasks_from_other_threads_are_told_when_the_inbox_is_taken() {
    let runtime = traced();
    let door = Door::default();
    drop(runtime.spawn(door.wait()));
    run_dry(&runtime);
    drop(story(&runtime));
    let (handle, opener) = (runtime.handle().clone(), door.clone());
    let at = thread::spawn(move || {
        opener.open();
        (here(), drop(handle.spawn(async {}))).0
    });
    let at = at.join().unwrap();
    assert_eq!(story(&runtime), [], "nothing has happened here yet");
    run_dry(&runtime);
    let expected = [
        Event::InboxTaken {
            wakes: 1,
            spawns: 1,
            jobs: 0,
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
    assert_eq!(story(&runtime), expected);
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
    let turns = story(&runtime).into_iter().filter_map(|event| match event {
        Event::Turned { events, .. } => Some(events),
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
    drop(story(&runtime));
    let guard = runtime.enter();
    door.open();
    drop(guard);
    assert_eq!(story(&runtime), [woken(1, Cause::Owner)]);
}

#[test]
fn what_happens_after_the_inbox_was_taken_is_not_laid_to_the_other_threads() {
    let runtime = traced();
    let door = Door::default();
    drop(runtime.spawn(door.wait()));
    run_dry(&runtime);
    drop(runtime.handle().spawn(async {}));
    assert!(matches!(runtime.step(), Step::TookInbox { .. }));
    drop(story(&runtime));
    let _guard = runtime.enter();
    door.open();
    assert_eq!(story(&runtime), [woken(1, Cause::Owner)]);
}

#[test]
fn what_happens_after_a_timer_fired_is_not_laid_to_the_timer() {
    let runtime = traced();
    let door = Door::default();
    drop(runtime.spawn(door.wait()));
    runtime.block_on(async { sleep(Duration::from_millis(1)).await });
    drop(story(&runtime));
    let _guard = runtime.enter();
    door.open();
    assert_eq!(story(&runtime), [woken(1, Cause::Owner)]);
}

#[test]
fn a_second_wake_before_the_poll_is_none() {
    let runtime = traced();
    let door = Door::default();
    drop(runtime.spawn(door.wait()));
    run_dry(&runtime);
    drop(story(&runtime));
    let _guard = runtime.enter();
    (0..3).for_each(|_| door.waker().wake());
    assert_eq!(story(&runtime), [woken(1, Cause::Owner)]);
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
    drop(story(&runtime));
    {
        let _guard = runtime.enter();
        late.wake_by_ref();
        run_dry(&runtime);
        assert_eq!(story(&runtime), []);
    }
    // From outside, the inbox is taken; that is all.
    late.wake();
    run_dry(&runtime);
    let (wakes, spawns, jobs) = (1, 0, 0);
    let taken = Event::InboxTaken {
        wakes,
        spawns,
        jobs,
    };
    assert_eq!(story(&runtime), [taken]);
}

#[test]
fn a_socket_that_is_ready_is_told_as_the_cause_of_the_wake() {
    let runtime = Runtime::new().unwrap();
    runtime.trace().start(1000);
    let bound = runtime.block_on(async { TcpListener::bind("127.0.0.1:0").await });
    let listener = bound.unwrap();
    let address = listener.local_addr().unwrap();
    let all = story(&runtime);
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
    let mut all = story(&runtime).into_iter();
    let mut find = |event| assert!(all.any(|e| e == event), "no {event:?}, or out of order");
    find(Event::WaiterAdded { source, direction });
    find(Event::Ready { source, direction });
    find(woken(2, Cause::Source(source, direction)));
    find(start(2));
    find(Event::SourceDropped { source });
    find(end(2, true));
}

/// With much going on: a channel, timers, a job, a budget that is spent, an abort, two roots.
#[test]
fn each_poll_follows_from_one_wake() {
    let runtime = traced();
    let (sender, mut receiver) = mpsc::channel(3);
    let reader = runtime.spawn(async move { while receiver.recv().await.is_some() {} });
    runtime.block_on(async move {
        for n in 0..300 {
            sender.send(n).await.unwrap();
        }
        drop(timeout(Duration::from_secs(1), sleep(Duration::from_secs(2))).await);
        spawn_blocking(|| ()).await.unwrap();
        let aborted = runtime::spawn(sleep(Duration::from_secs(9)));
        yield_now().await;
        aborted.abort();
        assert!(aborted.await.unwrap_err().is_cancelled());
    });
    runtime.block_on(reader).unwrap();
    // Who has been woken (to be spawned is to be woken) and not been polled for it.
    let mut queued = BTreeSet::new();
    let mut polls = 0;
    for event in events(&runtime) {
        match event {
            Event::Woken { task, .. } => {
                assert!(queued.insert(task), "{task} is queued already");
            }
            Event::PollStart { task } => {
                assert!(queued.remove(&task), "{task} was polled without a wake");
                polls += 1;
            }
            Event::Ended { task, .. } => drop(queued.remove(&task)),
            _ => {}
        }
    }
    assert!(polls > 100, "{polls} polls are not much");
}

#[test]
fn a_turn_says_whether_the_eventfd_of_the_inbox_was_among_its_events() {
    let runtime = traced();
    // The wake must come while the thread is parked, which is a matter of luck in each round.
    let is_told = (0..1000).any(|_| {
        let door = Door::default();
        let (waits, opener) = (door.wait(), door.clone());
        let other = thread::spawn(move || opener.open());
        runtime.block_on(waits);
        other.join().unwrap();
        let is_eventfd = |event: &Event| {
            let Event::Turned { events, inbox } = *event else {
                return false;
            };
            assert!(!inbox || events == 1, "there are no sources: {events}");
            inbox
        };
        events(&runtime).iter().any(is_eventfd)
    });
    assert!(is_told, "in none of a thousand rounds");
}
