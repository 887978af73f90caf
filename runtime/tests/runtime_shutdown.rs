//! Shutting down: every task is dropped, on its own thread, whatever its drop does.

#[path = "support/tasks.rs"]
mod tasks;

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::mpsc;
use std::task::{Context, Poll};
use std::thread;

use runtime::runtime::{Handle, Runtime};
use runtime::task::{AbortHandle, JoinHandle, RemoteJoinHandle, yield_now};
use runtime::time::{Duration, Instant, sleep};
use tasks::{Door, Log, hold, on_drop, panic_quietly, paused, poll_once, run_dry, waker_of};

fn is_cancelled<T>(task: &mut JoinHandle<T>) -> bool {
    matches!(poll_once(task), Poll::Ready(Err(error)) if error.is_cancelled())
}

#[test]
fn every_task_is_dropped_whatever_it_was_doing() {
    let runtime = paused();
    let log = Log::default();
    let mut waiting = runtime.spawn(hold(log.on_drop("waiting")));
    let (slept, yielded) = (log.on_drop("sleeping"), log.on_drop("yielding"));
    let mut sleeping = runtime.spawn(async move {
        let _held = slept;
        sleep(Duration::MAX).await;
    });
    let mut yielding = runtime.spawn(async move {
        let _held = yielded;
        loop {
            yield_now().await;
        }
    });
    drop(runtime.spawn(hold(log.on_drop("detached"))));
    for _ in 0..10 {
        runtime.step();
    }
    let mut new = runtime.spawn(hold(log.on_drop("new")));
    let aborted = runtime.spawn(hold(log.on_drop("aborted")));
    aborted.abort();
    drop(runtime);
    let mut dropped = log.take();
    dropped.sort_unstable();
    let all = [
        "aborted", "detached", "new", "sleeping", "waiting", "yielding",
    ];
    assert_eq!(dropped, all);
    for task in [&mut waiting, &mut sleeping, &mut yielding, &mut new] {
        assert!(task.is_finished() && is_cancelled(task));
    }
}

#[test]
fn the_other_ways_to_shut_down_drop_every_task_too() {
    let log = Log::default();
    let runtime = paused();
    drop(runtime.spawn(hold(log.on_drop("in time"))));
    runtime.shutdown_timeout(Duration::from_secs(1));
    assert_eq!(log.take(), ["in time"]);
    let runtime = paused();
    drop(runtime.spawn(hold(log.on_drop("in the background"))));
    runtime.shutdown_background();
    assert_eq!(log.take(), ["in the background"]);
}

#[test]
fn what_came_from_other_threads_is_dropped_on_the_runtime_s_thread() {
    let runtime = paused();
    let (tx, rx) = mpsc::channel();
    let held = || {
        let tx = tx.clone();
        on_drop(move || tx.send(thread::current().id()).unwrap())
    };
    let send = |held| {
        let handle = runtime.handle().clone();
        let sender = thread::spawn(move || handle.spawn(hold(held)));
        sender.join().unwrap()
    };
    let arrived = send(held());
    run_dry(&runtime);
    let under_way = send(held());
    drop(runtime);
    let me = thread::current().id();
    assert_eq!([rx.recv(), rx.recv()], [Ok(me), Ok(me)]);
    for task in [arrived, under_way] {
        let error = futures_lite::future::block_on(task).unwrap_err();
        assert!(error.is_cancelled());
    }
}

#[test]
fn who_waits_elsewhere_hears_that_the_task_was_cancelled() {
    let (going, staying) = (paused(), paused());
    let joined_here = staying.spawn(going.spawn(std::future::pending::<()>()));
    let sent = going.handle().spawn(std::future::pending::<()>());
    let joined_there = thread::spawn(move || futures_lite::future::block_on(sent));
    run_dry(&staying);
    run_dry(&going);
    drop(going);
    let error = staying.block_on(joined_here).unwrap().unwrap_err();
    assert!(error.is_cancelled());
    let error = joined_there.join().unwrap().unwrap_err();
    assert!(error.is_cancelled());
}

#[test]
fn a_drop_is_still_in_its_runtime() {
    let runtime = paused();
    let built = {
        let _guard = runtime.enter();
        Instant::now()
    };
    let seen = Rc::new(Cell::new(None));
    let theirs = Rc::clone(&seen);
    drop(runtime.spawn(hold(on_drop(move || {
        drop(sleep(Duration::from_secs(1)));
        theirs.set(Some((Handle::try_current().is_ok(), Instant::now())));
    }))));
    run_dry(&runtime);
    drop(runtime);
    assert_eq!(seen.get(), Some((true, built)));
    assert!(Handle::try_current().is_err());
}

#[test]
fn what_a_drop_spawns_is_dropped_unpolled_and_its_handle_says_so() {
    let runtime = paused();
    let log = Log::default();
    let child = Rc::new(RefCell::new(None));
    let (theirs, inner) = (Rc::clone(&child), log.clone());
    drop(runtime.spawn(hold(on_drop(move || {
        let held = inner.on_drop("child dropped");
        let polled = inner.clone();
        let task = runtime::spawn(async move {
            polled.add("child polled");
            drop(held);
        });
        inner.add("child spawned");
        theirs.replace(Some(task));
    }))));
    run_dry(&runtime);
    drop(runtime);
    assert_eq!(log.take(), ["child dropped", "child spawned"]);
    assert!(is_cancelled(&mut child.take().unwrap()));
}

/// Each drop spawns the next future, whose drop spawns the next.
#[test]
fn a_chain_of_drops_that_spawn_comes_to_its_end() {
    fn link(left: u32, ended: Rc<Cell<bool>>) -> impl Future<Output = ()> + 'static {
        hold(on_drop(move || match left {
            0 => ended.set(true),
            _ => drop(runtime::spawn(boxed(left - 1, ended))),
        }))
    }
    fn boxed(left: u32, ended: Rc<Cell<bool>>) -> Pin<Box<dyn Future<Output = ()>>> {
        Box::pin(link(left, ended))
    }
    let runtime = paused();
    let ended = Rc::new(Cell::new(false));
    drop(runtime.spawn(boxed(100, Rc::clone(&ended))));
    run_dry(&runtime);
    drop(runtime);
    assert!(ended.get());
}

#[test]
fn what_a_drop_sends_to_its_own_runtime_is_refused() {
    let runtime = paused();
    let child: Rc<RefCell<Option<RemoteJoinHandle<()>>>> = Rc::default();
    let (theirs, handle) = (Rc::clone(&child), runtime.handle().clone());
    drop(runtime.spawn(hold(on_drop(move || {
        theirs.replace(Some(handle.spawn(async {})));
    }))));
    run_dry(&runtime);
    drop(runtime);
    let child = child.take().unwrap();
    assert!(child.is_finished());
    let error = futures_lite::future::block_on(child).unwrap_err();
    assert!(error.is_cancelled());
}

#[test]
fn a_drop_may_wake_others_and_itself_and_nobody_is_polled() {
    let runtime = paused();
    let doors = [(); 3].map(|()| Door::default());
    for door in &doors {
        let (waits, all) = (door.wait(), doors.clone());
        drop(runtime.spawn(async move {
            let _held = on_drop(move || all.iter().for_each(Door::open));
            waits.await;
        }));
    }
    run_dry(&runtime);
    drop(runtime);
    assert_eq!(doors.map(|door| door.polls()), [1, 1, 1]);
}

#[test]
fn a_drop_may_abort_others_before_and_after_their_own_drop() {
    let runtime = paused();
    let everyone: Rc<RefCell<Vec<AbortHandle>>> = Rc::default();
    let mut tasks: Vec<_> = (0..3)
        .map(|_| {
            let everyone = Rc::clone(&everyone);
            runtime.spawn(hold(on_drop(move || {
                everyone.borrow().iter().for_each(AbortHandle::abort);
            })))
        })
        .collect();
    everyone.replace(tasks.iter().map(JoinHandle::abort_handle).collect());
    run_dry(&runtime);
    drop(runtime);
    assert!(tasks.iter_mut().all(is_cancelled));
}

#[test]
fn drops_that_panic_keep_nobody_from_being_dropped() {
    let runtime = paused();
    let log = Log::default();
    let handle = runtime.handle().clone();
    let mut bombs = Vec::new();
    for name in ["first", "second", "third"] {
        drop(runtime.spawn(hold(log.on_drop(name))));
        bombs.push(runtime.spawn(hold(on_drop(|| panic_quietly("a drop")))));
    }
    run_dry(&runtime);
    // Two that are still in the inbox: one panic on top of the other would be the end.
    let sent = [(); 2].map(|()| handle.spawn(hold(on_drop(|| panic_quietly("a drop")))));
    drop(runtime);
    assert_eq!(log.take(), ["first", "second", "third"]);
    for mut bomb in bombs {
        match poll_once(&mut bomb) {
            Poll::Ready(Err(error)) => assert!(error.is_panic()),
            _ => panic!("it has not ended"),
        }
    }
    for bomb in sent {
        assert!(futures_lite::future::block_on(bomb).unwrap_err().is_panic());
    }
}

#[test]
fn joiners_whose_wakers_panic_keep_nobody_from_being_dropped() {
    let runtime = paused();
    let log = Log::default();
    let bad = waker_of(|| panic_quietly("a waker"));
    let mut cx = Context::from_waker(&bad);
    let mut sent = [(); 2].map(|()| runtime.handle().spawn(async {}));
    for task in &mut sent {
        assert!(Pin::new(task).poll(&mut cx).is_pending());
    }
    let mut local = runtime.spawn(hold(()));
    assert!(Pin::new(&mut local).poll(&mut cx).is_pending());
    drop(runtime.spawn(hold(log.on_drop("the last"))));
    drop(runtime);
    assert_eq!(log.take(), ["the last"]);
    assert!(is_cancelled(&mut local));
}

#[test]
fn tasks_that_hold_each_other_s_handles_are_dropped() {
    let runtime = paused();
    let log = Log::default();
    let handles: Rc<RefCell<Vec<JoinHandle<()>>>> = Rc::default();
    for name in ["one", "two"] {
        let held = (log.on_drop(name), Rc::clone(&handles));
        handles.borrow_mut().push(runtime.spawn(hold(held)));
    }
    drop(handles);
    run_dry(&runtime);
    drop(runtime);
    assert_eq!(log.take(), ["one", "two"]);
}

#[test]
fn ten_thousand_tasks_are_dropped_once_each() {
    let runtime = paused();
    let count = Rc::new(Cell::new(0));
    for n in 0..10_000 {
        let count = Rc::clone(&count);
        let held = on_drop(move || count.set(count.get() + 1));
        drop(runtime.spawn(async move {
            let _held = held;
            sleep(Duration::from_millis(n)).await;
        }));
    }
    for _ in 0..5_000 {
        runtime.step();
    }
    drop(runtime);
    assert_eq!(count.get(), 10_000);
}

#[test]
fn a_runtime_that_goes_down_in_a_panic_drops_its_tasks() {
    let log = Log::default();
    let caught = catch_unwind(AssertUnwindSafe(|| {
        let runtime = paused();
        drop(runtime.spawn(hold(log.on_drop("dropped"))));
        drop(runtime.spawn(hold(on_drop(|| panic_quietly("a second panic")))));
        runtime.block_on(async {
            yield_now().await;
            panic_quietly("the first")
        })
    }));
    let payload = caught.unwrap_err();
    assert_eq!(*payload.downcast_ref::<&str>().unwrap(), "the first");
    assert_eq!(log.take(), ["dropped"]);
}

#[test]
fn a_runtime_may_be_dropped_inside_a_task_of_another() {
    let outer = paused();
    let log = Log::default();
    let (theirs, inner) = (log.clone(), paused());
    drop(inner.spawn(hold(log.on_drop("inner task"))));
    let task = outer.spawn(async move {
        drop(inner);
        theirs.add("gone");
        let child = runtime::spawn(async {});
        child.await.unwrap();
    });
    outer.block_on(task).unwrap();
    assert_eq!(log.take(), ["inner task", "gone"]);
}

#[test]
fn a_handle_s_guard_may_outlive_the_runtime_and_what_is_spawned_then_is_cancelled() {
    let runtime = paused();
    let handle = runtime.handle().clone();
    let _guard = handle.enter();
    drop(runtime);
    let log = Log::default();
    let mut task = runtime::spawn(hold(log.on_drop("dropped")));
    assert_eq!(log.take(), ["dropped"]);
    assert!(is_cancelled(&mut task));
    assert!(handle.spawn(async {}).is_finished());
}

#[test]
fn threads_that_go_on_sending_while_the_runtime_goes_down_all_hear_of_it() {
    let runtime = Runtime::new().unwrap();
    let (started, running) = mpsc::channel();
    let senders: Vec<_> = (0..3)
        .map(|_| {
            let (handle, started) = (runtime.handle().clone(), started.clone());
            thread::spawn(move || {
                for n in 0.. {
                    let task = handle.spawn(async {});
                    if n == 0 {
                        started.send(()).unwrap();
                    }
                    if futures_lite::future::block_on(task).is_err() {
                        return;
                    }
                }
            })
        })
        .collect();
    runtime.block_on(async {
        for _ in 0..1000 {
            yield_now().await;
        }
    });
    (0..3).for_each(|_| running.recv().unwrap());
    drop(runtime);
    senders
        .into_iter()
        .for_each(|sender| sender.join().unwrap());
}
