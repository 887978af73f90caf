//! What is known while a runtime is observed: reasons to wait, warnings, and tasks that nothing can
//! wake; and what can be found out although it was not.

#![forbid(unsafe_code)]

#[path = "support/events.rs"]
mod events;
#[path = "support/tasks.rs"]
mod tasks;

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Poll, Waker};

use events::{events, here, traced};
use runtime::io::AsyncReadExt;
use runtime::net::TcpListener;
use runtime::runtime::{Builder, Runtime, Step};
use runtime::sync::{Mutex, mpsc};
use runtime::task::yield_now;
use runtime::time::{Duration, advance, sleep};
use runtime::trace::{Cause, Direction, Event, Place, Shared, TaskState, Wait};
use tasks::{paused, poll_once, run_dry};

fn observed() -> Runtime {
    let runtime = paused();
    runtime.trace().observe();
    runtime
}

/// What a task waits for, and where.
fn waits(runtime: &Runtime, task: u64) -> Vec<(Wait, Option<Place>)> {
    let snapshot = runtime.snapshot();
    let waits = snapshot.tasks[&task].waits.iter();
    waits.map(|wait| (wait.on, wait.at)).collect()
}

#[test]
fn a_select_waits_for_everything_that_it_lists_at_the_lines_that_made_it() {
    let runtime = observed();
    let (sender, mut receiver) = mpsc::channel::<()>(1);
    let lines = Rc::new(Cell::new(None));
    let theirs = Rc::clone(&lines);
    drop(runtime.spawn(async move {
        let (first, nap) = (here(), sleep(Duration::from_secs(1)));
        let (second, message) = (here(), receiver.recv());
        theirs.set(Some((first, second)));
        runtime::select! {
            _ = nap => {}
            _ = message => {}
        }
    }));
    run_dry(&runtime);
    let (first, second) = lines.get().unwrap();
    let mut found = waits(&runtime, 1);
    // They are polled in a random order.
    found.sort_by_key(|(on, _)| !matches!(on, Wait::Timer(_)));
    let channel = Wait::Shared(Shared::MpscMessage, 1);
    assert_eq!(
        found,
        [(Wait::Timer(1), Some(first)), (channel, Some(second))]
    );
    drop(sender);
}

#[test]
fn a_task_that_reads_waits_for_its_source_at_the_line_that_reads() {
    let runtime = Runtime::new().unwrap();
    runtime.trace().observe();
    let line = Rc::new(Cell::new(None));
    let theirs = Rc::clone(&line);
    let reader = runtime.spawn(async move {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let _client = std::net::TcpStream::connect(address).unwrap();
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut byte = [0];
        let (at, read) = (here(), stream.read(&mut byte));
        theirs.set(Some(at));
        read.await.unwrap();
    });
    runtime.block_on(async {
        while line.get().is_none() {
            runtime::task::yield_now().await;
        }
    });
    // The listener is source 1, the stream source 2.
    let source = Wait::Source(2, Direction::Read);
    assert_eq!(waits(&runtime, 1), [(source, line.get())]);
    drop(reader);
}

#[test]
fn a_task_waits_for_another_for_a_lock_and_for_nothing_once_it_runs_again() {
    let runtime = observed();
    let lock = Arc::new(Mutex::new(()));
    let theirs = Arc::clone(&lock);
    let held = runtime.block_on(lock.lock_owned());
    let inner = runtime.spawn(async move { drop(theirs.lock().await) });
    let outer = runtime.spawn(inner);
    run_dry(&runtime);
    assert!(matches!(
        waits(&runtime, 2)[..],
        [(Wait::Shared(Shared::Mutex, _), Some(_))]
    ));
    assert!(matches!(waits(&runtime, 3)[..], [(Wait::Task(2), _)]));
    drop(held);
    run_dry(&runtime);
    assert!(runtime.snapshot().tasks.is_empty());
    drop(outer);
}

#[test]
fn the_machine_does_the_same_whether_it_is_observed_or_not() {
    let run = |runtime: Runtime| {
        runtime.block_on(advance(Duration::from_secs(5)));
        let mut snapshot = runtime.snapshot();
        // What the last poll left is known only while the runtime is observed.
        (snapshot.budget, snapshot.observed) = (0, false);
        snapshot
    };
    let snapshot = run(paused());
    assert_eq!(snapshot.wheel.elapsed, 5000, "no timer was set");
    assert_eq!(snapshot, run(observed()));
}

#[test]
fn the_time_that_polls_take_is_added_up() {
    let runtime = observed();
    drop(runtime.spawn(async {
        advance(Duration::from_millis(3)).await;
        advance(Duration::from_millis(4)).await;
        std::future::pending::<()>().await;
    }));
    run_dry(&runtime);
    let view = &runtime.snapshot().tasks[&1];
    assert_eq!(view.spent, Duration::from_millis(7));
}

#[test]
fn the_time_between_two_polls_is_nobodys() {
    let runtime = observed();
    drop(runtime.spawn(async {
        yield_now().await;
        std::future::pending::<()>().await;
    }));
    assert!(matches!(runtime.step(), Step::Polled { ready: false, .. }));
    {
        let _inside = runtime.enter();
        assert!(poll_once(&mut pin!(advance(Duration::from_secs(1)))).is_pending());
    }
    run_dry(&runtime);
    let view = &runtime.snapshot().tasks[&1];
    assert_eq!((view.polls, view.spent), (2, Duration::ZERO));
}

#[test]
fn a_task_that_forgets_its_waker_is_stranded_at_once() {
    let runtime = traced();
    drop(runtime.spawn(poll_fn(|_| Poll::<()>::Pending)));
    run_dry(&runtime);
    assert!(events(&runtime).contains(&Event::Stranded { task: 1 }));
    assert_eq!(runtime.snapshot().tasks[&1].state, TaskState::Stranded);
}

#[test]
fn a_task_whose_waker_is_thrown_away_later_is_stranded_when_the_thread_would_park() {
    let runtime = traced();
    let kept = Rc::new(Cell::new(None));
    let keeper = Rc::clone(&kept);
    drop(runtime.spawn(poll_fn(move |cx| {
        keeper.set(Some(cx.waker().clone()));
        Poll::<()>::Pending
    })));
    run_dry(&runtime);
    assert_eq!(runtime.snapshot().tasks[&1].state, TaskState::Waiting);
    kept.take();
    runtime.block_on(async { sleep(Duration::from_millis(1)).await });
    let all = events(&runtime);
    let stranded = all.iter().position(|e| *e == Event::Stranded { task: 1 });
    let parked = all.iter().position(|e| matches!(e, Event::Parked { .. }));
    assert!(stranded.unwrap() < parked.unwrap());
}

/// A future that waits for nothing once the answer's cell is emptied.
fn leaves_its_waker() -> (Rc<Cell<Option<Waker>>>, impl Future<Output = ()>) {
    let kept = Rc::new(Cell::new(None));
    let keeper = Rc::clone(&kept);
    let future = poll_fn(move |cx| {
        keeper.set(Some(cx.waker().clone()));
        Poll::Pending
    });
    (kept, future)
}

#[test]
fn whoever_does_not_record_sees_a_stranded_task_as_soon_as_it_is_one() {
    for observes in [true, false] {
        let runtime = paused();
        if observes {
            runtime.trace().observe();
        }
        let (kept, future) = leaves_its_waker();
        drop(runtime.spawn(future));
        let state = || runtime.snapshot().tasks[&1].state;
        assert_eq!(state(), TaskState::Queued);
        run_dry(&runtime);
        assert_eq!(state(), TaskState::Waiting);
        {
            let _inside = runtime.enter();
            kept.take().unwrap().wake();
        }
        assert_eq!(state(), TaskState::Queued);
        run_dry(&runtime);
        drop(kept.take());
        assert_eq!(state(), TaskState::Stranded);
    }
}

#[test]
fn the_root_too_is_seen_to_be_stranded() {
    let (tell, told) = std::sync::mpsc::channel();
    // Nothing can wake the root any more, so this thread waits until the tests are over.
    std::thread::spawn(move || {
        let runtime = Rc::new(paused());
        let (kept, root) = leaves_its_waker();
        let looker = Rc::clone(&runtime);
        drop(runtime.spawn(async move {
            yield_now().await;
            let look = || looker.snapshot().tasks[&2].state;
            let before = look();
            drop(kept.take());
            tell.send((before, look())).unwrap();
        }));
        // The task is the first in the queue, and lets the root go first.
        runtime.block_on(root);
    });
    let seen = (TaskState::Waiting, TaskState::Stranded);
    assert_eq!(told.recv().unwrap(), seen);
}

#[test]
fn an_abort_gets_even_a_stranded_task() {
    let runtime = traced();
    let task = runtime.spawn(std::future::pending::<()>());
    run_dry(&runtime);
    task.abort();
    assert_eq!(runtime.snapshot().tasks[&1].state, TaskState::Queued);
    run_dry(&runtime);
    assert!(task.is_finished());
}

#[test]
fn a_long_poll_is_warned_of_with_the_line_that_spawned_the_task() {
    let mut builder = Builder::new_current_thread();
    builder.enable_all().start_paused(true);
    let runtime = builder.warn_long_poll(Duration::from_millis(5)).build();
    let runtime = runtime.unwrap();
    runtime.trace().start(1000);
    let (at, task) = (
        here(),
        runtime.spawn(async {
            advance(Duration::from_millis(5)).await;
            advance(Duration::from_millis(6)).await;
        }),
    );
    drop(task);
    run_dry(&runtime);
    let warnings: Vec<_> = events(&runtime)
        .into_iter()
        .filter_map(|event| match event {
            Event::LongPoll {
                task,
                took,
                cpu: None,
                at,
            } => Some((task, took, at.file)),
            _ => None,
        })
        .collect();
    // Five is not longer than five.
    assert_eq!(warnings, [(1, Duration::from_millis(6), at.file)]);
}

#[test]
fn a_line_whose_timers_never_fire_is_warned_of_once() {
    let mut builder = Builder::new_current_thread();
    builder.enable_all().start_paused(true);
    let runtime = builder.warn_timers_dropped(10).build().unwrap();
    runtime.trace().start(10_000);
    runtime.block_on(async {
        for _ in 0..25 {
            runtime::select! {
                biased;
                () = sleep(Duration::from_secs(9)) => {}
                () = runtime::task::yield_now() => {}
            }
        }
        for _ in 0..25 {
            sleep(Duration::from_millis(1)).await;
        }
    });
    let all = events(&runtime);
    let warnings = all.iter().filter_map(|event| match event {
        Event::TimersDropped { times, .. } => Some(*times),
        _ => None,
    });
    assert_eq!(warnings.collect::<Vec<_>>(), [10]);
}

#[test]
fn every_poll_can_be_followed_back_to_what_caused_it() {
    let runtime = traced();
    let (sender, mut receiver) = mpsc::channel(1);
    drop(runtime.spawn(async move { while receiver.recv().await.is_some() {} }));
    drop(runtime.spawn(async move {
        sleep(Duration::from_millis(5)).await;
        sender.send(()).await.unwrap();
        std::future::pending::<()>().await;
    }));
    run_dry(&runtime);
    drop(events(&runtime));
    runtime.block_on(async { sleep(Duration::from_millis(6)).await });
    // The first task was woken by the second, and that one by its timer.
    let woken: Vec<_> = events(&runtime)
        .into_iter()
        .filter_map(|event| match event {
            Event::Woken {
                task: task @ (1 | 2),
                by,
            } => Some((task, by)),
            _ => None,
        })
        .collect();
    assert!(matches!(
        woken[..2],
        [(2, Cause::Timer(_)), (1, Cause::Task(2))]
    ));
}

#[test]
fn a_dump_finds_timers_and_sources_although_nobody_observed() {
    let runtime = paused();
    let task = runtime::task::Builder::new().name("napper");
    let dump = runtime.block_on(async move {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let accepts = runtime::spawn(async move { listener.accept().await.map(drop) });
        let naps = task.spawn(sleep(Duration::from_secs(90))).unwrap();
        runtime::task::yield_now().await;
        let dump = runtime::runtime::Handle::current().dump().await;
        drop((accepts, naps));
        dump
    });
    let text = dump.to_string();
    let line = |task: &str| {
        text.lines()
            .position(|line| line.starts_with(task))
            .unwrap()
    };
    let reason = |task| text.lines().nth(line(task) + 1).unwrap();
    assert!(reason("task 2:").contains("to be readable"), "{text}");
    assert!(
        reason("task 3 \"napper\":").contains("1m 30s")
            || reason("task 3 \"napper\":").contains("90s from now"),
        "{text}"
    );
    assert!(text.contains("trace_observed.rs"), "{text}");
}

#[test]
fn a_dump_of_a_runtime_that_is_gone_says_so() {
    let handle = paused().handle().clone();
    let dump = paused().block_on(handle.dump());
    assert!(dump.snapshot().is_none());
    assert_eq!(dump.to_string(), "the runtime is gone: it has no tasks\n");
}

/// Text costs, and a server that is only counted must not make it for each request.
#[test]
fn a_mark_makes_its_text_only_while_events_are_kept() {
    use runtime::trace::{Mark, mark};
    let runtime = Runtime::new().unwrap();
    let made = Cell::new(0);
    let work = || {
        runtime.block_on(async {
            mark("work", 1, Mark::Begin, || {
                made.set(made.get() + 1);
                "begins"
            });
        });
    };
    work();
    runtime.trace().observe();
    work();
    assert_eq!(made.get(), 0);
    runtime.trace().start(100);
    work();
    assert_eq!(made.get(), 1);
}

/// A recording that begins anew does not know work of the time before it, whose end no event told.
#[test]
fn work_that_began_in_an_earlier_recording_is_not_in_the_next_one() {
    use runtime::trace::{Mark, mark};
    let runtime = Runtime::new().unwrap();
    runtime.trace().observe();
    let feed = runtime.trace().feed(1000);
    let task = runtime.spawn(async {
        mark("work", 1, Mark::Begin, || "begins");
        std::future::pending::<()>().await;
    });
    run_dry(&runtime);
    assert_eq!(runtime.snapshot().stretches.len(), 1);
    drop(feed);
    runtime.block_on(yield_now());
    assert!(runtime.snapshot().stretches.is_empty(), "nothing is kept");
    runtime.trace().start(100);
    assert!(runtime.snapshot().stretches.is_empty(), "nothing is known");
    drop(task);
}
