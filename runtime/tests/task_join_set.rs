//! A set of tasks: results come in the order of their ends, each once; no set, no tasks.

#[path = "support/events.rs"]
mod events;
#[path = "support/tasks.rs"]
mod tasks;

use std::cell::Cell;
use std::future::{Future, pending};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::task::{Context, Poll};

use events::{events, here, traced};
use runtime::task::{AbortHandle, JoinSet, yield_now};
use runtime::time::{Duration, sleep};
use runtime::trace::{Event, Place, Shared, Wait};
use tasks::{
    Door, Log, hold, message_of_panic, on_drop, panic_quietly, paused, poll_once, polled, run_dry,
    waker_of,
};

/// A set of tasks, each behind a door of its own.
fn doors(n: usize) -> (Vec<Door>, JoinSet<usize>) {
    let doors: Vec<Door> = (0..n).map(|_| Door::default()).collect();
    let mut set = JoinSet::new();
    for (number, door) in doors.iter().enumerate() {
        let wait = door.wait();
        set.spawn(async move {
            wait.await;
            number
        });
    }
    (doors, set)
}

#[test]
fn results_come_in_the_order_in_which_the_tasks_end() {
    paused().block_on(async {
        let (doors, mut set) = doors(5);
        yield_now().await;
        for number in [3, 0, 4, 2, 1] {
            doors[number].open();
        }
        for number in [3, 0, 4, 2, 1] {
            assert_eq!(set.join_next().await.unwrap().unwrap(), number);
        }
        assert!(set.join_next().await.is_none());
    });
}

#[test]
fn a_place_that_is_used_again_does_not_disturb_the_order() {
    paused().block_on(async {
        let mut set = JoinSet::new();
        for round in 0..100 {
            set.spawn(async move { round });
            set.spawn(async move { round });
            assert_eq!(set.join_next().await.unwrap().unwrap(), round / 2);
        }
        assert_eq!(set.len(), 100);
    });
}

#[test]
fn a_task_that_has_ended_counts_until_it_is_joined() {
    paused().block_on(async {
        let (doors, mut set) = doors(2);
        doors[0].open();
        yield_now().await;
        assert_eq!(set.len(), 2);
        assert_eq!(set.try_join_next().unwrap().unwrap(), 0);
        assert_eq!(set.len(), 1);
        assert!(set.try_join_next().is_none());
    });
}

#[test]
fn an_empty_set_has_no_next_and_costs_no_budget() {
    paused().block_on(async {
        let mut set = JoinSet::<()>::new();
        let task = runtime::spawn(async move {
            for _ in 0..1000 {
                assert!(set.join_next().await.is_none());
            }
        });
        yield_now().await;
        assert!(task.is_finished());
    });
}

#[test]
fn one_wake_for_the_one_who_waits_and_no_poll_of_the_others() {
    let runtime = paused();
    let (doors, mut set) = {
        let _guard = runtime.enter();
        doors(1000)
    };
    let joiner = runtime.spawn(async move {
        let first = set.join_next().await.unwrap().unwrap();
        (first, set)
    });
    run_dry(&runtime);
    doors[500].open();
    let steps = run_dry(&runtime);
    assert_eq!(polled(&steps).len(), 2, "the task and who waits for it");
    assert!(joiner.is_finished());
}

#[test]
fn a_wait_that_is_given_up_takes_nothing() {
    paused().block_on(async {
        let (doors, mut set) = doors(1);
        for _ in 0..3 {
            assert!(poll_once(&mut pin!(set.join_next())).is_pending());
        }
        doors[0].open();
        yield_now().await;
        assert_eq!(set.len(), 1);
        assert_eq!(set.join_next().await.unwrap().unwrap(), 0);
    });
}

#[test]
fn the_last_who_asked_is_woken() {
    paused().block_on(async {
        let (doors, mut set) = doors(1);
        let rung: [Arc<AtomicUsize>; 2] = Default::default();
        for rung in &rung {
            let rung = Arc::clone(rung);
            let waker = waker_of(move || {
                rung.fetch_add(1, Ordering::Relaxed);
            });
            let mut cx = Context::from_waker(&waker);
            assert!(set.poll_join_next(&mut cx).is_pending());
        }
        doors[0].open();
        yield_now().await;
        assert_eq!(rung.map(|rung| rung.load(Ordering::Relaxed)), [0, 1]);
    });
}

#[test]
fn a_panic_and_a_cancellation_are_results_like_others() {
    paused().block_on(async {
        let mut set = JoinSet::new();
        let panics = set.spawn(async { panic_quietly("no luck") }).id();
        let aborted = set.spawn(pending::<()>());
        let value = set.spawn(async {}).id();
        aborted.abort();
        let error = set.join_next_with_id().await.unwrap().unwrap_err();
        assert!(error.is_panic() && error.id() == panics);
        let error = set.join_next_with_id().await.unwrap().unwrap_err();
        assert!(error.is_cancelled() && error.id() == aborted.id());
        assert_eq!(set.join_next_with_id().await.unwrap().unwrap(), (value, ()));
    });
}

#[test]
fn dropping_the_set_aborts_its_tasks() {
    let log = Log::default();
    paused().block_on(async {
        let mut set = JoinSet::new();
        let tasks = ["one", "two"].map(|name| set.spawn(hold(log.on_drop(name))));
        yield_now().await;
        drop(set);
        assert!(log.take().is_empty(), "not before their turn");
        yield_now().await;
        assert_eq!(log.take(), ["one", "two"]);
        assert!(tasks.iter().all(AbortHandle::is_finished));
    });
}

#[test]
fn results_that_nobody_took_are_dropped_with_the_set() {
    let dropped = Rc::new(Cell::new(0));
    paused().block_on(async {
        let mut set = JoinSet::new();
        for _ in 0..3 {
            let dropped = Rc::clone(&dropped);
            let value = on_drop(move || dropped.set(dropped.get() + 1));
            set.spawn(async move { value });
        }
        yield_now().await;
        drop(set.join_next().await);
        assert_eq!(dropped.get(), 1);
    });
    assert_eq!(dropped.get(), 3);
}

#[test]
fn detached_tasks_run_on_and_report_to_nobody() {
    paused().block_on(async {
        let (doors, mut set) = doors(3);
        yield_now().await;
        set.detach_all();
        assert!(set.is_empty());
        // The new tasks have the places of the old ones.
        let later: Vec<Door> = (0..3).map(|_| Door::default()).collect();
        for (number, door) in later.iter().enumerate() {
            let wait = door.wait();
            set.spawn(async move {
                wait.await;
                10 + number
            });
        }
        doors.iter().for_each(Door::open);
        yield_now().await;
        assert!(
            set.try_join_next().is_none(),
            "the old ones ended, not these"
        );
        later.iter().for_each(Door::open);
        assert_eq!(set.join_all().await, [10, 11, 12]);
    });
}

#[test]
fn aborting_all_leaves_what_has_ended_as_it_was() {
    paused().block_on(async {
        let (doors, mut set) = doors(2);
        doors[1].open();
        yield_now().await;
        set.abort_all();
        assert_eq!(set.join_next().await.unwrap().unwrap(), 1);
        assert!(set.join_next().await.unwrap().unwrap_err().is_cancelled());
    });
}

#[test]
fn shutdown_returns_when_every_future_is_gone() {
    let log = Log::default();
    paused().block_on(async {
        let mut set = JoinSet::new();
        for name in ["one", "two", "three"] {
            set.spawn(hold(log.on_drop(name)));
        }
        set.shutdown().await;
        assert_eq!(log.take(), ["one", "two", "three"]);
        assert!(set.is_empty());
    });
}

#[test]
fn a_shutdown_that_is_given_up_goes_on_at_the_next_call() {
    paused().block_on(async {
        let (_doors, mut set) = doors(3);
        assert!(poll_once(&mut Box::pin(set.shutdown())).is_pending());
        assert_eq!(set.len(), 3);
        set.shutdown().await;
        assert!(set.is_empty());
    });
}

#[test]
fn join_all_panics_with_the_panic_of_a_task() {
    let text = message_of_panic(|| {
        paused().block_on(async {
            let mut set = JoinSet::new();
            set.spawn(async {});
            set.spawn(async { panic_quietly("no luck") });
            set.join_all().await
        })
    });
    assert_eq!(text, "no luck");
}

#[test]
fn join_all_panics_with_the_text_of_a_cancellation() {
    let text = message_of_panic(|| {
        paused().block_on(async {
            let mut set = JoinSet::<()>::new();
            set.spawn(pending()).abort();
            set.join_all().await
        })
    });
    assert!(text.contains("task 2 was cancelled"), "{text}");
}

#[test]
fn join_all_that_is_given_up_aborts_the_tasks() {
    let log = Log::default();
    paused().block_on(async {
        let mut set = JoinSet::new();
        set.spawn(hold(log.on_drop("gone")));
        yield_now().await;
        drop(set.join_all());
        yield_now().await;
        assert_eq!(log.take(), ["gone"]);
    });
}

#[test]
fn joining_what_has_ended_shares_the_thread() {
    paused().block_on(async {
        let mut set: JoinSet<()> = (0..1000).map(|_| async {}).collect();
        yield_now().await;
        let other = runtime::spawn(async {});
        let mut joined = 0;
        while !other.is_finished() {
            set.join_next().await.unwrap().unwrap();
            joined += 1;
        }
        assert_eq!(joined, 129, "one poll, and the first of the next");
    });
}

#[test]
fn tasks_of_a_set_may_live_in_another_runtime_of_this_thread() {
    let (here, there) = (paused(), paused());
    let mut set = JoinSet::new();
    set.spawn_on(async { 1 }, there.handle());
    let joiner = here.spawn(async move { set.join_next().await });
    run_dry(&here);
    assert!(!joiner.is_finished());
    run_dry(&there);
    let result = here.block_on(joiner).unwrap();
    assert_eq!(result.unwrap().unwrap(), 1);
}

#[test]
fn spawning_outside_of_a_runtime_panics_and_leaves_the_set_whole() {
    let mut set = JoinSet::new();
    let text = message_of_panic(|| set.spawn(async {}));
    assert!(
        text.contains("there is no runtime on this thread"),
        "{text}"
    );
    assert!(set.is_empty());
    let runtime = paused();
    set.spawn_on(async {}, runtime.handle());
    assert_eq!(runtime.block_on(set.join_all()), [()]);
}

#[test]
fn tasks_that_a_shutdown_refuses_are_reported_as_cancelled() {
    let runtime = paused();
    let set: Rc<Cell<Option<JoinSet<()>>>> = Rc::default();
    let theirs = Rc::clone(&set);
    drop(runtime.spawn(hold(on_drop(move || {
        let mut late = JoinSet::new();
        late.spawn(async {});
        theirs.set(Some(late));
    }))));
    run_dry(&runtime);
    drop(runtime);
    let mut set = set.take().expect("the task was dropped");
    assert!(set.try_join_next().unwrap().unwrap_err().is_cancelled());
}

#[test]
fn a_set_may_be_dropped_by_a_task_of_its_own() {
    paused().block_on(async {
        let mut set = JoinSet::new();
        let own: Rc<Cell<Option<JoinSet<()>>>> = Rc::default();
        let theirs = Rc::clone(&own);
        let task = set.spawn(async move { drop(theirs.take()) });
        set.spawn(pending());
        own.set(Some(set));
        yield_now().await;
        assert!(task.is_finished());
    });
}

#[test]
fn a_value_that_touches_its_runtime_when_dropped_finds_nothing_borrowed() {
    paused().block_on(async {
        let mut set = JoinSet::new();
        for _ in 0..3 {
            let value = on_drop(|| drop(runtime::spawn(async {})));
            set.spawn(async move { value });
        }
        yield_now().await;
        set.detach_all();
    });
}

#[test]
fn a_wait_says_that_it_is_for_a_set_and_where_it_was_made() {
    let runtime = traced();
    let mut at = None;
    runtime.block_on(async {
        let mut set = JoinSet::new();
        set.spawn(sleep(Duration::from_millis(1)));
        at = Some(here().line + 1);
        set.join_next().await.unwrap().unwrap();
    });
    let waits = events(&runtime)
        .into_iter()
        .filter_map(|event| match event {
            Event::Waiting { on, at } => Some((on, at)),
            _ => None,
        });
    let waits: Vec<(Wait, Option<Place>)> = waits.collect();
    let of_set = |wait: &&(Wait, Option<Place>)| matches!(wait.0, Wait::Shared(Shared::JoinSet, _));
    let waits: Vec<_> = waits.iter().filter(of_set).collect();
    assert_eq!(waits.len(), 1);
    assert_eq!(waits[0].1.map(|at| at.line), at);
}

#[test]
fn a_named_task_of_a_set_has_its_name_in_the_recording() {
    let runtime = traced();
    runtime.block_on(async {
        let mut set = JoinSet::new();
        set.build_task().name("worker").spawn(async {}).unwrap();
        set.join_all().await;
    });
    let named = |event: &Event| matches!(event, Event::Spawned { name: Some(name), .. } if &**name == "worker");
    assert!(events(&runtime).iter().any(named));
}

#[test]
fn poll_join_next_is_ready_with_none_when_the_set_is_empty() {
    let mut set = JoinSet::<()>::default();
    let mut cx = Context::from_waker(std::task::Waker::noop());
    assert!(matches!(set.poll_join_next(&mut cx), Poll::Ready(None)));
    assert_eq!(format!("{set:?}"), "JoinSet { len: 0 }");
}

#[test]
fn blocking_jobs_are_members_like_tasks() {
    let runtime = paused();
    runtime.block_on(async {
        let mut set = JoinSet::new();
        set.spawn_blocking(|| 1);
        set.spawn_blocking_on(|| 2, &runtime::runtime::Handle::current());
        set.spawn(async { 3 });
        let panics = set.spawn_blocking(|| panic_quietly("no luck")).id();
        let (mut values, mut errors) = (Vec::new(), Vec::new());
        while let Some(result) = set.join_next().await {
            match result {
                Ok(value) => values.push(value),
                Err(error) => errors.push((error.is_panic(), error.id())),
            }
        }
        values.sort_unstable();
        assert_eq!(values, [1, 2, 3]);
        assert_eq!(errors, [(true, panics)]);
    });
}

#[test]
fn a_blocking_job_that_has_not_begun_is_aborted_with_the_set() {
    let mut builder = runtime::runtime::Builder::new_current_thread();
    let runtime = builder
        .enable_all()
        .max_blocking_threads(1)
        .build()
        .unwrap();
    let (go, wait) = mpsc::channel::<()>();
    runtime.block_on(async {
        let first = runtime::task::spawn_blocking(move || wait.recv());
        let mut set = JoinSet::new();
        let late = set.spawn_blocking(|| unreachable!("it was aborted"));
        set.abort_all();
        assert!(set.join_next().await.unwrap().unwrap_err().is_cancelled());
        assert!(late.is_finished());
        set.spawn_blocking(|| unreachable!("the set was dropped"));
        drop(set);
        go.send(()).unwrap();
        first.await.unwrap().unwrap();
    });
}

#[test]
fn a_job_that_a_task_gives_while_it_is_dropped_with_the_runtime_is_done() {
    let runtime = paused();
    let set: Rc<Cell<Option<JoinSet<u32>>>> = Rc::default();
    let theirs = Rc::clone(&set);
    drop(runtime.spawn(hold(on_drop(move || {
        let mut late = JoinSet::new();
        late.spawn_blocking(|| 7);
        theirs.set(Some(late));
    }))));
    run_dry(&runtime);
    drop(runtime);
    let mut set = set.take().expect("the task was dropped");
    assert_eq!(set.try_join_next().unwrap().unwrap(), 7);
}

#[test]
fn a_job_that_a_shutdown_refuses_is_reported_as_cancelled() {
    let runtime = paused();
    let (open, opened) = mpsc::channel::<()>();
    let mut job = runtime.spawn_blocking(move || opened.recv().is_err());
    let (tell, told) = mpsc::channel();
    // Called when the handle hears that it will have no value: the pool is closed by then.
    let waker = waker_of(move || {
        let mut late = JoinSet::new();
        late.spawn_blocking(|| {});
        let end = late.try_join_next().unwrap();
        tell.send(end.unwrap_err().is_cancelled()).unwrap();
    });
    let mut cx = Context::from_waker(&waker);
    assert!(Pin::new(&mut job).poll(&mut cx).is_pending());
    runtime.shutdown_background();
    assert_eq!(told.try_recv(), Ok(true));
    drop(open);
}

#[test]
fn a_waker_that_drives_the_runtime_when_dropped_hides_no_end() {
    let runtime = Rc::new(paused());
    let mut set = JoinSet::new();
    set.spawn_on(async { 42 }, runtime.handle());
    thread_local! {
        static DRIVEN: Cell<Option<Rc<runtime::runtime::Runtime>>> = const { Cell::new(None) };
    }
    DRIVEN.set(Some(Rc::clone(&runtime)));
    let drives = on_drop(|| drop(DRIVEN.take().map(|runtime| run_dry(&runtime))));
    let waker = waker_of(move || {
        let _ = &drives;
    });
    let mut cx = Context::from_waker(&waker);
    assert!(set.poll_join_next(&mut cx).is_pending());
    drop(waker);
    let mut cx = Context::from_waker(std::task::Waker::noop());
    match set.poll_join_next(&mut cx) {
        Poll::Ready(Some(Ok(42))) => {}
        other => panic!("it looked before the old waker was dropped: {other:?}"),
    }
}
