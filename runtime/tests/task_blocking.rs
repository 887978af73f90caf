//! Work on the blocking pool: where it runs, how its result is delivered, how it is given up.

#[path = "support/events.rs"]
mod events;
#[path = "support/tasks.rs"]
mod tasks;

use std::cell::Cell;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Barrier};
use std::task::Poll;
use std::thread;

use events::{end, events, here, start, story, traced, woken};
use runtime::runtime::{Builder, Handle, Runtime, Step};
use runtime::task::{self, JoinHandle, JoinSet, spawn_blocking, yield_now};
use runtime::time::{Duration, Instant, sleep};
use runtime::trace::{Cause, End, Event, Wait};
use tasks::{message_of_panic, on_drop, panic_quietly, paused, poll_once, run_dry};

/// What a job waits at, on its thread.
struct Gate(Receiver<()>);

impl Gate {
    fn new() -> (Sender<()>, Gate) {
        let (open, opened) = mpsc::channel();
        (open, Gate(opened))
    }

    /// Until the sender sends, or is dropped.
    fn pass(&self) {
        let _ = self.0.recv();
    }
}

/// A job that has begun, and ends when the sender says so.
fn begun(runtime: &Runtime) -> (Sender<()>, JoinHandle<()>) {
    let (open, gate) = Gate::new();
    let (begin, has_begun) = mpsc::channel();
    let job = runtime.spawn_blocking(move || {
        begin.send(()).unwrap();
        gate.pass();
    });
    has_begun.recv().unwrap();
    (open, job)
}

/// A runtime whose pool has one thread.
fn one_thread() -> Runtime {
    let mut builder = Builder::new_current_thread();
    builder.enable_all().start_paused(true);
    builder.max_blocking_threads(1).build().unwrap()
}

#[test]
fn a_job_runs_on_another_thread_and_its_value_comes_home() {
    let runtime = Runtime::new().unwrap();
    let there = runtime.block_on(async {
        let theirs = spawn_blocking(|| thread::current().id());
        theirs.await.unwrap()
    });
    assert_ne!(there, thread::current().id());
}

#[test]
fn other_tasks_run_while_a_job_blocks() {
    let runtime = paused();
    let (open, job) = begun(&runtime);
    let turns = Rc::new(Cell::new(0));
    let theirs = Rc::clone(&turns);
    drop(runtime.spawn(async move {
        for _ in 0..100 {
            theirs.set(theirs.get() + 1);
            yield_now().await;
        }
        open.send(()).unwrap();
    }));
    runtime.block_on(job).unwrap();
    assert_eq!(turns.get(), 100);
}

#[test]
fn a_panic_is_the_error_of_whoever_awaits_and_the_thread_goes_on() {
    let runtime = one_thread();
    let bad = runtime.spawn_blocking(|| panic_quietly("no luck"));
    let id = bad.id();
    let error = runtime.block_on(bad).unwrap_err();
    assert!(error.is_panic());
    assert_eq!(error.id(), id);
    assert_eq!(*error.into_panic().downcast::<&str>().unwrap(), "no luck");
    let good = runtime.spawn_blocking(|| 7);
    assert_eq!(runtime.block_on(good).unwrap(), 7);
}

#[test]
fn jobs_and_tasks_are_numbered_in_one_row() {
    let runtime = paused();
    let task = runtime.spawn(async {});
    let job = runtime.spawn_blocking(|| {});
    let other = runtime.spawn(async {});
    let ids = [task.id(), job.id(), other.id()].map(task::Id::as_u64);
    assert_eq!(ids, [1, 2, 3]);
}

#[test]
fn as_many_threads_as_jobs_up_to_the_limit() {
    const THREADS: usize = 8;
    let mut builder = Builder::new_current_thread();
    let runtime = builder.max_blocking_threads(THREADS).build().unwrap();
    // No job passes the barrier unless all have a thread at once.
    let barrier = Arc::new(Barrier::new(THREADS));
    let meet = || {
        let barrier = Arc::clone(&barrier);
        runtime.spawn_blocking(move || {
            barrier.wait();
            thread::current().id()
        })
    };
    let jobs: Vec<_> = (0..THREADS * 20).map(|_| meet()).collect();
    let ids = jobs.into_iter().map(|job| runtime.block_on(job).unwrap());
    let ids: BTreeSet<_> = ids.map(|id| format!("{id:?}")).collect();
    assert_eq!(ids.len(), THREADS);
}

#[test]
fn a_thread_is_used_again() {
    let runtime = one_thread();
    let ids = (0..10).map(|_| {
        let job = runtime.spawn_blocking(|| thread::current().id());
        format!("{:?}", runtime.block_on(job).unwrap())
    });
    assert_eq!(ids.collect::<BTreeSet<_>>().len(), 1);
}

#[test]
fn a_thread_that_is_idle_for_long_enough_leaves() {
    thread_local! {
        static LEAVES: Cell<Option<Box<dyn Send>>> = const { Cell::new(None) };
    }
    let mut builder = Builder::new_current_thread();
    let keep_alive = Duration::from_millis(1);
    let runtime = builder.thread_keep_alive(keep_alive).build().unwrap();
    let (left, has_left) = mpsc::channel();
    let job = runtime.spawn_blocking(move || {
        let guard = on_drop(move || left.send(()).unwrap());
        LEAVES.set(Some(Box::new(guard)));
    });
    runtime.block_on(job).unwrap();
    has_left.recv().unwrap();
    // And the next job has one.
    runtime.block_on(runtime.spawn_blocking(|| {})).unwrap();
}

#[test]
fn what_finds_no_thread_waits_its_turn() {
    let runtime = one_thread();
    let (open, first) = begun(&runtime);
    let (order, seen) = mpsc::channel();
    let jobs: Vec<_> = (0..50)
        .map(|n| {
            let order = order.clone();
            runtime.spawn_blocking(move || order.send(n).unwrap())
        })
        .collect();
    assert!(seen.try_recv().is_err());
    open.send(()).unwrap();
    runtime.block_on(first).unwrap();
    for job in jobs {
        runtime.block_on(job).unwrap();
    }
    assert_eq!(
        seen.try_iter().collect::<Vec<_>>(),
        (0..50).collect::<Vec<_>>()
    );
}

#[test]
fn a_job_that_has_not_begun_is_aborted() {
    let runtime = one_thread();
    let (open, first) = begun(&runtime);
    let (dropped, has_dropped) = mpsc::channel();
    let guard = on_drop(move || dropped.send(thread::current().id()).unwrap());
    let second = runtime.spawn_blocking(move || drop(guard));
    second.abort();
    second.abort();
    assert!(!second.is_finished(), "a request, as for a task");
    let error = runtime.block_on(second).unwrap_err();
    assert!(error.is_cancelled());
    assert!(has_dropped.try_recv().is_err(), "the one thread is busy");
    open.send(()).unwrap();
    assert_ne!(has_dropped.recv(), Ok(thread::current().id()));
    runtime.block_on(first).unwrap();
    assert_eq!(runtime.block_on(runtime.spawn_blocking(|| 3)).unwrap(), 3);
}

#[test]
fn a_job_that_has_begun_is_not_aborted() {
    let runtime = paused();
    let (open, job) = begun(&runtime);
    let abort = job.abort_handle();
    abort.abort();
    run_dry(&runtime);
    assert!(!abort.is_finished());
    open.send(()).unwrap();
    runtime.block_on(job).unwrap();
    assert!(abort.is_finished());
    abort.abort();
    run_dry(&runtime);
}

#[test]
fn a_closure_whose_drop_panics_and_aborts_again_harms_nobody() {
    let runtime = one_thread();
    let (open, first) = begun(&runtime);
    let handle = Rc::new(Cell::new(None::<JoinHandle<()>>));
    let bad = on_drop(|| panic_quietly("in the drop"));
    let second = runtime.spawn_blocking(move || drop(bad));
    second.abort();
    handle.set(Some(second));
    run_dry(&runtime);
    assert!(handle.take().unwrap().is_finished());
    open.send(()).unwrap();
    runtime.block_on(first).unwrap();
}

#[test]
fn a_job_whose_handle_is_dropped_runs_all_the_same() {
    let runtime = paused();
    let (done, is_done) = mpsc::channel();
    drop(runtime.spawn_blocking(move || done.send(5).unwrap()));
    assert_eq!(is_done.recv(), Ok(5));
}

#[test]
fn an_unwanted_result_whose_drop_panics_harms_no_later_job() {
    let runtime = one_thread();
    drop(runtime.spawn_blocking(|| on_drop(|| panic_quietly("in the drop"))));
    assert_eq!(runtime.block_on(runtime.spawn_blocking(|| 7)).unwrap(), 7);
}

#[test]
fn a_handle_works_inside_a_job_and_tasks_cannot_be_made_there() {
    let runtime = Runtime::new().unwrap();
    let job = runtime.spawn_blocking(|| {
        let task = Handle::current().spawn(async {
            drop(runtime::spawn(sleep(Duration::ZERO))); // it is complete
            thread::current().id()
        });
        let message = message_of_panic(|| spawn_blocking(|| {}));
        assert!(message.contains("Handle::spawn_blocking"), "{message}");
        (
            futures_lite::future::block_on(task).unwrap(),
            thread::current().id(),
        )
    });
    let (home, there) = runtime.block_on(job).unwrap();
    assert_eq!(home, thread::current().id());
    assert_ne!(there, home);
}

#[test]
fn a_job_gives_another_job_which_may_panic_or_be_aborted() {
    let runtime = one_thread();
    let job = runtime.spawn_blocking(|| {
        let handle = Handle::current();
        let good = handle.spawn_blocking(|| 1);
        let bad = handle.spawn_blocking(|| panic_quietly("remote"));
        let aborted = handle.spawn_blocking(|| 2);
        assert_eq!(aborted.id(), None);
        aborted.abort(); // the one thread is ours: it has not begun
        (good, bad, aborted)
    });
    let (good, bad, aborted) = runtime.block_on(job).unwrap();
    assert_eq!(runtime.block_on(good).unwrap(), 1);
    assert!(runtime.block_on(bad).unwrap_err().is_panic());
    assert!(runtime.block_on(aborted).unwrap_err().is_cancelled());
}

#[test]
fn a_job_may_run_a_runtime_of_its_own() {
    let runtime = paused();
    let job = runtime.spawn_blocking(|| {
        let inner = Runtime::new().unwrap();
        inner.block_on(async { runtime::spawn(async { 9 }).await.unwrap() })
    });
    assert_eq!(runtime.block_on(job).unwrap(), 9);
}

#[test]
fn a_task_cannot_block_in_place_and_hears_what_to_do() {
    let runtime = paused();
    runtime.block_on(async {
        let message = message_of_panic(|| task::block_in_place(|| 1));
        assert!(message.contains("spawn_blocking"), "{message}");
        let inside = spawn_blocking(|| task::block_in_place(|| 2)).await;
        assert_eq!(inside.unwrap(), 2);
    });
    assert_eq!(task::block_in_place(|| 3), 3);
}

#[test]
fn a_job_needs_a_runtime() {
    let message = message_of_panic(|| spawn_blocking(|| {}));
    assert!(message.contains("there is no runtime on this thread"));
    let zero = message_of_panic(|| {
        Builder::new_current_thread().max_blocking_threads(0);
    });
    assert!(zero.contains("greater than 0"));
}

#[test]
fn a_thread_has_the_name_that_was_asked_for() {
    let mut builder = Builder::new_current_thread();
    builder.thread_name("loom").thread_stack_size(256 * 1024);
    let runtime = builder.build().unwrap();
    let name = runtime.spawn_blocking(|| thread::current().name().map(str::to_owned));
    assert_eq!(runtime.block_on(name).unwrap().unwrap(), "loom");
}

#[test]
fn jobs_and_tasks_are_joined_in_one_set_in_the_order_in_which_they_end() {
    let runtime = paused();
    let (open, gate) = Gate::new();
    let mut set = JoinSet::new();
    set.spawn_blocking_on(
        move || {
            gate.pass();
            "job"
        },
        runtime.handle(),
    );
    runtime.block_on(async {
        set.spawn(async { "task" });
        set.spawn_blocking(|| panic_quietly("no luck"));
        let mut ends = Vec::new();
        for _ in 0..2 {
            ends.push(set.join_next().await.unwrap().ok());
        }
        ends.sort();
        assert_eq!(ends, [None, Some("task")]);
        open.send(()).unwrap();
        assert_eq!(set.join_next().await.unwrap().unwrap(), "job");
        assert!(set.join_next().await.is_none());
    });
}

#[test]
fn a_set_that_is_dropped_aborts_what_has_not_begun_and_detaches_the_rest() {
    let runtime = one_thread();
    let (open, gate) = Gate::new();
    let (say, said) = mpsc::channel();
    let mut set = JoinSet::new();
    let begun = say.clone();
    let running = move || {
        begun.send("begun").unwrap();
        gate.pass();
        begun.send("ended").unwrap();
    };
    set.spawn_blocking_on(running, runtime.handle());
    assert_eq!(said.recv(), Ok("begun"));
    set.spawn_blocking_on(move || say.send("never").unwrap(), runtime.handle());
    drop(set);
    run_dry(&runtime);
    open.send(()).unwrap();
    assert_eq!(said.iter().collect::<Vec<_>>(), ["ended"]);
}

#[test]
fn a_paused_clock_stands_still_while_a_job_is_away() {
    let runtime = paused();
    runtime.block_on(async {
        let began = Instant::now();
        let nap = runtime::spawn(sleep(Duration::from_secs(1)));
        yield_now().await;
        let (open, gate) = Gate::new();
        let (arrived, arrival) = mpsc::channel();
        let helper = thread::spawn(move || {
            // The job is let go only when the runtime's thread had every reason to jump.
            arrival.recv().unwrap();
            open.send(()).unwrap();
        });
        let job = spawn_blocking(move || {
            arrived.send(()).unwrap();
            gate.pass();
        });
        job.await.unwrap();
        assert_eq!(began.elapsed(), Duration::ZERO);
        helper.join().unwrap();
        nap.await.unwrap();
        assert_eq!(began.elapsed(), Duration::from_secs(1));
    });
}

#[test]
fn a_paused_clock_goes_on_when_a_job_that_nobody_awaits_is_over() {
    let runtime = paused();
    runtime.block_on(async {
        drop(spawn_blocking(|| {}));
        drop(spawn_blocking(|| panic_quietly("unheard")));
        drop(Handle::current().spawn_blocking(|| {}));
        sleep(Duration::from_secs(3600)).await;
    });
}

#[test]
fn a_paused_clock_waits_for_a_job_that_another_thread_gave() {
    let runtime = paused();
    let (open, gate) = Gate::new();
    let handle = runtime.handle().clone();
    let job = thread::spawn(move || handle.spawn_blocking(move || gate.pass()));
    let job = job.join().unwrap();
    let nap = runtime.spawn(async { sleep(Duration::from_secs(1)).await });
    run_dry(&runtime);
    let opener = thread::spawn(move || open.send(()).unwrap());
    let now = || {
        let _inside = runtime.enter();
        Instant::now()
    };
    let began = now();
    while !job.is_finished() {
        assert_eq!(now(), began);
        if let Step::WouldPark { until } = runtime.step() {
            runtime.park(until);
        }
    }
    opener.join().unwrap();
    runtime.block_on(nap).unwrap();
}

#[test]
fn awaiting_a_job_is_cancel_safe() {
    let runtime = paused();
    let (open, mut job) = begun(&runtime);
    assert!(poll_once(&mut job).is_pending());
    open.send(()).unwrap();
    while !job.is_finished() {
        if let Step::WouldPark { until } = runtime.step() {
            runtime.park(until);
        }
    }
    assert!(matches!(poll_once(&mut job), Poll::Ready(Ok(()))));
}

#[test]
fn a_recording_tells_of_a_job_from_its_giving_to_the_wake_of_who_awaits_it() {
    let runtime = traced();
    let (open, gate) = Gate::new();
    let before_the_await = here();
    let task = runtime.spawn(async move {
        gate_job(gate).await.unwrap();
    });
    runtime.step();
    let begin = events(&runtime);
    let queued = begin.iter().find_map(|event| match event {
        Event::JobQueued { job, at } => Some((*job, at.line)),
        _ => None,
    });
    assert_eq!(queued, Some((2, GATE_LINE)));
    let mut at = before_the_await;
    at.line += 2;
    let wait = Event::Waiting {
        on: Wait::Job(2),
        at: Some(at),
    };
    assert_eq!(begin[begin.len() - 2..], [wait, end(1, false)]);
    open.send(()).unwrap();
    while !task.is_finished() {
        if let Step::WouldPark { until } = runtime.step() {
            runtime.park(until);
        }
    }
    let mut home = story(&runtime);
    home.retain(|event| {
        !matches!(
            event,
            Event::Parked { .. } | Event::Unparked | Event::Turned { .. }
        )
    });
    let expected = [
        Event::InboxTaken {
            wakes: 0,
            spawns: 0,
            jobs: 1,
        },
        Event::JobEnded {
            job: 2,
            how: End::Finished,
        },
        woken(1, Cause::Job(2)),
        start(1),
        end(1, true),
        events::ended(1, End::Finished),
    ];
    assert_eq!(home, expected);
}

const GATE_LINE: u32 = line!() + 4;

#[rustfmt::skip]
fn gate_job(gate: Gate) -> JoinHandle<()> {
    spawn_blocking(move || gate.pass())
}
