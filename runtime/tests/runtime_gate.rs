//! The gate: another thread holds the loop between two steps, and lets it go.

#[path = "support/tasks.rs"]
mod tasks;

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

use runtime::runtime::Runtime;
use runtime::task::yield_now;
use runtime::time::{Duration, sleep};
use runtime::trace::{Event, Record};
use tasks::{Door, paused, polled, run_dry, take_a_while};

#[test]
fn a_held_gate_lets_through_as_many_steps_as_it_is_told() {
    let runtime = Runtime::new().unwrap();
    let gate = runtime.gate();
    let rounds = Arc::new(AtomicUsize::new(0));
    gate.hold();
    let counted = Arc::clone(&rounds);
    let debugger = thread::spawn(move || {
        let seen = || counted.load(Ordering::Relaxed);
        gate.wait_until_stopped();
        assert_eq!(seen(), 0);
        gate.let_through(1);
        gate.wait_until_stopped();
        assert_eq!(seen(), 1);
        gate.let_through(3);
        gate.wait_until_stopped();
        assert_eq!(seen(), 4);
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

/// As `however_long_a_person_takes` in `runtime_step.rs`, at the gate: a thread lets single steps
/// through, and the loop would find each round long.
#[test]
fn however_long_the_gate_is_held_a_round_is_as_many_polls() {
    let runtime = Runtime::new().unwrap();
    let gate = runtime.gate();
    gate.hold();
    let over = Arc::new(AtomicBool::new(false));
    let (theirs, is_over) = (gate.clone(), Arc::clone(&over));
    let debugger = thread::spawn(move || {
        while !is_over.load(Ordering::Acquire) {
            theirs.wait_until_stopped();
            take_a_while();
            theirs.let_through(1);
        }
    });
    let polls = runtime.block_on(async {
        let polls = Rc::new(Cell::new(0));
        let seen = Rc::clone(&polls);
        let due = runtime::spawn(async move {
            sleep(Duration::from_millis(1)).await;
            seen.get()
        });
        while !due.is_finished() {
            polls.set(polls.get() + 1);
            yield_now().await;
        }
        due.await.unwrap()
    });
    over.store(true, Ordering::Release);
    gate.release();
    debugger.join().unwrap();
    // The first of the 61 was that of the task that sleeps; it is woken behind this one.
    assert_eq!(polls, 61);
}

#[test]
fn a_gate_held_by_a_task_stops_the_loop_before_its_next_step() {
    let runtime = Runtime::new().unwrap();
    let gate = runtime.gate();
    let went_on = Arc::new(AtomicBool::new(false));
    let (held, holding) = mpsc::channel::<()>();
    let (theirs, seen) = (gate.clone(), Arc::clone(&went_on));
    let debugger = thread::spawn(move || {
        holding.recv().unwrap();
        theirs.wait_until_stopped();
        assert!(!seen.load(Ordering::Relaxed));
        theirs.release();
    });
    runtime.trace().start(100);
    runtime.block_on(async {
        gate.hold();
        held.send(()).unwrap();
        yield_now().await;
        went_on.store(true, Ordering::Relaxed);
    });
    debugger.join().unwrap();
    if cfg!(feature = "trace") {
        let recording = runtime.trace().recording();
        let is_held = |record: &&Record| matches!(record.event, Event::Held { .. });
        assert_eq!(recording.records().iter().filter(is_held).count(), 1);
    }
}

/// The gate is closed at any moment: while the loop polls, while it sleeps, and while it is
/// on its way from the one to the other. Once it has stopped, nothing moves.
#[test]
fn a_gate_that_closes_stops_the_loop_wherever_it_is() {
    let runtime = Runtime::new().unwrap();
    let gate = runtime.gate();
    let rounds = [(); 300].map(|()| Door::default());
    let polls = Arc::new(AtomicUsize::new(0));
    let (theirs, seen) = (rounds.clone(), Arc::clone(&polls));
    let debugger = thread::spawn(move || {
        for door in &theirs {
            gate.hold();
            gate.wait_until_stopped();
            let before = seen.load(Ordering::Relaxed);
            thread::yield_now();
            assert_eq!(seen.load(Ordering::Relaxed), before, "it has not stopped");
            gate.release();
            door.open();
        }
    });
    runtime.block_on(async {
        for (n, door) in rounds.iter().enumerate() {
            // Every other round it is busy when the gate closes.
            for _ in 0..n % 2 * 1000 {
                polls.fetch_add(1, Ordering::Relaxed);
                yield_now().await;
            }
            door.wait().await;
        }
    });
    debugger.join().unwrap();
}

#[test]
fn an_open_gate_is_not_waited_at() {
    let runtime = paused();
    let gate = runtime.gate();
    gate.wait_until_stopped();
    gate.release();
    gate.hold();
    gate.release();
    gate.wait_until_stopped();
    runtime.block_on(yield_now());
}

#[test]
fn single_steps_do_not_pass_the_gate() {
    let runtime = paused();
    runtime.gate().hold();
    let task = runtime.spawn(async {});
    assert_eq!(polled(&run_dry(&runtime)), [1]);
    assert!(task.is_finished());
}

/// The thread is parked until the deadline, and held when it wakes up. Then comes what the task waits for: it was in time,
/// as far as the program can tell.
#[cfg(unix)]
#[test]
fn what_has_come_while_the_gate_was_held_is_heard_before_timers_fire() {
    use std::io::Write;
    use std::time::Instant;

    use runtime::io::AsyncReadExt;
    use runtime::net::UnixStream;
    use runtime::time::timeout;

    const LIMIT: Duration = Duration::from_millis(50);
    let runtime = Runtime::new().unwrap();
    let (gate, theirs) = (runtime.gate(), runtime.gate());
    let (mut near, far) = std::os::unix::net::UnixStream::pair().unwrap();
    far.set_nonblocking(true).unwrap();
    let (tell, told) = mpsc::channel();
    let debugger = thread::spawn(move || {
        let begun: Instant = told.recv().unwrap();
        loop {
            theirs.wait_until_stopped();
            if begun.elapsed() > LIMIT {
                break;
            }
            theirs.let_through(1);
        }
        near.write_all(b"in time").unwrap();
        theirs.release();
        near
    });
    let mut bytes = [0; 7];
    let read = runtime.block_on(async {
        let mut far = UnixStream::from_std(far).unwrap();
        tell.send(Instant::now()).unwrap();
        gate.hold();
        timeout(LIMIT, far.read_exact(&mut bytes)).await
    });
    read.expect("it was there").unwrap();
    assert_eq!(&bytes, b"in time");
    drop(debugger.join().unwrap());
}
