//! Steps: one transition at a time, and never a wait.

#[path = "support/tasks.rs"]
mod tasks;

use std::io::Write;
use std::net::TcpStream as StdStream;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

use runtime::io::AsyncReadExt;
use runtime::net::TcpListener;
use runtime::runtime::{Runtime, Step};
use runtime::task::yield_now;
use runtime::time::{Duration, Instant, sleep};
use tasks::{Door, Log, message_of_panic, paused, run_dry, spin, take_a_while};

const NOTHING: Step = Step::WouldPark { until: None };

fn poll(task: u64, ready: bool) -> Step {
    Step::Polled { task, ready }
}

/// The present of this runtime.
fn now(runtime: &Runtime) -> Instant {
    let _guard = runtime.enter();
    Instant::now()
}

#[test]
fn a_step_polls_one_task_once() {
    let runtime = paused();
    let door = Door::default();
    drop(runtime.spawn(door.wait()));
    drop(runtime.spawn(door.wait()));
    assert_eq!(door.polls(), 0);
    assert_eq!(runtime.step(), poll(1, false));
    assert_eq!(door.polls(), 1);
    assert_eq!(runtime.step(), poll(2, false));
    assert_eq!(door.polls(), 2);
    assert_eq!(runtime.step(), NOTHING);
}

#[test]
fn with_nothing_to_do_a_step_says_so_as_often_as_it_is_made() {
    let runtime = Runtime::new().unwrap();
    drop(runtime.spawn(std::future::pending::<()>()));
    assert_eq!(runtime.step(), poll(1, false));
    for _ in 0..10 {
        assert_eq!(runtime.step(), NOTHING);
    }
}

#[test]
fn a_sleeping_task_takes_five_steps_and_a_park() {
    let runtime = paused();
    let start = now(&runtime);
    let until = Some(start + Duration::from_secs(9));
    drop(runtime.spawn(async { sleep(Duration::from_secs(9)).await }));
    assert_eq!(runtime.step(), poll(1, false));
    assert_eq!(runtime.step(), Step::WouldPark { until });
    assert_eq!(runtime.step(), Step::WouldPark { until });
    assert_eq!(now(&runtime), start, "a step does not wait");
    runtime.park(until);
    assert_eq!(now(&runtime), start + Duration::from_secs(9));
    assert_eq!(runtime.step(), Step::Fired { timers: 1 });
    assert_eq!(runtime.step(), poll(1, true));
    assert_eq!(runtime.step(), NOTHING);
}

#[test]
fn timers_that_are_due_together_fire_in_one_step() {
    let runtime = paused();
    for millis in [5, 5, 5, 7] {
        drop(runtime.spawn(async move { sleep(Duration::from_millis(millis)).await }));
    }
    run_dry(&runtime);
    let Step::WouldPark { until } = runtime.step() else {
        panic!("there is nothing to do");
    };
    runtime.park(until);
    assert_eq!(runtime.step(), Step::Fired { timers: 3 });
    for task in 1..=3 {
        assert_eq!(runtime.step(), poll(task, true));
    }
    assert!(matches!(runtime.step(), Step::WouldPark { until: Some(_) }));
}

#[test]
fn mail_is_taken_in_one_step_and_what_it_brought_is_polled_in_others() {
    let runtime = paused();
    let door = Door::default();
    drop(runtime.spawn(door.wait()));
    run_dry(&runtime);
    let handle = runtime.handle().clone();
    let opener = door.clone();
    let sender = thread::spawn(move || {
        opener.open();
        drop(handle.spawn(async {}));
        drop(handle.spawn(async {}));
    });
    sender.join().unwrap();
    let taken = Step::TookInbox {
        wakes: 1,
        spawns: 2,
        jobs: 0,
    };
    let expected = [taken, poll(1, true), poll(2, true), poll(3, true)];
    assert_eq!(run_dry(&runtime), expected);
}

#[test]
fn a_socket_that_becomes_ready_is_a_step_of_its_own() {
    let runtime = Runtime::new().unwrap();
    let (tx, rx) = mpsc::channel();
    let task = runtime.spawn(async move {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        tx.send(listener.local_addr().unwrap()).unwrap();
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut byte = [0];
        stream.read_exact(&mut byte).await.unwrap();
        byte[0]
    });
    run_dry(&runtime);
    assert_eq!(runtime.step(), NOTHING);
    let mut client = StdStream::connect(rx.recv().unwrap()).unwrap();
    client.write_all(b"7").unwrap();
    let mut turned = 0;
    while !task.is_finished() {
        match runtime.step() {
            Step::Turned { events } => turned += events,
            Step::WouldPark { until } => runtime.park(until),
            Step::Polled { task: 1, .. } => {}
            step => panic!("{step:?}"),
        }
    }
    // The news may as well have been heard while parking.
    assert!(turned <= 4, "{turned}");
    assert_eq!(runtime.block_on(task).unwrap(), b'7');
}

#[test]
fn a_step_hears_of_a_socket_without_a_park() {
    let runtime = Runtime::new().unwrap();
    let (tx, rx) = mpsc::channel();
    let task = runtime.spawn(async move {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        tx.send(listener.local_addr().unwrap()).unwrap();
        listener.accept().await.unwrap();
    });
    run_dry(&runtime);
    // Connecting to this machine itself ends with the connection in the backlog.
    let _client = StdStream::connect(rx.recv().unwrap()).unwrap();
    assert_eq!(runtime.step(), Step::Turned { events: 1 });
    assert_eq!(runtime.step(), poll(1, true));
    assert!(task.is_finished());
}

#[test]
fn a_park_ends_when_a_thread_wakes_a_task() {
    let runtime = Runtime::new().unwrap();
    let door = Door::default();
    let task = runtime.spawn(door.wait());
    run_dry(&runtime);
    let opener = thread::spawn(move || door.open());
    while !task.is_finished() {
        if let Step::WouldPark { until } = runtime.step() {
            runtime.park(until);
        }
    }
    opener.join().unwrap();
}

#[test]
fn a_park_returns_at_once_if_something_has_come_since_the_last_step() {
    let runtime = Runtime::new().unwrap();
    let door = Door::default();
    let waits = runtime.spawn(door.wait());
    run_dry(&runtime);

    // From another thread, a wake and a task.
    let handle = runtime.handle().clone();
    thread::spawn(move || door.open()).join().unwrap();
    runtime.park(None);
    run_dry(&runtime);
    assert!(waits.is_finished());
    thread::spawn(move || drop(handle.spawn(async {})))
        .join()
        .unwrap();
    runtime.park(None);
    assert_eq!(run_dry(&runtime).len(), 2);

    // From this thread, a task and its end.
    let task = runtime.spawn(std::future::pending::<()>());
    runtime.park(None);
    run_dry(&runtime);
    task.abort();
    runtime.park(None);
    run_dry(&runtime);
    assert!(task.is_finished());
}

#[test]
fn a_paused_clock_does_not_jump_over_what_is_ready() {
    let runtime = paused();
    let start = now(&runtime);
    drop(runtime.spawn(async {}));
    runtime.park(Some(start + Duration::from_secs(1)));
    assert_eq!(now(&runtime), start);
}

#[test]
fn a_park_with_a_running_clock_ends_at_its_time() {
    let runtime = Runtime::new().unwrap();
    let nap = runtime.spawn(async {
        let start = Instant::now();
        sleep(Duration::from_millis(3)).await;
        start.elapsed()
    });
    let mut parks = 0;
    while !nap.is_finished() {
        if let Step::WouldPark { until } = runtime.step() {
            assert!(until.is_some());
            runtime.park(until);
            parks += 1;
        }
    }
    assert!(parks > 0);
    let slept = runtime.block_on(nap).unwrap();
    assert!(slept >= Duration::from_millis(3), "{slept:?}");
}

/// A person who steps takes longer than half a millisecond for each step. That must not make another
/// program of it: a round is as many polls as when the loop runs by itself.
#[test]
fn however_long_a_person_takes_between_two_steps_a_round_is_as_many_polls() {
    let runtime = Runtime::new().unwrap();
    let due = runtime.spawn(async { sleep(Duration::from_millis(1)).await });
    assert_eq!(runtime.step(), poll(1, false));
    drop(runtime.spawn(spin()));
    let steps = || {
        take_a_while();
        runtime.step()
    };
    let rounds: Vec<Step> = std::iter::repeat_with(steps).take(63 + 61).collect();
    let (first, second) = rounds.split_at(60);
    assert!(first.iter().all(|step| *step == poll(2, false)));
    assert_eq!(second[0], Step::Fired { timers: 1 });
    assert_eq!(
        second
            .iter()
            .filter(|step| **step == poll(2, false))
            .count(),
        62
    );
    assert!(due.is_finished());
}

#[test]
fn a_task_cannot_step_or_park_the_runtime_that_polls_it() {
    let runtime = Rc::new(paused());
    let theirs = Rc::clone(&runtime);
    let task = runtime.spawn(async move {
        [
            message_of_panic(|| theirs.step()),
            message_of_panic(|| theirs.park(None)),
        ]
    });
    run_dry(&runtime);
    for message in runtime.block_on(task).unwrap() {
        assert!(message.contains("running already"), "{message}");
    }
}

/// One program, run once by `block_on` and once by hand: the same polls in the same order.
#[test]
fn block_on_is_a_loop_of_step_and_park() {
    fn program(runtime: &Runtime, log: &Log) -> runtime::task::JoinHandle<()> {
        let log = log.clone();
        runtime.spawn(async move {
            let naps = [("third", 3), ("first", 1), ("second", 2)].map(|(name, seconds)| {
                let log = log.clone();
                runtime::spawn(async move {
                    sleep(Duration::from_secs(seconds)).await;
                    log.add(name);
                    yield_now().await;
                    log.add(name);
                })
            });
            for nap in naps {
                nap.await.unwrap();
            }
            log.add("all");
        })
    }
    let by_block_on = Log::default();
    let runtime = paused();
    let task = program(&runtime, &by_block_on);
    runtime.block_on(task).unwrap();

    let by_hand = Log::default();
    let runtime = paused();
    let task = program(&runtime, &by_hand);
    while !task.is_finished() {
        if let Step::WouldPark { until } = runtime.step() {
            runtime.park(until);
        }
    }
    let order = by_hand.take();
    assert_eq!(by_block_on.take(), order);
    assert_eq!(order.len(), 7);
}

#[test]
fn whoever_waits_for_the_loop_hears_that_the_runtime_is_gone() {
    let runtime = Runtime::new().unwrap();
    let gate = runtime.gate();
    gate.hold();
    let theirs = gate.clone();
    let debugger = thread::spawn(move || {
        theirs.wait_until_stopped();
        theirs.let_through(1_000); // more than there are
        theirs.wait_until_stopped();
    });
    runtime.block_on(yield_now());
    drop(runtime);
    debugger.join().unwrap();
    gate.wait_until_stopped();
}

#[test]
fn steps_are_not_saved_up_at_an_open_gate() {
    let runtime = Runtime::new().unwrap();
    let gate = runtime.gate();
    gate.let_through(1_000);
    gate.hold();
    let rounds = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&rounds);
    let debugger = thread::spawn(move || {
        gate.wait_until_stopped();
        assert_eq!(counted.load(Ordering::Relaxed), 0);
        gate.release();
    });
    runtime.block_on(async {
        for _ in 0..20 {
            rounds.fetch_add(1, Ordering::Relaxed);
            yield_now().await;
        }
    });
    debugger.join().unwrap();
}
